"""Area under a curve of rates, over many thresholds."""

import numpy as np

from ..checks import check_bool, check_int
from ..ops.activations import Sigmoid
from .confusion import Confusion, check_thresholds, divide

CURVES = ("ROC", "PR", "PRGAIN")
SUMMATIONS = ("interpolation", "majoring", "minoring")


class AUC(Confusion):
    """Area under the ROC curve (recall over the share of false alarms) or the PR curve (precision over recall).

    Parameters
    ----------
    num_thresholds : int
        Evenly spread from 0 to 1; the more, the closer to the exact area.
    curve : {"ROC", "PR", "PRGAIN"}
    summation_method : {"interpolation", "majoring", "minoring"}
        Heights of the steps: the mean of both ends, the larger, the smaller. For PR "interpolation" is that of
        Davis and Goadrich, "The relationship between precision-recall and ROC curves" (2006).
    thresholds : list of float, optional
        Instead of ``num_thresholds``.
    multi_label : bool
        Whether each column has a curve of its own; the result is the mean of their areas.
    num_labels : int, optional
        Number of columns, with ``multi_label``; by default that of the first data.
    label_weights : list of float, optional
        Weights of the columns.
    from_logits : bool
        Whether the outputs are logits, to which sigmoid has not been applied.
    """

    direction = "up"

    def __init__(
        self,
        num_thresholds=200,
        curve="ROC",
        summation_method="interpolation",
        name=None,
        dtype=None,
        thresholds=None,
        multi_label=False,
        num_labels=None,
        label_weights=None,
        from_logits=False,
    ):
        self.curve = _one_of(curve, CURVES, "curve")
        self.summation_method = _one_of(summation_method, SUMMATIONS, "summation_method")
        self.multi_label = check_bool(multi_label, "AUC: multi_label")
        self.from_logits = check_bool(from_logits, "AUC: from_logits")
        self.init_thresholds = thresholds
        if thresholds is not None:
            inner = sorted(check_thresholds(thresholds))
        else:
            steps = check_int(num_thresholds, "AUC: num_thresholds", 2) - 1
            inner = [(i + 1) / steps for i in range(steps - 1)]
        if num_labels is not None and not multi_label:
            raise ValueError("AUC: num_labels is needed only with multi_label=True")
        self.num_labels = num_labels
        self.num_thresholds = len(inner) + 2
        self.label_weights = None if label_weights is None else np.asarray(label_weights, np.float64)
        # Just outside of 0 and 1, so that every output lies between the ends.
        super().__init__(
            [-1e-7, *inner, 1 + 1e-7], columns=(num_labels or 1) if multi_label else None, name=name, dtype=dtype
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = np.asarray(y_pred, self.dtype)
        if self.multi_label and not self.tp.any() and not self.tn.any() and y_pred.ndim == 2:
            self._spread(y_pred.shape[1])
        if self.from_logits:
            y_pred = Sigmoid().compute(None, y_pred)
        if self.label_weights is not None and not self.multi_label:
            sample_weight = np.ones(len(y_pred)) if sample_weight is None else np.asarray(sample_weight, np.float64)
            sample_weight = sample_weight.reshape(len(y_pred), 1) * self.label_weights
        super().update_state(y_true, y_pred, sample_weight)

    def _spread(self, columns):
        """Make the counts for so many columns."""
        if self.tp.shape[1] != columns:
            self.variables.clear()
            names = ("true_positives", "false_positives", "true_negatives", "false_negatives")
            shape = (self.num_thresholds, columns)
            self.tp, self.fp, self.tn, self.fn = (self.add_variable(shape, name=name) for name in names)

    def result(self):
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._join(self._interpolated_pr())
        tp, fp, tn, fn = (np.asarray(state) for state in (self.tp, self.fp, self.tn, self.fn))
        recall = divide(tp, tp + fn)
        if self.curve == "ROC":
            x, y = divide(fp, fp + tn), recall
        elif self.curve == "PR":
            x, y = recall, divide(tp, tp + fp)
        else:
            scale = divide(tp + fn, tn + fp)
            x = np.maximum(np.where(tp == 0, 0, 1 - scale * divide(fn, tp)), 0)
            y = np.where(tp == 0, 1, 1 - scale * divide(fp, tp))
        ends = y[:-1], y[1:]
        heights = {"interpolation": lambda a, b: (a + b) / 2, "minoring": np.minimum, "majoring": np.maximum}
        return self._join((x[:-1] - x[1:]) * heights[self.summation_method](*ends))

    def _interpolated_pr(self):
        tp, fn, p = np.asarray(self.tp), np.asarray(self.fn), self.tp + self.fp
        dtp = tp[:-1] - tp[1:]
        slope = divide(dtp, np.maximum(p[:-1] - p[1:], 0))
        intercept = tp[1:] - slope * p[1:]
        ratio = np.where((p[:-1] > 0) & (p[1:] > 0), divide(p[:-1], np.maximum(p[1:], 0)), 1)
        return divide(slope * (dtp + intercept * np.log(ratio)), np.maximum(tp[1:] + fn[1:], 0))

    def _join(self, terms):
        area = terms.sum(axis=0)
        if self.multi_label:
            weights = np.ones(len(area)) if self.label_weights is None else self.label_weights
            area = divide((area * weights).sum(), weights.sum())
        return self.cast(area)

    def get_config(self):
        weights = None if self.label_weights is None else self.label_weights.tolist()
        return {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "thresholds": self.init_thresholds,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": weights,
            "from_logits": self.from_logits,
        }


def _one_of(value, allowed, name):
    for known in allowed:
        if isinstance(value, str) and value.lower() == known.lower():
            return known
    raise ValueError(f"AUC: {name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
