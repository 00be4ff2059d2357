"""Dropout: while training, units are zero at random."""

from ..checks import check_default, check_int, check_real
from ..legacy import old_arguments
from .base import Layer


class Dropout(Layer):
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
        self.seed = None if seed is None else check_int(seed, "Dropout: seed", 0)
        super().__init__(name, trainable, input_shape)

    def emit(self, builder, x):
        if self.rate == 0:
            return x
        # The stream tells the dropout layers of a model apart, which share one key.
        return builder.emit("dropout", x, rate=self.rate, stream=builder.count("dropout"))

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": None}
