"""Losses of one's own: made of ``keras.ops`` or TensorFlow's functions, or NumPy functions with their gradient.

A function is run once on symbolic tensors, and what it did becomes ops, which run natively like all others. What cannot
be written down so is run with each batch, and a gradient tape differentiates it.
"""

import numpy as np

from ..ops.kind import OpKind
from ..symbolic.targets import OfTargets
from ..tape import GradientTape
from ..tensor import Tensor, apply, tensor
from .loss import Loss

HOW = (
    "compute with keras.ops, tf functions or operators, not with NumPy's functions, or give the function its gradient, "
    "loss.gradient = lambda y_true, y_pred: d loss / d y_pred (n, columns), row by row; both then work on NumPy arrays"
)


class _Function(OpKind):
    """value and d / B from a NumPy function and its gradient."""

    name = "own_loss"
    native = False
    signature = "B, BN? <- BN, BN"
    results = ("loss", "d")

    def __init__(self, function):
        super().__init__()
        self.function = function

    def compute(self, step, y, t):
        value = np.asarray(self.function(t, y), y.dtype)
        value = value.reshape(len(y), -1).mean(axis=1) if value.ndim else np.full(len(y), value, y.dtype)
        d = np.asarray(self.function.gradient(t, y), y.dtype)
        if d.shape != y.shape:
            raise ValueError(f"loss: its gradient has the shape {d.shape}, expected that of the output, {y.shape}")
        return np.ascontiguousarray(value), d / y.dtype.type(len(y))


class _Taped(OpKind):
    """value and d / B of a function of tensors, which a gradient tape differentiates."""

    name = "own_loss"
    native = False
    results = ("loss", "d")

    def __init__(self, function, integer):
        self.signature = "B, BN? <- BN, B:i" if integer else "B, BN? <- BN, BN"
        super().__init__()
        self.function = function

    def compute(self, step, y, t):
        with GradientTape() as tape:
            prediction = tensor(y)
            tape.watch(prediction)
            value = self.function(tensor(t), prediction)
            if not isinstance(value, Tensor):
                raise TypeError(f"loss {self._function_name}: returned {type(value).__name__}, not a tensor; {HOW}")
            total = apply(np.mean, value)
        d = tape.gradient(total, prediction)
        if d is None:
            raise TypeError(f"loss {self._function_name}: what it returned does not depend on y_pred; {HOW}")
        values = np.asarray(value, y.dtype)
        values = values.reshape(len(y), -1).mean(axis=1) if values.ndim else np.full(len(y), values, y.dtype)
        return np.ascontiguousarray(values), np.ascontiguousarray(d, y.dtype)

    @property
    def _function_name(self):
        return repr(getattr(self.function, "__name__", "of one's own"))


class OwnLoss(Loss):
    """A loss given as a function ``function(y_true, y_pred)``.

    It returns one number a row, or one for the whole batch. With an attribute ``gradient``, a function of the same
    arguments that returns the derivative of each row's loss by ``y_pred``, both work on NumPy arrays. Such a program
    runs in step mode, and so does one with a function that could not be written down as ops.

    Attributes
    ----------
    reason : str or None
        Why the program last made runs in step mode.
    """

    integer_target = None

    def __init__(self, function, name=None, reduction="sum_over_batch_size"):
        super().__init__(name or getattr(function, "__name__", "loss"), reduction)
        self.function, self.reason = function, None

    def fitting(self, y, output_shape):
        """The loss for such targets: where they are class numbers, the function gets them as they are."""
        shape, classes = np.shape(y), output_shape[-1]
        self.integer_target = (len(shape) < 2 or shape[1:] == (1,)) and classes > 1
        return self

    def choose(self, builder, output, target):
        self.reason = None
        if hasattr(self.function, "gradient"):
            self.reason = "it is a NumPy function with a gradient of its own"
            return _Function(self.function), output, target, {}
        traced = OfTargets(self.function, builder, target, output)
        if traced.value is None:
            self.reason = traced.reason
            return _Taped(self.function, builder.buffer(target).integer), output, target, {}
        is_sum = self.reduction == "sum"
        x = traced.emit(self.name, add_up_columns=is_sum)
        if traced.is_of_batch:  # Keras counts it once for each row of the batch, or once where the rows are added up
            with builder.scope(self.name):
                x = builder.emit("batch_share" if is_sum else "repeat_row", x)
        return "row_value", x, None, {}

    def call(self, y_true, y_pred):
        return self.function(y_true, y_pred)
