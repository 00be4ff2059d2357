"""Limits and examples of the losses of ``ops/column_losses.py`` and ``row_losses.py``, and of metrics.

Their part of the tables in ``fastnn.testing``: first-order bounds, what each rounding costs carried on to the results.
Each scale is (inputs, outputs, attributes, state, dtype) -> one array for each output.
"""

import numpy as np

from .ops import KINDS
from .ops.column_losses import power, signs
from .ops.losses import EPSILON, Loss

LOSSES = [name for name, kind in KINDS.items() if isinstance(kind, Loss)]
"""All ops that are a loss: a value for each row, and its gradient."""

PROBABILITIES = ["kl_divergence", "tversky", "poisson"]
"""Losses whose predictions are above 0, besides the cross-entropies of probabilities."""

NUMBERS = {"delta": 0.75, "alpha": 0.25, "beta": 0.4, "gamma": 2.0, "balance": 1.0, "factor": 0.3, "keep": 0.9,
           "add": 0.02, "k": 3.0}  # fmt: skip
"""Attributes for the examples."""

TOLERANCES = {
    "mean_absolute_error": (1, 1),
    "mean_absolute_percentage_error": (1, 1),
    "mean_squared_logarithmic_error": (1, 1),
    "huber": (1, 1),
    "log_cosh": (1, 1),
    "hinge": (1, 1),
    "squared_hinge": (1.5, 1.5),
    "kl_divergence": (1, 1),
    "poisson": (1, 1),
    "binary_focal_cross_entropy": (1, 1),
    "categorical_hinge": (1, 1),
    "cosine_similarity": (1, 1),
    "categorical_focal_cross_entropy": (1, 1),
    "tversky": (1, 1),
    "weigh_loss_mean": (1.5, 1.5),
    "scale_loss": (1, 1),
    "sum_loss": (0.5, 0.5),
    "row_value": (0.5, 0.5),
    "loss_rows": (0, 0),
    "loss_dx": (1, 1),
    "smooth_targets": (1, 1),
    "equality_accuracy": (0.5, 0.5),
    "sparse_top_k_categorical_accuracy": (0, 0),
    "top_k_categorical_accuracy": (0, 0),
    "weigh_value": (0.5, 0.5),
}


def fit_inputs(kind, inputs, generator):
    """Make the example inputs of these ops possible ones, with all cases of their formulas."""
    name = kind.name
    if name in PROBABILITIES:
        inputs[0] = generator.uniform(0.01, 0.99, inputs[0].shape)
        inputs[1] = (
            np.abs(inputs[1]) % 1 if name != "poisson" else generator.poisson(2.0, inputs[1].shape).astype(float)
        )
    elif name in ("hinge", "squared_hinge"):
        low = generator.choice([-1.0, 0.0])
        inputs[1] = np.where(generator.random(inputs[1].shape) < 0.5, low, 1.0)
        if generator.random() < 0.3:
            inputs[1] = inputs[1] * generator.uniform(0.5, 1.0, inputs[1].shape)
    elif name == "categorical_hinge":
        inputs[1] = np.eye(inputs[0].shape[1])[generator.integers(0, inputs[0].shape[1], len(inputs[0]))]
        inputs[1] = np.where(generator.random((len(inputs[0]), 1)) < 0.5, inputs[1], 0.9 * inputs[1] + 0.01)
    elif name == "equality_accuracy":
        inputs[1] = np.where(generator.random(inputs[1].shape) < 0.5, inputs[0], inputs[1])
    elif name == "weigh_loss_mean":
        inputs[2] = np.abs(inputs[2]) + 0.01


def _grow(x):
    """Of a sum over the row, which is taken in 16 parts."""
    return 2 + x.shape[1] / 16


def _columns(x, loss, slope):
    return [_grow(x) * loss.mean(axis=1), slope / x.size]


def _mean_absolute_error(inputs, outputs, *_):
    x, t = inputs
    return _columns(x, np.abs(x - t), np.abs(outputs[1]) * x.size)


def _mean_absolute_percentage_error(inputs, outputs, *_):
    return [_grow(inputs[0]) * outputs[0], 3 * np.abs(outputs[1])]


def _mean_squared_logarithmic_error(inputs, outputs, attributes, state, dtype):
    x, t = inputs
    above, target = np.maximum(x, EPSILON) + 1, np.maximum(t, EPSILON) + 1
    off = 2 + np.log(above) + np.log(target)
    e = np.abs(np.log(above) - np.log(target))
    eps = np.finfo(dtype).eps
    return _columns(x, 2 * e * off + e * e + eps * off * off, np.where(x < EPSILON, 0, 2 * (off + e) / above))


def _huber(inputs, outputs, attributes, *_):
    x, t = inputs
    delta = attributes["delta"]
    e = np.abs(x - t)
    return _columns(x, np.where(e > delta, delta * e + delta * delta, e * e), 2 * np.minimum(e, delta))


def _log_cosh(inputs, *_):
    x, t = inputs
    return _columns(x, np.abs(x - t) + 1, 3 * np.abs(np.tanh(x - t)))


def _hinge(inputs, *_):
    x, t = inputs
    return _columns(x, 1 + np.abs(signs(t) * x), np.abs(signs(t)))


def _squared_hinge(inputs, outputs, attributes, state, dtype):
    x, t = inputs
    t = signs(t)
    h, off = np.maximum(1 - t * x, 0), 1 + np.abs(t * x)
    return _columns(x, 2 * h * off + h * h + np.finfo(dtype).eps * off * off, 3 * np.abs(t) * off)


def _kl_divergence(inputs, *_):
    p, t = (np.clip(x, EPSILON, 1) for x in inputs)
    return [_grow(p) * (t * (1 + np.abs(np.log(t / p)))).sum(axis=1), 2 * t / (p * len(p))]


def _poisson(inputs, *_):
    x, t = inputs
    q = np.abs(x + EPSILON)
    return _columns(x, np.abs(x) + np.abs(t) * (1 + np.abs(np.log(q))), 1 + 3 * np.abs(t) / q)


def _focus(wrong, off, exponent):
    """u^exponent and its relative error where u is off by ``off``."""
    u = np.maximum(wrong, 1e-30)
    return power(wrong, exponent), 1 + abs(exponent) * (1 + np.abs(np.log(u)) + off / u)


def _binary_focal_cross_entropy(inputs, outputs, attributes, *_):
    p, t = inputs
    alpha, gamma = attributes["alpha"], attributes["gamma"]
    weight = t * alpha + (1 - t) * (1 - alpha) if attributes["balance"] else np.ones_like(p)
    q = np.clip(p, EPSILON, 1 - EPSILON)
    entropy = np.abs(t * np.log(q)) + np.abs((1 - t) * np.log(1 - q))
    off = np.abs(t) + np.abs(1 - t)  # of the entropy, above its own size
    side = np.abs(1 - 2 * t)
    wrong, wrong_off = t + (1 - 2 * t) * p, np.abs(t) + side * p
    focus, focus_off = _focus(wrong, wrong_off, gamma)
    change, change_off = _focus(wrong, wrong_off, gamma - 1)
    slope = focus * np.abs(q - t) / (q * (1 - q)) * (2 + focus_off)
    slope += gamma * change * side * (entropy * (2 + change_off) + off)
    return _columns(p, weight * focus * (entropy * (1 + focus_off) + off), 2 * weight * slope)


def _categorical_focal_cross_entropy(inputs, outputs, attributes, *_):
    p, t = inputs
    alpha, gamma = attributes["alpha"], attributes["gamma"]
    total, grow = p.sum(axis=1, keepdims=True), _grow(p)
    q = np.clip(p / total, EPSILON, 1 - EPSILON)
    logarithm = np.abs(np.log(q))
    focus, focus_off = _focus(1 - q, 1 + grow * q, gamma)
    change, change_off = _focus(1 - q, 1 + grow * q, gamma - 1)
    value = grow * (alpha * np.abs(t) * focus * (logarithm * (1 + focus_off) + 1)).sum(axis=1)
    g = focus / q * (grow + focus_off) + gamma * change * (logarithm * (2 + change_off) + grow)
    g = 2 * alpha * np.abs(t) * g
    return [value, (g + grow * (g * q).sum(axis=1, keepdims=True)) / (total * len(p))]


def _categorical_hinge(inputs, *_):
    x, t = inputs
    terms = np.abs(t * x).sum(axis=1) + np.abs((1 - t) * x).max(axis=1) + 1
    return [_grow(x) * terms, (1 + np.abs(t)) / len(x)]


def _cosine_similarity(inputs, *_):
    x, t = inputs
    r, s = (np.maximum(np.sqrt((a * a).sum(axis=1, keepdims=True)), EPSILON) for a in (t, x))
    terms = np.abs(t * x).sum(axis=1, keepdims=True) / r / s
    grow = 2 * _grow(x)
    return [grow * terms[:, 0], grow * (terms / s * np.abs(x) + np.abs(t) / r) / (s * len(x))]


def _tversky(inputs, outputs, attributes, *_):
    p, t = inputs
    alpha, beta = attributes["alpha"], attributes["beta"]
    both, targets, predictions = (t * p).sum(), t.sum(), p.sum()
    below = both + alpha * (targets - both) + beta * (predictions - both) + attributes["epsilon"]
    # The reference in the type itself adds all rows in one sum, the native one each row, then in double.
    part, grow = both / below * (1 + (targets + predictions) / below), _grow(p) + np.log2(1 + p.size)
    change = np.abs(t * (1 - alpha)) + np.abs(beta * (1 - t))
    return [np.full(len(p), grow * (1 + part)), grow * (1 + part) * (change + t) / below]


def _exact(inputs, outputs, *_):
    return [np.zeros_like(y) for y in outputs]


def _relative(inputs, outputs, *_):
    return [np.abs(y) for y in outputs]


def _weigh_loss_mean(inputs, outputs, *_):
    return [(1 + np.log2(1 + len(y))) * np.abs(y) for y in outputs]


def _smooth_targets(inputs, outputs, attributes, *_):
    return [np.abs(inputs[0] * attributes["keep"]) + np.abs(attributes["add"])]


SCALES = {
    "mean_absolute_error": _mean_absolute_error,
    "mean_absolute_percentage_error": _mean_absolute_percentage_error,
    "mean_squared_logarithmic_error": _mean_squared_logarithmic_error,
    "huber": _huber,
    "log_cosh": _log_cosh,
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "kl_divergence": _kl_divergence,
    "poisson": _poisson,
    "binary_focal_cross_entropy": _binary_focal_cross_entropy,
    "categorical_hinge": _categorical_hinge,
    "cosine_similarity": _cosine_similarity,
    "categorical_focal_cross_entropy": _categorical_focal_cross_entropy,
    "tversky": _tversky,
    "weigh_loss_mean": _weigh_loss_mean,
    "scale_loss": _relative,
    "sum_loss": _relative,
    "row_value": _relative,
    "loss_rows": _relative,
    "loss_dx": _relative,
    "smooth_targets": _smooth_targets,
    "equality_accuracy": _relative,
    "sparse_top_k_categorical_accuracy": _exact,
    "top_k_categorical_accuracy": _exact,
    "weigh_value": _relative,
}
