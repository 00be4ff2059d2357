"""Arrays as the compiled functions take them: checked, of one type, with an error that names what does not fit."""

from functools import cache

import numpy as np

from .._native import core
from ..backends.native import choose_level


@cache
def functions():
    """The compiled functions, at the level of this process."""
    return core.ArrayFunctions(choose_level())


def matrices(where, **named):
    """The arrays, two-dimensional and of one type: float32 where all are at most that, else float64.

    Raises
    ------
    TypeError
        For what holds no real numbers.
    ValueError
        For another number of dimensions, or an empty array.
    """
    arrays = {}
    for name, value in named.items():
        array = np.asarray(value)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{where}: {name} must be an array of real numbers, got {array.dtype}")
        if array.ndim != 2 or not array.size:
            raise ValueError(
                f"{where}: {name} must be an array (features, samples) that is not empty, got shape {array.shape}"
            )
        arrays[name] = array
    small = np.result_type(*arrays.values(), np.float32) == np.float32
    dtype = np.dtype(np.float32 if small else np.float64)
    return [array.astype(dtype, copy=False) for array in arrays.values()]


def check_shape(where, name, array, expected, reason):
    """ValueError unless ``array`` has the expected shape, where None stands for any size."""
    fits = all(want in (None, got) for want, got in zip(expected, array.shape, strict=True))
    if not fits:
        sizes = ", ".join("any" if size is None else str(size) for size in expected)
        raise ValueError(f"{where}: {name} has shape {array.shape}, expected ({sizes}): {reason}")


def matmul(a, b, bias=None, divisor=1.0):
    """(a b + bias) / divisor, a new array; ``bias`` (rows, 1)."""
    c = np.empty((a.shape[0], b.shape[1]), a.dtype)
    column = None if bias is None else np.ascontiguousarray(bias[:, 0])
    functions().matmul(c, _strided(a), _strided(b), column, divisor)
    return c


def apply(name, a, b=None, s=0.0):
    """The function ``name`` of each element, a new array."""
    a = np.ascontiguousarray(a)
    out = np.empty_like(a)
    functions().map(name, out, a, None if b is None else np.ascontiguousarray(b), s)
    return out


def _strided(array):
    """The array, or a copy where its elements do not lie whole elements apart."""
    whole = array.flags.aligned and not any(stride % array.itemsize for stride in array.strides)
    return array if whole else array.copy()
