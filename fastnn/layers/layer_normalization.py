"""Layer normalisation: each row gets mean 0 and variance 1, then a learnt scale and shift."""

from .. import axes, constraints, initializers, regularizers
from ..checks import check_bool, check_real
from .axes import along, check_axes
from .base import Layer


class LayerNormalization(Layer):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance over some axes of each row.

    Source: Ba, Kiros, Hinton, "Layer normalization" (2016). Made of operations of arithmetic, with their gradients.

    Parameters
    ----------
    axis : int or sequence of int
        Not 0, that of the rows. ``gamma`` and ``beta`` have a number for each place along these axes.
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
        self.axes = check_axes(axis, "LayerNormalization")
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else axis
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
        along(self, input_shape)
        return input_shape

    def add_parameters(self, input_shape):
        shape = tuple(input_shape[1:][axis] for axis in along(self, input_shape))
        for name, wanted in (("gamma", self.scale), ("beta", self.center)):
            if wanted:
                parameter = self.add_parameter(name, shape, getattr(self, f"{name}_initializer"))
                parameter.is_row = True
                parameter.regularizer = getattr(self, f"{name}_regularizer")
                parameter.constraint = getattr(self, f"{name}_constraint")

    def emit(self, builder, x):
        sizes, own = axes.joined(self.input_shape[1:], along(self, self.input_shape))
        others = [axis for axis in range(len(sizes)) if axis not in own]

        def mean(buffer):
            return axes.mean(builder, buffer, sizes, own)

        def for_each_column(buffer):
            return axes.widen(builder, buffer, axes.ones_at(sizes, own), sizes)

        def rows(name):
            row = builder.emit("repeat_row", self.emit_parameter(builder, name))
            return axes.widen(builder, row, axes.ones_at(sizes, others), sizes)

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
