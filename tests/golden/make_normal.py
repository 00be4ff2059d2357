"""Makes the polynomials of the normal distribution in src_c/kernels/vmath.inc.c: near-minimax fits by least squares.

    python tests/golden/make_normal.py

The part of the distribution beyond a >= 0 is w Q(8 w - 1) exp(-a^2 / 2), w = 1 / (a + 4). Q is smooth, for the tail
falls as exp(-a^2 / 2) / a. The argument 8 w - 1 lies between -1 and 1.
"""

import mpmath
import numpy as np
from mpmath import mpf

mpmath.mp.dps = 50


def exactly(t):
    """Q(t)."""
    a = 8 / (t + 1) - 4
    return mpmath.exp(a * a / 2) * mpmath.erfc(a / mpmath.sqrt(2)) / 2 * (a + 4)


def fit(low, degree, known, points=160):
    """Coefficients of ascending powers of the polynomial closest to Q, relatively, at Chebyshev points of [low, 1]; the
    first of them are `known`."""
    nodes = [(low + 1) / 2 + (1 - low) / 2 * mpmath.cos(mpmath.pi * (k + mpf(1) / 2) / points) for k in range(points)]
    unknown = range(len(known), degree + 1)
    a, b = mpmath.matrix(points, len(unknown)), mpmath.matrix(points, 1)
    for row, t in enumerate(nodes):
        value = exactly(t)
        b[row] = 1 - mpmath.polyval(known[::-1], t) / value
        for column, power in enumerate(unknown):
            a[row, column] = t**power / value
    return known + list(mpmath.lu_solve(a, b))


for dtype, degree, end, digits in ((np.float32, 9, mpf("14.5"), 9), (np.float64, 22, mpf(39), 17)):
    low = 8 / (end + 4) - 1
    known = []
    for _ in range(degree + 1):  # each is rounded, and the rest fitted again
        known.append(mpf(float(dtype(str(fit(low, degree, known)[len(known)])))))
    ts = [low + (1 - low) * k / 2000 for k in range(2001)]
    worst = max(abs(mpmath.polyval(known[::-1], t) / exactly(t) - 1) for t in ts)
    print(f"{dtype.__name__}: error {mpmath.nstr(worst, 3)}")
    print("    " + ", ".join(mpmath.nstr(x, digits) for x in known[::-1]))
