"""The parametric rectifier: a slope below 0 that is learnt."""

from .. import axes, constraints, initializers, regularizers
from ..checks import check_int
from .axes import axis_of
from .base import Layer


class PReLU(Layer):
    """y = x where x > 0, else alpha x, with a learnt ``alpha`` for each unit of a row.

    Parameters
    ----------
    alpha_initializer : str or Initializer
    alpha_regularizer : str or Regularizer, optional
    alpha_constraint : str or Constraint, optional
    shared_axes : int or sequence of int, optional
        Axes along which units share their ``alpha``, which has size 1 there; they count from 1, as 0 is that of the
        rows.
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
        several = shared_axes if isinstance(shared_axes, (list, tuple)) else [shared_axes]
        self.shared_axes = None
        if shared_axes is not None:
            self.shared_axes = [check_int(axis, "PReLU: each of shared_axes", 1) for axis in several]
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        for axis in self.shared_axes or ():
            axis_of(self, axis, input_shape)
        return input_shape

    def add_parameters(self, input_shape):
        shape = axes.ones_at(input_shape[1:], [axis - 1 for axis in self.shared_axes or ()])
        alpha = self.add_parameter("alpha", tuple(shape), self.alpha_initializer)
        alpha.regularizer, alpha.constraint, alpha.is_row = self.alpha_regularizer, self.alpha_constraint, True

    def emit(self, builder, x):
        alpha, shape = self.emit_parameter(builder, "alpha"), self.input_shape[1:]
        if self.alpha.shape == shape:
            return builder.emit("prelu", x, alpha)
        slopes = axes.widen(builder, builder.emit("repeat_row", alpha), self.alpha.shape, shape)
        above = builder.emit("relu", x)
        return builder.emit("add", above, builder.emit("multiply", slopes, builder.emit("subtract", x, above)))

    def get_config(self):
        own = {"alpha_initializer": initializers.serialize(self.alpha_initializer)}
        own["alpha_regularizer"] = regularizers.serialize(self.alpha_regularizer)
        own["alpha_constraint"] = constraints.serialize(self.alpha_constraint)
        own["shared_axes"] = self.shared_axes
        return {**super().get_config(), **own}
