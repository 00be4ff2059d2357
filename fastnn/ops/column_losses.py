"""Losses that are a mean (one: a sum) over the columns of a function of each output x and its target t.

Each gives ``loss(x, t)`` and ``slope(x, t)`` = d loss / d x; where there is a kink, the slope is the one that
Keras takes on TensorFlow. Formulas: Keras, ``keras/src/losses/losses.py``.
"""

import numpy as np

from .losses import EPSILON, Loss


class ColumnLoss(Loss):
    """value = mean over the columns of loss(x, t);  d = slope(x, t) / (B N)."""

    def compute(self, step, x, t, **attributes):
        return self.loss(x, t, **attributes).mean(axis=1), self.slope(x, t, **attributes) / x.size

    def loss(self, x, t):
        raise NotImplementedError(self.name)

    def slope(self, x, t):
        raise NotImplementedError(self.name)


class MeanAbsoluteError(ColumnLoss):
    """loss = abs(x - t);  slope = sign(x - t), 0 where they are equal."""

    name = "mean_absolute_error"

    def loss(self, x, t):
        return np.abs(x - t)

    def slope(self, x, t):
        return np.sign(x - t)


class MeanAbsolutePercentageError(ColumnLoss):
    """loss = 100 abs(x - t) / max(abs t, EPSILON);  slope = 100 sign(x - t) / max(abs t, EPSILON)."""

    name = "mean_absolute_percentage_error"

    def loss(self, x, t):
        return 100 * (np.abs(x - t) / np.maximum(np.abs(t), x.dtype.type(EPSILON)))

    def slope(self, x, t):
        return 100 * np.sign(x - t) / np.maximum(np.abs(t), x.dtype.type(EPSILON))


class MeanSquaredLogarithmicError(ColumnLoss):
    """loss = (log(X + 1) - log(T + 1))^2 with X = max(x, EPSILON), T = max(t, EPSILON).

    slope = 2 (log(X + 1) - log(T + 1)) / (X + 1), and 0 where x < EPSILON.
    """

    name = "mean_squared_logarithmic_error"

    def difference(self, x, t):
        x, t = (np.log(np.maximum(values, x.dtype.type(EPSILON)) + 1) for values in (x, t))
        return x - t

    def loss(self, x, t):
        return self.difference(x, t) ** 2

    def slope(self, x, t):
        above = 2 * self.difference(x, t) / (np.maximum(x, x.dtype.type(EPSILON)) + 1)
        return np.where(x < x.dtype.type(EPSILON), np.zeros_like(x), above)


class Huber(ColumnLoss):
    """With e = x - t: e^2 / 2 where abs e <= delta, else delta abs e - delta^2 / 2;  slope e, else delta sign e.

    Source: Huber, "Robust estimation of a location parameter" (1964).
    """

    name = "huber"
    attributes = ("delta",)

    def loss(self, x, t, delta):
        e, delta = np.abs(x - t), x.dtype.type(delta)
        return np.where(delta < e, delta * e - delta * delta / 2, e * e / 2)

    def slope(self, x, t, delta):
        e, delta = x - t, x.dtype.type(delta)
        return np.where(delta < np.abs(e), delta * np.sign(e), e)


class LogCosh(ColumnLoss):
    """loss = log(cosh(x - t)) = abs e + log(1 + exp(-2 abs e)) - log 2;  slope = tanh(x - t)."""

    name = "log_cosh"

    def loss(self, x, t):
        e = np.abs(x - t)
        return e + np.log1p(np.exp(-2 * e)) - x.dtype.type(np.log(x.dtype.type(2)))

    def slope(self, x, t):
        return np.tanh(x - t)


def signs(t):
    """Labels of 0 and 1 as -1 and 1; as they are where any of the batch is neither 0 nor 1."""
    return 2 * t - 1 if ((t == 0) | (t == 1)).all() else t


class Hinge(ColumnLoss):
    """loss = max(1 - t x, 0), targets -1 or 1;  slope = -t, and 0 where 1 - t x < 0.

    Targets that are all 0 or 1, in the whole batch, count as -1 and 1.
    """

    name = "hinge"

    def loss(self, x, t):
        return np.maximum(1 - signs(t) * x, 0)

    def slope(self, x, t):
        margin = 1 - signs(t) * x
        return np.where(margin < 0, np.zeros_like(x), (margin - margin) - signs(t))  # NaN stays NaN


class SquaredHinge(ColumnLoss):
    """loss = max(1 - t x, 0)^2, targets as for hinge;  slope = -2 t max(1 - t x, 0)."""

    name = "squared_hinge"

    def loss(self, x, t):
        return np.maximum(1 - signs(t) * x, 0) ** 2

    def slope(self, x, t):
        return -2 * signs(t) * np.maximum(1 - signs(t) * x, 0)


class KLDivergence(ColumnLoss):
    """value = sum over the columns of T log(T / X), X and T being x and t clipped to [EPSILON, 1].

    d = -T / (X B), and 0 where x was clipped.
    Source: Kullback, Leibler, "On information and sufficiency" (1951).
    """

    name = "kl_divergence"

    def compute(self, step, x, t):
        low, high = x.dtype.type(EPSILON), x.dtype.type(1)
        clipped, t = np.clip(x, low, high), np.clip(t, low, high)
        slope = np.where(x == clipped, -t / clipped, np.where(np.isnan(x), x, np.zeros_like(x)))
        return (t * np.log(t / clipped)).sum(axis=1), slope / len(x)


class Poisson(ColumnLoss):
    """loss = x - t log(x + EPSILON), for counts t;  slope = 1 - t / (x + EPSILON)."""

    name = "poisson"

    def loss(self, x, t):
        return x - t * np.log(x + x.dtype.type(EPSILON))

    def slope(self, x, t):
        return 1 - t / (x + x.dtype.type(EPSILON))


def power(u, exponent):
    """u^exponent by exp and log; 0 for u <= 0, but 1 where the exponent is 0."""
    if exponent == 0:
        return np.ones_like(u)
    logarithm = np.log(np.where(u < 0, np.zeros_like(u), u))
    return np.exp(u.dtype.type(exponent) * logarithm)


class BinaryFocalCrossEntropy(ColumnLoss):
    """loss = w u^gamma E: E the binary cross-entropy of p clipped, u = 1 - (t p + (1 - t) (1 - p)) how wrong p is.

    w = 1, or with ``balance`` 1 t alpha + (1 - t) (1 - alpha).
    slope = w (u^gamma E' + gamma u^(gamma - 1) (1 - 2 t) E), E' being 0 where p was clipped.
    Source: Lin et al., "Focal loss for dense object detection" (2018).
    """

    name = "binary_focal_cross_entropy"
    attributes = ("alpha", "gamma", "balance")

    def parts(self, p, t, alpha, balance):
        one, alpha = p.dtype.type(1), p.dtype.type(alpha)
        clipped = np.clip(p, p.dtype.type(EPSILON), one - p.dtype.type(EPSILON))
        entropy = -(t * np.log(clipped) + (1 - t) * np.log(1 - clipped))
        weight = t * alpha + (1 - t) * (1 - alpha) if balance else np.ones_like(p)
        return clipped, entropy, t + (1 - 2 * t) * p, weight

    def loss(self, x, t, alpha, gamma, balance):
        _, entropy, wrong, weight = self.parts(x, t, alpha, balance)
        return weight * (power(wrong, gamma) * entropy)

    def slope(self, x, t, alpha, gamma, balance):
        clipped, entropy, wrong, weight = self.parts(x, t, alpha, balance)
        slope = np.where(x == clipped, (clipped - t) / (clipped * (1 - clipped)), np.zeros_like(x))
        slope = power(wrong, gamma) * slope
        if gamma:
            slope = slope + x.dtype.type(gamma) * power(wrong, gamma - 1) * (1 - 2 * t) * entropy
        return weight * slope + (x - x)
