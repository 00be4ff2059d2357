"""``tf.nn``: activations, which layers take as ``activation=tf.nn.relu`` too, and cross-entropies of logits."""

import numpy as np

from .. import activations as _activations
from .math import log_sigmoid
from .tensor import plain, tensor

__all__ = [
    "l2_loss",
    "l2_normalize",
    "log_sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
]

_SAME_NAME = ("elu", "gelu", "leaky_relu", "log_softmax", "relu", "relu6", "selu", "sigmoid", "silu", "softmax",
              "softplus", "softsign", "swish", "tanh")  # fmt: skip


def softmax_cross_entropy_with_logits(labels, logits, axis=-1, name=None):
    """-sum_j t_j log p_j of each row, with p the softmax of the logits."""
    return tensor(-np.sum(_like(labels, logits) * _log_softmax(logits, axis), axis=axis))


def sparse_softmax_cross_entropy_with_logits(labels, logits, name=None):
    """-log p_label of each row, with p the softmax of the logits."""
    labels = np.asarray(labels)[..., np.newaxis].astype(np.int64)
    return tensor(-np.take_along_axis(_log_softmax(logits, -1), labels, -1)[..., 0])


def sigmoid_cross_entropy_with_logits(labels=None, logits=None, name=None):
    """max(x, 0) - x t + log(1 + exp(-abs x)) of each element."""
    x, t = plain(logits), _like(labels, logits)
    return tensor(np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x))))


def l2_loss(t, name=None):
    """Half the sum of squares."""
    return tensor(np.sum(np.square(plain(t))) / 2)


def l2_normalize(x, axis=None, epsilon=1e-12, name=None):
    """``x`` divided by its Euclidean norm."""
    x = plain(x)
    return tensor(x / np.sqrt(np.maximum(np.sum(np.square(x), axis=axis, keepdims=True), epsilon)))


def _like(labels, logits):
    return np.asarray(labels, plain(logits).dtype)


def _log_softmax(logits, axis):
    x = plain(logits)
    x = x - x.max(axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))


def __getattr__(name):
    found = getattr(_activations, name, None) if name in _SAME_NAME else None
    if found is None:
        raise AttributeError(f"fastnn's stand-in for tf.nn has no {name!r}; it has: {', '.join(__dir__())}")
    return found


def __dir__():
    return sorted([*__all__, *(name for name in _SAME_NAME if hasattr(_activations, name))])
