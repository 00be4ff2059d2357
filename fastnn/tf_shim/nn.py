"""``tf.nn``: activations, which layers take as ``activation=tf.nn.relu`` too, and cross-entropies of logits."""

import numpy as np

from .. import activations as _activations
from ..tensor import apply, plain, tensor
from .array_ops import _tensor, one_hot
from .math import abs, exp, l2_normalize, log_sigmoid, maximum, multiply, reduce_sum, square

__all__ = [
    "bias_add",
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
    logits = _tensor(logits)
    return -reduce_sum(multiply(_like(labels, logits), _activations.log_softmax(logits, axis=axis)), axis)


def sparse_softmax_cross_entropy_with_logits(labels, logits, name=None):
    """-log p_label of each row, with p the softmax of the logits."""
    logits = _tensor(logits)
    return softmax_cross_entropy_with_logits(one_hot(labels, logits.shape[-1], dtype=logits.dtype), logits)


def sigmoid_cross_entropy_with_logits(labels=None, logits=None, name=None):
    """max(x, 0) - x t + log(1 + exp(-abs x)) of each element."""
    x, t = _tensor(logits), _like(labels, _tensor(logits))
    return maximum(x, 0.0) - multiply(x, t) + apply(np.log1p, exp(-abs(x)))


def bias_add(value, bias, data_format=None, name=None):
    """A number added to each column."""
    return value + bias


def l2_loss(t, name=None):
    """Half the sum of squares."""
    return reduce_sum(square(t)) / 2


def _like(labels, logits):
    return _tensor(labels) if hasattr(labels, "dtype") and labels.dtype == logits.dtype else tensor(
        plain(labels), logits.dtype)  # fmt: skip


def __getattr__(name):
    found = getattr(_activations, name, None) if name in _SAME_NAME else None
    if found is None:
        raise AttributeError(f"fastnn's stand-in for tf.nn has no {name!r}; it has: {', '.join(__dir__())}")
    return found


def __dir__():
    return sorted([*__all__, *(name for name in _SAME_NAME if hasattr(_activations, name))])
