"""Layer normalisation: each row gets mean 0 and variance 1, then a learnt scale and shift."""

from .. import axes, constraints, initializers, regularizers
from ..checks import check_bool, check_int, check_real
from .base import Layer


class LayerNormalization(Layer):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance over the last axis.

    Source: Ba, Kiros, Hinton, "Layer normalization" (2016). Made of operations of arithmetic, with their gradients.

    Parameters
    ----------
    axis : int
        Only the last one.
    epsilon : float
    center, scale : bool
        Whether there is a beta, a gamma.
    beta_initializer, gamma_initializer : str or Initializer
    beta_regularizer, gamma_regularizer : str or Regularizer, optional
    beta_constraint, gamma_constraint : str or Constraint, optional
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(
        self,
        axis=-1,
        epsilon=0.001,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        *,
        name=None,
        trainable=True,
        input_shape=None,
    ):
        several = axis if isinstance(axis, (list, tuple)) else (axis,)
        if len(several) != 1:
            raise ValueError(
                f"LayerNormalization: axis={axis!r} is not supported, only the last axis; put a Reshape layer before "
                "it that makes one axis of several"
            )
        self.axis = check_int(several[0], "LayerNormalization: axis", -9)
        self.epsilon = check_real(epsilon, "LayerNormalization: epsilon", 0)
        self.center = check_bool(center, "LayerNormalization: center")
        self.scale = check_bool(scale, "LayerNormalization: scale")
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        if self.axis not in (-1, len(input_shape) - 1):
            raise ValueError(
                f"{self}: axis={self.axis} of inputs of shape {input_shape} is not supported, only the last axis; put "
                "a Permute layer before it"
            )
        return input_shape

    def add_parameters(self, input_shape):
        for name, wanted in (("gamma", self.scale), ("beta", self.center)):
            if wanted:
                parameter = self.add_parameter(name, input_shape[-1:], getattr(self, f"{name}_initializer"))
                parameter.regularizer = getattr(self, f"{name}_regularizer")
                parameter.constraint = getattr(self, f"{name}_constraint")

    def emit(self, builder, x):
        n = self.input_shape[-1]
        outer = builder.buffer(x).shape[1] // n

        def mean(buffer):
            return builder.emit("scale", axes.add_up(builder, buffer, (outer, n), 1), factor=1 / n)

        def for_each_column(buffer):
            return axes.widen(builder, buffer, (outer, 1), (outer, n))

        def rows(name):
            row = builder.emit("repeat_row", self.emit_parameter(builder, name))
            return axes.widen(builder, row, (1, n), (outer, n))

        centred = builder.emit("subtract", x, for_each_column(mean(x)))
        variance = mean(builder.emit("multiply", centred, centred))
        deviation = builder.emit("sqrt", builder.emit("shift", variance, offset=self.epsilon))
        y = builder.emit("divide", centred, for_each_column(deviation))
        if self.scale:
            y = builder.emit("multiply", y, rows("gamma"))
        if self.center:
            y = builder.emit("add", y, rows("beta"))
        return y

    def get_config(self):
        own = {name: getattr(self, name) for name in ("axis", "epsilon", "center", "scale")}
        for name in ("beta", "gamma"):
            own[f"{name}_initializer"] = initializers.serialize(getattr(self, f"{name}_initializer"))
            own[f"{name}_regularizer"] = regularizers.serialize(getattr(self, f"{name}_regularizer"))
            own[f"{name}_constraint"] = constraints.serialize(getattr(self, f"{name}_constraint"))
        return {**super().get_config(), **own}
