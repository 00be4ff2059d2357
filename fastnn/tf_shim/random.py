"""``tf.random``: the seed of everything, and random arrays."""

import numpy as np

from ..random import generator, next_key, set_random_seed
from ..symbolic import draws
from ..tensor import tensor

set_seed = set_random_seed


def normal(shape, mean=0.0, stddev=1.0, dtype=np.float32, seed=None, name=None):
    """Normally distributed numbers; of the shape of a symbolic tensor, drawn anew for each batch."""
    if draws.is_for_rows(shape):
        return draws.normal(shape, mean, stddev)
    return tensor(_generator(seed).normal(mean, stddev, _sizes(shape, "normal")).astype(dtype))


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=np.float32, seed=None, name=None):
    """Normally distributed numbers, drawn again where they lie two standard deviations or more from the mean."""
    draw = _generator(seed)
    values = draw.normal(size=_sizes(shape, "truncated_normal"))
    while (outside := np.abs(values) >= 2).any():
        values[outside] = draw.normal(size=outside.sum())
    return tensor((mean + stddev * values).astype(dtype))


def uniform(shape, minval=0, maxval=None, dtype=np.float32, seed=None, name=None):
    """Evenly distributed numbers from ``minval`` to below ``maxval``, 1 by default."""
    draw, shape = _generator(seed), _sizes(shape, "uniform")
    if np.dtype(dtype).kind in "iu":
        return tensor(draw.integers(minval, maxval, shape, dtype))
    return tensor(draw.uniform(minval, 1 if maxval is None else maxval, shape).astype(dtype))


def shuffle(value, seed=None, name=None):
    """The rows in another order."""
    return tensor(_generator(seed).permutation(np.asarray(value)))


def _generator(seed):
    return generator(next_key("tf.random") if seed is None else seed)


def _sizes(shape, name):
    """The shape as a tuple of sizes; NotImplementedError for that of a symbolic tensor, whose rows are not known."""
    sizes = tuple(np.atleast_1d(shape).tolist())
    if None in sizes:
        raise NotImplementedError(
            f"tf.random.{name}: the number of rows is not known while a layer's call is put together, got the shape "
            f"{sizes}; use layers.GaussianNoise or layers.Dropout in it, which draw anew for each batch"
        )
    return sizes
