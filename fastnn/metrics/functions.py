"""Accuracies as functions of arrays: one number for each row, computed with the NumPy formulas of ``fastnn.ops``."""

from .accuracy import (
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)


def binary_accuracy(y_true, y_pred, threshold=0.5):
    """1 where an output lies on its target's side of the threshold, else 0; (..., N)."""
    return BinaryAccuracy(threshold=threshold).values(y_true, y_pred)


def categorical_accuracy(y_true, y_pred):
    """1 where a row's largest output is the largest of its one-hot target, else 0; (...)."""
    return CategoricalAccuracy().values(y_true, y_pred)


def sparse_categorical_accuracy(y_true, y_pred):
    """1 where a row's largest output is the one that the class number names, else 0; (...)."""
    return SparseCategoricalAccuracy().values(y_true, y_pred)


def top_k_categorical_accuracy(y_true, y_pred, k=5):
    """1 where the class of the one-hot target is among a row's k largest outputs, else 0; (...)."""
    return TopKCategoricalAccuracy(k).values(y_true, y_pred)


def sparse_top_k_categorical_accuracy(y_true, y_pred, k=5, from_sorted_ids=False):
    """1 where the class number is among a row's k largest outputs, else 0; (...)."""
    return SparseTopKCategoricalAccuracy(k, from_sorted_ids=from_sorted_ids).values(y_true, y_pred)
