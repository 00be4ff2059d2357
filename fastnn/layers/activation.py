"""An activation function as a layer of its own."""

from .. import activations
from .base import Layer


class Activation(Layer):
    """y = activation(x).

    Parameters
    ----------
    activation : str, activation or callable
        Its name, one of ``fastnn.activations``, or a function of one's own made of ``keras.ops``.
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

    def __init__(self, activation, *, name=None, trainable=True, input_shape=None):
        self.activation = activations.get(activation)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        if getattr(self.activation, "elementwise", True) is False and len(input_shape) != 2:
            raise ValueError(
                f"{self}: {self.activation.name} expected inputs of shape (None, n), got {input_shape}"
            )
        return input_shape

    def emit(self, builder, x):
        return self.activation.emit(builder, x)

    def get_config(self):
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
