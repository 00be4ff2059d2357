/* vmath.inc.c: exp, log, log1p, tanh and sigmoid of vectors.
 *
 * Only fma, +, -, *, / and integer shifts, in one fixed order, so every level gives the same bits.  Errors measured
 * against a wider type are in tests/kernels/test_vmath.py. */

/* exp(x) = 2^n exp(r), n = round(x / ln 2), r = x - n ln 2 in [-ln 2 / 2, ln 2 / 2]; exp(r) by a polynomial.
 *   float32: S. Moshier, Cephes expf.c (minimax, degree 7).   float64: Taylor, degree 13 (the next term is 4e-18).
 * Special values: below EXP_LOW (where exp would be denormal) 0; above EXP_HIGH inf; NaN stays NaN. */
static ALWAYS_INLINE V K(vexp)(V x)
{
#ifdef FNN_F32
    static const R c[] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
                          1.6666665459e-1f, 5.0000001201e-1f};
    const R low = -87.3365447f, high = 88.7228394f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
#else
    static const R c[] = {1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0,
                          1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0,
                          1.0 / 6.0, 1.0 / 2.0};
    const R low = -708.39641853226408, high = 709.78271289338397;
    const R ln2_high = 6.93147180369123816490e-1, ln2_low = 1.90821492927058770002e-10;
#endif
    const V magic = VSET1(RC(1.5) * (R)((BITS)1 << MANTISSA_BITS)); /* adding it rounds to an integer */
    const V t = VFMA(x, VSET1(RC(1.44269504088896340736)), magic);
    const V n = VSUB(t, magic);
    const V r = VFMA(n, VSET1(-ln2_low), VFMA(n, VSET1(-ln2_high), x));
    const M positive = VLT(VZERO, n);
    V p = VSET1(c[0]), y;
    for (size_t i = 1; i < sizeof c / sizeof c[0]; ++i) p = VFMA(p, r, VSET1(c[i]));
    p = VADD(VFMA(VMUL(p, r), r, r), VSET1(1.0));
    /* 2^n may be too large by one binade where the result is not: for n > 0 scale by 2^(n-1), then double. */
    y = VMUL(p, VPOW2(VSEL(positive, VSUB(t, VSET1(1.0)), t)));
    y = VSEL(positive, VADD(y, y), y);
    y = VSEL(VLT(x, VSET1(low)), VZERO, y);
    y = VSEL(VLT(VSET1(high), x), VDIV(VSET1(1.0), VZERO), y);
    return VSEL(VEQ(x, x), y, x);
}

/* log(x) for normal x > 0.  x = m 2^e, m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f / (2 + f):
 * log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)).  Source: FreeBSD msun e_log.c, e_logf.c (Sun, 1993).
 * Special values: 0, negative and denormal give -inf, inf gives inf, NaN NaN. */
static ALWAYS_INLINE V K(vlog)(V x)
{
#ifdef FNN_F32
    static const R c[] = {0.24279078841f, 0.28498786688f, 0.40000972152f, 0.66666662693f};
    const R ln2_high = 6.9313812256e-1f, ln2_low = 9.0580006145e-6f;
#else
    static const R c[] = {1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1,
                          2.222219843214978396e-1, 2.857142874366239149e-1, 3.999999999940941908e-1,
                          6.666666666666735130e-1};
    const R ln2_high = 6.93147180369123816490e-1, ln2_low = 1.90821492927058770002e-10;
#endif
    const V e = VEXPONENT(x), f = VSUB(VMANTISSA(x), VSET1(1.0));
    const V s = VDIV(f, VADD(f, VSET1(2.0))), z = VMUL(s, s), half_f2 = VMUL(VMUL(f, f), VSET1(0.5));
    V r = VSET1(c[0]), y;
    for (size_t i = 1; i < sizeof c / sizeof c[0]; ++i) r = VFMA(r, z, VSET1(c[i]));
    r = VMUL(r, z);
    y = VFMA(s, VADD(half_f2, r), VMUL(e, VSET1(ln2_low)));
    y = VFMA(e, VSET1(ln2_high), VADD(VSUB(y, half_f2), f));
    y = VSEL(VLT(x, VSET1(R_MIN)), VDIV(VSET1(-1.0), VZERO), y);
    y = VSEL(VEQ(x, VDIV(VSET1(1.0), VZERO)), x, y);
    return VSEL(VEQ(x, x), y, x);
}

/* log(1 + x) for x in [0, 1]: log(u) + (x - (u - 1)) / u with u = 1 + x rounded.
 * Source: Goldberg, "What every computer scientist should know about floating-point arithmetic" (1991), theorem 4. */
static ALWAYS_INLINE V K(vlog1p)(V x)
{
    const V u = VADD(x, VSET1(1.0));
    return VADD(K(vlog)(u), VDIV(VSUB(x, VSUB(u, VSET1(1.0))), u));
}

/* 1 / (1 + exp(-x)) for x >= 0, exp(x) / (1 + exp(x)) else: never overflows. */
static ALWAYS_INLINE V K(vsigmoid)(V x)
{
    const V e = K(vexp)(VSUB(VZERO, VABS(x)));
    return VDIV(VSEL(VLT(x, VZERO), e, VSET1(1.0)), VADD(e, VSET1(1.0)));
}

/* tanh(x): |x| < 0.625: x + x^3 P(x^2) (float32) or x + x^3 P(x^2) / Q(x^2) (float64), S. Moshier, Cephes tanhf.c
 * and tanh.c; else sign(x) (1 - 2 e / (1 + e)) with e = exp(-2 |x|). */
static ALWAYS_INLINE V K(vtanh)(V x)
{
    const V a = VABS(x), z = VMUL(x, x), e = K(vexp)(VMUL(a, VSET1(-2.0)));
    const V large = VSUB(VSET1(1.0), VDIV(VADD(e, e), VADD(e, VSET1(1.0))));
#ifdef FNN_F32
    V small = VSET1(-5.70498872745e-3f);
    small = VFMA(small, z, VSET1(2.06390887954e-2f));
    small = VFMA(small, z, VSET1(-5.37397155531e-2f));
    small = VFMA(small, z, VSET1(1.33314422036e-1f));
    small = VFMA(small, z, VSET1(-3.33332819422e-1f));
#else
    V small = VSET1(-9.64399179425052238628e-1), q = VADD(z, VSET1(1.12811678491632931402e2));
    small = VFMA(small, z, VSET1(-9.92877231001918586564e1));
    small = VFMA(small, z, VSET1(-1.61468768441708447952e3));
    q = VFMA(q, z, VSET1(2.23548839060100448583e3));
    q = VFMA(q, z, VSET1(4.84406305325125486048e3));
    small = VDIV(small, q);
#endif
    small = VFMA(VMUL(small, z), x, x);
    return VSEL(VLT(a, VSET1(0.625)), small, VSEL(VLT(x, VZERO), VSUB(VZERO, large), large));
}

/* Sum of 16 partial sums, column c in partial sum c mod 16, as a fixed tree: the same for every vector width. */
static ALWAYS_INLINE R K(tree_sum)(const V partial[16 / VL])
{
    R s[16];
    for (int i = 0; i < 16 / VL; ++i) VSTORE(s + i * VL, partial[i]);
    for (int half = 8; half; half /= 2)
        for (int i = 0; i < half; ++i) s[i] += s[i + half];
    return s[0];
}
