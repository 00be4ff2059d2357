/* vmath.inc.c: exp, expm1, log, log1p, tanh, sigmoid and the normal distribution of vectors.
 *
 * Only fma, +, -, *, / and integer shifts, in one fixed order, so every level gives the same bits.  Errors: `make exhaustive`
 * (float32, all numbers) and tests/kernels/test_vmath.py. */

/* For exp(x) = 2^n exp(r), n = round(x / ln 2), *r = x - n ln 2 in [-ln 2 / 2, ln 2 / 2]: gives the polynomial p of
 * exp(r) = 1 + r + r^2 p.  *t becomes n in the form that VPOW2 takes.
 *   float32: S. Moshier, Cephes expf.c (minimax, degree 7).   float64: Taylor, degree 13 (the next term is 4e-18). */
static ALWAYS_INLINE V K(exp_part)(V *t, V *r, V x)
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
    V n, p = VSET1(c[0]);
    *t = VFMA(x, VSET1(RC(1.44269504088896340736)), magic);
    n = VSUB(*t, magic);
    *r = VFMA(n, VSET1(-ln2_low), VFMA(n, VSET1(-ln2_high), x));
    for (size_t i = 1; i < sizeof c / sizeof c[0]; ++i) p = VFMA(p, *r, VSET1(c[i]));
    return p;
}

#ifdef FNN_F32
static const R K(EXP_LOW) = -87.3365447f, K(EXP_HIGH) = 88.7228394f;
#else
static const R K(EXP_LOW) = -708.39641853226408, K(EXP_HIGH) = 709.78271289338397;
#endif

/* exp(x) for x <= 0.  Below EXP_LOW, where exp would be denormal, 0; NaN stays NaN. */
static ALWAYS_INLINE V K(vexp_negative)(V x)
{
    const V one = VSET1(1.0);
    V t, r;
    const V p = K(exp_part)(&t, &r, x), y = VFMA(r, VFMA(r, p, one), one);
    return VSEL(VLT(x, VSET1(K(EXP_LOW))), VZERO, VMUL(y, VPOW2(t)));
}

/* exp(x).  As for negative x; above EXP_HIGH inf. */
static ALWAYS_INLINE V K(vexp)(V x)
{
    const V one = VSET1(1.0);
    V t, r, y;
    const V p = K(exp_part)(&t, &r, x);
    const M positive = VLT(VZERO, x);
    /* 2^n may be too large by one binade where the result is not: for x > 0 scale by 2^(n-1), then double. */
    y = VMUL(VFMA(r, VFMA(r, p, one), one), VPOW2(VSEL(positive, VSUB(t, one), t)));
    y = VSEL(positive, VADD(y, y), y);
    y = VSEL(VLT(x, VSET1(K(EXP_LOW))), VZERO, y);
    y = VSEL(VLT(VSET1(K(EXP_HIGH)), x), VDIV(one, VZERO), y);
    return VSEL(VEQ(x, x), y, x);
}

/* exp(x) - 1 for x <= 0: 2^n (r + r^2 p) + (2^n - 1), where the bracket is exact.  -inf gives -1, NaN stays NaN. */
static ALWAYS_INLINE V K(vexpm1)(V x)
{
    V t, r;
    const V p = K(exp_part)(&t, &r, x), scale = VPOW2(t);
    const V y = VFMA(VFMA(VMUL(p, r), r, r), scale, VSUB(scale, VSET1(1.0)));
    return VSEL(VEQ(x, x), VSEL(VLT(x, VSET1(K(EXP_LOW))), VSET1(-1.0), y), x);
}

/* log(m 2^e), m the mantissa of x in [sqrt(1/2), sqrt(2)): with f = m - 1, s = f / (2 + f),
 * log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)).  Source: FreeBSD msun e_log.c, e_logf.c (Sun, 1993). */
static ALWAYS_INLINE V K(log_part)(V x, V e)
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
    const V f = VSUB(VMANTISSA(x), VSET1(1.0));
    const V s = VDIV(f, VADD(f, VSET1(2.0))), z = VMUL(s, s), half_f2 = VMUL(VMUL(f, f), VSET1(0.5));
    V y, r = VSET1(c[0]);
    for (size_t i = 1; i < sizeof c / sizeof c[0]; ++i) r = VFMA(r, z, VSET1(c[i]));
    r = VMUL(r, z);
    y = VFMA(s, VADD(half_f2, r), VMUL(e, VSET1(ln2_low)));
    return VFMA(e, VSET1(ln2_high), VADD(VSUB(y, half_f2), f));
}

/* log(x) for normal x > 0.  Special values: 0, negative and denormal give -inf, inf gives inf, NaN NaN. */
static ALWAYS_INLINE V K(vlog)(V x)
{
    V y = K(log_part)(x, VEXPONENT(x));
    y = VSEL(VLT(x, VSET1(R_MIN)), VDIV(VSET1(-1.0), VZERO), y);
    y = VSEL(VEQ(x, VDIV(VSET1(1.0), VZERO)), x, y);
    return VSEL(VEQ(x, x), y, x);
}

/* log(x) for every x: of denormal numbers too, and NaN of negative ones. */
static ALWAYS_INLINE V K(vlog_of_all)(V x)
{
    const R bits = MANTISSA_BITS + 2, factor = (R)((BITS)1 << (MANTISSA_BITS + 2));
    const M denormal = VLT(x, VSET1(R_MIN));
    const V scaled = VSEL(denormal, VMUL(x, VSET1(factor)), x);
    const V y = K(log_part)(scaled, VSUB(VEXPONENT(scaled), VSEL(denormal, VSET1(bits), VZERO)));
    return VSEL(VLT(VZERO, x), VSEL(VEQ(x, VDIV(VSET1(1.0), VZERO)), x, y),
                VDIV(VSUB(VSQRT(x), VSET1(1.0)), VZERO));
}

/* log(1 + x) for x in [0, 1]: log(u) + (x - (u - 1)) / u with u = 1 + x rounded.
 * Source: Goldberg, "What every computer scientist should know about floating-point arithmetic" (1991), theorem 4. */
static ALWAYS_INLINE V K(vlog1p)(V x)
{
    const V u = VADD(x, VSET1(1.0));
    return VADD(K(vlog)(u), VDIV(VSUB(x, VSUB(u, VSET1(1.0))), u));
}

/* z = 1 / (1 + exp(|x|)) and 1 - z: the sigmoid for x < 0 and for x >= 0.  Below EXP_LOW 0.
 * Beside exp(|x|) = 2^n (h + l), h = 1 + r rounded, the bits that 1 + exp(|x|) loses are kept in c, and one step of
 * Newton's, z += z (1 - z (d + c)), takes in c and the division's rounding: z errs by less than 1 ULP.  Sums whose
 * error is taken exactly: Dekker, "A floating-point technique for extending the available precision" (1971). */
static ALWAYS_INLINE V K(vsigmoid)(V x)
{
    const V one = VSET1(1.0), a = VABS(x), low = VSET1(-K(EXP_LOW));
    V t, r, h, l, d, c, sum, z;
    const V p = K(exp_part)(&t, &r, VSEL(VLT(low, a), low, a)), scale = VPOW2(t);
    h = VADD(one, r);
    l = VFMA(VMUL(p, r), r, VSUB(r, VSUB(h, one)));
    h = VMUL(h, scale);
    sum = VADD(h, one);
    c = VFMA(l, scale, VADD(VSUB(h, sum), one));
    d = VADD(sum, c);
    c = VADD(c, VSUB(sum, d));
    z = VDIV(VSET1(-1.0), d);
    z = VFMA(VFMA(c, z, VFMA(d, z, one)), z, z);
    z = VSEL(VLT(x, VSET1(K(EXP_LOW))), VZERO, z);
    return VSEL(VLT(x, VZERO), VSUB(VZERO, z), VADD(one, z));
}

/* tanh(x): |x| < 0.625: x + x^3 P(x^2) (float32) or x + x^3 P(x^2) / Q(x^2) (float64), S. Moshier, Cephes tanhf.c
 * and tanh.c; else sign(x) (1 - 2 e / (1 + e)) with e = exp(-2 |x|). */
static ALWAYS_INLINE V K(vtanh)(V x)
{
    const V a = VABS(x), z = VMUL(x, x), e = K(vexp_negative)(VMUL(a, VSET1(-2.0)));
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

/* The part of the normal distribution beyond |x|, as scale * (part + part * grow + rest): exp(-x^2 / 2) w Q(8 w - 1),
 * w = 1 / (|x| + 4), where scale * (1 + grow) is the exponential (scale a power of 2, or 0 where that is denormal), part
 * is w Q rounded, and rest what rounding took, also of w and of x^2.  Q is a near-minimax fit by tests/golden/make_normal.py; the form is that
 * of Shepherd and Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc(x)" (1981). */
typedef struct {
    V part, grow, rest, scale;
} K(tail);

static ALWAYS_INLINE K(tail) K(normal_tail)(V x)
{
#ifdef FNN_F32
    static const R c[] = {0.000130769375f, 0.000179643554f, -0.00156633998f, -0.00351467915f, 0.00752338022f,
                          0.0604050383f, 0.186523795f, 0.387136698f, 0.607896566f, 0.755285144f};
    const R end = 14.5f;
#else
    static const R c[] = {-1.2079785483142828e-9, 3.334180419612479e-10, 1.4698088644467448e-8, -1.6061192015803308e-8,
                          -7.741578768639134e-8, 1.566019331773672e-7, 2.6443893131782719e-7, -1.0218885760813592e-6,
                          -6.2546725410322112e-7, 5.9200423474335712e-6, 7.1510390277033921e-7, -3.5144585847711191e-5,
                          -1.9078887981679707e-6, 0.00023109490855150838, 0.00013334425853648728, -0.0016308184541043275,
                          -0.0034796923629719285, 0.0075401889665095692, 0.060396574890769668, 0.18652185795966245,
                          0.38713740074221586, 0.60789664197189208, 0.75528513041575152};
    const R end = 39.0;
#endif
    const V a = VSEL(VLT(VSET1(end), VABS(x)), VSET1(end), VABS(x)), h = VMUL(a, a), one = VSET1(1.0);
    const V d = VADD(a, VSET1(4.0)), d_low = VSUB(a, VSUB(d, VSET1(4.0))), minus_w = VDIV(VSET1(-1.0), d);
    const V w_part = VFMA(d_low, minus_w, VFMA(d, minus_w, one)); /* what w lacks, as a part of it */
    const V w8 = VMUL(minus_w, VSET1(-8.0)), t = VFMA(w8, w_part, VSUB(w8, one));
    const V power = VMUL(h, VSET1(-0.5)), w = VMUL(w8, VSET1(0.125));
    const V lacking = VFMA(VSET1(0.5), VFMA(VSUB(VZERO, a), a, h), w_part);
    const V last = VSET1(c[sizeof c / sizeof c[0] - 1]);
    V n, r, p, q = VSET1(c[0]), q_low;
    K(tail) y;
    for (size_t i = 1; i + 1 < sizeof c / sizeof c[0]; ++i) q = VFMA(q, t, VSET1(c[i]));
    q_low = q;
    q = VFMA(q, t, last);
    q_low = VFMA(q_low, t, VSUB(last, q));
    p = K(exp_part)(&n, &r, power);
    y.scale = VSEL(VLT(power, VSET1(K(EXP_LOW))), VZERO, VPOW2(n));
    y.grow = VMUL(r, VFMA(r, p, one));
    y.part = VMUL(q, w);
    y.rest = VFMA(q_low, w, VFMA(q, w, VSUB(VZERO, y.part)));
    y.rest = VFMA(y.part, VFMA(lacking, y.grow, lacking), y.rest);
    return y;
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
