"""Dropout: while training, units are zero at random."""

from ..checks import check_real
from ..legacy import old_arguments
from .noise import Noise
from .noise_shape import check_noise_shape, mask_shape, shared_mask


class Dropout(Noise):
    """Drops each unit with probability ``rate`` while training and scales the others by 1 / (1 - rate).

    Parameters
    ----------
    rate : float
        0 .. 1 (below 1).
    noise_shape : tuple of int or None, optional
        Shape of the mask, the rows first: 1 where it is shared along an axis, None for the input's own size.
        ``(None, 1, n)`` drops a column in all steps of a row, ``(1, n)`` the same units in all rows of a batch.
    seed : int, optional
        Where every Dropout of a model has one, the masks repeat without a seed of the process.
    name, trainable, input_shape
        As for every layer.
    """

    @old_arguments(p="rate")
    def __init__(self, rate, noise_shape=None, seed=None, *, name=None, trainable=True, input_shape=None):
        self.noise_shape = check_noise_shape(noise_shape, "Dropout")
        self.rate = check_real(rate, "Dropout: rate", 0, 1, below=True)
        super().__init__(seed, name=name, trainable=trainable, input_shape=input_shape)

    def compute_output_shape(self, input_shape):
        if self.noise_shape is not None:
            mask_shape(self, input_shape)
        return input_shape

    def emit(self, builder, x):
        if not self.rate or builder.at_inference:
            return x
        if self.noise_shape is None:
            return self.draw(builder, "dropout", x, rate=self.rate)
        return builder.instead(builder.emit("multiply", x, shared_mask(self, builder)), x)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}
