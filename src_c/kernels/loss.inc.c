/* loss.inc.c: value (B), one loss a row, and d (B, N), the gradient of their mean (0 in the padding; may be left
 * out).  Formulas and sources: fastnn/ops/losses.py. */

static const R K(EPSILON) = RC(1e-7);

static ALWAYS_INLINE R *K(row)(const fnn_buffer *x, int64_t r) { return x ? (R *)x->data + r * x->ld : NULL; }

/* value[r] = log(total[r]) * weight[r] + value[r]: the logarithms of all rows together, a vector at a time. */
static void K(add_logs)(R *value, const R *total, const R *weight, int64_t rows)
{
    for (int64_t r = 0; r < rows; r += VL)
        VSTORE(value + r, VFMA(K(vlog)(VLOAD(total + r)), weight ? VLOAD(weight + r) : VSET1(1.0), VLOAD(value + r)));
}

/* z (B, N) logits, targets t (B, N). */
static void K(op_softmax_cross_entropy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *z = K(buffer)(b, op, 2), *t = K(buffer)(b, op, 3);
    R *value = K(reals)(b, op, 0), *total = b->scratch, *weight = total + b->rows + P;
    R *probability = weight + b->rows + P;
    const V inverse = VSET1(RC(1.0) / (R)b->all);
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *Z = K(row)(z, r), *T = K(row)(t, r), shift = K(row_max)(Z, z->cols);
        V targets[16 / VL], cross[16 / VL];
        R *e = d ? K(row)(d, r) : probability;
        for (int i = 0; i < 16 / VL; ++i) targets[i] = cross[i] = VZERO;
        for (int64_t j = 0, part = 0; j < z->cols; j += VL, part = (part + 1) % (16 / VL)) {
            const V x = VSEL(VFIRST(z->cols - j), VLOAD(T + j), VZERO);
            targets[part] = VADD(targets[part], x);
            cross[part] = VADD(cross[part], VMUL(x, VSUB(VSET1(shift), VLOAD(Z + j))));
        }
        total[r] = K(exp_row)(e, Z, shift, z->cols);
        weight[r] = K(tree_sum)(targets);
        value[r] = K(tree_sum)(cross);
        if (!d) continue;
        for (int64_t j = 0; j < d->ld; j += VL) {
            const V p = VMUL(VDIV(VLOAD(e + j), VSET1(total[r])), VSET1(weight[r]));
            VSTORE(e + j, VSEL(VFIRST(z->cols - j), VMUL(VSUB(p, VLOAD(T + j)), inverse), VZERO));
        }
    }
    K(add_logs)(value, total, weight, b->rows);
}

/* z (B, N) logits, labels (B). */
static void K(op_sparse_softmax_cross_entropy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *z = K(buffer)(b, op, 2);
    const int32_t *label = K(integers)(b, op, 3);
    R *value = K(reals)(b, op, 0), *total = b->scratch, *probability = total + 2 * (b->rows + P);
    const V inverse = VSET1(RC(1.0) / (R)b->all);
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *Z = K(row)(z, r), shift = K(row_max)(Z, z->cols);
        R *e = d ? K(row)(d, r) : probability;
        V sum;
        total[r] = K(exp_row)(e, Z, shift, z->cols);
        value[r] = shift - Z[label[r]];
        if (!d) continue;
        sum = VSET1(total[r]);
        for (int64_t j = 0; j < d->ld; j += VL) {
            const V p = VDIV(VLOAD(e + j), sum), other = VMUL(p, inverse), own = VMUL(VSUB(p, VSET1(1.0)), inverse);
            const V q = VSEL(VFIRST(label[r] - j), other, VSEL(VFIRST(label[r] - j + 1), own, other));
            VSTORE(e + j, VSEL(VFIRST(z->cols - j), q, VZERO));
        }
    }
    K(add_logs)(value, total, NULL, b->rows);
}

/* Sum of the first n of x, the rest of the last vector being anything. */
static ALWAYS_INLINE R K(row_sum)(const R *x, int64_t n)
{
    V partial[16 / VL];
    for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;
    for (int64_t j = 0, part = 0; j < n; j += VL, part = (part + 1) % (16 / VL))
        partial[part] = VADD(partial[part], VSEL(VFIRST(n - j), VLOAD(x + j), VZERO));
    return K(tree_sum)(partial);
}

static ALWAYS_INLINE V K(clip)(V p)
{
    const V low = VSET1(K(EPSILON)), high = VSET1(RC(1.0) - K(EPSILON));
    return VSEL(VLT(p, low), low, VSEL(VLT(high, p), high, p));
}

/* One row from probabilities: q = p / sum p, clipped.  Targets t (N), or NULL and the label. */
static ALWAYS_INLINE void K(categorical_row)(R *value, R *d, int64_t ld, const R *p, const R *t, int32_t label,
                                             int64_t n, R inverse)
{
    const R sum = K(row_sum)(p, n);
    V loss[16 / VL], gq[16 / VL], total;
    for (int i = 0; i < 16 / VL; ++i) loss[i] = gq[i] = VZERO;
    for (int64_t j = 0, part = 0; j < n; j += VL, part = (part + 1) % (16 / VL)) {
        const M real = VFIRST(n - j);
        const V q = VDIV(VLOAD(p + j), VSET1(sum)), c = K(clip)(q);
        V target, log_c = K(vlog)(c);
        if (t) target = VLOAD(t + j);
        else target = VSUB(VSEL(VFIRST(label - j + 1), VSET1(1.0), VZERO), VSEL(VFIRST(label - j), VSET1(1.0), VZERO));
        target = VSEL(real, target, VZERO);
        loss[part] = VSUB(loss[part], VSEL(real, VMUL(target, log_c), VZERO));
        gq[part] = VADD(gq[part], VSEL(real, VSEL(VEQ(q, c), target, VZERO), VZERO)); /* g q = t where not clipped */
    }
    *value = K(tree_sum)(loss);
    if (!d) return;
    total = VSET1(K(tree_sum)(gq));
    for (int64_t j = 0; j < ld; j += VL) {
        const V q = VDIV(VLOAD(p + j), VSET1(sum)), c = K(clip)(q);
        V target, g;
        if (t) target = VLOAD(t + j);
        else target = VSUB(VSEL(VFIRST(label - j + 1), VSET1(1.0), VZERO), VSEL(VFIRST(label - j), VSET1(1.0), VZERO));
        g = VSEL(VEQ(q, c), VDIV(target, c), VZERO);
        g = VMUL(VDIV(VSUB(total, g), VSET1(sum)), VSET1(inverse));
        VSTORE(d + j, VSEL(VFIRST(n - j), g, VZERO));
    }
}

static void K(op_categorical_cross_entropy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *p = K(buffer)(b, op, 2), *t = K(buffer)(b, op, 3);
    for (int64_t r = 0; r < b->rows; ++r)
        K(categorical_row)(K(reals)(b, op, 0) + r, K(row)(d, r), p->ld, K(row)(p, r), K(row)(t, r), 0, p->cols,
                           RC(1.0) / (R)b->all);
}

static void K(op_sparse_categorical_cross_entropy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *p = K(buffer)(b, op, 2);
    for (int64_t r = 0; r < b->rows; ++r)
        K(categorical_row)(K(reals)(b, op, 0) + r, K(row)(d, r), p->ld, K(row)(p, r), NULL, K(integers)(b, op, 3)[r],
                           p->cols, RC(1.0) / (R)b->all);
}

/* Losses that are a mean over the columns of an elementwise function: `loss` and `slope` from x and target. */
#define COLUMN_MEAN_LOSS(name, prepare, loss, slope)                                                            \
    static void K(op_##name)(const fnn_batch *b, const fnn_op *op)                                              \
    {                                                                                                           \
        const fnn_buffer *d = K(buffer)(b, op, 1), *x_ = K(buffer)(b, op, 2), *t_ = K(buffer)(b, op, 3);        \
        R *value = K(reals)(b, op, 0);                                                                          \
        const V inverse = VSET1(RC(1.0) / (R)(b->all * x_->cols));                                             \
        for (int64_t r = 0; r < b->rows; ++r) {                                                                 \
            const R *X = K(row)(x_, r), *T = K(row)(t_, r);                                                     \
            R *D = K(row)(d, r);                                                                                \
            V partial[16 / VL];                                                                                 \
            for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;                                               \
            for (int64_t j = 0, part = 0; j < x_->ld; j += VL, part = (part + 1) % (16 / VL)) {                 \
                const M real = VFIRST(x_->cols - j);                                                            \
                const V x = VLOAD(X + j), target = VLOAD(T + j);                                                \
                prepare;                                                                                        \
                partial[part] = VADD(partial[part], VSEL(real, loss, VZERO));                                   \
                if (D) VSTORE(D + j, VSEL(real, VMUL(slope, inverse), VZERO));                                  \
            }                                                                                                   \
            value[r] = K(tree_sum)(partial) / (R)x_->cols;                                                      \
        }                                                                                                       \
    }

COLUMN_MEAN_LOSS(mean_squared_error, const V e = VSUB(x, target), VMUL(e, e), VADD(e, e))

COLUMN_MEAN_LOSS(sigmoid_cross_entropy, const V e = K(vexp_negative)(VSUB(VZERO, VABS(x))),
                 VADD(VSUB(VMAX(x, VZERO), VMUL(x, target)), K(vlog1p)(e)), VSUB(K(vsigmoid)(x), target))

COLUMN_MEAN_LOSS(binary_cross_entropy, const V p = K(clip)(x); const V q = VSUB(VSET1(1.0), p),
                 VSUB(VZERO, VFMA(target, K(vlog)(p), VMUL(VSUB(VSET1(1.0), target), K(vlog)(q)))),
                 VSEL(VEQ(p, x), VDIV(VSUB(p, target), VMUL(p, q)), VSEL(VEQ(x, x), VZERO, x)))
#undef COLUMN_MEAN_LOSS

/* loss_r = weight_r value_r and d_r = weight_r dvalue_r; value, weight (B), dvalue (B, N). */
static void K(op_weigh_loss)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *dvalue = K(buffer)(b, op, 2);
    const R *value = K(reals)(b, op, 3), *weight = K(reals)(b, op, 4);
    R *loss = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r) {
        const V w = VSET1(weight[r]);
        loss[r] = weight[r] * value[r];
        if (!d) continue;
        for (int64_t j = 0; j < d->ld; j += VL)
            VSTORE(K(row)(d, r) + j, VSEL(VFIRST(d->cols - j), VMUL(w, VLOAD(K(row)(dvalue, r) + j)), VZERO));
    }
}
