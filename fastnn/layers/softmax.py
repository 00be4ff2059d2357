"""Softmax as a layer of its own."""

from .. import activations, axes
from .axes import along, check_axes
from .base import Layer


class Softmax(Layer):
    """y_j = exp(x_j) / sum_k exp(x_k), the sum over some axes of each row.

    Parameters
    ----------
    axis : int or sequence of int
        Not 0, that of the rows.
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

    def __init__(self, axis=-1, *, name=None, trainable=True, input_shape=None):
        self.axes = check_axes(axis, "Softmax")
        self.axis = axis
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        along(self, input_shape)
        return input_shape

    def emit(self, builder, x):
        whole = self.input_shape or (None, builder.buffer(x).shape[1])  # as the activation of another layer it has none
        shape, own = axes.joined(whole[1:], along(self, whole))
        if len(shape) == len(own):  # the whole row
            return activations.softmax.emit(builder, x)
        return axes.softmax(builder, x, shape, own)

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}
