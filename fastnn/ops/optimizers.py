"""Optimizer steps on one parameter w with gradient g, elementwise; slots (m, v, ...) have the shape of w.

Formulas as in Keras 3, where epsilon stands exactly where Keras has it. The learning rate lr comes with the
step, so that it can change without a new program; t = step + 1. Factors that are the same for all elements
are computed in double precision and rounded once.
"""

import math

import numpy as np

from .kind import OpKind


def integer_power(base, exponent):
    """base**exponent by repeated squaring.

    The same bits on every platform, as ``pow`` of the C library is not.
    """
    result = 1.0
    while exponent:
        if exponent & 1:
            result *= base
        base *= base
        exponent >>= 1
    return result


def flush_denormals(a):
    """Zero instead of numbers too small for full precision.

    Decaying averages of a unit that has gone silent shrink for ever; as denormals they would make each later
    step many times slower and give other bits on CPUs that flush them by themselves.
    """
    return np.where(np.abs(a) < np.finfo(a.dtype).tiny, np.zeros_like(a), a)


def _approach(average, value, rate):
    """average + rate (value - average)."""
    return flush_denormals(average + (value - average) * average.dtype.type(rate))


def _silence(dtype):
    """A mean below this is 0, as its product with a learning rate might be denormal."""
    return 2.0**-100 if dtype == np.float32 else 2.0**-960


def _mean(average, value, rate):
    """As ``_approach``, for a mean that will be multiplied by a learning rate."""
    mean = average + (value - average) * average.dtype.type(rate)
    return np.where(np.abs(mean) < _silence(mean.dtype), np.zeros_like(mean), mean)


def _decay(average, value, rho):
    """rho average + (1 - rho) value."""
    real = average.dtype.type
    return flush_denormals(average * real(rho) + value * real(1 - rho))


class WeightDecay(OpKind):
    """w <- w - lr lambda w, before the step itself.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019).
    """

    name = "weight_decay"
    signature = "* <- *"
    attributes = ("rate",)
    results = ("w",)
    in_place = 1

    def compute(self, step, w, rate):
        return flush_denormals(w - w.dtype.type(step.learning_rate * rate) * w)


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
    """m <- mu m - lr g;  w <- w + mu m - lr g.

    Source: Nesterov (1983), in the form of Sutskever et al. (2013).
    """

    name = "sgd_nesterov"
    signature = "*, * <- *, *, *"
    attributes = ("momentum",)
    results = ("w", "m")
    in_place = 2

    def compute(self, step, w, m, g, momentum):
        lr_g = w.dtype.type(step.learning_rate) * g
        m = flush_denormals(m * m.dtype.type(momentum) - lr_g)
        return w + (m * m.dtype.type(momentum) - lr_g), m


class Adagrad(OpKind):
    """v <- v + g^2;  w <- w - lr g / sqrt(v + eps). Source: Duchi, Hazan and Singer (2011)."""

    name = "adagrad"
    signature = "*, * <- *, *, *"
    attributes = ("epsilon",)
    results = ("w", "v")
    in_place = 2

    def compute(self, step, w, v, g, epsilon):
        real = w.dtype.type
        v = v + g * g
        return w - real(step.learning_rate) * g / np.sqrt(v + real(epsilon)), v


def _rms_increment(step, variance, g, epsilon):
    """lr g / sqrt(variance + eps)."""
    real = g.dtype.type
    return real(step.learning_rate) * g / np.sqrt(variance + real(epsilon))


def _variance(v, a):
    """v - a^2, which is never negative (Cauchy and Schwarz) but for rounding."""
    return np.maximum(v - a * a, 0)


class RmsProp(OpKind):
    """v <- rho v + (1 - rho) g^2;  w <- w - lr g / sqrt(v + eps).

    Source: Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5 (2012).
    """

    name = "rmsprop"
    signature = "*, * <- *, *, *"
    attributes = ("rho", "epsilon")
    results = ("w", "v")
    in_place = 2

    def compute(self, step, w, v, g, rho, epsilon):
        v = _decay(v, g * g, rho)
        return w - _rms_increment(step, v, g, epsilon), v


class RmsPropMomentum(OpKind):
    """v as in RMSprop;  m <- mu m + lr g / sqrt(v + eps);  w <- w - m."""

    name = "rmsprop_momentum"
    signature = "*, *, * <- *, *, *, *"
    attributes = ("rho", "momentum", "epsilon")
    results = ("w", "v", "m")
    in_place = 3

    def compute(self, step, w, v, m, g, rho, momentum, epsilon):
        v = _decay(v, g * g, rho)
        m = flush_denormals(m * m.dtype.type(momentum) + _rms_increment(step, v, g, epsilon))
        return w - m, v, m


class RmsPropCentered(OpKind):
    """v as in RMSprop;  a <- rho a + (1 - rho) g;  w <- w - lr g / sqrt(v - a^2 + eps).

    Source: Graves, "Generating sequences with recurrent neural networks" (2013), equations 38 to 41.
    """

    name = "rmsprop_centered"
    signature = "*, *, * <- *, *, *, *"
    attributes = ("rho", "epsilon")
    results = ("w", "v", "a")
    in_place = 3

    def compute(self, step, w, v, a, g, rho, epsilon):
        v, a = _decay(v, g * g, rho), _decay(a, g, rho)
        return w - _rms_increment(step, _variance(v, a), g, epsilon), v, a


class RmsPropCenteredMomentum(OpKind):
    """v and a as in centered RMSprop;  m <- mu m + lr g / sqrt(v - a^2 + eps);  w <- w - m."""

    name = "rmsprop_centered_momentum"
    signature = "*, *, *, * <- *, *, *, *, *"
    attributes = ("rho", "momentum", "epsilon")
    results = ("w", "v", "a", "m")
    in_place = 4

    def compute(self, step, w, v, a, m, g, rho, momentum, epsilon):
        v, a = _decay(v, g * g, rho), _decay(a, g, rho)
        m = flush_denormals(m * m.dtype.type(momentum) + _rms_increment(step, _variance(v, a), g, epsilon))
        return w - m, v, a, m


class Adadelta(OpKind):
    """v <- rho v + (1 - rho) g^2;  d = g sqrt(s + eps) / sqrt(v + eps);  w <- w - lr d;

    s <- rho s + (1 - rho) d^2.
    Source: Zeiler, "ADADELTA: an adaptive learning rate method" (2012), algorithm 1.
    """

    name = "adadelta"
    signature = "*, *, * <- *, *, *, *"
    attributes = ("rho", "epsilon")
    results = ("w", "v", "s")
    in_place = 3

    def compute(self, step, w, v, s, g, rho, epsilon):
        real = w.dtype.type
        v = _decay(v, g * g, rho)
        d = np.sqrt(s + real(epsilon)) * g / np.sqrt(v + real(epsilon))
        return w - real(step.learning_rate) * d, v, _decay(s, d * d, rho)


def _adam_rate(step, beta_1, beta_2):
    """alpha = lr sqrt(1 - b2^t) / (1 - b1^t)."""
    t = step.step + 1
    return step.learning_rate * math.sqrt(1 - integer_power(beta_2, t)) / (1 - integer_power(beta_1, t))


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
        real, alpha = w.dtype.type, _adam_rate(step, beta_1, beta_2)
        m, v = _mean(m, g, 1 - beta_1), _approach(v, g * g, 1 - beta_2)
        return w - real(alpha) * m / (np.sqrt(v) + real(epsilon)), m, v


class AdamAmsgrad(OpKind):
    """m, v and alpha as in Adam;  u <- max(u, v);  w <- w - alpha m / (sqrt(u) + eps).

    Source: Reddi, Kale and Kumar, "On the convergence of Adam and beyond" (2018), algorithm 2.
    """

    name = "adam_amsgrad"
    signature = "*, *, *, * <- *, *, *, *, *"
    attributes = ("beta_1", "beta_2", "epsilon")
    results = ("w", "m", "v", "u")
    in_place = 4

    def compute(self, step, w, m, v, u, g, beta_1, beta_2, epsilon):
        real, alpha = w.dtype.type, _adam_rate(step, beta_1, beta_2)
        m, v = _mean(m, g, 1 - beta_1), _approach(v, g * g, 1 - beta_2)
        u = np.maximum(u, v)
        return w - real(alpha) * m / (np.sqrt(u) + real(epsilon)), m, v, u


class Adamax(OpKind):
    """m as in Adam;  u <- max(b2 u, |g|);  w <- w - lr m / ((1 - b1^t)(u + eps)).

    Source: Kingma and Ba, "Adam" (2015), section 7.1.
    """

    name = "adamax"
    signature = "*, *, * <- *, *, *, *"
    attributes = ("beta_1", "beta_2", "epsilon")
    results = ("w", "m", "u")
    in_place = 3

    def compute(self, step, w, m, u, g, beta_1, beta_2, epsilon):
        real, alpha = w.dtype.type, step.learning_rate / (1 - integer_power(beta_1, step.step + 1))
        m, u = _mean(m, g, 1 - beta_1), flush_denormals(np.maximum(u * real(beta_2), np.abs(g)))
        return w - real(alpha) * m / (u + real(epsilon)), m, u


def nadam_momentum(beta_1, t):
    """mu_t = b1 (1 - 0.96^t / 2), the warmed-up momentum of step t."""
    return beta_1 * (1 - 0.5 * integer_power(0.96, t))


def nadam_product(beta_1, t):
    """mu_1 mu_2 ... mu_t.

    From t = 1000 on 0.96^t / 2 is below half a unit in the last place of 1, so that mu_t is b1.
    """
    product = decay = 1.0
    for _ in range(min(t, 1000)):
        decay *= 0.96
        product *= beta_1 * (1 - 0.5 * decay)
    return product * integer_power(beta_1, max(t - 1000, 0))


class Nadam(OpKind):
    """m and v as in Adam;  w <- w - lr mh / (sqrt(vh) + eps), with P_t = mu_1 ... mu_t and

    mh = mu_(t+1) m / (1 - P_(t+1)) + (1 - mu_t) g / (1 - P_t);  vh = v / (1 - b2^t).
    Source: Dozat, "Incorporating Nesterov momentum into Adam" (2016), algorithm 2.
    """

    name = "nadam"
    signature = "*, *, * <- *, *, *, *"
    attributes = ("beta_1", "beta_2", "epsilon")
    results = ("w", "m", "v")
    in_place = 3

    def compute(self, step, w, m, v, g, beta_1, beta_2, epsilon):
        real, t = w.dtype.type, step.step + 1
        now, next_ = nadam_momentum(beta_1, t), nadam_momentum(beta_1, t + 1)
        product = nadam_product(beta_1, t)
        of_m = step.learning_rate * next_ / (1 - product * next_)
        of_g = step.learning_rate * (1 - now) / (1 - product)
        of_v = 1 / (1 - integer_power(beta_2, t))
        m, v = _mean(m, g, 1 - beta_1), _approach(v, g * g, 1 - beta_2)
        return w - (real(of_m) * m + real(of_g) * g) / (np.sqrt(v * real(of_v)) + real(epsilon)), m, v


class Lion(OpKind):
    """w <- w - lr sign(b1 m + (1 - b1) g);  m <- b2 m + (1 - b2) g.

    Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023), algorithm 2.
    """

    name = "lion"
    signature = "*, * <- *, *, *"
    attributes = ("beta_1", "beta_2")
    results = ("w", "m")
    in_place = 2

    def compute(self, step, w, m, g, beta_1, beta_2):
        real = w.dtype.type
        direction = np.sign(m * real(beta_1) + g * real(1 - beta_1))
        return w - real(step.learning_rate) * direction, _decay(m, g, beta_2)


STEPS = (
    Sgd,
    SgdMomentum,
    SgdNesterov,
    Adagrad,
    RmsProp,
    RmsPropMomentum,
    RmsPropCentered,
    RmsPropCenteredMomentum,
    Adadelta,
    Adam,
    AdamAmsgrad,
    Adamax,
    Nadam,
    Lion,
)
"""The steps that take a gradient; each has a fused form too (``fused.py``)."""
