"""Dropout with a counter-based generator: the mask is a function of (seed, step, layer, row, column).

Nothing is stored between the forward and the backward pass; both compute the same mask. Because a number depends
only on its counter, the mask is the same for any number of threads and in both backends.

Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
Inverted dropout: Srivastava et al., "Dropout" (JMLR 15, 2014), scaled by 1 / (1 - rate) while training, as Keras does.
"""

import numpy as np

from .kind import OpKind

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)  # multipliers of the paper
_W0, _W1 = 0x9E3779B9, 0xBB67AE85  # key increments: golden ratio and sqrt(3) - 1
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def philox(counter, key):
    """Philox 4x32-10.

    Parameters
    ----------
    counter : four uint64 arrays (values below 2**32) of one shape
    key : int
        64 bits.

    Returns
    -------
    four uint64 arrays of that shape, uniform over 0 .. 2**32 - 1.
    """
    c0, c1, c2, c3 = (np.asarray(c, np.uint64) for c in counter)
    k0, k1 = key & 0xFFFFFFFF, (key >> 32) & 0xFFFFFFFF
    for _ in range(10):
        p0, p1 = c0 * _M0, c2 * _M1
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ np.uint64(k0), p1 & _LOW, (p0 >> _32) ^ c3 ^ np.uint64(k1), p0 & _LOW
        k0, k1 = (k0 + _W0) & 0xFFFFFFFF, (k1 + _W1) & 0xFFFFFFFF
    return c0, c1, c2, c3


def random_numbers(rows, columns, stream, step, seed, first_row=0):
    """uint64 (rows, columns), uniform over 0 .. 2**32 - 1: one number for each unit of a batch.

    Counter of the four numbers for columns 4c .. 4c+3 of row r: (c, first_row + r, step, stream).
    """
    blocks = (columns + 3) // 4
    c, r = np.meshgrid(np.arange(blocks), np.arange(rows))
    counter = (c, (first_row + r) & 0xFFFFFFFF, np.full_like(c, step & 0xFFFFFFFF), np.full_like(c, int(stream)))
    return np.stack(philox(counter, seed), axis=-1).reshape(rows, 4 * blocks)[:, :columns]


def dropout_mask(rows, columns, rate, stream, step, seed, first_row=0):
    """Boolean (rows, columns): True where a unit is kept."""
    numbers = random_numbers(rows, columns, stream, step, seed, first_row)
    return numbers >= np.uint64(keep_threshold(rate))


def keep_threshold(rate):
    """A unit is dropped where its 32-bit number lies below this one."""
    return min(int(rate * 2.0**32), 2**32 - 1)


def kept_units(x, rate, stream, step):
    """Boolean of the shape of ``x``: the mask that an op draws in the state ``step``."""
    return dropout_mask(*x.shape, rate, stream, step.step, step.seed, step.first_row)


def _drop(x, rate, stream, step):
    mask = kept_units(x, rate, stream, step)
    return np.where(mask, x * x.dtype.type(1 / (1 - rate)), np.zeros_like(x))


class DrawnOp(OpKind):
    """An op of a layer's units whose gradient, ``<name>_grad``, draws the same numbers again."""

    signature = "BN <- BN"
    identity_at_inference = True

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            name = builder.gradient_name(x)
            builder.add_gradient(x, builder.emit(f"{self.name}_grad", dy, name=name, **op.attributes))


class Dropout(DrawnOp):
    """y = x / (1 - rate) where the unit is kept, else 0."""

    name = "dropout"
    attributes = ("rate", "stream")
    results = ("dropped",)

    def compute(self, step, x, rate, stream):
        return _drop(x, rate, stream, step)


class DropoutGradient(OpKind):
    """dx = dy / (1 - rate) where the unit was kept, else 0."""

    name = "dropout_grad"
    signature = "BN <- BN"
    attributes = ("rate", "stream")

    def compute(self, step, dy, rate, stream):
        return _drop(dy, rate, stream, step)


class DropoutVector(OpKind):
    """y = v / (1 - rate) where an element is kept, else 0: one mask for all rows, drawn as for row 0."""

    name = "dropout_vector"
    signature = "N <- N"
    attributes = ("rate", "stream")
    results = ("dropped",)
    identity_at_inference = True

    def compute(self, step, v, rate, stream):
        mask = dropout_mask(1, len(v), rate, stream, step.step, step.seed)[0]
        return np.where(mask, v * v.dtype.type(1 / (1 - rate)), np.zeros_like(v))
