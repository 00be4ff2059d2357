"""Where each buffer of a program lies in memory: two arenas, one that lives as long as the model, one for the batch.

The layouts are those of ``src_c/include/fastnn.h``: rows with padding, panels for weights, padded vectors.
"""

from typing import NamedTuple

from ..ops import ROWS
from ..program import PERSISTENT

ROW, PANELS, VECTOR = 0, 1, 2
ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector."""


class Place(NamedTuple):
    """One buffer's place: its arena, offset in bytes from the arena's start, and layout."""

    persistent: bool
    offset: int
    size: int
    """Bytes."""
    rows: int
    cols: int
    ld: int
    rank: int
    layout: int
    integer: bool


class Plan(NamedTuple):
    places: tuple[Place, ...]
    persistent_size: int
    batch_size: int


def _round_up(n, multiple):
    return -(-n // multiple) * multiple


def _leading_dimension(columns, panel, itemsize):
    """Elements from row to row: whole panels, and no multiple of 4096 bytes, where rows would share cache sets."""
    ld = _round_up(columns, panel)
    return ld + panel if ld * itemsize % 4096 == 0 else ld


def make_plan(program, rows, panel, itemsize):
    """Places for all buffers of ``program`` for batches of at most ``rows``.

    Parameters
    ----------
    panel : int
        Panel width of the kernels, in elements.
    itemsize : int
        Bytes of a real number.

    Returns
    -------
    Plan
    """
    places, used = [], {True: 0, False: 0}
    for buffer in program.buffers:
        persistent = buffer.role in PERSISTENT
        rank, size_of = len(buffer.shape), 4 if buffer.integer else itemsize
        if buffer.shape[0] == ROWS and rank == 2:
            shape, layout, ld = (ROWS, buffer.shape[1]), ROW, _leading_dimension(buffer.shape[1], panel, itemsize)
            elements = rows * ld
        elif buffer.shape[0] == ROWS:
            shape, layout, ld = (ROWS, 1), ROW, 1
            elements = _round_up(rows, panel)
        elif rank == 2:
            shape, layout, ld = buffer.shape, PANELS, panel
            elements = shape[0] * _round_up(shape[1], panel)
        else:
            shape, layout, ld = (1, buffer.shape[0]), VECTOR, 1
            elements = _round_up(shape[1], panel)
        size = elements * size_of
        places.append(Place(persistent, used[persistent], size, *shape, ld, rank, layout, buffer.integer))
        used[persistent] += _round_up(size, ALIGNMENT)
    return Plan(tuple(places), used[True], used[False])
