"""Penalties on the size of weights and activations, and limits of weights after each update.

A penalty of an array a is l1 sum(abs(a)) + l2 sum(a^2); it is added to the loss of every row, so that the mean over
the rows holds it once. Its gradient is l1 sign(a) + 2 l2 a. Source: Goodfellow, Bengio, Courville, "Deep Learning"
(2016), section 7.1; Keras' form, without the factor 1/2.
"""

import numpy as np

from .kind import OpKind

EPSILON = 1e-7
"""What keeps a norm of 0 from being divided by: ``keras.config.epsilon()``."""


def _slope(a, l1, l2):
    return l1 * np.sign(a) + 2 * l2 * a


class Penalty(OpKind):
    """s = so_far + l1 sum(abs(a)) + l2 sum(a^2), added up in double."""

    name = "penalty"
    signature = "S <- *, S?"
    attributes = ("l1", "l2")
    results = ("penalty",)

    def compute(self, step, a, so_far=None, *, l1, l2):
        wide = a.astype(np.promote_types(a.dtype, np.float64))
        total = l1 * np.abs(wide).sum() + l2 * np.square(wide).sum() + (0 if so_far is None else so_far[0])
        return np.array([total]).astype(a.dtype)


class PenaltyGradient(OpKind):
    """g += l1 sign(w) + 2 l2 w, where g is the gradient of the weight w without the penalty."""

    name = "penalty_grad"
    signature = "* <- *, *"
    attributes = ("l1", "l2")
    in_place = 1

    def compute(self, step, g, w, l1, l2):
        return g + _slope(w, l1, l2)


class AddPenalty(OpKind):
    """loss_r = value_r + s for every row."""

    name = "add_penalty"
    signature = "B <- B, S"
    results = ("loss",)

    def compute(self, step, value, s):
        return value + s


class ActivityPenalty(OpKind):
    """Of each row by itself: value_r = l1 sum(abs(y_r)) + l2 sum(y_r^2). Their mean is the penalty over the rows."""

    name = "activity_penalty"
    signature = "B <- BN"
    attributes = ("l1", "l2")
    results = ("penalty",)

    def compute(self, step, y, l1, l2):
        return l1 * np.abs(y).sum(axis=1) + l2 * np.square(y).sum(axis=1)


class ActivityPenaltyGradient(OpKind):
    """d = (l1 sign(y) + 2 l2 y) / B."""

    name = "activity_penalty_grad"
    signature = "BN <- BN"
    attributes = ("l1", "l2")

    def compute(self, step, y, l1, l2):
        return _slope(y, l1, l2) / len(y)


class NonNegative(OpKind):
    """w = max(w, 0)."""

    name = "non_negative"
    signature = "* <- *"
    in_place = 1

    def compute(self, step, w):
        return np.maximum(w, 0)


class LimitNorm(OpKind):
    """w *= d / (EPSILON + n), n the norm of each column (of a vector as a whole), d = rate clip(n) + (1 - rate) n.

    n is clipped to low .. high. Source: Srebro, Shraibman, "Rank, trace-norm and max-norm" (2005).
    """

    name = "limit_norm"
    signature = "* <- *"
    attributes = ("low", "high", "rate")
    in_place = 1

    def compute(self, step, w, low, high, rate):
        n = np.sqrt(np.square(w).sum(axis=0))
        return w * ((rate * np.clip(n, low, high) + (1 - rate) * n) / (w.dtype.type(EPSILON) + n))
