"""Metrics over several batches, with and without weights, from Keras itself: writes metrics.json beside this file.

Run with ``KERAS_BACKEND=tensorflow python make_metrics.py``, with Keras 3 on TensorFlow.
"""

import json
import os
import pathlib

import numpy as np

PATH = pathlib.Path(__file__).with_name("metrics.json")


def cases():
    """Name of the class, arguments, and which data: see :func:`data`."""
    for name in (
        "MeanSquaredError",
        "RootMeanSquaredError",
        "MeanAbsoluteError",
        "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError",
        "LogCoshError",
        "CosineSimilarity",
        "Hinge",
        "SquaredHinge",
        "CategoricalHinge",
        "R2Score",
    ):
        yield name, {}, "reals"
    yield "R2Score", {"class_aggregation": None}, "reals"
    yield "R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, "reals"
    yield "Accuracy", {}, "equal"
    yield "BinaryAccuracy", {}, "binary"
    yield "BinaryAccuracy", {"threshold": 0.3}, "binary"
    for name in ("CategoricalAccuracy", "CategoricalCrossentropy", "KLDivergence", "Poisson"):
        yield name, {}, "one_hot"
    yield "TopKCategoricalAccuracy", {"k": 2}, "one_hot"
    yield "SparseCategoricalAccuracy", {}, "labels"
    yield "SparseTopKCategoricalAccuracy", {"k": 2}, "labels"
    yield "SparseCategoricalCrossentropy", {}, "labels"
    yield "BinaryCrossentropy", {"label_smoothing": 0.1}, "binary"
    for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "Precision", "Recall"):
        yield name, {}, "binary"
        yield name, {"thresholds": [0.2, 0.55, 0.9]}, "binary"
        yield name, {"thresholds": [0.0, 0.5, 1.0]}, "binary"
    for name in ("Precision", "Recall"):
        yield name, {"top_k": 2}, "one_hot"
        yield name, {"class_id": 1}, "one_hot"
        yield name, {"top_k": 2, "class_id": 1, "thresholds": 0.1}, "one_hot"
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "majoring", "minoring"):
            yield "AUC", {"curve": curve, "summation_method": method}, "binary"
    yield "AUC", {"num_thresholds": 5}, "binary"
    yield "AUC", {"thresholds": [0.1, 0.4, 0.41]}, "binary"
    yield "AUC", {"multi_label": True, "num_labels": 4}, "bits"
    yield "AUC", {"multi_label": True, "label_weights": [1.0, 2.0, 0.5, 1.0], "num_labels": 4}, "bits"
    yield "AUC", {"from_logits": True}, "reals_bits"
    yield "SensitivityAtSpecificity", {"specificity": 0.6}, "binary"
    yield "SpecificityAtSensitivity", {"sensitivity": 0.6, "num_thresholds": 20}, "binary"
    yield "PrecisionAtRecall", {"recall": 0.7}, "binary"
    yield "RecallAtPrecision", {"precision": 0.6}, "binary"
    for average in (None, "micro", "macro", "weighted"):
        yield "F1Score", {"average": average}, "one_hot"
        yield "FBetaScore", {"average": average, "beta": 2.0, "threshold": 0.3}, "bits"


def data(kind, seed=11):
    """Three batches of targets, outputs and weights: lists of arrays of float64."""
    g = np.random.default_rng(seed)
    batches = []
    for n in (8, 8, 5):
        y, t, w = g.standard_normal((n, 4)), g.standard_normal((n, 4)), g.uniform(0, 2, n)
        labels = g.integers(0, 4, n)
        if kind == "equal":
            y, t = g.integers(0, 3, (n, 4)).astype(float), g.integers(0, 3, (n, 4)).astype(float)
        elif kind == "binary":
            y, t = np.round(g.uniform(0, 1, (n, 1)), 2), g.integers(0, 2, (n, 1)).astype(float)
        elif kind == "bits":
            y, t = g.uniform(0, 1, (n, 4)), g.integers(0, 2, (n, 4)).astype(float)
        elif kind == "reals_bits":
            t = g.integers(0, 2, (n, 4)).astype(float)
        elif kind in ("one_hot", "labels"):
            y = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
            t = np.eye(4)[labels] if kind == "one_hot" else labels
        batches.append((t, y, w))
    return batches


def play(metric, kind, dtype):
    """Results after each batch: without weights, then, after a reset, with weights."""
    seen = []
    for weighted in (False, True):
        metric.reset_state()
        for t, y, w in data(kind):
            metric.update_state(t, y.astype(dtype), sample_weight=w if weighted else None)
            seen.append(np.asarray(metric.result(), np.float64).tolist())
    return seen


def main():
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    results = []
    for name, options, kind in cases():
        for dtype in ("float64", "float32"):
            try:
                seen = play(getattr(keras.metrics, name)(**options, dtype=dtype), kind, dtype)
                break
            except Exception as error:  # some of TensorFlow's ops know float32 only
                print(name, options, dtype, type(error).__name__)
        results.append({"name": name, "options": options, "data": kind, "dtype": dtype, "seen": seen})
    PATH.write_text(json.dumps({"keras": keras.__version__, "metrics": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
