"""Makes the polynomials of erf in src_c/kernels/vmath.inc.c: near-minimax fits by weighted least squares.

    python tests/golden/make_erf.py

|x| < 1:   erf(x) = x + x P(x^2), relative error.
1 <= t:    erf(t) = 1 - exp(Q(t - 1)), where an error of Q counts as much as exp(Q) = 1 - erf(t) does. Taken from 1 on,
so that the terms are small where exp(Q) is large.
"""

import mpmath
from mpmath import mpf

mpmath.mp.dps = 60


def fit(f, weight, low, high, degree, points=400):
    """Coefficients, highest first, of the polynomial closest to f at Chebyshev points of [low, high]."""
    nodes = [
        (low + high) / 2 + (high - low) / 2 * mpmath.cos(mpmath.pi * (k + mpf(1) / 2) / points) for k in range(points)
    ]
    a, b = mpmath.matrix(points, degree + 1), mpmath.matrix(points, 1)
    for row, x in enumerate(nodes):
        w = weight(x)
        b[row] = w * f(x)
        for power in range(degree + 1):
            a[row, power] = w * x ** (degree - power)
    return list(mpmath.lu_solve(a, b))


def report(name, f, weight, low, high, degree, digits):
    c = [mpf(mpmath.nstr(x, digits)) for x in fit(f, weight, low, high, degree)]
    xs = [low + (high - low) * k / 2000 for k in range(2001)]
    worst = max(abs(weight(x) * (mpmath.polyval(c, x) - f(x))) for x in xs)
    print(f"{name}: error {mpmath.nstr(worst, 3)}")
    print("    " + ", ".join(mpmath.nstr(x, digits) for x in c))


def small(s):
    x = mpmath.sqrt(s)
    return mpmath.erf(x) / x - 1 if s else 2 / mpmath.sqrt(mpmath.pi) - 1


for name, degree_p, degree_q, end, digits in (("float32", 6, 7, mpf("3.95"), 9), ("float64", 13, 21, mpf("5.95"), 18)):
    report(f"{name} P(s)", small, lambda s: 1 / (1 + small(s)), mpf(0), mpf(1), degree_p, digits)
    report(
        f"{name} Q(t - 1)",
        lambda u: mpmath.log(mpmath.erfc(u + 1)),
        lambda u: mpmath.erfc(u + 1),
        mpf(0),
        end - 1,
        degree_q,
        digits,
    )
