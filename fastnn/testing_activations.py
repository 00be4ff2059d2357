"""How large the errors of the activations in ``rectifiers.py`` and ``smooth.py`` may be: part of ``testing_limits``.

Each scale is (inputs, outputs, attributes, state, dtype) -> one array for each output. First-order bounds: what each
rounding costs, carried on to the result.
"""

import numpy as np

from .ops.smooth import sigmoid


def _exact(inputs, outputs, *_):
    return [np.zeros_like(outputs[0])]


def _relative(inputs, outputs, *_):
    return [np.abs(outputs[0])]



def _of_x(inputs, outputs, *_):
    """Of the size of x, which is added or multiplied with a number near 1."""
    return [np.abs(inputs[0]) + np.abs(outputs[0])]


def _log_softmax(inputs, *_):
    (x,) = inputs
    shifted = x - x.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    return [np.abs(shifted) + np.log(total) + 1 + x.shape[1] / 16]


def _log_softmax_grad(inputs, *_):
    dy, y = inputs
    part = np.exp(y) * (2 + np.abs(y) + y.shape[1] / 16)
    return [np.abs(dy) + part * np.abs(dy).sum(axis=1, keepdims=True)]


def _clipped_line(inputs, outputs, attributes, *_):
    return [np.abs(attributes["slope"] * inputs[0]) + abs(attributes["offset"])]


def _hard_silu(inputs, *_):
    (x,) = inputs
    return [np.abs(x) * (np.minimum(np.abs(x), 3) / 6 + 0.5)]


def _hard_silu_grad(inputs, *_):
    dy, x = inputs
    return [np.abs(dy) * (np.minimum(np.abs(x), 3) / 3 + 0.5)]


def _elu_grad(inputs, outputs, attributes, *_):
    dy, y = inputs
    alpha, scale, divisor = (attributes[name] for name in ("alpha", "scale", "divisor"))
    return [np.abs(dy) * np.where(y > 0, scale, (np.abs(y) + scale * alpha) / divisor)]


def _silu_grad(inputs, *_):
    dy, x = inputs
    return [np.abs(dy) * sigmoid(x) * (1 + np.abs(x))]


def _gelu_grad(inputs, *_):
    dy, x = inputs
    density = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
    return [np.abs(dy) * (1 + np.abs(x) * density * (1 + x * x / 2))]


def _gelu_tanh_parts(x):
    v = 2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    slope = 2 * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x * x)
    return v, sigmoid(v) * sigmoid(-v), slope


def _gelu_tanh(inputs, outputs, *_):
    v, _, _ = _gelu_tanh_parts(inputs[0])
    return [np.abs(outputs[0]) * (1 + np.abs(v) * sigmoid(-v))]


def _gelu_tanh_grad(inputs, *_):
    dy, x = inputs
    v, falls, slope = _gelu_tanh_parts(x)
    through_v = np.where(falls == 0, 0, np.abs(x) * falls * slope * (1 + np.abs(v)))
    return [np.abs(dy) * (sigmoid(v) * (1 + np.abs(v) * sigmoid(-v)) + through_v)]


def _mish_grad(inputs, *_):
    dy, x = inputs
    h = np.tanh(np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0))
    return [np.abs(dy) * (h + np.abs(x) * (1 - h * h) * sigmoid(x))]


def _prelu_dalpha(inputs, *_):
    dy, x = inputs
    return [len(x) * np.where(x > 0, 0, np.abs(x * dy)).sum(axis=0)]


# Scale, and the largest error in units of epsilon times it.
_LIMITS = {
    "log_softmax": (_log_softmax, 1),
    "log_softmax_grad": (_log_softmax_grad, 1),
    "rectify": (_relative, 1),
    "rectify_grad": (_relative, 0.5),
    "clipped_line": (_clipped_line, 1.5),
    "clipped_line_grad": (_relative, 1),
    "hard_silu": (_hard_silu, 1.5),
    "hard_silu_grad": (_hard_silu_grad, 1.5),
    "soft_shrink": (_relative, 0.5),
    "soft_shrink_grad": (_exact, 0),
    "hard_shrink": (_exact, 0),
    "hard_shrink_grad": (_exact, 0),
    "threshold": (_exact, 0),
    "threshold_grad": (_exact, 0),
    "elu": (_relative, 3),
    "elu_grad": (_elu_grad, 2),
    "softplus": (_relative, 3),
    "softplus_grad": (_relative, 3),
    "log_sigmoid": (_relative, 3),
    "log_sigmoid_grad": (_relative, 3),
    "softsign": (_relative, 1),
    "softsign_grad": (_relative, 2),
    "squareplus": (_relative, 2),
    "squareplus_grad": (_relative, 2.5),
    "silu": (_relative, 3),
    "silu_grad": (_silu_grad, 3),
    "gelu": (_of_x, 1),
    "gelu_grad": (_gelu_grad, 2),
    "gelu_tanh": (_gelu_tanh, 3),
    "gelu_tanh_grad": (_gelu_tanh_grad, 3),
    "mish": (_relative, 3),
    "mish_grad": (_mish_grad, 3),
    "exponential": (_relative, 1.5),
    "exponential_grad": (_relative, 0.5),
    "tanh_shrink": (_of_x, 1),
    "tanh_shrink_grad": (_relative, 3),
    "prelu": (_relative, 0.5),
    "prelu_dx": (_relative, 0.5),
    "prelu_dalpha": (_prelu_dalpha, 1),
}
TOLERANCES = {name: (limit, limit) for name, (_, limit) in _LIMITS.items()}
SCALES = {name: scale for name, (scale, _) in _LIMITS.items()}
