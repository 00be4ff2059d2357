"""Layer normalisation: each row gets mean 0 and variance 1, then a learnt scale and shift."""

from .. import initializers
from ..checks import check_bool, check_default, check_real
from .base import Layer


class LayerNormalization(Layer):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance over each row.

    Source: Ba, Kiros, Hinton, "Layer normalization" (2016). Made of operations of arithmetic, with their gradients.

    Parameters
    ----------
    axis : int
        Only the last one, -1 (or 1, which is the same), yet.
    epsilon : float
    center, scale : bool
        Whether there is a beta, a gamma.
    beta_initializer, gamma_initializer : str or Initializer
    beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint : None
        Not supported.
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
        if axis != 1:
            check_default("LayerNormalization", axis=(axis, -1))
        check_default(
            "LayerNormalization",
            beta_regularizer=(beta_regularizer, None),
            gamma_regularizer=(gamma_regularizer, None),
            beta_constraint=(beta_constraint, None),
            gamma_constraint=(gamma_constraint, None),
        )
        self.axis = axis
        self.epsilon = check_real(epsilon, "LayerNormalization: epsilon", 0)
        self.center = check_bool(center, "LayerNormalization: center")
        self.scale = check_bool(scale, "LayerNormalization: scale")
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(
                f"{self}: expected inputs of shape (None, n), got {input_shape}; put a Flatten layer before it"
            )
        return input_shape

    def add_parameters(self, input_shape):
        if self.scale:
            self.add_parameter("gamma", input_shape[1:], self.gamma_initializer)
        if self.center:
            self.add_parameter("beta", input_shape[1:], self.beta_initializer)

    def emit(self, builder, x):
        n = builder.buffer(x).shape[1]

        def mean(buffer):
            return builder.emit("scale", builder.emit("row_sum", buffer), factor=1 / n)

        def for_each_column(buffer):
            return builder.emit("spread", buffer, count=n)

        centred = builder.emit("subtract", x, for_each_column(mean(x)))
        variance = mean(builder.emit("multiply", centred, centred))
        deviation = builder.emit("sqrt", builder.emit("shift", variance, offset=self.epsilon))
        y = builder.emit("divide", centred, for_each_column(deviation))
        if self.scale:
            y = builder.emit("multiply", y, builder.emit("repeat_row", self.emit_parameter(builder, "gamma")))
        if self.center:
            y = builder.emit("add", y, builder.emit("repeat_row", self.emit_parameter(builder, "beta")))
        return y

    def get_config(self):
        own = {name: getattr(self, name) for name in ("axis", "epsilon", "center", "scale")}
        for name in ("beta", "gamma"):
            own[f"{name}_initializer"] = initializers.serialize(getattr(self, f"{name}_initializer"))
        for name in ("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"):
            own[name] = None
        return {**super().get_config(), **own}
