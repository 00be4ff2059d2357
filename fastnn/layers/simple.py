"""Layers without parameters that change little: identity, reshaping, rescaling, a penalty on activations."""

import math

from .. import regularizers
from ..checks import check_int, check_real
from .base import Layer


class Identity(Layer):
    """y = x."""

    takes_one_row = True

    def emit(self, builder, x):
        return x


class Reshape(Layer):
    """Other axes for the same numbers. Costs nothing: in a program a row is flat whatever its axes.

    Parameters
    ----------
    target_shape : tuple of int
        Shape of one row; one size may be -1, which means what is left.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, target_shape, *, name=None, trainable=True, input_shape=None):
        shape = target_shape if isinstance(target_shape, (tuple, list)) else (target_shape,)
        self.target_shape = tuple(check_int(size, "Reshape: each size of target_shape", -1) for size in shape)
        if self.target_shape.count(-1) > 1 or 0 in self.target_shape:
            raise ValueError(f"Reshape: target_shape may have one -1 and no 0, got {target_shape!r}")
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        size, known = math.prod(input_shape[1:]), math.prod(n for n in self.target_shape if n != -1)
        if size % known or (-1 not in self.target_shape and size != known):
            raise ValueError(f"{self}: cannot make rows of shape {self.target_shape} of {input_shape}")
        return (None, *(size // known if n == -1 else n for n in self.target_shape))

    def emit(self, builder, x):
        return x

    def get_config(self):
        return {**super().get_config(), "target_shape": self.target_shape}


class Rescaling(Layer):
    """y = scale x + offset.

    Parameters
    ----------
    scale, offset : float
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

    def __init__(self, scale, offset=0.0, *, name=None, trainable=True, input_shape=None):
        self.scale = check_real(scale, "Rescaling: scale", -math.inf)
        self.offset = check_real(offset, "Rescaling: offset", -math.inf)
        super().__init__(name, trainable, input_shape)

    def emit(self, builder, x):
        y = builder.emit("scale", x, factor=self.scale)
        return builder.emit("shift", y, offset=self.offset) if self.offset else y

    def get_config(self):
        return {**super().get_config(), "scale": self.scale, "offset": self.offset}


class ActivityRegularization(Layer):
    """y = x, with a penalty l1 sum(abs(x)) + l2 sum(x^2), the mean over the rows, on the loss.

    Parameters
    ----------
    l1, l2 : float
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, l1=0.0, l2=0.0, *, name=None, trainable=True, input_shape=None):
        self.penalty = regularizers.L1L2(l1, l2)
        super().__init__(name, trainable, input_shape)

    def emit(self, builder, x):
        y = builder.emit("scale", x, factor=1.0)  # a buffer of its own: x may have a penalty too
        self.penalty.penalise_rows(builder, y)
        return y

    def get_config(self):
        return {**super().get_config(), **self.penalty.get_config()}
