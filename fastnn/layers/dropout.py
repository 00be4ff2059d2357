"""Dropout: while training, units are zero at random."""

from ..checks import check_default, check_real
from ..legacy import old_arguments
from .noise import Noise


class Dropout(Noise):
    """Drops each unit with probability ``rate`` while training and scales the others by 1 / (1 - rate).

    Parameters
    ----------
    rate : float
        0 .. 1 (below 1).
    noise_shape : None
        Only the default yet.
    seed : int, optional
        Where every Dropout of a model has one, the masks repeat without a seed of the process.
    name, trainable, input_shape
        As for every layer.
    """

    @old_arguments(p="rate")
    def __init__(self, rate, noise_shape=None, seed=None, *, name=None, trainable=True, input_shape=None):
        check_default("Dropout", noise_shape=(noise_shape, None))
        self.rate = check_real(rate, "Dropout: rate", 0, 1, below=True)
        super().__init__(seed, name=name, trainable=trainable, input_shape=input_shape)

    def emit(self, builder, x):
        return self.draw(builder, "dropout", x, rate=self.rate) if self.rate else x

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "noise_shape": None}
