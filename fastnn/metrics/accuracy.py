"""Accuracies: the share of what is right."""

import numpy as np

from .. import activations
from ..checks import check_int, check_real
from .mean import RowMetric


def scores(builder, output):
    """What the largest output is looked for in: the logits, where the model ends in softmax.

    Softmax keeps the order, so the answer is the same and training need not compute the probabilities.
    """
    logits = activations.logits(builder, output, activations.softmax)
    return output if logits is None else logits


class Accuracy(RowMetric):
    """Share of the outputs that are equal to the target. The accuracies of classes are other metrics."""

    op = "equality_accuracy"
    integer_target = False
    direction = "up"
    elementwise = True

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(name, dtype)


class BinaryAccuracy(RowMetric):
    """Share of the outputs that lie on the target's side of the threshold.

    Parameters
    ----------
    threshold : float
        An output strictly above it counts as 1.
    """

    op = "binary_accuracy"
    integer_target = False
    direction = "up"
    elementwise = True

    def __init__(self, name="binary_accuracy", dtype=None, threshold=0.5):
        super().__init__(name, dtype)
        self.threshold = check_real(threshold, "BinaryAccuracy: threshold", 0, 1)

    def choose(self, builder, output, target):
        return self.op, output, target, {"threshold": self.threshold}

    def get_config(self):
        return {**super().get_config(), "threshold": self.threshold}


class CategoricalAccuracy(RowMetric):
    """Share of the rows whose largest output is the largest of the one-hot target."""

    op = "categorical_accuracy"
    integer_target = False
    direction = "up"

    def __init__(self, name="categorical_accuracy", dtype=None):
        super().__init__(name, dtype)

    def choose(self, builder, output, target):
        return self.op, scores(builder, output), target, {}


class SparseCategoricalAccuracy(CategoricalAccuracy):
    """Share of the rows whose largest output is the one that the class number names."""

    op = "sparse_categorical_accuracy"
    integer_target = True

    def __init__(self, name="sparse_categorical_accuracy", dtype=None):
        super().__init__(name, dtype)


class TopKCategoricalAccuracy(RowMetric):
    """Share of the rows in which fewer than k outputs are larger than that of the one-hot target's class.

    Parameters
    ----------
    k : int
    """

    op = "top_k_categorical_accuracy"
    integer_target = False
    direction = "up"

    def __init__(self, k=5, name="top_k_categorical_accuracy", dtype=None):
        super().__init__(name, dtype)
        self.k = check_int(k, f"{type(self).__name__}: k", 1)

    def choose(self, builder, output, target):
        return self.op, scores(builder, output), target, {"k": float(self.k)}

    def get_config(self):
        return {**super().get_config(), "k": self.k}


class SparseTopKCategoricalAccuracy(TopKCategoricalAccuracy):
    """The same for class numbers as targets.

    Parameters
    ----------
    k : int
    from_sorted_ids : False
        That outputs are the numbers of the classes, best first, is not supported.
    """

    op = "sparse_top_k_categorical_accuracy"
    integer_target = True

    def __init__(self, k=5, name="sparse_top_k_categorical_accuracy", dtype=None, from_sorted_ids=False):
        super().__init__(k, name, dtype)
        if from_sorted_ids:
            raise NotImplementedError(
                "SparseTopKCategoricalAccuracy: from_sorted_ids=True is not supported; give scores"
            )


class AutoAccuracy(RowMetric):
    """``metrics=["accuracy"]``: the accuracy that fits output and target, by Keras' rule.

    One output: binary. Targets of class numbers: sparse categorical. Else categorical.
    """

    direction = "up"

    def choose(self, builder, output, target):
        if builder.buffer(output).shape[1] == 1:
            kind = BinaryAccuracy
        else:
            kind = SparseCategoricalAccuracy if builder.buffer(target).integer else CategoricalAccuracy
        return kind(self.name).choose(builder, output, target)

    def values(self, y_true, y_pred):
        columns, of_target = (np.shape(y)[-1] if np.ndim(y) else 1 for y in (y_pred, y_true))
        if columns == 1:
            kind = BinaryAccuracy
        else:
            is_sparse = np.ndim(y_true) < np.ndim(y_pred) or of_target == 1
            kind = SparseCategoricalAccuracy if is_sparse else CategoricalAccuracy
        return kind(self.name).values(y_true, y_pred)
