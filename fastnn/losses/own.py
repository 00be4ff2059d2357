"""Losses of one's own: functions of arrays with their gradient, or made of ``keras.ops``, which are traced."""

import numpy as np

from ..ops.kind import OpKind
from ..symbolic import Graph, KerasTensor, tracing
from ..symbolic.functions import BatchMean
from .loss import Loss

HOW = (
    "return tensors made with keras.ops or operators, or give the function its gradient, "
    "loss.gradient = lambda y_true, y_pred: d loss / d y_pred (n, columns), row by row; both then work on NumPy arrays"
)


class _Values(OpKind):
    """value = x, one number a row;  d = 1 / B. In Python only, so the program runs in step mode."""

    name = "own_loss"
    native = False
    signature = "B, BS? <- BS, BN?"
    results = ("loss", "d")

    def compute(self, step, x, target=None):
        return x[:, 0], np.full_like(x, 1 / len(x))


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


class OwnLoss(Loss):
    """A loss given as a function ``function(y_true, y_pred)``.

    It returns one number a row, or for the whole batch the mean of such numbers. With an attribute ``gradient``, a
    function of the same arguments that returns the derivative of each row's loss by ``y_pred``, both work on NumPy
    arrays; without, the function is called once on symbolic tensors. The program runs in step mode.
    """

    def __init__(self, function, name=None, reduction="sum_over_batch_size"):
        super().__init__(name or getattr(function, "__name__", "loss"), reduction)
        self.function = function

    def choose(self, builder, output, target):
        if hasattr(self.function, "gradient"):
            return _Function(self.function), output, target, {}
        columns = builder.buffer(output).shape[1]
        t, y = KerasTensor((None, columns), name="y_true"), KerasTensor((None, columns), name="y_pred")
        try:
            with tracing(True):
                value = self.function(t, y)
        except (TypeError, NotImplementedError) as error:
            raise TypeError(f"loss {self.name!r} cannot be traced: {error}; {HOW}") from error
        if not isinstance(value, KerasTensor) or not (value.has_rows or isinstance(value, BatchMean)):
            raise TypeError(f"loss {self.name!r} returned {type(value).__name__}; {HOW}")
        (x,) = Graph([t, y], value).emit(builder, [target, output])
        count = builder.buffer(x).shape[1]
        if count > 1:
            x = builder.emit("scale", builder.emit("row_sum", x), factor=1 / count)
        return _Values(), x, None, {}

    def call(self, y_true, y_pred):
        return np.asarray(self.function(np.asarray(y_true), np.asarray(y_pred)))
