/* prelu.inc.c: the parametric rectifier.  Formulas: fastnn/ops/prelu.py.  x, y (B, N), alpha (N). */

/* y = x where x > 0, else alpha x; and the same of dy, where x says which. */
static ALWAYS_INLINE void K(prelu)(R *Y, const R *of, const R *X, const R *alpha, int64_t rows, int64_t ld, int64_t n)
{
    for (int64_t r = 0; r < rows; ++r, Y += ld, of += ld, X += ld)
        for (int64_t j = 0; j < K(round_up)(n); j += VL) {
            const V v = VLOAD(of + j);
            VSTORE(Y + j, VSEL(VLT(VZERO, VLOAD(X + j)), v, VMUL(VLOAD(alpha + j), v)));
        }
}

static void K(op_prelu)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    K(prelu)(K(reals)(b, op, 0), x->data, x->data, K(reals)(b, op, 2), b->rows, x->ld, x->cols);
}

static void K(op_prelu_dx)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 2);
    K(prelu)(K(reals)(b, op, 0), K(reals)(b, op, 1), x->data, K(reals)(b, op, 3), b->rows, x->ld, x->cols);
}

/* dalpha (N) = sum over the rows of x dy where x <= 0, each column in ascending order. */
static void K(op_prelu_dalpha)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 2);
    const R *dY = K(reals)(b, op, 1), *X = x->data;
    R *dalpha = K(reals)(b, op, 0);
    for (int64_t j = 0; j < K(round_up)(x->cols); j += VL) {
        V sum = VZERO;
        for (int64_t r = 0; r < b->rows; ++r) {
            const V v = VLOAD(X + r * x->ld + j);
            sum = VADD(sum, VSEL(VLT(VZERO, v), VZERO, VMUL(v, VLOAD(dY + r * x->ld + j))));
        }
        VSTORE(dalpha + j, sum);
    }
}
