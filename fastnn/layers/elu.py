"""The exponential linear unit as a layer of its own."""

from .. import activations
from ..checks import check_real
from .base import Layer


class ELU(Layer):
    """y = x where x > 0, else alpha (exp(x) - 1).

    Parameters
    ----------
    alpha : float
        Not negative.
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

    def __init__(self, alpha=1.0, *, name=None, trainable=True, input_shape=None):
        self.alpha = check_real(alpha, "ELU: alpha", 0)
        super().__init__(name, trainable, input_shape)

    def emit(self, builder, x):
        kind, attributes = activations.elu_op(self.alpha)
        return builder.emit(kind, x, **attributes)

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha}
