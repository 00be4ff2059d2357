"""Metrics of the four counts: true and false positives, true and false negatives.

An output above the threshold is a positive prediction. Definitions and defaults are Keras'.
"""

import numpy as np

from ..checks import check_int, check_real
from ..eager import same_rank
from .metric import Metric

LOWEST = -1e10
"""Stands in the place of outputs that are not among the best k; below any threshold."""


def check_thresholds(thresholds, default=0.5):
    """Thresholds as a list; ValueError unless all are from 0 to 1."""
    if thresholds is None:
        return [default]
    values = list(thresholds) if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    return [check_real(value, "thresholds", 0, 1) for value in values]


def evenly_spread(thresholds):
    """Whether the thresholds are i / (n - 1), so that Keras counts by intervals."""
    n = len(thresholds)
    return n >= 3 and np.allclose(thresholds, np.arange(n, dtype=np.float32) / (n - 1), atol=1e-7)


def divide(a, b):
    """a / b, and 0 where b is 0."""
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    return np.divide(a, b, out=np.zeros(a.shape), where=b != 0)


def thresholds_below(y, thresholds):
    """How many of the thresholds, in ascending order, lie below each of y.

    Where they are evenly spread, by Keras' arithmetic: an output's interval is ceil(y (n - 1)), with y clipped to
    [0, 1]; that of 0 counts as above the first threshold if this one is below 0 (:class:`AUC`).
    """
    n = len(thresholds)
    inner = np.clip(thresholds, 0, 1)
    if not evenly_spread(inner):
        return np.searchsorted(np.asarray(thresholds, y.dtype), y, "left")
    real = y.dtype.type
    below = np.ceil(np.clip(y, real(0), real(1)) * real(n - 1)).astype(np.int64)
    return np.maximum(below, 1) if thresholds[0] < 0 else below


class Confusion(Metric):
    """The four counts for each threshold; the subclass makes its result of them.

    Parameters
    ----------
    thresholds : sequence of float
    top_k : int, optional
        Only the k largest outputs of a row can be positive predictions.
    class_id : int, optional
        Only this column counts.
    columns : int, optional
        Count each column by itself.
    """

    integer_target = False
    takes_slices = True

    def __init__(self, thresholds, top_k=None, class_id=None, columns=None, name=None, dtype=None):
        super().__init__(dtype, name)
        owner = type(self).__name__
        self.thresholds = thresholds
        self.top_k = top_k if top_k is None else check_int(top_k, f"{owner}: top_k", 1)
        self.class_id = class_id if class_id is None else check_int(class_id, f"{owner}: class_id", 0)
        self.by_column = columns is not None
        shape = (len(thresholds), columns) if columns else (len(thresholds),)
        names = ("true_positives", "false_positives", "true_negatives", "false_negatives")
        self.tp, self.fp, self.tn, self.fn = (self.add_variable(shape, name=name) for name in names)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = same_rank(np.asarray(y_true, self.dtype), np.asarray(y_pred, self.dtype))
        if y_true.shape != y_pred.shape:
            raise ValueError(
                f"metric {self.name!r} expects targets of the shape of the outputs, {y_pred.shape}, got {y_true.shape}"
            )
        weights = np.ones(y_pred.shape)
        if sample_weight is not None:
            sample_weight = np.asarray(sample_weight, np.float64)
            sample_weight = sample_weight.reshape(sample_weight.shape + (1,) * (y_pred.ndim - sample_weight.ndim))
            weights = weights * sample_weight
        if self.top_k is not None:
            y_pred = _keep_top(y_pred, self.top_k)
        if self.class_id is not None:
            if y_pred.ndim < 2 or self.class_id >= y_pred.shape[-1]:
                raise ValueError(f"metric {self.name!r}: class_id={self.class_id}, but outputs are {y_pred.shape}")
            y_true, y_pred, weights = (x[..., self.class_id, np.newaxis] for x in (y_true, y_pred, weights))
        self._count(y_true != 0, y_pred, weights)

    def _count(self, positive, y_pred, weights):
        columns = y_pred.shape[-1] if self.by_column else 1
        positive, y_pred, weights = (x.reshape(-1, columns) for x in (positive, y_pred, weights))
        order = np.argsort(self.thresholds, kind="stable")
        below = thresholds_below(y_pred, np.asarray(self.thresholds, np.float64)[order])
        n = len(order)
        for column in range(columns):
            # At threshold i those are positive that have more than i thresholds below them.
            yes, no = (
                np.bincount(below[mask, column], weights[mask, column], n + 1)
                for mask in (positive[:, column], ~positive[:, column])
            )
            place = (order, column) if self.by_column else order
            for state, above, cells in (
                (self.tp, True, yes),
                (self.fp, True, no),
                (self.tn, False, no),
                (self.fn, False, yes),
            ):
                higher = np.cumsum(cells[::-1])[::-1][1:]
                np.asarray(state)[place] += higher if above else cells.sum() - higher

    def one_or_all(self, values):
        """A number where there is one threshold, else an array."""
        return self.cast(values[0] if len(self.thresholds) == 1 else values)


def _keep_top(y, k):
    """``y`` with all but the k largest of each row put out of reach; of equal ones the first are kept."""
    best = np.argsort(-y, axis=-1, kind="stable")[..., :k]
    kept = np.full(y.shape, y.dtype.type(LOWEST))
    np.put_along_axis(kept, best, np.take_along_axis(y, best, axis=-1), axis=-1)
    return kept


class _OneCount(Confusion):
    def __init__(self, thresholds=None, name=None, dtype=None):
        self.init_thresholds = thresholds
        super().__init__(check_thresholds(thresholds), name=name, dtype=dtype)

    def get_config(self):
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_OneCount):
    """Number of positives that are predicted so."""

    direction = "up"

    def result(self):
        return self.one_or_all(self.tp)


class FalsePositives(_OneCount):
    """Number of negatives that are predicted to be positive."""

    direction = "down"

    def result(self):
        return self.one_or_all(self.fp)


class TrueNegatives(_OneCount):
    """Number of negatives that are predicted so."""

    direction = "up"

    def result(self):
        return self.one_or_all(self.tn)


class FalseNegatives(_OneCount):
    """Number of positives that are predicted to be negative."""

    direction = "down"

    def result(self):
        return self.one_or_all(self.fn)


class _Share(Confusion):
    direction = "up"

    def __init__(self, thresholds=None, top_k=None, class_id=None, name=None, dtype=None):
        self.init_thresholds = thresholds
        thresholds = check_thresholds(thresholds, 0.5 if top_k is None else LOWEST)
        super().__init__(thresholds, top_k, class_id, name=name, dtype=dtype)

    def get_config(self):
        options = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **options}


class Precision(_Share):
    """Share of the positive predictions that are right: TP / (TP + FP).

    Parameters
    ----------
    thresholds : float or list of float, optional
        By default 0.5, or with ``top_k`` none.
    top_k : int, optional
        Only the k largest outputs of a row are positive predictions.
    class_id : int, optional
        Only this column counts.

    Example
    -------
    >>> precision = Precision()
    >>> precision.update_state([0, 1, 1, 1], [1, 0, 1, 1])
    >>> print(precision.result())
    0.6666667
    """

    def result(self):
        return self.one_or_all(divide(self.tp, self.tp + self.fp))


class Recall(_Share):
    """Share of the positives that are predicted so: TP / (TP + FN); arguments as for :class:`Precision`."""

    def result(self):
        return self.one_or_all(divide(self.tp, self.tp + self.fn))


class _BestUnderConstraint(Confusion):
    """The best of one rate over all thresholds at which another is at least ``value``."""

    direction = "up"

    def __init__(self, value, num_thresholds=200, class_id=None, name=None, dtype=None):
        owner = type(self).__name__
        self.num_thresholds = check_int(num_thresholds, f"{owner}: num_thresholds", 1)
        self.value = check_real(value, f"{owner}: {self.constraint}", 0, 1)
        thresholds = [0.5] if num_thresholds == 1 else [i / (num_thresholds - 1) for i in range(num_thresholds)]
        super().__init__(thresholds, None, class_id, name=name, dtype=dtype)

    constraint: str

    def best(self, constrained, wanted):
        return self.cast(np.where(constrained >= self.value, wanted, 0).max(initial=0))

    @property
    def rates(self):
        """Sensitivity (recall), specificity and precision at each threshold."""
        return (
            divide(self.tp, self.tp + self.fn),
            divide(self.tn, self.tn + self.fp),
            divide(self.tp, self.tp + self.fp),
        )

    def get_config(self):
        numbers = {self.constraint: self.value, "num_thresholds": self.num_thresholds, "class_id": self.class_id}
        return {**super().get_config(), **numbers}


class SensitivityAtSpecificity(_BestUnderConstraint):
    """Largest sensitivity among the thresholds whose specificity is at least ``specificity``."""

    constraint = "specificity"

    def __init__(self, specificity, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def result(self):
        sensitivity, specificity, _ = self.rates
        return self.best(specificity, sensitivity)


class SpecificityAtSensitivity(_BestUnderConstraint):
    """Largest specificity among the thresholds whose sensitivity is at least ``sensitivity``."""

    constraint = "sensitivity"

    def __init__(self, sensitivity, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def result(self):
        sensitivity, specificity, _ = self.rates
        return self.best(sensitivity, specificity)


class PrecisionAtRecall(_BestUnderConstraint):
    """Largest precision among the thresholds whose recall is at least ``recall``."""

    constraint = "recall"

    def __init__(self, recall, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def result(self):
        recall, _, precision = self.rates
        return self.best(recall, precision)


class RecallAtPrecision(_BestUnderConstraint):
    """Largest recall among the thresholds whose precision is at least ``precision``."""

    constraint = "precision"

    def __init__(self, precision, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def result(self):
        recall, _, precision = self.rates
        return self.best(precision, recall)
