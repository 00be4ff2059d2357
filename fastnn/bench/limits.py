"""What the machine could do at best: operations in registers, and bytes from memory."""

import time

import numpy as np

from .._native import core
from ..backends.native import choose_level

ADAM_FLOPS = 8
"""What Adam's step costs for one parameter: four multiply-adds, of which its vectors keep the unit."""


def peak(dtype="float32", rounds=7, seconds=0.02, level=None):
    """Floating-point operations a second of one core: the best of some rounds of multiply-adds in registers."""
    return _best_rate(core.fma_loop, dtype, rounds, seconds, level)


def adam_steps(dtype="float32", rounds=7, seconds=0.02, level=None):
    """Parameters a second for which one core takes Adam's square root and division, measured like the peak.

    The unit that does them works beside the one of the multiply-adds, and takes far longer: it is what limits the
    training of a tiny net row by row.
    """
    return _best_rate(core.root_loop, dtype, rounds, seconds, level)


def _best_rate(loop, dtype, rounds, seconds, level):
    turns, best = 1000, 0.0
    while rounds:
        start = time.perf_counter()
        done = loop(choose_level(level), dtype, turns)
        taken = time.perf_counter() - start
        if taken < seconds:
            turns *= 2
            continue
        best, rounds = max(best, done / taken), rounds - 1
    return best


def bandwidth(megabytes=200, rounds=5):
    """Bytes a second that one core reads from memory: the best of some passes over a large array."""
    array = np.ones(megabytes * 250_000, np.float32)
    best = 0.0
    for _ in range(rounds):
        start = time.perf_counter()
        array.max()
        best = max(best, array.nbytes / (time.perf_counter() - start))
    return best


def flops(net, rows):
    """Floating-point operations of an epoch: the products, with no term left out, and Adam's steps."""
    pairs = list(zip(net.sizes[:-1], net.sizes[1:], strict=True))
    forward = sum(2 * inputs * units for inputs, units in pairs)
    carried_back = forward - 2 * pairs[0][0] * pairs[0][1]  # the input needs no gradient
    total = rows * (2 * forward + carried_back)
    return total + ADAM_FLOPS * stepped(net, rows)


def stepped(net, rows):
    """Parameters that Adam steps in an epoch, each counted in every batch; 0 with another optimizer."""
    if net.optimizer != "adam":
        return 0
    return sum((inputs + 1) * units for inputs, units in zip(net.sizes[:-1], net.sizes[1:], strict=True)) * -(
        -rows // net.batch
    )


def least_seconds(net, rows, flops_per_second, bytes_per_second, steps_per_second):
    """Seconds that an epoch takes at least: all multiply-adds at the peak; or Adam's roots and divisions at theirs; or
    the rows read once from memory.
    """
    return max(
        flops(net, rows) / flops_per_second,
        stepped(net, rows) / steps_per_second,
        rows * net.sizes[0] * 4 / bytes_per_second,
    )
