"""Accuracies: 1 for a row that is right, 0 for one that is wrong; (B). Ties go to the first column, as in Keras."""

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
