"""``tf.random``: the seed of everything, and random arrays."""

import numpy as np

from ..random import generator, next_key, set_random_seed
from .tensor import tensor

set_seed = set_random_seed


def normal(shape, mean=0.0, stddev=1.0, dtype=np.float32, seed=None, name=None):
    """Normally distributed numbers."""
    return tensor(_generator(seed).normal(mean, stddev, shape).astype(dtype))


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=np.float32, seed=None, name=None):
    """Normally distributed numbers, drawn again where they lie two standard deviations or more from the mean."""
    draw = _generator(seed)
    values = draw.normal(size=shape)
    while (outside := np.abs(values) >= 2).any():
        values[outside] = draw.normal(size=outside.sum())
    return tensor((mean + stddev * values).astype(dtype))


def uniform(shape, minval=0, maxval=None, dtype=np.float32, seed=None, name=None):
    """Evenly distributed numbers from ``minval`` to below ``maxval``, 1 by default."""
    draw = _generator(seed)
    if np.dtype(dtype).kind in "iu":
        return tensor(draw.integers(minval, maxval, shape, dtype))
    return tensor(draw.uniform(minval, 1 if maxval is None else maxval, shape).astype(dtype))


def shuffle(value, seed=None, name=None):
    """The rows in another order."""
    return tensor(_generator(seed).permutation(np.asarray(value)))


def _generator(seed):
    return generator(next_key("tf.random") if seed is None else seed)
