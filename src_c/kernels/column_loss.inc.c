/* column_loss.inc.c: losses that are a mean or a sum over the columns of a function of the output x and its target.
 * value (B) and d (B, N) as in loss.inc.c.  Formulas and sources: fastnn/ops/column_losses.py.
 * Where a comparison chooses, it does so that a NaN in x shows in the value and in d. */

/* `setup` once, `prepare` for each vector of columns; then value = sum of `loss` / divisor and d = slope / (B divisor).
 * In scope: x, target (V), X_ and T_ (their buffers), op. */
#define COLUMN_LOSS(name, divisor, setup, prepare, loss, slope)                                                 \
    static void K(op_##name)(const fnn_batch *b, const fnn_op *op)                                              \
    {                                                                                                           \
        const fnn_buffer *d = K(buffer)(b, op, 1), *X_ = K(buffer)(b, op, 2), *T_ = K(buffer)(b, op, 3);        \
        const int64_t n = X_->cols, over = (divisor);                                                           \
        R *value = K(reals)(b, op, 0);                                                                          \
        const V inverse = VSET1(RC(1.0) / (R)(b->all * over));                                                 \
        setup;                                                                                                  \
        for (int64_t r = 0; r < b->rows; ++r) {                                                                 \
            const R *X = K(row)(X_, r), *T = K(row)(T_, r);                                                     \
            R *D = K(row)(d, r);                                                                                \
            V partial[16 / VL];                                                                                 \
            for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;                                               \
            for (int64_t j = 0, part = 0; j < X_->ld; j += VL, part = (part + 1) % (16 / VL)) {                 \
                const M real = VFIRST(n - j);                                                                   \
                const V x = VLOAD(X + j), target = VLOAD(T + j);                                                \
                prepare;                                                                                        \
                partial[part] = VADD(partial[part], VSEL(real, loss, VZERO));                                   \
                if (D) VSTORE(D + j, VSEL(real, VMUL(slope, inverse), VZERO));                                  \
            }                                                                                                   \
            value[r] = K(tree_sum)(partial) / (R)over;                                                          \
        }                                                                                                       \
    }

/* x, but `low` where it is below; NaN stays NaN. */
static ALWAYS_INLINE V K(at_least)(V x, V low) { return VSEL(VLT(x, low), low, x); }

/* -1, 0 or 1; NaN stays NaN. */
static ALWAYS_INLINE V K(vsign)(V x)
{
    return VSEL(VLT(VZERO, x), VSET1(1.0), VSEL(VLT(x, VZERO), VSET1(-1.0), VSUB(x, x)));
}

COLUMN_LOSS(mean_absolute_error, n, (void)0, const V e = VSUB(x, target), VABS(e), K(vsign)(e))

COLUMN_LOSS(mean_absolute_percentage_error, n, const V hundred = VSET1(100.0),
            const V e = VSUB(x, target); const V size = K(at_least)(VABS(target), VSET1(K(EPSILON))),
            VMUL(hundred, VDIV(VABS(e), size)), VDIV(VMUL(hundred, K(vsign)(e)), size))

COLUMN_LOSS(mean_squared_logarithmic_error, n, const V low = VSET1(K(EPSILON)); const V one = VSET1(1.0),
            const V above = VADD(K(at_least)(x, low), one);
            const V e = VSUB(K(vlog)(above), K(vlog)(VADD(K(at_least)(target, low), one))),
            VMUL(e, e), VSEL(VLT(x, low), VZERO, VDIV(VADD(e, e), above)))

COLUMN_LOSS(huber, n, const V delta = VSET1(op->attribute[0]); const V half = VSET1(0.5),
            const V e = VSUB(x, target); const M far = VLT(delta, VABS(e)),
            VSEL(far, VSUB(VMUL(delta, VABS(e)), VMUL(half, VMUL(delta, delta))), VMUL(half, VMUL(e, e))),
            VSEL(far, VMUL(delta, K(vsign)(e)), e))

COLUMN_LOSS(log_cosh, n, const V log_2 = VSET1(RC(0.69314718055994530942)),
            const V e = VSUB(x, target); const V small = K(vexp_negative)(VMUL(VABS(e), VSET1(-2.0))),
            VSUB(VADD(VABS(e), K(vlog1p)(small)), log_2), K(vtanh)(e))

/* Whether all targets of the batch are 0 or 1. */
static int K(all_binary)(const fnn_batch *b, const fnn_buffer *t)
{
    for (int64_t r = 0; r < b->rows; ++r)
        for (int64_t j = 0; j < t->cols; ++j) {
            const R x = K(row)(t, r)[j];
            if (x != RC(0.0) && x != RC(1.0)) return 0;
        }
    return 1;
}

#define SIGNS const int binary = K(all_binary)(b, T_)
#define MARGIN                                                                                  \
    const V t = binary ? VSUB(VADD(target, target), VSET1(1.0)) : target;                       \
    const V margin = VSUB(VSET1(1.0), VMUL(t, x))

COLUMN_LOSS(hinge, n, SIGNS, MARGIN, K(at_least)(margin, VZERO),
            VSEL(VLT(margin, VZERO), VZERO, VSUB(VSUB(margin, margin), t)))

COLUMN_LOSS(squared_hinge, n, SIGNS, MARGIN; const V h = K(at_least)(margin, VZERO), VMUL(h, h),
            VMUL(VMUL(VSET1(-2.0), t), h))
#undef SIGNS
#undef MARGIN

static ALWAYS_INLINE V K(clip_to_1)(V p)
{
    return VSEL(VLT(VSET1(1.0), p), VSET1(1.0), K(at_least)(p, VSET1(K(EPSILON))));
}

COLUMN_LOSS(kl_divergence, 1, (void)0, const V p = K(clip_to_1)(x); const V t = K(clip_to_1)(target),
            VMUL(t, K(vlog)(VDIV(t, p))),
            VSEL(VEQ(x, p), VSUB(VZERO, VDIV(t, p)), VSEL(VEQ(x, x), VZERO, x)))

/* The logarithm of a negative number is NaN here, as in NumPy: there is no such count. */
COLUMN_LOSS(poisson, n, (void)0,
            const V q = VADD(x, VSET1(K(EPSILON)));
            const V log_q = VSEL(VLT(q, VZERO), VDIV(VZERO, VZERO), K(vlog)(q)),
            VSUB(x, VMUL(target, log_q)), VSUB(VSET1(1.0), VDIV(target, q)))

/* u^exponent for u >= 0; 0 for u < 0, but 1 where the exponent is 0. */
static ALWAYS_INLINE V K(vpower)(V u, R exponent)
{
    if (exponent == RC(0.0)) return VSET1(1.0);
    return K(vexp)(VMUL(VSET1(exponent), K(vlog)(K(at_least)(u, VZERO))));
}

COLUMN_LOSS(binary_focal_cross_entropy, n,
            const V one = VSET1(1.0); const V alpha = VSET1(op->attribute[0]); const R gamma = (R)op->attribute[1];
            const int balance = op->attribute[2] != 0,
            const V p = K(clip)(x); const V q = VSUB(one, p); const V rest = VSUB(one, target);
            const V weight = balance ? VADD(VMUL(target, alpha), VMUL(rest, VSUB(one, alpha))) : one;
            const V entropy = VSUB(VZERO, VADD(VMUL(target, K(vlog)(p)), VMUL(rest, K(vlog)(q))));
            const V side = VSUB(one, VADD(target, target)); const V wrong = VADD(target, VMUL(side, x));
            const V focus = K(vpower)(wrong, gamma);
            V change = VMUL(focus, VSEL(VEQ(p, x), VDIV(VSUB(p, target), VMUL(p, q)), VZERO));
            if (gamma != RC(0.0))
                change = VADD(change, VMUL(VMUL(VMUL(VSET1(gamma), K(vpower)(wrong, gamma - RC(1.0))), side), entropy)),
            VMUL(weight, VMUL(focus, entropy)), VADD(VMUL(weight, change), VSUB(x, x)))
#undef COLUMN_LOSS
