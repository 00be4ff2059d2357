"""The parametric rectifier: a slope below 0 that is learnt."""

from .. import constraints, initializers, regularizers
from ..checks import check_default
from .base import Layer


class PReLU(Layer):
    """y = x where x > 0, else alpha x, with a learnt ``alpha`` (n,) for each unit.

    Parameters
    ----------
    alpha_initializer : str or Initializer
    alpha_regularizer : str or Regularizer, optional
    alpha_constraint : str or Constraint, optional
    shared_axes : None
        Only the default yet.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(
        self,
        alpha_initializer="Zeros",
        alpha_regularizer=None,
        alpha_constraint=None,
        shared_axes=None,
        *,
        name=None,
        trainable=True,
        input_shape=None,
    ):
        check_default("PReLU", shared_axes=(shared_axes, None))
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(
                f"{self}: expected inputs of shape (None, n), got {input_shape}; put a Flatten layer before it"
            )
        return input_shape

    def add_parameters(self, input_shape):
        alpha = self.add_parameter("alpha", input_shape[1:], self.alpha_initializer)
        alpha.regularizer, alpha.constraint = self.alpha_regularizer, self.alpha_constraint

    def emit(self, builder, x):
        return builder.emit("prelu", x, self.emit_parameter(builder, "alpha"))

    def get_config(self):
        own = {"alpha_initializer": initializers.serialize(self.alpha_initializer)}
        own["alpha_regularizer"] = regularizers.serialize(self.alpha_regularizer)
        own["alpha_constraint"] = constraints.serialize(self.alpha_constraint)
        own["shared_axes"] = None
        return {**super().get_config(), **own}
