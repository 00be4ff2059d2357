/* vmath.inc.c: exp, expm1, log, log1p, tanh, sigmoid and erf of vectors.
 *
 * Only fma, +, -, *, / and integer shifts, in one fixed order, so every level gives the same bits.  Errors measured
 * against a wider type are in tests/kernels/test_vmath.py. */

/* q = exp(r) - 1, for exp(x) = 2^n exp(r), n = round(x / ln 2), r = x - n ln 2 in [-ln 2 / 2, ln 2 / 2]; by a polynomial.
 * *t becomes n in the form that VPOW2 takes.
 *   float32: S. Moshier, Cephes expf.c (minimax, degree 7).   float64: Taylor, degree 13 (the next term is 4e-18). */
static ALWAYS_INLINE V K(exp_part)(V *t, V *n, V x)
{
#ifdef FNN_F32
    static const R c[] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
                          1.6666665459e-1f, 5.0000001201e-1f};
    const R ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
#else
    static const R c[] = {1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0,
                          1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0,
                          1.0 / 6.0, 1.0 / 2.0};
    const R ln2_high = 6.93147180369123816490e-1, ln2_low = 1.90821492927058770002e-10;
#endif
    const V magic = VSET1(RC(1.5) * (R)((BITS)1 << MANTISSA_BITS)); /* adding it rounds to an integer */
    V r, p = VSET1(c[0]);
    *t = VFMA(x, VSET1(RC(1.44269504088896340736)), magic);
    *n = VSUB(*t, magic);
    r = VFMA(*n, VSET1(-ln2_low), VFMA(*n, VSET1(-ln2_high), x));
    for (size_t i = 1; i < sizeof c / sizeof c[0]; ++i) p = VFMA(p, r, VSET1(c[i]));
    return VFMA(VMUL(p, r), r, r);
}

#ifdef FNN_F32
static const R K(EXP_LOW) = -87.3365447f, K(EXP_HIGH) = 88.7228394f;
#else
static const R K(EXP_LOW) = -708.39641853226408, K(EXP_HIGH) = 709.78271289338397;
#endif

/* exp(x).  Special values: below EXP_LOW (where exp would be denormal) 0; above EXP_HIGH inf; NaN stays NaN. */
static ALWAYS_INLINE V K(vexp)(V x)
{
    V t, n, y;
    const V p = VADD(K(exp_part)(&t, &n, x), VSET1(1.0));
    const M positive = VLT(VZERO, n);
    /* 2^n may be too large by one binade where the result is not: for n > 0 scale by 2^(n-1), then double. */
    y = VMUL(p, VPOW2(VSEL(positive, VSUB(t, VSET1(1.0)), t)));
    y = VSEL(positive, VADD(y, y), y);
    y = VSEL(VLT(x, VSET1(K(EXP_LOW))), VZERO, y);
    y = VSEL(VLT(VSET1(K(EXP_HIGH)), x), VDIV(VSET1(1.0), VZERO), y);
    return VSEL(VEQ(x, x), y, x);
}

/* exp(x) - 1 for x <= 0: 2^n q + (2^n - 1), where the bracket is exact.  -inf gives -1, NaN stays NaN. */
static ALWAYS_INLINE V K(vexpm1)(V x)
{
    V t, n;
    const V q = K(exp_part)(&t, &n, x), scale = VPOW2(t);
    const V y = VFMA(q, scale, VSUB(scale, VSET1(1.0)));
    return VSEL(VEQ(x, x), VSEL(VLT(x, VSET1(K(EXP_LOW))), VSET1(-1.0), y), x);
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

/* erf(x) = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x.
 * |x| < 1: x + x P(x^2); else sign(x) (1 - exp(Q(|x| - 1))), up to the end, where the result rounds to 1.  The
 * polynomials are near-minimax fits, made by tests/golden/make_erf.py.  The form is that of N. Juffa's erff. */
static ALWAYS_INLINE V K(verf)(V x)
{
#ifdef FNN_F32
    static const R p[] = {7.84725913e-5f, -0.000800818932f, 0.00518809889f, -0.0268536911f, 0.112835822f,
                          -0.376126256f, 0.128379166f};
    static const R q[] = {-2.17851398e-5f, 0.000290051896f, -0.00201302518f, 0.0100474785f, -0.0415639775f,
                          -0.843106969f, -2.63896752f, -1.84960551f};
    const R end = 3.95f;
#else
    static const R p[] = {-4.22180663619206689e-12, 8.70307767800309159e-11, -1.21628359255036984e-9,
                          1.47921110426081975e-8, -1.63646106470859066e-7, 1.64620431305943685e-6,
                          -0.0000149256474511343244, 0.000120553328988747899, -0.000854832702184200375,
                          0.00522397762542191912, -0.0268661706451297187, 0.112837916709551197,
                          -0.376126389031837524, 0.128379167095512574};
    static const R q[] = {-1.29148138842703705e-15, 6.13286542057961843e-14, -1.33096223478639387e-12,
                          1.77503295047864619e-11, -1.64342755862735749e-10, 1.12674428791612799e-9,
                          -5.91987283277411575e-9, 2.40191419654050446e-8, -7.24667351753091405e-8,
                          1.32370161081157501e-7, 9.75947292758999519e-8, -2.01492121759503795e-6,
                          9.57527926508712315e-6, -0.000027140265263091884, 0.0000262701186298489833,
                          0.000237324763222437839, -0.00197790302964853288, 0.0100338254351701881,
                          -0.041561098046578028, -0.843107256358483608, -2.63896751423479128,
                          -1.84960550993324825};
    const R end = 5.95;
#endif
    const V a = VABS(x), z = VMUL(x, x), u = VSUB(VSEL(VLT(VSET1(end), a), VSET1(end), a), VSET1(1.0));
    V small = VSET1(p[0]), large = VSET1(q[0]);
    for (size_t i = 1; i < sizeof p / sizeof p[0]; ++i) small = VFMA(small, z, VSET1(p[i]));
    for (size_t i = 1; i < sizeof q / sizeof q[0]; ++i) large = VFMA(large, u, VSET1(q[i]));
    small = VFMA(small, x, x);
    large = VSUB(VSET1(1.0), K(vexp)(large));
    return VSEL(VLT(a, VSET1(1.0)), small, VSEL(VLT(x, VZERO), VSUB(VZERO, large), large));
}

/* Sum of 16 partial sums, column c in partial sum c mod 16, as a fixed tree: the same for every vector width. */
static ALWAYS_INLINE R K(tree_sum)(const V partial[16 / VL])
{
    V s[16 / VL];
    UNROLL
    for (int i = 0; i < 16 / VL; ++i) s[i] = partial[i];
    UNROLL
    for (int half = 8 / VL; half; half /= 2) {
        UNROLL
        for (int i = 0; i < half; ++i) s[i] = VADD(s[i], s[i + half]);
    }
    return VTREE(s[0]);
}
