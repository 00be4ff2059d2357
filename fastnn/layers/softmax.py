"""Softmax as a layer of its own."""

from .. import activations
from ..checks import check_default
from .base import Layer


class Softmax(Layer):
    """y_j = exp(x_j) / sum_k exp(x_k) over each row.

    Parameters
    ----------
    axis : int
        Only the last one, -1, yet.
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

    def __init__(self, axis=-1, *, name=None, trainable=True, input_shape=None):
        check_default("Softmax", axis=(axis, -1))
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(f"{self}: expected inputs of shape (None, n), got {input_shape}")
        return input_shape

    def emit(self, builder, x):
        return activations.softmax.emit(builder, x)

    def get_config(self):
        return {**super().get_config(), "axis": -1}
