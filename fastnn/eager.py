"""Runs ops at once, where a program builder would write them down: how losses and metrics work on plain arrays.

So ``losses.mean_squared_error(y_true, y_pred)`` and a model that is trained with this loss share one text.
"""

import numpy as np

from .ops import KINDS, StepState


class Eager:
    """Takes the part of a ``ProgramBuilder`` for losses and metrics; a buffer is an array (B, columns) or (B)."""

    def emit(self, kind, *inputs, name=None, **attributes):
        """The output of the op ``kind``, computed with its NumPy formula."""
        with np.errstate(all="ignore"):
            return KINDS[kind].compute(StepState(), *inputs, **attributes)

    def buffer(self, array):
        """What the emitting code asks of a buffer: its shape, and whether it holds integers."""
        return _Array(array.shape, array.dtype.kind == "i")

    def source(self, array):
        """The op that made an array is not known."""

    def value(self, kind, prediction, target, **attributes):
        """The value of a loss or metric for each row, (B)."""
        values = self.emit(kind, prediction, target, **attributes)
        return values[0] if isinstance(values, tuple) else values


class _Array:
    def __init__(self, shape, integer):
        self.shape, self.integer = shape, integer


def same_rank(y_true, y_pred):
    """Keras' rule for targets and predictions whose ranks differ by one: a last dimension of 1 is added or dropped.

    Source: Keras, ``squeeze_or_expand_to_same_rank``.
    """
    if y_true.ndim == y_pred.ndim + 1:
        y_pred, y_true = same_rank(y_pred, y_true)
    elif y_pred.ndim == y_true.ndim + 1 and y_pred.shape[-1] == 1:
        if y_true.ndim == 1:
            y_true = y_true[:, np.newaxis]
        else:
            y_pred = y_pred[..., 0]
    return y_true, y_pred


def rows(array, axis=-1):
    """An array as rows (B, N) along ``axis``, and the shape of one value a row."""
    array = np.moveaxis(array, axis, -1)
    return np.ascontiguousarray(array).reshape(-1, array.shape[-1]), array.shape[:-1]
