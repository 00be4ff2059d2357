/* normalisation.inc.c: batch normalisation.  Formulas: fastnn/ops/normalisation.py.  x, y (B, N), all else (N).
 * Each column is added up in ascending order of the rows. */

static ALWAYS_INLINE V K(vload_or)(const R *from, int64_t j, R other) { return from ? VLOAD(from + j) : VSET1(other); }

/* 1 / sqrt(variance + epsilon). */
static ALWAYS_INLINE V K(inverse_deviation)(const R *variance, int64_t j, R epsilon)
{
    return VDIV(VSET1(1.0), VSQRT(VADD(VLOAD(variance + j), VSET1(epsilon))));
}

/* Y = gamma (X - mean) / sqrt(variance + epsilon) + beta; gamma and beta may be NULL for 1 and 0. */
static ALWAYS_INLINE void K(normalise)(R *Y, const R *X, const R *gamma, const R *beta, const R *mean,
                                       const R *variance, R epsilon, int64_t rows, int64_t ld, int64_t n)
{
    for (int64_t j = 0; j < K(round_up)(n); j += VL) {
        const V m = VLOAD(mean + j), s = K(inverse_deviation)(variance, j, epsilon);
        const V g = K(vload_or)(gamma, j, 1), c = K(vload_or)(beta, j, 0);
        for (int64_t r = 0; r < rows; ++r)
            VSTORE(Y + r * ld + j, VFMA(g, VMUL(VSUB(VLOAD(X + r * ld + j), m), s), c));
    }
}

/* y, mean, variance <- x, gamma, beta, and the moving averages, which are not read. */
static void K(op_batch_norm)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 3);
    const R *X = x->data;
    const V count = VSET1((R)b->rows);
    R *mean = K(reals)(b, op, 1), *variance = K(reals)(b, op, 2);
    for (int64_t j = 0; j < K(round_up)(x->cols); j += VL) {
        V sum = VZERO, squares = VZERO, m;
        for (int64_t r = 0; r < b->rows; ++r) sum = VADD(sum, VLOAD(X + r * x->ld + j));
        m = VDIV(sum, count);
        for (int64_t r = 0; r < b->rows; ++r) {
            const V d = VSUB(VLOAD(X + r * x->ld + j), m);
            squares = VFMA(d, d, squares);
        }
        VSTORE(mean + j, m);
        VSTORE(variance + j, VDIV(squares, count));
    }
    K(normalise)(K(reals)(b, op, 0), X, K(reals)(b, op, 4), K(reals)(b, op, 5), mean, variance, (R)op->attribute[0],
                 b->rows, x->ld, x->cols);
}

static void K(op_batch_norm_inference)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    K(normalise)(K(reals)(b, op, 0), x->data, K(reals)(b, op, 2), K(reals)(b, op, 3), K(reals)(b, op, 4),
                 K(reals)(b, op, 5), (R)op->attribute[0], b->rows, x->ld, x->cols);
}

/* dgamma, dbeta <- dy, x, mean, variance. */
static void K(op_batch_norm_sums)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 3);
    const R *dY = K(reals)(b, op, 2), *X = x->data, *mean = K(reals)(b, op, 4), *variance = K(reals)(b, op, 5);
    for (int64_t j = 0; j < K(round_up)(x->cols); j += VL) {
        const V m = VLOAD(mean + j), s = K(inverse_deviation)(variance, j, (R)op->attribute[0]);
        V dgamma = VZERO, dbeta = VZERO;
        for (int64_t r = 0; r < b->rows; ++r) {
            const V dy = VLOAD(dY + r * x->ld + j);
            dgamma = VFMA(dy, VMUL(VSUB(VLOAD(X + r * x->ld + j), m), s), dgamma);
            dbeta = VADD(dbeta, dy);
        }
        VSTORE(K(reals)(b, op, 0) + j, dgamma);
        VSTORE(K(reals)(b, op, 1) + j, dbeta);
    }
}

/* dx <- dy, x, gamma, mean, variance, dgamma, dbeta. */
static void K(op_batch_norm_dx)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 2);
    const R *dY = K(reals)(b, op, 1), *X = x->data, *gamma = K(reals)(b, op, 3), *mean = K(reals)(b, op, 4);
    const R *variance = K(reals)(b, op, 5), *dgamma = K(reals)(b, op, 6), *dbeta = K(reals)(b, op, 7);
    const V count = VSET1((R)b->rows);
    for (int64_t j = 0; j < x->ld; j += VL) {
        V m, s, g, of_gamma, of_beta;
        if (j >= x->cols) { /* whole vectors of padding, for which there are no statistics */
            for (int64_t r = 0; r < b->rows; ++r) VSTORE(K(reals)(b, op, 0) + r * x->ld + j, VZERO);
            continue;
        }
        m = VLOAD(mean + j), s = K(inverse_deviation)(variance, j, (R)op->attribute[0]);
        g = VMUL(K(vload_or)(gamma, j, 1), s);
        of_gamma = VDIV(VLOAD(dgamma + j), count), of_beta = VDIV(VLOAD(dbeta + j), count);
        for (int64_t r = 0; r < b->rows; ++r) {
            const V xhat = VMUL(VSUB(VLOAD(X + r * x->ld + j), m), s);
            const V d = VSUB(VSUB(VLOAD(dY + r * x->ld + j), of_beta), VMUL(xhat, of_gamma));
            VSTORE(K(reals)(b, op, 0) + r * x->ld + j, VSEL(VFIRST(x->cols - j), VMUL(g, d), VZERO));
        }
    }
}

/* dx <- dy, gamma, variance. */
static void K(op_batch_norm_inference_dx)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *dy = K(buffer)(b, op, 1);
    const R *dY = dy->data, *gamma = K(reals)(b, op, 2), *variance = K(reals)(b, op, 3);
    for (int64_t j = 0; j < dy->ld; j += VL) {
        const int padding = j >= dy->cols;
        const V g = padding ? VZERO : VMUL(K(vload_or)(gamma, j, 1), K(inverse_deviation)(variance, j, (R)op->attribute[0]));
        for (int64_t r = 0; r < b->rows; ++r) {
            const V d = VMUL(g, VLOAD(dY + r * dy->ld + j));
            VSTORE(K(reals)(b, op, 0) + r * dy->ld + j, VSEL(VFIRST(dy->cols - j), d, VZERO));
        }
    }
}

/* m <- m, x. */
static void K(op_moving_average)(const fnn_batch *b, const fnn_op *op)
{
    const R momentum = (R)op->attribute[0];
    const V keep = VSET1(momentum), take = VSET1((R)(1 - op->attribute[0]));
    const int64_t n = K(size)(b, op, 0);
    const R *m = K(reals)(b, op, 1), *x = K(reals)(b, op, 2);
    R *to = K(reals)(b, op, 0);
    for (int64_t i = 0; i < n; i += VL)
        VSTORE(to + i, VFMA(keep, VLOAD(m + i), VMUL(take, VLOAD(x + i))));
}
