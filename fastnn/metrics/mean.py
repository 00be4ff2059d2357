"""Means: of given values, and of a number that follows from each row's target and output."""

import numpy as np

from ..eager import Eager, rows, same_rank
from ..symbolic.targets import OfTargets
from ..tensor import tensor
from .metric import Metric, weigh


class Sum(Metric):
    """The weighted sum of the values that ``update_state(values, sample_weight=None)`` is given."""

    def __init__(self, name="sum", dtype=None):
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")

    def update_state(self, values, sample_weight=None):
        values, _ = weigh(values, sample_weight, np.sum)
        self.total.assign_add(values.sum())

    def result(self):
        return self.cast(self.total)


class Mean(Metric):
    """The weighted mean of the values that ``update_state(values, sample_weight=None)`` is given.

    Example
    -------
    >>> mean = Mean()
    >>> mean.update_state([1, 3, 5, 7])
    >>> float(mean.result())
    4.0
    """

    def __init__(self, name="mean", dtype=None):
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    def update_state(self, values, sample_weight=None):
        values, weights = weigh(values, sample_weight, np.mean)
        self.total.assign_add(values.sum())
        self.count.assign_add(values.size if weights is None else weights.sum())

    def result(self):
        return self.cast(self.total / self.count if self.count else 0.0)


class MeanMetricWrapper(Mean):
    """The mean of what a function makes of targets and outputs.

    While a model is trained it is computed natively, where the function is made of ``keras.ops`` or TensorFlow's
    functions, and the function is handed the outputs otherwise.

    Parameters
    ----------
    fn : callable
        Takes ``y_true`` and ``y_pred`` as arrays, returns one number for each row.
    name : str, optional
        By default the function's.
    **kwargs
        Further arguments of ``fn``.
    """

    def __init__(self, fn, name=None, dtype=None, **kwargs):
        super().__init__(name or getattr(fn, "__name__", None), dtype)
        self.fn, self.fn_kwargs = fn, kwargs
        self._written_down = None

    @property
    def by_row(self):
        return self._written_down is not None

    @property
    def by_batch(self):
        return self._written_down is not None and self._written_down.is_of_batch

    def fit_to(self, builder, output, target, weight=None):
        own = type(self)
        self._written_down, self.reason = None, "its class defines update_state or result"
        if own.update_state is MeanMetricWrapper.update_state and own.result is Mean.result:
            found = OfTargets(lambda t, y: self.fn(t, y, **self.fn_kwargs), builder, target, output)
            self.reason = found.reason
            if found.value is not None and found.is_of_batch and weight is not None:
                self.reason = "it returns one number for a batch, whose rows have weights"
            elif found.value is not None:
                self._written_down = found

    def emit(self, builder, output, target, weight=None, name=None):
        """Append the metric to the program that it was fitted to."""
        kind = "batch_value" if self.by_batch else "row_value"
        builder.metric(kind, self._written_down.emit(name or self.name), None, name or self.name, weight)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = tensor(y_true), tensor(y_pred)
        super().update_state(np.asarray(self.fn(y_true, y_pred, **self.fn_kwargs)), sample_weight)


class RowMetric(Mean):
    """The mean of one number a row, which an op computes from output and target: natively while a model is trained.

    Attributes
    ----------
    op : str
    elementwise : bool
        Whether calls on arrays take each number by itself, as Keras does, not each row.
    """

    op: str
    elementwise = False
    axis = -1

    @property
    def by_row(self):
        own = type(self)
        return own.update_state is RowMetric.update_state and own.result is RowMetric.result

    def choose(self, builder, output, target):
        """The op for this output and target: ``(kind, prediction, target, attributes)``."""
        return self.op, output, target, {}

    def emit(self, builder, output, target, weight=None, name=None):
        """Append the metric to the program, by ``name`` if given; ``weight`` is the buffer of the rows' weights."""
        kind, prediction, target, attributes = self.choose(builder, output, target)
        builder.metric(kind, prediction, target, name or self.name, weight, **attributes)

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(self.values(y_true, y_pred), sample_weight)

    def result(self):
        return self.cast(self.finish(self.total / self.count if self.count else 0.0))

    def values(self, y_true, y_pred):
        """The number of each row.

        Parameters
        ----------
        y_true, y_pred : array-like (..., N)
            Integers (...) or (..., 1) as ``y_true`` of a metric with ``integer_target``.

        Returns
        -------
        numpy.ndarray (...); (..., N) where the metric is ``elementwise``
        """
        y_pred = np.asarray(y_pred)
        if y_pred.dtype.kind != "f":
            y_pred = y_pred.astype(self.dtype)
        if self.integer_target:
            y_true = np.asarray(y_true)
            prediction, shape = rows(y_pred, self.axis)
            if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
                y_true = y_true[..., 0]
            if y_true.shape != shape:
                raise ValueError(f"metric {self.name!r}: expected class numbers {shape}, got {y_true.shape}")
            return self._rows(prediction, y_true.reshape(-1).astype(np.int32)).reshape(shape)
        y_true, y_pred = np.broadcast_arrays(*same_rank(np.asarray(y_true, y_pred.dtype), y_pred))
        if self.elementwise:
            return self._rows(y_pred.reshape(-1, 1), y_true.reshape(-1, 1)).reshape(y_pred.shape)
        prediction, shape = rows(y_pred, self.axis)
        return self._rows(prediction, rows(y_true, self.axis)[0]).reshape(shape)

    def _rows(self, prediction, target):
        eager = Eager()
        kind, prediction, target, attributes = self.choose(eager, prediction, target)
        return eager.value(kind, prediction, target, **attributes)
