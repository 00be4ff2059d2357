"""What all losses have in common. The mathematics of each stands in ``fastnn.ops``."""

import numpy as np

from .. import activations, runtime, tape
from ..checks import check_int
from ..config import floatx
from ..eager import Eager, rows, same_rank
from ..loss_part import LossPart
from ..naming import snake_case
from ..symbolic import functions as ops
from ..symbolic.applying import apply as write_down
from ..symbolic.applying import as_tensor, is_integer, is_symbolic
from ..tensor import Tensor, apply, cast, is_tensor, tensor

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


class Loss:
    """Base of the losses.

    A model's program computes the loss of each row and its gradient natively. On plain arrays a loss is called like a
    function, and computes the same with NumPy.

    Parameters
    ----------
    name : str, optional
    reduction : str or None
        "sum_over_batch_size" (the same as "mean"): the sum of weight times loss, divided by the number of rows;
        "mean_with_sample_weight": divided by the sum of the weights; "sum"; "none" or None: one value a row, for
        calls on arrays only.
    dtype : str, optional
        Type in which calls on arrays compute; by default ``config.floatx()``. A model computes in its own.

    Attributes
    ----------
    integer_target : bool or None
        True where the target is one class number a row, False where it has the output's columns; None where that
        depends on the data (:meth:`fitting`).

    Raises
    ------
    ValueError
        For an unknown reduction.
    """

    integer_target = False
    axis = -1

    def __init__(self, name=None, reduction="sum_over_batch_size", dtype=None):
        if reduction not in REDUCTIONS:
            raise ValueError(
                f"{type(self).__name__}: reduction must be one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}"
            )
        self.name = name or snake_case(type(self).__name__)
        self.reduction = reduction
        self.dtype = str(np.dtype(dtype or floatx()))
        self._runners = {}  # for gradient tapes

    # In a model's program

    def choose(self, builder, output, target):
        """The op for this output and target: ``(kind, prediction, target, attributes)``.

        A subclass defines this; it may append ops that prepare its operands.
        """
        raise NotImplementedError(type(self).__name__)

    def emit(self, builder, output, target, weight=None):
        """Append the loss to the program; return the buffer whose gradient is then known."""
        part = self.part(builder, output, target, weight)
        builder.losses([part])
        return part.prediction

    def part(self, builder, output, target, weight=None, factor=1.0, name="loss"):
        """The loss times ``factor`` as a part of a program's loss; ``weight`` is the buffer of the rows' weights.

        Returns
        -------
        fastnn.loss_part.LossPart

        Raises
        ------
        ValueError
            For a reduction that leaves no single number to minimise.
        """
        if self.reduction in ("none", None):
            raise ValueError(
                f"loss {self.name!r} has reduction={self.reduction!r}, but training needs a single number; "
                "use 'sum_over_batch_size' or 'sum'"
            )
        after = ("sum_loss",) if self.reduction == "sum" else ()
        weigh = "weigh_loss_mean" if self.reduction == "mean_with_sample_weight" else "weigh_loss"
        kind, prediction, target, attributes = self.choose(builder, output, target)
        return LossPart(kind, prediction, target, attributes, weight, weigh, after, factor, name)

    def fitting(self, y, output_shape):
        """The loss for such targets: itself, but for the ones that choose by the shape of ``y``."""
        return self

    # On arrays

    def call(self, y_true, y_pred):
        """The loss of each row.

        Parameters
        ----------
        y_true, y_pred : array-like (..., N)
            Integers (...) or (..., 1) as ``y_true`` of a loss with ``integer_target``.

        Returns
        -------
        numpy.ndarray (...); a symbolic tensor for symbolic ones, in a loss or metric of one's own
        """
        if is_symbolic(y_true, y_pred):
            return self._written_down(y_true, as_tensor(y_pred))
        array = _real(np.asarray(y_pred) if isinstance(y_pred, Tensor) else y_pred, self.dtype)
        prediction, target, shape = self._as_rows(np.asarray(y_true) if isinstance(y_true, Tensor) else y_true, array)
        values = self._values(prediction, target).reshape(shape)
        if not isinstance(y_pred, Tensor):
            return values
        values = tensor(values)
        if tape.recording():
            tape.note(values, [y_pred], lambda dy: [self._backward(dy, prediction, target, y_pred)])
        return values

    def _written_down(self, y_true, y_pred):
        """The loss of each row, as ops of a larger loss."""
        target = y_true if is_integer(y_true) and self.integer_target else as_tensor(y_true)
        expected = y_pred.shape[:1] if self.integer_target else y_pred.shape
        fits = target.shape == expected and is_integer(target) == self.integer_target
        if y_pred.ndim != 2 or not fits or type(self).choose is Loss.choose:
            raise NotImplementedError(f"{self.name}: cannot be written down for {y_true!r} and {y_pred!r}")

        def emit(builder, prediction, target):
            kind, *operands, attributes = self.choose(builder, prediction, target)
            names = [f"{self.name}/value", f"{self.name}/d"]
            return builder.emit("loss_rows", builder.emit(kind, *operands, name=names, **attributes)[0])

        return write_down(type(self).__name__, [y_pred, target], (None,), emit)

    def _as_rows(self, y_true, y_pred):
        """Rows of predictions and of targets, and the shape of one value for each."""
        if self.integer_target:
            return self._classes_as_rows(np.asarray(y_true), y_pred)
        y_true, y_pred = same_rank(_real(y_true, y_pred.dtype), y_pred)
        if y_true.shape != y_pred.shape:
            y_true, y_pred = np.broadcast_arrays(y_true, y_pred)
        prediction, shape = rows(y_pred, self.axis)
        return prediction, rows(y_true, self.axis)[0], shape

    def _classes_as_rows(self, y_true, y_pred):
        prediction, shape = rows(y_pred, self.axis)
        if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
            y_true = y_true[..., 0]
        if y_true.shape != shape:
            raise ValueError(f"{self.name}: expected class numbers of shape {shape}, got {y_true.shape}")
        return prediction, y_true.reshape(-1).astype(np.int32), shape

    def _backward(self, dy, prediction, target, y_pred):
        """The gradient for ``y_pred``, where ``dy`` is that of the losses of the rows."""
        key = prediction.shape[1], target.dtype.kind, prediction.dtype
        if key not in self._runners:
            self._runners[key] = runtime.LossRunner(self, key[0], key[1] == "i", key[2])
        gradients = self._runners[key].gradients(prediction, np.ascontiguousarray(target, target.dtype))
        gradients = gradients * np.asarray(dy).reshape(-1, 1)
        shape = np.moveaxis(np.empty(y_pred.shape, bool), self.axis, -1).shape if y_pred.ndim > 1 else y_pred.shape
        gradients = gradients.reshape(shape)
        dx = tensor(np.moveaxis(gradients, -1, self.axis) if gradients.ndim > 1 else gradients)
        tape.refuse(dx, [dy, y_pred], f"of the loss {self.name!r} there is a first derivative only")
        return dx

    def _values(self, prediction, target):
        eager = Eager()
        kind, prediction, target, attributes = self.choose(eager, prediction, target)
        return eager.value(kind, prediction, target, **attributes)

    def __call__(self, y_true, y_pred, sample_weight=None):
        """The loss of arrays, reduced over the rows.

        Returns
        -------
        A number of ``dtype``, or an array of one number a row where the reduction is "none".
        """
        if is_symbolic(y_true, y_pred):
            values = self.call(y_true, y_pred)
            if sample_weight is not None:
                if self.reduction == "mean_with_sample_weight":
                    raise NotImplementedError(f"{self.name}: weights within a loss need another reduction")
                values = ops.multiply(values, sample_weight)
            if self.reduction in ("none", None):
                return values
            return ops.sum(values) if self.reduction == "sum" else ops.mean(values)
        if is_tensor(y_pred):
            y_pred = y_pred if y_pred.dtype == self.dtype else apply(cast, y_pred, dtype=self.dtype)
        else:
            y_pred = tensor(np.asarray(y_pred), self.dtype)
        return tensor(self.reduce(self.call(np.asarray(y_true), y_pred), sample_weight))

    def reduce(self, values, sample_weight=None):
        """One number from the losses of the rows, by the rule of ``reduction``."""
        values = tensor(values)
        if sample_weight is not None:
            values, weights = same_rank(values, np.asarray(sample_weight, values.dtype))
            values = values * weights
        if self.reduction in ("none", None) or not values.ndim:
            return values
        total = apply(np.sum, values)
        if self.reduction == "sum":
            return total
        count = values.size
        if self.reduction == "mean_with_sample_weight" and sample_weight is not None:
            count = np.sum(weights)
        return total / count if count else 0 * total

    # Description

    def get_config(self):
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class FromProbabilities(Loss):
    """A loss of probabilities, or of the logits that ``activation`` makes probabilities of.

    Parameters
    ----------
    from_logits : bool
        The model's output is a logit, to which the activation has not been applied.
    label_smoothing : float
        From 0 to 1: how much of each target is spread evenly over the classes.
    """

    activation: activations.ActivationFunction

    def __init__(self, from_logits, label_smoothing, axis, **arguments):
        from ..checks import check_bool, check_real

        super().__init__(**arguments)
        owner = type(self).__name__
        self.from_logits = check_bool(from_logits, f"{owner}: from_logits")
        self.label_smoothing = check_real(label_smoothing, f"{owner}: label_smoothing", 0, 1)
        self.axis = check_int(axis, f"{owner}: axis", -8)

    def smooth(self, builder, target, share):
        """The target with its labels smoothed, each class given ``share`` of what is taken away."""
        if not self.label_smoothing:
            return target
        return builder.emit("smooth_targets", target, keep=1 - self.label_smoothing, add=self.label_smoothing * share)

    def get_config(self):
        config = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing, "axis": self.axis}
        return {**super().get_config(), **config}


def _real(values, dtype):
    """An array of real numbers, of its own type where that is one."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" and isinstance(values, np.ndarray) else array.astype(dtype)
