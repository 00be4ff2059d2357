"""Optimizer steps on one parameter w with gradient g, elementwise; slots (m, v) have the shape of w.

Formulas as in Keras 3, where epsilon stands exactly where Keras has it. The learning rate comes with the step, so
that it can change without a new program.
"""

import math

import numpy as np

from .kind import OpKind


def integer_power(base, exponent):
    """base**exponent by repeated squaring: the same bits on every platform, as ``pow`` of the C library is not."""
    result = 1.0
    while exponent:
        if exponent & 1:
            result *= base
        base *= base
        exponent >>= 1
    return result


def flush_denormals(a):
    """Zero instead of numbers too small for full precision.

    Decaying averages of a unit that has gone silent shrink for ever; as denormals they would make each later step
    many times slower and give other bits on CPUs that flush them by themselves.
    """
    return np.where(np.abs(a) < np.finfo(a.dtype).tiny, np.zeros_like(a), a)


class Sgd(OpKind):
    """w <- w - lr g. Source: Robbins and Monro (1951)."""

    name = "sgd"
    signature = "* <- *, *"
    results = ("w",)
    in_place = 1

    def compute(self, step, w, g):
        return w - w.dtype.type(step.learning_rate) * g


class SgdMomentum(OpKind):
    """m <- mu m - lr g;  w <- w + m. Source: Polyak (1964), in the form of Sutskever et al. (2013)."""

    name = "sgd_momentum"
    signature = "*, * <- *, *, *"
    attributes = ("momentum",)
    results = ("w", "m")
    in_place = 2

    def compute(self, step, w, m, g, momentum):
        m = flush_denormals(m * m.dtype.type(momentum) - m.dtype.type(step.learning_rate) * g)
        return w + m, m


class SgdNesterov(OpKind):
    """m <- mu m - lr g;  w <- w + mu m - lr g. Source: Nesterov (1983), in the form of Sutskever et al. (2013)."""

    name = "sgd_nesterov"
    signature = "*, * <- *, *, *"
    attributes = ("momentum",)
    results = ("w", "m")
    in_place = 2

    def compute(self, step, w, m, g, momentum):
        lr_g = w.dtype.type(step.learning_rate) * g
        m = flush_denormals(m * m.dtype.type(momentum) - lr_g)
        return w + (m * m.dtype.type(momentum) - lr_g), m


class Adam(OpKind):
    """m <- m + (1 - b1)(g - m);  v <- v + (1 - b2)(g^2 - v);  w <- w - alpha m / (sqrt(v) + eps).

    alpha = lr sqrt(1 - b2^t) / (1 - b1^t) with t = step + 1.
    Source: Kingma and Ba, "Adam" (2015), section 2, the "epsilon hat" form, as Keras has it.
    """

    name = "adam"
    signature = "*, *, * <- *, *, *, *"
    attributes = ("beta_1", "beta_2", "epsilon")
    results = ("w", "m", "v")
    in_place = 3

    def compute(self, step, w, m, v, g, beta_1, beta_2, epsilon):
        real = w.dtype.type
        t = step.step + 1
        alpha = step.learning_rate * math.sqrt(1 - integer_power(beta_2, t)) / (1 - integer_power(beta_1, t))
        m = flush_denormals(m + (g - m) * real(1 - beta_1))
        v = flush_denormals(v + (g * g - v) * real(1 - beta_2))
        return w - real(alpha) * m / (np.sqrt(v) + real(epsilon)), m, v
