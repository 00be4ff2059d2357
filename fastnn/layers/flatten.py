"""Flattening: (None, 28, 28) becomes (None, 784)."""

import math

from ..checks import check_default
from .base import Layer


class Flatten(Layer):
    """Joins all axes after the rows. Costs nothing: in a program a row is flat already.

    Parameters
    ----------
    data_format : None
        Only the default yet.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, data_format=None, *, name=None, trainable=True, input_shape=None):
        check_default("Flatten", data_format=(data_format, None))
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        return (None, math.prod(input_shape[1:]))

    def emit(self, builder, x):
        return x

    def get_config(self):
        return {**super().get_config(), "data_format": None}
