"""Smooth activation functions, elementwise on (B, N), and their derivatives.

Each is written so that nothing overflows on the way: exp is taken of negative numbers only. Formulas:
``keras.activations``.
"""

import math

import numpy as np

from .activations import Activation, ActivationGradient, Sigmoid


def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return Sigmoid.compute(None, None, x)


def normal(x):
    """The normal distribution, erfc(-x / sqrt 2) / 2: how much of it lies below x.

    Up to float64 as Python's ``math`` has erfc. In a wider type as (1 + erf(x / sqrt 2)) / 2 with the series
    erf(a) = 2 / sqrt(pi) exp(-a^2) sum_n 2^n a^(2n+1) / (1 3 ... (2n+1)), whose terms all have one sign.
    Source: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), equation 7.1.6.
    """
    if x.dtype.itemsize <= 8:
        return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), otypes=[x.dtype])(x)
    a = np.clip(x / np.sqrt(x.dtype.type(2)), -7, 7)  # beyond, the result is 0 or 1
    term, total = a, a
    for n in range(1, 200):
        term = term * 2 * a * a / (2 * n + 1)
        total = total + term
    return (1 + 2 / np.sqrt(np.arccos(x.dtype.type(-1))) * np.exp(-a * a) * total) / 2


class Elu(Activation):
    """y = scale * x where x > 0, else scale * alpha * (exp(x / divisor) - 1): elu, selu, celu.

    Sources: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units"
    (2015); Klambauer et al., "Self-normalizing neural networks" (2017); Barron, "Continuously differentiable
    exponential linear units" (2017). alpha is not negative.
    """

    name = "elu"
    attributes = ("alpha", "scale", "divisor")

    def compute(self, step, x, alpha, scale, divisor):
        return np.where(x > 0, scale * x, scale * (alpha * np.expm1(np.minimum(x, 0) / divisor)))


class EluGradient(ActivationGradient):
    """dx = scale * dy where y > 0, else dy * (y + scale * alpha) / divisor."""

    name = "elu_grad"
    attributes = ("alpha", "scale", "divisor")

    def compute(self, step, dy, y, alpha, scale, divisor):
        return np.where(y > 0, scale * dy, dy * ((y + scale * alpha) / divisor))


class Softplus(Activation):
    """y = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-abs x))."""

    name = "softplus"
    gradient_reads = "x"

    def compute(self, step, x):
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


class SoftplusGradient(ActivationGradient):
    """dx = dy * sigmoid(x)."""

    name = "softplus_grad"

    def compute(self, step, dy, x):
        return dy * sigmoid(x)


class LogSigmoid(Activation):
    """y = log(sigmoid(x)) = -softplus(-x)."""

    name = "log_sigmoid"
    gradient_reads = "x"

    def compute(self, step, x):
        return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


class LogSigmoidGradient(ActivationGradient):
    """dx = dy * sigmoid(-x)."""

    name = "log_sigmoid_grad"

    def compute(self, step, dy, x):
        return dy * sigmoid(-x)


class Softsign(Activation):
    """y = x / (1 + abs x)."""

    name = "softsign"
    gradient_reads = "x"

    def compute(self, step, x):
        return x / (1 + np.abs(x))


class SoftsignGradient(ActivationGradient):
    """dx = dy / (1 + abs x)^2."""

    name = "softsign_grad"

    def compute(self, step, dy, x):
        return dy / (1 + np.abs(x)) / (1 + np.abs(x))


class Squareplus(Activation):
    """y = (x + sqrt(x^2 + b)) / 2; for x < 0 as b / (2 (sqrt(x^2 + b) - x)), where nothing cancels.

    Source: Barron, "Squareplus: a softplus-like algebraic rectifier" (2021).
    """

    name = "squareplus"
    attributes = ("b",)

    def compute(self, step, x, b):
        total = np.abs(x) + np.sqrt(x * x + b)
        return np.where(x < 0, b / 2 / total, total / 2)


class SquareplusGradient(ActivationGradient):
    """dx = dy * y / sqrt(x^2 + b) = dy * y^2 / (y^2 + b / 4), because y - b / (4 y) = x."""

    name = "squareplus_grad"
    attributes = ("b",)

    def compute(self, step, dy, y, b):
        return dy * (y * y / (y * y + b / 4))


class Silu(Activation):
    """y = x * sigmoid(x). Source: Ramachandran, Zoph, Le, "Searching for activation functions" (2017)."""

    name = "silu"
    gradient_reads = "x"

    def compute(self, step, x):
        return x * sigmoid(x)


class SiluGradient(ActivationGradient):
    """dx = dy * s * (1 + x (1 - s)), s = sigmoid(x)."""

    name = "silu_grad"

    def compute(self, step, dy, x):
        s = sigmoid(x)
        return dy * (s * (1 + x * (1 - s)))


class Gelu(Activation):
    """y = x * P(x), P the normal distribution.

    Source: Hendrycks, Gimpel, "Gaussian error linear units" (2016).
    """

    name = "gelu"
    gradient_reads = "x"

    def compute(self, step, x):
        return x * normal(x)


class GeluGradient(ActivationGradient):
    """dx = dy * (P(x) + x p(x)), p(x) = exp(-x^2 / 2) / sqrt(2 pi) the normal density."""

    name = "gelu_grad"

    def compute(self, step, dy, x):
        return dy * (normal(x) + x * (np.exp(-0.5 * (x * x)) / math.sqrt(2 * math.pi)))


class GeluTanh(Activation):
    """y = x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) = x * sigmoid(v(x)), v = 2 sqrt(2 / pi) (x + ...).

    Source: Hendrycks, Gimpel (2016), section 2: the approximation of :class:`Gelu`.
    """

    name = "gelu_tanh"
    gradient_reads = "x"

    def compute(self, step, x):
        return x * sigmoid(2 * math.sqrt(2 / math.pi) * (x * (1 + 0.044715 * (x * x))))


class GeluTanhGradient(ActivationGradient):
    """dx = dy * (s + x s (1 - s) v'(x)), s = sigmoid(v), v' = 2 sqrt(2 / pi) (1 + 3 * 0.044715 x^2)."""

    name = "gelu_tanh_grad"

    def compute(self, step, dy, x):
        c = 2 * math.sqrt(2 / math.pi)
        v = c * (x * (1 + 0.044715 * (x * x)))
        e = np.exp(-np.abs(v))
        slope = e / ((1 + e) * (1 + e))
        # Where the slope has become 0, v' may have become infinite.
        through_v = np.where(slope == 0, np.zeros_like(x), x * (slope * (c * (1 + 3 * 0.044715 * (x * x)))))
        return dy * (sigmoid(v) + through_v)


def _mish_parts(x):
    """t = exp(-abs x), and the two parts of tanh(softplus(x)) = u / (u + d)."""
    t = np.exp(-np.abs(x))
    return t, np.where(x < 0, t * (t + 2), 1 + 2 * t), np.where(x < 0, x.dtype.type(2), 2 * (t * t))


class Mish(Activation):
    """y = x * tanh(softplus(x)).

    With e = exp(x), tanh(log(1 + e)) = e (e + 2) / (e (e + 2) + 2); for x >= 0 all divided by e^2.
    Source: Misra, "Mish: a self regularized non-monotonic activation function" (2019).
    """

    name = "mish"
    gradient_reads = "x"

    def compute(self, step, x):
        _, u, d = _mish_parts(x)
        return x * (u / (u + d))


class MishGradient(ActivationGradient):
    """dx = dy * (h + x (1 - h^2) sigmoid(x)), h = tanh(softplus(x)) = u / (u + d), 1 - h^2 = d (2u + d) / (u + d)^2."""

    name = "mish_grad"

    def compute(self, step, dy, x):
        t, u, d = _mish_parts(x)
        whole = u + d
        s = np.where(x < 0, t, x.dtype.type(1)) / (1 + t)
        return dy * (u / whole + x * (d / whole * ((u + whole) / whole) * s))


class Exponential(Activation):
    """y = exp(x)."""

    name = "exponential"

    def compute(self, step, x):
        return np.exp(x)


class ExponentialGradient(ActivationGradient):
    """dx = dy * y."""

    name = "exponential_grad"

    def compute(self, step, dy, y):
        return dy * y


class TanhShrink(Activation):
    """y = x - tanh(x)."""

    name = "tanh_shrink"
    gradient_reads = "x"

    def compute(self, step, x):
        return x - np.tanh(x)


class TanhShrinkGradient(ActivationGradient):
    """dx = dy * tanh(x)^2."""

    name = "tanh_shrink_grad"

    def compute(self, step, dy, x):
        t = np.tanh(x)
        return dy * (t * t)
