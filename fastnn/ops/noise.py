"""Noise while training: normal numbers that are added or multiplied, and dropout that keeps mean and variance of selu.

As for dropout, a number is a function of (seed, step, layer, row, column), and nothing is stored between the forward
and the backward pass.

A normal number is always a float32, made of one 32-bit number of Philox by operations that IEEE 754 defines and NumPy
has (no fused multiply-add). So the noise has the same bits here, in C at every level, and in a net of float64.
"""

import numpy as np

from .dropout import DrawnOp, kept_units, random_numbers
from .kind import OpKind

_F, _U = np.float32, np.uint32
_SQRT_HALF = _F(0.70710678118654752440).view(_U)
_LOG = [0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693]
_NEAR = [2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
         -0.00417768164, 0.246640727, 1.50140941]  # fmt: skip
_FAR = [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
        0.00943887047, 1.00167406, 2.83297682]  # fmt: skip


def _polynomial(coefficients, x):
    y = np.full_like(x, _F(coefficients[0]))
    for c in coefficients[1:]:
        y = y * x + _F(c)
    return y


def _log(x):
    """log(x) of normal x > 0; FreeBSD msun e_logf.c (Sun, 1993), as in src_c/kernels/vmath.inc.c, but without fma."""
    bits = x.view(_U) - _SQRT_HALF + _U(127 << 23)
    e = ((bits >> _U(23)).astype(np.int32) - 127).astype(_F)
    f = ((bits & _U(2**23 - 1)) + _SQRT_HALF).view(_F) - _F(1)
    s = f / (f + _F(2))
    z, half = s * s, f * f * _F(0.5)
    y = s * (half + _polynomial(_LOG, z) * z) + e * _F(9.0580006145e-6)
    return e * _F(6.9313812256e-1) + ((y - half) + f)


def normal(numbers):
    """Standard normal float32 from 32-bit numbers: the last bit is the sign, the others how far it lies in a tail.

    With v = (k + 1) / 2^31 the result is z such that P(abs(Z) > z) = v, by the inverse error function: M. Giles,
    "Approximating the erfinv function" (GPU Computing Gems, 2010). It is exact to 4e-6 up to 5.5, and reaches 6.23.

    Parameters
    ----------
    numbers : uint64 array, values below 2**32

    Returns
    -------
    float32 array of that shape
    """
    v = ((numbers >> np.uint64(1)).astype(np.int32).astype(_F) + _F(1)) * _F(2.0**-31)
    w = -_log(v * (_F(2) - v))
    p = np.where(w < _F(5), _polynomial(_NEAR, w - _F(2.5)), _polynomial(_FAR, np.sqrt(w) - _F(3)))
    root = _F(1.41421356237309504880)
    return p * (_F(1) - v) * np.where(numbers & np.uint64(1), -root, root)


def normal_noise(rows, columns, stream, step, seed, first_row=0):
    """float32 (rows, columns): a standard normal number for each unit of a batch."""
    return normal(random_numbers(rows, columns, stream, step, seed, first_row))


def _noise(x, stddev, stream, step):
    noise = normal_noise(*x.shape, stream, step.step, step.seed, step.first_row)
    return x.dtype.type(stddev) * noise.astype(x.dtype)


class GaussianNoise(OpKind):
    """y = x + stddev Z, with Z normal;  dx = dy."""

    name = "gaussian_noise"
    signature = "BN <- BN"
    attributes = ("stddev", "stream")
    results = ("noisy",)
    identity_at_inference = True

    def compute(self, step, x, stddev, stream):
        return x + _noise(x, stddev, stream, step)

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            builder.add_gradient(x, dy)


class GaussianDropout(DrawnOp):
    """y = x (1 + stddev Z), with Z normal. Source: Srivastava et al., "Dropout" (JMLR 15, 2014), section 10."""

    name = "gaussian_dropout"
    attributes = ("stddev", "stream")
    results = ("noisy",)

    def compute(self, step, x, stddev, stream):
        return x * (1 + _noise(x, stddev, stream, step))


class GaussianDropoutGradient(OpKind):
    """dx = dy (1 + stddev Z)."""

    name = "gaussian_dropout_grad"
    signature = "BN <- BN"
    attributes = ("stddev", "stream")

    def compute(self, step, dy, stddev, stream):
        return dy * (1 + _noise(dy, stddev, stream, step))


SATURATED = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946
"""What selu gives for very negative inputs: -alpha scale."""


def alpha_line(rate):
    """The a and b of alpha dropout: what keeps mean 0 and variance 1, and what a dropped unit becomes."""
    a = 1 / np.sqrt((1 - rate) * (1 + rate * (SATURATED * SATURATED)))
    b = -a * SATURATED * rate
    return a, b, a * SATURATED + b


class AlphaDropout(DrawnOp):
    """y = a x + b where the unit is kept, else a s + b, where s is the value at which selu saturates.

    a = ((1 - rate) (1 + rate s^2))^(-1/2), b = -a s rate keep mean 0 and variance 1.
    Source: Klambauer et al., "Self-normalizing neural networks" (2017).
    """

    name = "alpha_dropout"
    attributes = ("rate", "stream")
    results = ("dropped",)

    def compute(self, step, x, rate, stream):
        a, b, dropped = (x.dtype.type(number) for number in alpha_line(rate))
        return np.where(kept_units(x, rate, stream, step), a * x + b, dropped)


class AlphaDropoutGradient(OpKind):
    """dx = a dy where the unit was kept, else 0."""

    name = "alpha_dropout_grad"
    signature = "BN <- BN"
    attributes = ("rate", "stream")

    def compute(self, step, dy, rate, stream):
        slope = dy.dtype.type(alpha_line(rate)[0])
        return np.where(kept_units(dy, rate, stream, step), dy * slope, np.zeros_like(dy))
