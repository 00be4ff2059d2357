"""Limits and example inputs of penalties, limits of weights and batch normalisation, for ``fastnn.testing``."""

import numpy as np

VARIANCE_AT = {
    "batch_norm": 4,
    "batch_norm_sums": 3,
    "batch_norm_dx": 4,
    "batch_norm_inference": 4,
    "batch_norm_inference_dx": 2,
}


def fit_inputs(op_name, inputs):
    """Change inputs in place: no variance is negative."""
    if op_name in VARIANCE_AT:
        inputs[VARIANCE_AT[op_name]] = np.square(inputs[VARIANCE_AT[op_name]]) + 0.125


def _exact(inputs, outputs, *_):
    return [np.zeros_like(outputs[0])]


def _sum_of_inputs(inputs, *_):
    return [np.abs(inputs[0]) + np.abs(inputs[1])]


def _relative(inputs, outputs, *_):
    return [np.abs(outputs[0])]


def _penalty(inputs, outputs, *_):
    return [np.abs(outputs[0]) * (1 + sum(inputs[0].shape) / 16)]


def _penalty_grad(inputs, outputs, attributes, *_):
    g, w = inputs
    return [np.abs(g) + attributes["l1"] + 2 * attributes["l2"] * np.abs(w)]


def _activity_penalty(inputs, outputs, *_):
    return [np.abs(outputs[0]) * (2 + inputs[0].shape[1] / 16)]


def _activity_penalty_grad(inputs, outputs, attributes, *_):
    (y,) = inputs
    return [(attributes["l1"] + 2 * attributes["l2"] * np.abs(y)) / len(y)]


def _limit_norm(inputs, outputs, *_):
    return [np.abs(outputs[0]) * (1 + len(inputs[0]) / 8)]


def _batch_norm(inputs, outputs, attributes, *_):
    x, gamma, beta, _, _ = inputs
    _, mean, variance = outputs
    rows, size, s = len(x), np.abs(x).mean(axis=0), 1 / np.sqrt(variance + attributes["epsilon"])
    mean_scale = (rows + 1) * size
    d = x - mean
    variance_scale = (rows + 2) * np.square(d).mean(axis=0) + mean_scale * np.abs(d).mean(axis=0)
    xhat_scale = s * (np.abs(x) + mean_scale) + np.abs(d) * s * (2 + variance_scale * s * s)
    return [np.abs(gamma) * xhat_scale + np.abs(beta), mean_scale, variance_scale]


def _xhat_size(x, mean, variance, epsilon):
    return (np.abs(x) + np.abs(mean)) / np.sqrt(variance + epsilon)


def _batch_norm_sums(inputs, outputs, attributes, *_):
    dy, x, mean, variance = inputs
    terms = np.abs(dy) * _xhat_size(x, mean, variance, attributes["epsilon"])
    return [(len(x) + 3) * terms.sum(axis=0), len(x) * np.abs(dy).sum(axis=0)]


def _batch_norm_dx(inputs, outputs, attributes, *_):
    dy, x, gamma, mean, variance, dgamma, dbeta = inputs
    xhat = _xhat_size(x, mean, variance, attributes["epsilon"])
    terms = np.abs(dy) + (np.abs(dbeta) + xhat * np.abs(dgamma)) / len(x)
    return [2 * np.abs(gamma) / np.sqrt(variance + attributes["epsilon"]) * terms]


def _batch_norm_inference(inputs, outputs, attributes, *_):
    x, gamma, beta, mean, variance = inputs
    return [2 * np.abs(gamma) * _xhat_size(x, mean, variance, attributes["epsilon"]) + np.abs(beta)]


def _moving_average(inputs, outputs, attributes, *_):
    m, x = inputs
    return [attributes["momentum"] * np.abs(m) + np.abs(x) * (1 - attributes["momentum"])]


# Scale, and the largest error in units of epsilon times it.
_LIMITS = {
    "penalty": (_penalty, 1.5),
    "penalty_grad": (_penalty_grad, 1.5),
    "add_penalty": (_sum_of_inputs, 0.5),
    "activity_penalty": (_activity_penalty, 1),
    "activity_penalty_grad": (_activity_penalty_grad, 2),
    "non_negative": (_exact, 0),
    "limit_norm": (_limit_norm, 2.5),
    "batch_norm": (_batch_norm, 2),
    "batch_norm_sums": (_batch_norm_sums, 1),
    "batch_norm_dx": (_batch_norm_dx, 2.5),
    "batch_norm_inference": (_batch_norm_inference, 2),
    "batch_norm_inference_dx": (_relative, 3),
    "moving_average": (_moving_average, 1.5),
}
TOLERANCES = {name: (limit, limit) for name, (_, limit) in _LIMITS.items()}
SCALES = {name: scale for name, (scale, _) in _LIMITS.items()}
