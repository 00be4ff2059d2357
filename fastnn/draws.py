"""Arrays of random numbers, as ``keras.random`` gives them; the same seed gives the same array each time."""

import numpy as np

from . import random
from .checks import check_int
from .config import floatx
from .symbolic import draws as symbolic
from .tensor import tensor


class SeedGenerator:
    """A seed whose every use gives other numbers, and the same ones in each run.

    Parameters
    ----------
    seed : int, optional
        By default from the process's seed.
    name : str, optional
    """

    def __init__(self, seed=None, name=None):
        self.seed = random.next_key("keras.random") if seed is None else check_int(seed, "SeedGenerator: seed", 0)
        self.name, self._used = name or "seed_generator", 0

    def next(self):
        """The key of the next draw."""
        self._used += 1
        return random.philox_key(self.seed, "SeedGenerator", self._used)


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normally distributed numbers; of the shape of a symbolic tensor, drawn anew for each batch."""
    if symbolic.is_for_rows(shape):
        return symbolic.normal(shape, mean, stddev)
    return _array(_generator(seed).normal(mean, stddev, shape), dtype)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normally distributed numbers; those two standard deviations or more from the mean are drawn again."""
    draw = _generator(seed)
    values = draw.normal(size=shape)
    while (outside := np.abs(values) >= 2).any():
        values[outside] = draw.normal(size=outside.sum())
    return _array(mean + stddev * values, dtype)


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    """Evenly distributed numbers from ``minval`` to below ``maxval``."""
    return _array(_generator(seed).uniform(minval, maxval, shape), dtype)


def randint(shape, minval, maxval, dtype="int32", seed=None):
    """Whole numbers from ``minval`` to below ``maxval``."""
    return tensor(_generator(seed).integers(minval, maxval, shape).astype(dtype))


def shuffle(x, axis=0, seed=None):
    """The parts of an array along an axis in another order."""
    return tensor(_generator(seed).permutation(np.asarray(x), axis))


def categorical(logits, num_samples, dtype="int32", seed=None):
    """Numbers of classes, (n, num_samples), drawn by the softmax of each row of logits."""
    logits = np.asarray(logits, np.float64)
    noise = _generator(seed).gumbel(size=(len(logits), num_samples, logits.shape[-1]))
    return tensor((logits[:, np.newaxis] + noise).argmax(-1).astype(dtype))


def dropout(inputs, rate, noise_shape=None, seed=None):
    """Each number is 0 with the probability ``rate``, else divided by 1 - rate."""
    x = np.asarray(inputs)
    kept = _generator(seed).random(x.shape if noise_shape is None else noise_shape) >= rate
    return tensor(np.where(kept, x / (1 - rate), 0).astype(x.dtype))


def _generator(seed):
    if isinstance(seed, SeedGenerator):
        return random.generator(seed.next())
    return random.generator(random.next_key("keras.random") if seed is None else check_int(seed, "seed", 0))


def _array(values, dtype):
    return tensor(values.astype(dtype or floatx()))
