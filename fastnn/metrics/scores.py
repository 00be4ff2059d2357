"""Scores of a whole epoch, class by class or output by output: F-beta, R2."""

import warnings

import numpy as np

from ..checks import check_int, check_real
from ..eager import same_rank
from .metric import Metric

EPSILON = 1e-7


class _ByColumn(Metric):
    """Sums for each column, made when the number of columns is known."""

    integer_target = False
    direction = "up"
    sums: tuple[str, ...]

    def add(self, **terms):
        """Add to the sums called so, each term (n, columns) or its sum over the rows."""
        if not self.variables:
            for name, term in terms.items():
                setattr(self, name, self.add_variable(np.shape(term), name=name))
        for name, term in terms.items():
            state = getattr(self, name)
            if state.shape != np.shape(term):
                raise ValueError(
                    f"metric {self.name!r}: expected {state.shape} columns as before, got {np.shape(term)}"
                )
            state.assign_add(term)

    def columns(self, y_true, y_pred, sample_weight):
        """Targets, outputs and weights as (n, columns), (n, columns) and (n, 1), of float64."""
        y_true, y_pred = (np.asarray(y, self.dtype).astype(np.float64) for y in (y_true, y_pred))
        y_true, y_pred = same_rank(y_true, y_pred)
        if y_true.ndim != 2 or y_true.shape != y_pred.shape:
            raise ValueError(
                f"metric {self.name!r} expects targets and outputs of shape (n, columns), got {y_true.shape} "
                f"and {y_pred.shape}"
            )
        weights = np.ones(len(y_pred)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        return y_true, y_pred, np.broadcast_to(weights.reshape(-1, 1), (len(y_pred), 1))


class FBetaScore(_ByColumn):
    """(1 + beta^2) precision recall / (beta^2 precision + recall), of each class.

    Parameters
    ----------
    average : {None, "micro", "macro", "weighted"}
        One score a class; of all counts together; the mean; the mean weighted by the classes' positives.
    beta : float
        How much more recall counts than precision.
    threshold : float, optional
        An output above it is a positive prediction; without it the row's largest.
    """

    def __init__(self, average=None, beta=1.0, threshold=None, name="fbeta_score", dtype=None):
        super().__init__(dtype, name)
        owner = type(self).__name__
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(f"{owner}: average must be None, 'micro', 'macro' or 'weighted', got {average!r}")
        self.average = average
        self.beta = check_real(beta, f"{owner}: beta", 0)
        if self.beta == 0:
            raise ValueError(f"{owner}: beta must be above 0, got {beta!r}")
        self.threshold = threshold if threshold is None else check_real(threshold, f"{owner}: threshold", 0, 1)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred, weights = self.columns(y_true, y_pred, sample_weight)
        if self.threshold is None:
            said = (y_pred >= y_pred.max(axis=1, keepdims=True)) & (np.abs(y_pred) > 1e-9)
        else:
            said = y_pred > np.float64(np.asarray(self.threshold, self.dtype))
        axis = None if self.average == "micro" else 0
        terms = {
            "true_positives": said * y_true,
            "false_positives": said * (1 - y_true),
            "false_negatives": ~said * y_true,
            "intermediate_weights": y_true,
        }
        self.add(**{name: (weights * term).sum(axis=axis) for name, term in terms.items()})

    def result(self):
        if not self.variables:
            return self.cast(0.0)
        tp = np.asarray(self.true_positives)
        precision = tp / (tp + self.false_positives + EPSILON)
        recall = tp / (tp + self.false_negatives + EPSILON)
        square = self.beta**2
        score = (1 + square) * (precision * recall / (square * precision + recall + EPSILON))
        if self.average == "weighted":
            weights = np.asarray(self.intermediate_weights)
            return self.cast((score * (weights / (weights.sum() + EPSILON))).sum())
        return self.cast(score if self.average is None else score.mean())

    def get_config(self):
        options = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **options}


class F1Score(FBetaScore):
    """2 precision recall / (precision + recall), of each class; arguments as for :class:`FBetaScore`."""

    def __init__(self, average=None, threshold=None, name="f1_score", dtype=None):
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self):
        config = super().get_config()
        del config["beta"]
        return config


class R2Score(_ByColumn):
    """Share of the targets' variance that the outputs explain: 1 - sum (t - y)^2 / sum (t - mean t)^2.

    Parameters
    ----------
    class_aggregation : {"uniform_average", "variance_weighted_average", None}
        How the columns' scores are joined; None for one each.
    num_regressors : int
        Number of features p, for the adjusted score 1 - (1 - R2) (n - 1) / (n - p - 1); 0 for the plain one.
    """

    def __init__(self, class_aggregation="uniform_average", num_regressors=0, name="r2_score", dtype=None):
        super().__init__(dtype, name)
        if class_aggregation not in (None, "uniform_average", "variance_weighted_average"):
            raise ValueError(
                "R2Score: class_aggregation must be None, 'uniform_average' or 'variance_weighted_average', "
                f"got {class_aggregation!r}"
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = check_int(num_regressors, "R2Score: num_regressors", 0)

    def update_state(self, y_true, y_pred, sample_weight=None):
        t, y, w = self.columns(y_true, y_pred, sample_weight)
        w = np.broadcast_to(w, t.shape)
        terms = {
            "sum": w * t,
            "squared_sum": w * t * t,
            "residual": w * (t - y) ** 2,
            "count": w,
            "num_samples": 1 + 0 * t,
        }
        self.add(**{name: term.sum(axis=0) for name, term in terms.items()})

    def result(self):
        if not self.variables:
            return self.cast(0.0)
        with np.errstate(all="ignore"):
            total = self.squared_sum - self.sum * (self.sum / self.count)
            scores = 1 - self.residual / total
        scores = np.where(np.isinf(scores), 0, scores)
        if self.class_aggregation == "uniform_average":
            scores = scores.mean()
        elif self.class_aggregation == "variance_weighted_average":
            scores = (total * scores).sum() / total.sum()
        return self.cast(self._adjust(scores))

    def _adjust(self, scores):
        n, p = self.num_samples.sum(), self.num_regressors  # Keras counts every number as a sample
        if p == 0:
            return scores
        if p >= n - 1:
            warnings.warn(f"{self.name}: {p} regressors, but {n:g} samples; giving the plain R2 score", stacklevel=3)
            return scores
        return 1 - (1 - scores) * (n - 1) / (n - p - 1)

    def get_config(self):
        options = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **options}
