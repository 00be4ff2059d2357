"""Rectification as a layer of its own."""

from .. import activations
from ..checks import check_default
from .base import Layer


class ReLU(Layer):
    """y = max(x, 0).

    Parameters
    ----------
    max_value, negative_slope, threshold
        Only at their defaults yet.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(
        self,
        max_value=None,
        negative_slope=0.0,
        threshold=0.0,
        *,
        name=None,
        trainable=True,
        input_shape=None,
    ):
        check_default(
            "ReLU",
            max_value=(max_value, None),
            negative_slope=(negative_slope, 0.0),
            threshold=(threshold, 0.0),
        )
        super().__init__(name, trainable, input_shape)

    def emit(self, builder, x):
        return activations.relu.emit(builder, x)
