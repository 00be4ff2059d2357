"""Batch normalisation: each column of a batch gets mean 0 and variance 1, then a learnt scale and shift."""

from .. import axes, constraints, initializers, regularizers
from ..checks import check_bool, check_default, check_int, check_real
from .axes import axis_of
from .base import Layer


class BatchNormalization(Layer):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta.

    In training mean and variance are those of the batch, and the moving ones follow them:
    moving = momentum moving + (1 - momentum) batch. At inference, and where ``trainable`` is False, they are the
    moving ones. Weights: gamma, beta, moving_mean, moving_variance, each (n,). Where a row has several axes, mean and
    variance are also over all but one of these.

    Parameters
    ----------
    axis : int
        The one for each of whose places there is a mean; not 0, that of the rows.
    momentum, epsilon : float
    center, scale : bool
        Whether there is a beta, a gamma.
    beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer : str or Initializer
    beta_regularizer, gamma_regularizer : str or Regularizer, optional
    beta_constraint, gamma_constraint : str or Constraint, optional
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(
        self,
        axis=-1,
        momentum=0.99,
        epsilon=0.001,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        moving_mean_initializer="zeros",
        moving_variance_initializer="ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        renorm=False,
        renorm_clipping=None,
        renorm_momentum=0.99,
        synchronized=False,
        *,
        name=None,
        trainable=True,
        input_shape=None,
    ):
        check_default(
            "BatchNormalization", renorm=(renorm, False), renorm_clipping=(renorm_clipping, None),
            renorm_momentum=(renorm_momentum, 0.99), synchronized=(synchronized, False),
        )  # fmt: skip
        self.axis = check_int(axis, "BatchNormalization: axis", -9)
        self.momentum = check_real(momentum, "BatchNormalization: momentum", 0, 1)
        self.epsilon = check_real(epsilon, "BatchNormalization: epsilon", 0)
        self.center = check_bool(center, "BatchNormalization: center")
        self.scale = check_bool(scale, "BatchNormalization: scale")
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        axis_of(self, self.axis, input_shape)
        return input_shape

    def add_parameters(self, input_shape):
        shape = (input_shape[axis_of(self, self.axis, input_shape)],)
        if self.scale:
            gamma = self.add_parameter("gamma", shape, self.gamma_initializer)
            gamma.regularizer, gamma.constraint = self.gamma_regularizer, self.gamma_constraint
        if self.center:
            beta = self.add_parameter("beta", shape, self.beta_initializer)
            beta.regularizer, beta.constraint = self.beta_regularizer, self.beta_constraint
        self.add_parameter("moving_mean", shape, self.moving_mean_initializer, trainable=False)
        self.add_parameter("moving_variance", shape, self.moving_variance_initializer, trainable=False)

    def emit(self, builder, x):
        gamma = self.emit_parameter(builder, "gamma") if self.scale else None
        beta = self.emit_parameter(builder, "beta") if self.center else None
        moving = [self.emit_parameter(builder, name) for name in ("moving_mean", "moving_variance")]
        if len(self.input_shape) > 2:
            return self._emit_along(builder, x, gamma, beta, moving)
        if builder.at_inference or not self.trainable:
            return builder.emit("batch_norm_inference", x, gamma, beta, *moving, epsilon=self.epsilon)
        y, *batch = builder.emit("batch_norm", x, gamma, beta, *moving, epsilon=self.epsilon)
        for average, value in zip(moving, batch, strict=True):
            builder.follow(average, value, self.momentum)
        return y

    def _emit_along(self, builder, x, gamma, beta, moving):
        """The same of rows with several axes, made of operations of arithmetic, with their gradients."""
        sizes, (own,) = axes.joined(self.input_shape[1:], [axis_of(self, self.axis, self.input_shape) - 1])
        others = [axis for axis in range(len(sizes)) if axis != own]

        def for_each(vector):
            return axes.widen(builder, builder.emit("repeat_row", vector), axes.ones_at(sizes, others), sizes)

        def mean_of(buffer):
            return builder.emit("batch_mean", axes.mean(builder, buffer, sizes, others))

        def normalised(centred, variance):
            deviation = builder.emit("sqrt", builder.emit("shift", variance, offset=self.epsilon))
            y = builder.emit("divide", centred, for_each(deviation))
            y = y if gamma is None else builder.emit("multiply", y, for_each(gamma))
            return y if beta is None else builder.emit("add", y, for_each(beta))

        at_inference = normalised(builder.emit("subtract", x, for_each(moving[0])), moving[1])
        if builder.at_inference or not self.trainable:
            return at_inference
        mean = mean_of(x)
        centred = builder.emit("subtract", x, for_each(mean))
        variance = mean_of(builder.emit("multiply", centred, centred))
        for average, value in zip(moving, (mean, variance), strict=True):
            builder.follow(average, value, self.momentum)
        return builder.instead(normalised(centred, variance), at_inference)

    def get_config(self):
        own = {name: getattr(self, name) for name in ("axis", "momentum", "epsilon", "center", "scale")}
        for name in ("beta", "gamma", "moving_mean", "moving_variance"):
            own[f"{name}_initializer"] = initializers.serialize(getattr(self, f"{name}_initializer"))
        for name in ("beta", "gamma"):
            own[f"{name}_regularizer"] = regularizers.serialize(getattr(self, f"{name}_regularizer"))
        for name in ("beta", "gamma"):
            own[f"{name}_constraint"] = constraints.serialize(getattr(self, f"{name}_constraint"))
        return {**super().get_config(), **own}
