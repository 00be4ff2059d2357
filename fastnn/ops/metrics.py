"""Metrics with one number a row (B): accuracies, 1 for a row that is right and 0 for one that is wrong.

The largest column is the first of equal ones, as in Keras.
"""

import numpy as np

from .kind import OpKind


class SparseCategoricalAccuracy(OpKind):
    """1 where the largest column is the label."""

    name = "sparse_categorical_accuracy"
    signature = "B <- BN, B:i"
    results = ("hit",)

    def compute(self, step, y, labels):
        return (y.argmax(axis=1) == labels).astype(y.dtype)


class CategoricalAccuracy(OpKind):
    """1 where the largest column of y is the largest column of the one-hot target."""

    name = "categorical_accuracy"
    signature = "B <- BN, BN"
    results = ("hit",)

    def compute(self, step, y, t):
        return (y.argmax(axis=1) == t.argmax(axis=1)).astype(y.dtype)


class BinaryAccuracy(OpKind):
    """Mean over the columns of (y > threshold) == t."""

    name = "binary_accuracy"
    signature = "B <- BN, BN"
    attributes = ("threshold",)
    results = ("hit",)

    def compute(self, step, y, t, threshold):
        return np.mean((y > y.dtype.type(threshold)) == t, axis=1, dtype=y.dtype)


class Equality(OpKind):
    """Mean over the columns of y == t."""

    name = "equality_accuracy"
    signature = "B <- BN, BN"
    results = ("hit",)

    def compute(self, step, y, t):
        return np.mean(y == t, axis=1, dtype=y.dtype)


class SparseTopKCategoricalAccuracy(OpKind):
    """1 where fewer than k columns are larger than that of the label, and all are finite.

    So a label that ties with the k-th largest is right. Source: TensorFlow, ``in_top_k``.
    """

    name = "sparse_top_k_categorical_accuracy"
    signature = "B <- BN, B:i"
    attributes = ("k",)
    results = ("hit",)

    def compute(self, step, y, labels, k):
        larger = (y > y[np.arange(len(y)), labels][:, np.newaxis]).sum(axis=1)
        return ((larger < k) & np.isfinite(y).all(axis=1)).astype(y.dtype)


class TopKCategoricalAccuracy(SparseTopKCategoricalAccuracy):
    """The same for one-hot targets, whose largest column is the label."""

    name = "top_k_categorical_accuracy"
    signature = "B <- BN, BN"

    def compute(self, step, y, t, k):
        return super().compute(step, y, t.argmax(axis=1), k)


class WeighValue(OpKind):
    """A metric's value of each row times the row's weight; without a value, the weight itself."""

    name = "weigh_value"
    signature = "B <- B?, B"
    results = ("value",)

    def compute(self, step, value, weight):
        return weight.copy() if value is None else weight * value
