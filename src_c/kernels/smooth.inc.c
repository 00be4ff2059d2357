/* smooth.inc.c: smooth activations.  Formulas and sources: fastnn/ops/smooth.py. */

#define ELU const V alpha = ATTRIBUTE(0), scale = ATTRIBUTE(1), divisor = ATTRIBUTE(2)
ELEMENTWISE_1(elu, ELU,
              VSEL(VLT(VZERO, x), VMUL(scale, x), VMUL(scale, VMUL(alpha, K(vexpm1)(VDIV(x, divisor))))))
ELEMENTWISE_2(elu_grad, ELU,
              VSEL(VLT(VZERO, y), VMUL(scale, dy), VMUL(dy, VDIV(VFMA(scale, alpha, y), divisor))))
#undef ELU

/* max(x, 0) + log(1 + exp(-|x|)). */
static ALWAYS_INLINE V K(vsoftplus)(V x)
{
    return VADD(VMAX(VZERO, x), K(vlog1p)(K(vexp_negative)(VSUB(VZERO, VABS(x)))));
}

ELEMENTWISE_1(softplus, NOTHING, K(vsoftplus)(x))
ELEMENTWISE_2(softplus_grad, NOTHING, VMUL(dy, K(vsigmoid)(y)))
ELEMENTWISE_1(log_sigmoid, NOTHING, VSUB(VZERO, K(vsoftplus)(VSUB(VZERO, x))))
ELEMENTWISE_2(log_sigmoid_grad, NOTHING, VMUL(dy, K(vsigmoid)(VSUB(VZERO, y))))

ELEMENTWISE_1(softsign, const V one = VSET1(1.0), VDIV(x, VADD(one, VABS(x))))
ELEMENTWISE_2(softsign_grad, const V one = VSET1(1.0), VDIV(VDIV(dy, VADD(one, VABS(y))), VADD(one, VABS(y))))

static ALWAYS_INLINE V K(vsquareplus)(V x, V b)
{
    const V half = VSET1(0.5), total = VADD(VABS(x), VSQRT(VFMA(x, x, b)));
    return VSEL(VLT(x, VZERO), VDIV(VMUL(half, b), total), VMUL(half, total));
}

ELEMENTWISE_1(squareplus, const V c = ATTRIBUTE(0), K(vsquareplus)(x, c))
ELEMENTWISE_2(squareplus_grad, const V quarter = VMUL(VSET1(0.25), ATTRIBUTE(0)),
              VMUL(dy, VDIV(VMUL(y, y), VFMA(y, y, quarter))))

static ALWAYS_INLINE V K(silu_slope)(V x)
{
    const V s = K(vsigmoid)(x), one = VSET1(1.0);
    return VMUL(s, VFMA(x, VSUB(one, s), one));
}

ELEMENTWISE_1(silu, NOTHING, VMUL(x, K(vsigmoid)(x)))
ELEMENTWISE_2(silu_grad, NOTHING, VMUL(dy, K(silu_slope)(y)))

/* x P(x), P the normal distribution: x P(x) = -|x| P(-|x|) for x < 0, to which x > 0 adds x. */
static ALWAYS_INLINE V K(vgelu)(V x)
{
    const K(tail) tail = K(normal_tail)(x);
    /* Long before -100 the tail's scale is 0, times which infinity would be NaN; a NaN stays one. */
    const V minus_a = VMAX(VSET1(-100.0), VSUB(VZERO, VABS(x))), y = VMUL(minus_a, tail.part);
    const V rest = VFMA(minus_a, tail.rest, VFMA(minus_a, tail.part, VSUB(VZERO, y)));
    return VFMA(VADD(y, VFMA(y, tail.grow, rest)), tail.scale, VMAX(VZERO, x));
}

static ALWAYS_INLINE V K(gelu_slope)(V x)
{
    const K(tail) tail = K(normal_tail)(x);
    const V beyond = VMUL(VFMA(tail.part, tail.grow, tail.part), tail.scale);
    const V density = VMUL(K(vexp_negative)(VMUL(VSET1(-0.5), VMUL(x, x))), VSET1(RC(0.39894228040143267794)));
    return VFMA(x, density, VSEL(VLT(x, VZERO), beyond, VSUB(VSET1(1.0), beyond)));
}

ELEMENTWISE_1(gelu, NOTHING, K(vgelu)(x))
ELEMENTWISE_2(gelu_grad, NOTHING, VMUL(dy, K(gelu_slope)(y)))

/* v = c (x + 0.044715 x^3), c = 2 sqrt(2 / pi). */
static ALWAYS_INLINE V K(gelu_tanh_inner)(V x)
{
    const V cubic = VFMA(VSET1(RC(0.044715)), VMUL(x, x), VSET1(1.0));
    return VMUL(VSET1(RC(1.5957691216057307117)), VMUL(x, cubic));
}

static ALWAYS_INLINE V K(gelu_tanh_slope)(V x)
{
    const V v = K(gelu_tanh_inner)(x), one = VSET1(1.0), e = K(vexp_negative)(VSUB(VZERO, VABS(v)));
    const V slope = VDIV(e, VMUL(VADD(one, e), VADD(one, e)));
    const V dv = VMUL(VSET1(RC(1.5957691216057307117)), VFMA(VSET1(RC(0.134145)), VMUL(x, x), one));
    /* Where the slope has become 0, dv may have become infinite. */
    return VADD(K(vsigmoid)(v), VSEL(VEQ(slope, VZERO), VZERO, VMUL(x, VMUL(slope, dv))));
}

ELEMENTWISE_1(gelu_tanh, NOTHING, VMUL(x, K(vsigmoid)(K(gelu_tanh_inner)(x))))
ELEMENTWISE_2(gelu_tanh_grad, NOTHING, VMUL(dy, K(gelu_tanh_slope)(y)))

/* tanh(softplus(x)) = u / (u + d), with t = exp(-|x|). */
static ALWAYS_INLINE void K(mish_parts)(V *t, V *u, V *d, V x)
{
    const V two = VSET1(2.0), e = K(vexp_negative)(VSUB(VZERO, VABS(x)));
    const M negative = VLT(x, VZERO);
    *t = e;
    *u = VSEL(negative, VMUL(e, VADD(e, two)), VFMA(two, e, VSET1(1.0)));
    *d = VSEL(negative, two, VMUL(two, VMUL(e, e)));
}

static ALWAYS_INLINE V K(vmish)(V x)
{
    V t, u, d;
    K(mish_parts)(&t, &u, &d, x);
    return VMUL(x, VDIV(u, VADD(u, d)));
}

static ALWAYS_INLINE V K(mish_slope)(V x)
{
    V t, u, d, whole, s, falls;
    K(mish_parts)(&t, &u, &d, x);
    whole = VADD(u, d);
    s = VDIV(VSEL(VLT(x, VZERO), t, VSET1(1.0)), VADD(VSET1(1.0), t));
    falls = VMUL(VMUL(VDIV(d, whole), VDIV(VADD(u, whole), whole)), s);
    return VFMA(x, falls, VDIV(u, whole));
}

ELEMENTWISE_1(mish, NOTHING, K(vmish)(x))
ELEMENTWISE_2(mish_grad, NOTHING, VMUL(dy, K(mish_slope)(y)))

ELEMENTWISE_1(exponential, NOTHING, K(vexp)(x))
ELEMENTWISE_2(exponential_grad, NOTHING, VMUL(dy, y))

static ALWAYS_INLINE V K(tanh_squared)(V x)
{
    const V t = K(vtanh)(x);
    return VMUL(t, t);
}

ELEMENTWISE_1(tanh_shrink, NOTHING, VSUB(x, K(vtanh)(x)))
ELEMENTWISE_2(tanh_shrink_grad, NOTHING, VMUL(dy, K(tanh_squared)(y)))

#undef ELEMENTWISE_1
#undef ELEMENTWISE_2
#undef ATTRIBUTE
#undef NOTHING
