"""How large the error of each operation may be: the tables behind ``fastnn.testing``.

An operation may be wrong by its tolerance times the machine epsilon times a scale that follows from its inputs,
such as k sum_k abs(a_k) abs(b_k) for a product.
"""

import numpy as np

from . import testing_activations, testing_arithmetic, testing_layers, testing_losses, testing_optimizers

# Largest error of an operation, in units of epsilon times its scale (`SCALES`): float32, float64.
# Measured over the shapes and values of tests/kernels, then rounded up a little.
TOLERANCES = {
    "dense": (0.5, 0.5),
    "dense_dx": (0.5, 0.5),
    "dense_dw": (0.5, 0.5),
    "dense_db": (0.5, 0.5),
    "relu": (0, 0),
    "relu_grad": (0, 0),
    "sigmoid": (2.5, 2.5),
    "sigmoid_grad": (1.5, 1.5),
    "tanh": (1.5, 1.5),
    "tanh_grad": (1, 1),
    "softmax": (1, 1),
    "softmax_grad": (1, 1),
    "dropout": (1, 1),
    "dropout_grad": (1, 1),
    "dropout_vector": (1, 1),
    "gaussian_noise": (1.5, 1.5),
    "gaussian_dropout": (1.5, 1.5),
    "gaussian_dropout_grad": (1.5, 1.5),
    "alpha_dropout": (1.5, 1.5),
    "alpha_dropout_grad": (1, 1),
    "softmax_cross_entropy": (1.5, 1.5),
    "sparse_softmax_cross_entropy": (1, 1),
    "categorical_cross_entropy": (1, 1),
    "sparse_categorical_cross_entropy": (1, 1),
    "sigmoid_cross_entropy": (2, 2),
    "binary_cross_entropy": (1.5, 1.5),
    "mean_squared_error": (1.5, 1.5),
    "weigh_loss": (0.5, 0.5),
    "sparse_categorical_accuracy": (0, 0),
    "categorical_accuracy": (0, 0),
    "binary_accuracy": (0.5, 0.5),
    **testing_activations.TOLERANCES,
    **testing_losses.TOLERANCES,
    **testing_optimizers.TOLERANCES,
    **testing_arithmetic.TOLERANCES,
    **testing_layers.TOLERANCES,
}


# --- Scales of the operations' errors ---
# Each: (inputs, outputs, attributes, state, dtype) -> one array for each output, all of the wider type.
# Sums over a row are taken in 16 parts, hence N / 16.


def _exact(inputs, outputs, *_):
    return [None if y is None else np.zeros_like(y) for y in outputs]


def _relative(inputs, outputs, *_):
    return [np.abs(y) for y in outputs]


def _last_place(inputs, outputs, attributes, state, dtype):
    return [np.spacing(np.abs(y).astype(dtype)) / float(np.finfo(dtype).eps) for y in outputs]


def _product(a, b, k):
    return (k + 1) * (np.abs(a) @ np.abs(b))


def _dense(inputs, *_):
    x, w, b = inputs
    k = x.shape[1] + 1
    return [_product(x, w, k) + (0 if b is None else (k + 1) * np.abs(b))]


def _dense_dx(inputs, *_):
    dy, w = inputs
    return [_product(dy, w.T, dy.shape[1])]


def _dense_dw(inputs, *_):
    x, dy = inputs
    return [_product(x.T, dy, len(x))]


def _dense_db(inputs, *_):
    (dy,) = inputs
    return [len(dy) * np.abs(dy).sum(axis=0)]


def _tanh_grad(inputs, *_):
    dy, y = inputs
    return [np.abs(dy) * (1 + y * y)]


def _softmax(inputs, outputs, *_):
    return [outputs[0] * _softmax_part(inputs[0])]


def _softmax_part(x):
    """exp(x - max): the rounding of x - max grows with it; then the sum."""
    return 2 + x.max(axis=1, keepdims=True) - x + x.shape[1] / 16


def _softmax_grad(inputs, *_):
    dy, y = inputs
    terms = np.abs(dy * y).sum(axis=1, keepdims=True)
    return [np.abs(y) * (np.abs(dy) + (2 + dy.shape[1] / 16) * terms)]


def _softmax_cross_entropy(inputs, outputs, *_):
    z, t = inputs
    if t.ndim == 1:
        t = np.eye(z.shape[1], dtype=z.dtype)[t]
    shifted = z - z.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    weight = np.abs(t).sum(axis=1, keepdims=True)
    grow = 2 + z.shape[1] / 16
    value = grow * (weight * (1 + np.log(total)) + np.abs(t * shifted).sum(axis=1, keepdims=True))
    p = np.exp(shifted) / total * weight
    return [value[:, 0], (_softmax_part(z) * p * (1 + z.shape[1] / 16) + np.abs(t)) / len(z)]


def _categorical_cross_entropy(inputs, outputs, *_):
    p, t = inputs
    if t.ndim == 1:
        t = np.eye(p.shape[1], dtype=p.dtype)[t]
    total = p.sum(axis=1, keepdims=True)
    q = np.clip(p / total, 1e-7, 1)
    grow = 2 + p.shape[1] / 16
    value = grow * (np.abs(t) * (1 + np.abs(np.log(q)))).sum(axis=1)
    return [value, grow * (np.abs(t).sum(axis=1, keepdims=True) + np.abs(t) / q) / (total * len(p))]


def _sigmoid_cross_entropy(inputs, outputs, *_):
    z, t = inputs
    terms = np.maximum(z, 0) + np.abs(z * t) + np.log1p(np.exp(-np.abs(z)))
    return [(2 + z.shape[1] / 16) * terms.mean(axis=1), (1 / (1 + np.exp(-z)) + np.abs(t)) / z.size]


def _binary_cross_entropy(inputs, outputs, *_):
    p, t = inputs
    q = np.clip(p, 1e-7, 1 - 1e-7)
    terms = np.abs(t) * (1 + np.abs(np.log(q))) + np.abs(1 - t) * (1 + np.abs(np.log(1 - q)))
    return [(2 + p.shape[1] / 16) * terms.mean(axis=1), 2 * np.abs((q - t) / (q * (1 - q) * p.size))]


def _mean_squared_error(inputs, outputs, *_):
    y, t = inputs
    square = ((y - t) ** 2).mean(axis=1)
    return [(2 + y.shape[1] / 16) * square, np.abs(2 * (y - t) / y.size)]


def _noise(inputs, outputs, *_):
    return [np.abs(inputs[0]) + np.abs(outputs[0])]


def _gaussian_dropout(inputs, outputs, *_):
    return [2 * np.abs(inputs[0]) + np.abs(outputs[0])]


def _alpha_dropout(inputs, outputs, *_):
    return [1 + np.abs(inputs[0])]


SCALES = {
    "dense": _dense,
    "dense_dx": _dense_dx,
    "dense_dw": _dense_dw,
    "dense_db": _dense_db,
    "relu": _exact,
    "relu_grad": _exact,
    "sigmoid": _last_place,
    "sigmoid_grad": _relative,
    "tanh": _last_place,
    "tanh_grad": _tanh_grad,
    "softmax": _softmax,
    "softmax_grad": _softmax_grad,
    "dropout": _relative,
    "dropout_grad": _relative,
    "dropout_vector": _relative,
    "gaussian_noise": _noise,
    "gaussian_dropout": _gaussian_dropout,
    "gaussian_dropout_grad": _gaussian_dropout,
    "alpha_dropout": _alpha_dropout,
    "alpha_dropout_grad": _relative,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "sparse_softmax_cross_entropy": _softmax_cross_entropy,
    "categorical_cross_entropy": _categorical_cross_entropy,
    "sparse_categorical_cross_entropy": _categorical_cross_entropy,
    "sigmoid_cross_entropy": _sigmoid_cross_entropy,
    "binary_cross_entropy": _binary_cross_entropy,
    "mean_squared_error": _mean_squared_error,
    "weigh_loss": _relative,
    "sparse_categorical_accuracy": _exact,
    "categorical_accuracy": _exact,
    "binary_accuracy": _relative,
    **testing_activations.SCALES,
    **testing_losses.SCALES,
    **testing_optimizers.SCALES,
    **testing_arithmetic.SCALES,
    **testing_layers.SCALES,
}
