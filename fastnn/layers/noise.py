"""Noise while training: added to the units, multiplied with them, or dropout for selu. At inference nothing happens."""

import math

import numpy as np

from ..checks import check_int, check_real
from ..ops.noise import alpha_line
from ..symbolic.applying import Constant
from .base import Layer
from .noise_shape import check_noise_shape, mask_shape, shared_mask


class Noise(Layer):
    """Base of the layers that change their input at random while training.

    Parameters
    ----------
    seed : int, optional
        Where every layer with noise of a model has one, the noise repeats without a seed of the process.
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

    def __init__(self, seed=None, *, name=None, trainable=True, input_shape=None):
        self.seed = None if seed is None else check_int(seed, f"{type(self).__name__}: seed", 0)
        super().__init__(name, trainable, input_shape)

    def draw(self, builder, kind, x, **attributes):
        """Append an op that draws random numbers, with a stream of its own."""
        return builder.emit(kind, x, **attributes, stream=builder.next_stream())

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}


class GaussianNoise(Noise):
    """y = x + stddev Z while training, with Z normal.

    Parameters
    ----------
    stddev : float
        0 .. 1.
    seed : int, optional
        As for ``Dropout``.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, stddev, seed=None, **options):
        self.stddev = check_real(stddev, "GaussianNoise: stddev", 0, 1)
        super().__init__(seed, **options)

    def emit(self, builder, x):
        return self.draw(builder, "gaussian_noise", x, stddev=self.stddev) if self.stddev else x

    def get_config(self):
        return {**super().get_config(), "stddev": self.stddev}


class GaussianDropout(Noise):
    """y = x (1 + sqrt(rate / (1 - rate)) Z) while training, with Z normal: mean and variance of ``Dropout(rate)``.

    Parameters
    ----------
    rate : float
        0 .. 1 (below 1).
    seed : int, optional
        As for ``Dropout``.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, rate, seed=None, **options):
        self.rate = check_real(rate, "GaussianDropout: rate", 0, 1, below=True)
        super().__init__(seed, **options)

    def emit(self, builder, x):
        stddev = math.sqrt(self.rate / (1 - self.rate))
        return self.draw(builder, "gaussian_dropout", x, stddev=stddev) if self.rate else x

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


class AlphaDropout(Noise):
    """Dropout for nets of selu: a dropped unit takes the value at which selu saturates, mean and variance are kept.

    Parameters
    ----------
    rate : float
        0 .. 1 (below 1).
    noise_shape : tuple of int or None, optional
        Shape of the mask, the rows first: 1 where it is shared along an axis, None for the input's own size.
        ``(None, 1, n)`` drops a column in all steps of a row, ``(1, n)`` the same units in all rows of a batch.
    seed : int, optional
        As for ``Dropout``.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, rate, noise_shape=None, seed=None, **options):
        self.noise_shape = check_noise_shape(noise_shape, "AlphaDropout")
        self.rate = check_real(rate, "AlphaDropout: rate", 0, 1, below=True)
        super().__init__(seed, **options)

    def compute_output_shape(self, input_shape):
        if self.noise_shape is not None:
            mask_shape(self, input_shape)
        return input_shape

    def emit(self, builder, x):
        if not self.rate or builder.at_inference:
            return x
        if self.noise_shape is None:
            return self.draw(builder, "alpha_dropout", x, rate=self.rate)
        slope, offset, dropped = alpha_line(self.rate)
        kept = builder.emit("shift", builder.emit("scale", x, factor=slope), offset=offset)
        rest = builder.emit("repeat_row", Constant(np.full(self.input_features, dropped)).emit(builder))
        return builder.instead(builder.emit("where", shared_mask(self, builder), kept, rest), x)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}
