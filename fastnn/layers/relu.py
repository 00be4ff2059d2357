"""Rectifiers as layers of their own."""

from .. import activations
from ..checks import check_real
from ..legacy import warn_old
from .base import Layer


class ReLU(Layer):
    """y = max(x, 0); with the arguments, y = min(x, max_value) above threshold, else negative_slope (x - threshold).

    Parameters
    ----------
    max_value : float, optional
        What y does not exceed.
    negative_slope : float
        Slope below the threshold.
    threshold : float
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

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
        self.max_value = None if max_value is None else check_real(max_value, "ReLU: max_value", 0)
        self.negative_slope = check_real(negative_slope, "ReLU: negative_slope", 0)
        self.threshold = check_real(threshold, "ReLU: threshold", 0)
        super().__init__(name, trainable, input_shape)

    def emit(self, builder, x):
        kind, attributes = activations.rectify(self.negative_slope, self.max_value, self.threshold)
        return builder.emit(kind, x, **attributes)

    def get_config(self):
        own = {"max_value": self.max_value, "negative_slope": self.negative_slope, "threshold": self.threshold}
        return {**super().get_config(), **own}


class LeakyReLU(Layer):
    """y = x where x > 0, else negative_slope x.

    Parameters
    ----------
    negative_slope : float
        0.3, where the activation called "leaky_relu" has 0.2.
    alpha : float
        Old name of ``negative_slope``.
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

    def __init__(self, negative_slope=0.3, *, alpha=None, name=None, trainable=True, input_shape=None):
        if alpha is not None:
            warn_old("LeakyReLU(alpha=...)", "negative_slope=...")
            negative_slope = alpha
        self.negative_slope = check_real(negative_slope, "LeakyReLU: negative_slope", 0)
        super().__init__(name, trainable, input_shape)

    def emit(self, builder, x):
        kind, attributes = activations.rectify(self.negative_slope)
        return builder.emit(kind, x, **attributes)

    def get_config(self):
        return {**super().get_config(), "negative_slope": self.negative_slope}
