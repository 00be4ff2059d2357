/* row_loss.inc.c: losses in which the columns of a row act together, and what is done to the value and gradient of any
 * loss.  value (B) and d (B, N) as in loss.inc.c.  Formulas and sources: fastnn/ops/row_losses.py, losses.py. */

/* Sum over the row of a * b (n), as a tree. */
static ALWAYS_INLINE R K(row_dot)(const R *a, const R *b, int64_t n)
{
    V partial[16 / VL];
    for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;
    for (int64_t j = 0, part = 0; j < n; j += VL, part = (part + 1) % (16 / VL))
        partial[part] = VADD(partial[part], VSEL(VFIRST(n - j), VMUL(VLOAD(a + j), VLOAD(b + j)), VZERO));
    return K(tree_sum)(partial);
}

/* x (B, N), one-hot targets t (B, N). */
static void K(op_categorical_hinge)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *x_ = K(buffer)(b, op, 2), *t_ = K(buffer)(b, op, 3);
    R *value = K(reals)(b, op, 0);
    const V one = VSET1(1.0), inverse = VSET1(RC(1.0) / (R)b->all);
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *X = K(row)(x_, r), *T = K(row)(t_, r), own = K(row_dot)(T, X, x_->cols);
        R largest = (RC(1.0) - T[0]) * X[0], equal = 0, margin;
        for (int64_t j = 1; j < x_->cols; ++j) {
            const R other = (RC(1.0) - T[j]) * X[j];
            largest = other > largest ? other : largest;
        }
        margin = largest - own + RC(1.0);
        value[r] = margin < 0 ? 0 : margin;
        if (!d) continue;
        for (int64_t j = 0; j < x_->cols; ++j) equal += (RC(1.0) - T[j]) * X[j] == largest;
        for (int64_t j = 0; j < d->ld; j += VL) {
            const V t = VLOAD(T + j), rest = VSUB(one, t);
            const V share = VSEL(VEQ(VMUL(rest, VLOAD(X + j)), VSET1(largest)), VSET1(RC(1.0) / equal), VZERO);
            const V slope = VADD(VSUB(VMUL(share, rest), t), VSET1(margin - margin));
            VSTORE(K(row)(d, r) + j,
                   VSEL(VFIRST(d->cols - j), margin < 0 ? VZERO : VMUL(slope, inverse), VZERO));
        }
    }
}

/* sqrt(x), but `low` where that is below. */
static ALWAYS_INLINE R K(root_at_least)(R x, R low)
{
    R root[VL];
    VSTORE(root, K(at_least)(VSQRT(VSET1(x)), VSET1(low)));
    return root[0];
}

/* x (B, N), targets t (B, N). */
static void K(op_cosine_similarity)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *x_ = K(buffer)(b, op, 2), *t_ = K(buffer)(b, op, 3);
    R *value = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *X = K(row)(x_, r), *T = K(row)(t_, r);
        const R square = K(row_dot)(X, X, x_->cols), norm = K(root_at_least)(square, K(EPSILON));
        const R target_norm = K(root_at_least)(K(row_dot)(T, T, x_->cols), K(EPSILON));
        const R similarity = K(row_dot)(T, X, x_->cols) / target_norm / norm;
        const R pull = K(root_at_least)(square, 0) < K(EPSILON) ? 0 : similarity / norm;
        const R scale = norm * (R)b->all;
        value[r] = -similarity;
        if (!d) continue;
        for (int64_t j = 0; j < d->ld; j += VL) {
            const V slope = VSUB(VMUL(VSET1(pull), VLOAD(X + j)), VDIV(VLOAD(T + j), VSET1(target_norm)));
            VSTORE(K(row)(d, r) + j, VSEL(VFIRST(d->cols - j), VDIV(slope, VSET1(scale)), VZERO));
        }
    }
}

/* Probabilities p (B, N), one-hot targets t (B, N). */
static void K(op_categorical_focal_cross_entropy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *p_ = K(buffer)(b, op, 2), *t_ = K(buffer)(b, op, 3);
    const V alpha = VSET1(op->attribute[0]), one = VSET1(1.0);
    const R gamma = (R)op->attribute[1];
    R *value = K(reals)(b, op, 0), *row = (R *)b->scratch;
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *X = K(row)(p_, r), *T = K(row)(t_, r), sum = K(row_sum)(X, p_->cols);
        R *g = d ? K(row)(d, r) : row, all;
        V loss[16 / VL], gq[16 / VL];
        for (int i = 0; i < 16 / VL; ++i) loss[i] = gq[i] = VZERO;
        for (int64_t j = 0, part = 0; j < p_->ld; j += VL, part = (part + 1) % (16 / VL)) {
            const M real = VFIRST(p_->cols - j);
            const V t = VLOAD(T + j), q = VDIV(VLOAD(X + j), VSET1(sum)), c = K(clip)(q), log_c = K(vlog)(c);
            const V rest = VSUB(one, c), focus = K(vpower)(rest, gamma);
            V slope = VSUB(VZERO, VDIV(focus, c));
            if (gamma != RC(0.0))
                slope = VADD(slope, VMUL(VMUL(VSET1(gamma), K(vpower)(rest, gamma - RC(1.0))), log_c));
            slope = VSEL(VEQ(q, c), VMUL(alpha, VMUL(t, slope)), VSUB(q, q));
            slope = VSEL(real, slope, VZERO);
            VSTORE(g + j, slope);
            loss[part] = VSUB(loss[part], VSEL(real, VMUL(alpha, VMUL(focus, VMUL(t, log_c))), VZERO));
            gq[part] = VADD(gq[part], VSEL(real, VMUL(slope, q), VZERO));
        }
        value[r] = K(tree_sum)(loss);
        if (!d) continue;
        all = K(tree_sum)(gq);
        for (int64_t j = 0; j < d->ld; j += VL) {
            const V slope = VDIV(VSUB(VLOAD(g + j), VSET1(all)), VSET1(sum * (R)b->all));
            VSTORE(g + j, VSEL(VFIRST(d->cols - j), slope, VZERO));
        }
    }
}

/* Probabilities p (B, N), targets t (B, N); one value for all rows.  The rows' sums are added in double, in order. */
static void K(op_tversky)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *p_ = K(buffer)(b, op, 2), *t_ = K(buffer)(b, op, 3);
    const double alpha = op->attribute[0], beta = op->attribute[1];
    double both = 0, targets = 0, predictions = 0, below;
    V common, whole, one, own, other;
    for (int64_t r = 0; r < b->rows; ++r) {
        both += (double)K(row_dot)(K(row)(t_, r), K(row)(p_, r), p_->cols);
        targets += (double)K(row_sum)(K(row)(t_, r), p_->cols);
        predictions += (double)K(row_sum)(K(row)(p_, r), p_->cols);
    }
    below = both + alpha * (targets - both) + beta * (predictions - both) + op->attribute[2];
    for (int64_t r = 0; r < b->rows; ++r) K(reals)(b, op, 0)[r] = (R)(1 - both / below);
    if (!d) return;
    common = VSET1(both / below), whole = VSET1(below), own = VSET1(1 - alpha), other = VSET1(beta);
    one = VSET1(1.0);
    for (int64_t r = 0; r < b->rows; ++r)
        for (int64_t j = 0; j < d->ld; j += VL) {
            const V t = VLOAD(K(row)(t_, r) + j);
            const V change = VADD(VMUL(t, own), VMUL(VSUB(one, t), other));
            const V slope = VDIV(VSUB(VMUL(common, change), t), whole);
            VSTORE(K(row)(d, r) + j, VSEL(VFIRST(d->cols - j), slope, VZERO));
        }
}

/* loss_r = scale value_r and d_r = scale dvalue_r, times the row's weight where there are weights. */
static void K(scale_rows)(const fnn_batch *b, const fnn_op *op, R scale, const R *weight)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *dvalue = K(buffer)(b, op, 2);
    const R *value = K(reals)(b, op, 3);
    R *loss = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r) {
        const R factor = weight ? weight[r] * scale : scale;
        loss[r] = factor * value[r];
        if (!d) continue;
        for (int64_t j = 0; j < d->ld; j += VL) {
            const V x = VMUL(VSET1(factor), VLOAD(K(row)(dvalue, r) + j));
            VSTORE(K(row)(d, r) + j, VSEL(VFIRST(d->cols - j), x, VZERO));
        }
    }
}

static void K(op_weigh_loss_mean)(const fnn_batch *b, const fnn_op *op)
{
    const R *weight = K(reals)(b, op, 4);
    double total = 0;
    for (int64_t r = 0; r < b->rows; ++r) total += (double)weight[r];
    K(scale_rows)(b, op, total == 0 ? 0 : (R)((double)b->all / total), weight);
}

static void K(op_scale_loss)(const fnn_batch *b, const fnn_op *op)
{
    K(scale_rows)(b, op, (R)op->attribute[0], NULL);
}

static void K(op_sum_loss)(const fnn_batch *b, const fnn_op *op) { K(scale_rows)(b, op, (R)b->all, NULL); }

/* value_r = x_r and d_r = 1 / B; x (B, 1). */
static void K(op_row_value)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *d = K(buffer)(b, op, 1), *x = K(buffer)(b, op, 2);
    const R inverse = RC(1.0) / (R)b->all;
    for (int64_t r = 0; r < b->rows; ++r) {
        K(reals)(b, op, 0)[r] = K(row)(x, r)[0];
        if (!d) continue;
        for (int64_t j = 0; j < d->ld; ++j) K(row)(d, r)[j] = j ? 0 : inverse;
    }
}

/* y (B, 1) = value (B). */
static void K(op_loss_rows)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r)
        for (int64_t j = 0; j < y->ld; ++j) K(row)(y, r)[j] = j ? 0 : K(reals)(b, op, 1)[r];
}

/* dx_r = dy_r B d_r; dy (B, 1), d (B, N). */
static void K(op_loss_dx)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *dx = K(buffer)(b, op, 0), *dy = K(buffer)(b, op, 1), *d = K(buffer)(b, op, 2);
    for (int64_t r = 0; r < b->rows; ++r) {
        const V factor = VSET1(K(row)(dy, r)[0] * (R)b->all);
        for (int64_t j = 0; j < dx->ld; j += VL)
            VSTORE(K(row)(dx, r) + j, VSEL(VFIRST(dx->cols - j), VMUL(factor, VLOAD(K(row)(d, r) + j)), VZERO));
    }
}

/* t keep + add (B, N). */
static void K(op_smooth_targets)(const fnn_batch *b, const fnn_op *op)
{
    const V keep = VSET1(op->attribute[0]), add = VSET1(op->attribute[1]);
    const int64_t n = K(size)(b, op, 0);
    for (int64_t i = 0; i < n; i += VL)
        VSTORE(K(reals)(b, op, 0) + i, VADD(VMUL(VLOAD(K(reals)(b, op, 1) + i), keep), add));
}
