"""Losses and their gradients from Keras itself: writes losses.json beside this file.

Run with ``KERAS_BACKEND=tensorflow python make_losses.py``, with Keras 3 on TensorFlow.
"""

import json
import os
import pathlib

import numpy as np

PATH = pathlib.Path(__file__).with_name("losses.json")


def cases():
    """Name of the class, arguments, and which data: see :func:`data`."""
    plain = ["MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "LogCosh"]
    for name in plain:
        yield name, {}, "reals"
    yield "MeanSquaredLogarithmicError", {}, "reals"
    yield "Huber", {}, "reals"
    yield "Huber", {"delta": 0.4}, "reals"
    for name in ("Hinge", "SquaredHinge"):
        for kind in ("signs", "bits", "soft"):
            yield name, {}, kind
    yield "CategoricalHinge", {}, "one_hot_reals"
    yield "KLDivergence", {}, "distributions"
    yield "Poisson", {}, "counts"
    yield "CosineSimilarity", {}, "reals"
    for logits in (False, True):
        kind = "logits" if logits else "probabilities"
        for smoothing in (0.0, 0.2):
            options = {"from_logits": logits, "label_smoothing": smoothing}
            yield "BinaryCrossentropy", options, f"bits_{kind}"
            yield "CategoricalCrossentropy", options, f"one_hot_{kind}"
            yield "BinaryFocalCrossentropy", {**options, "gamma": 1.5, "apply_class_balancing": logits}, f"bits_{kind}"
            yield "CategoricalFocalCrossentropy", {**options, "gamma": 3.0}, f"one_hot_{kind}"
        yield "SparseCategoricalCrossentropy", {"from_logits": logits}, f"labels_{kind}"
    yield "Dice", {}, "bits_probabilities"
    yield "Tversky", {"alpha": 0.3, "beta": 0.7}, "bits_probabilities"


def data(kind, seed=7):
    """Targets (6, 4) or labels (6,), outputs (6, 4) and weights (6,), of float64."""
    g = np.random.default_rng(seed)
    x, t, w = g.standard_normal((6, 4)), g.standard_normal((6, 4)), g.uniform(0, 2, 6)
    w[2] = 0
    labels = g.integers(0, 4, 6)
    bits = g.integers(0, 2, (6, 4)).astype(float)
    softmax = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    if kind == "signs":
        t = 2 * bits - 1
    elif kind == "bits" or kind.startswith("bits_"):
        t = bits
    elif kind == "soft":
        t = bits * 0.5
    elif kind.startswith("one_hot"):
        t = np.eye(4)[labels]
    elif kind.startswith("labels"):
        t = labels
    elif kind == "distributions":
        t, x = np.exp(t) / np.exp(t).sum(axis=1, keepdims=True), softmax
    elif kind == "counts":
        t, x = g.poisson(2.0, (6, 4)).astype(float), np.exp(x)
    if kind.endswith("probabilities"):
        x = 1 / (1 + np.exp(-x)) if kind.startswith("bits") else softmax
    return t, x, w


REDUCTIONS = ("sum_over_batch_size", "sum", "mean_with_sample_weight", "none")


def main():
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras
    import tensorflow as tf

    results = []
    for name, options, kind in cases():
        t, x, w = data(kind)
        cls = getattr(keras.losses, name)
        seen = {"name": name, "options": options, "data": kind}
        for reduction in REDUCTIONS:
            loss = cls(**options, reduction=reduction, dtype="float64")
            seen[reduction] = np.asarray(loss(t, x)).tolist()
            seen[f"{reduction}, weighted"] = np.asarray(loss(t, x, sample_weight=w)).tolist()
        variable = tf.Variable(x)
        with tf.GradientTape() as tape:
            value = cls(**options, dtype="float64")(t, variable)
        seen["gradient"] = tape.gradient(value, variable).numpy().tolist()
        results.append(seen)
    PATH.write_text(json.dumps({"keras": keras.__version__, "losses": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
