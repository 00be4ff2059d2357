/* metric.inc.c: hit (B), 1 for a row that is right and 0 for one that is wrong.  Formulas: fastnn/ops/metrics.py. */

/* Column of the largest of x (n); the first of equals; of NaN the first. */
static ALWAYS_INLINE int64_t K(argmax)(const R *x, int64_t n)
{
    int64_t best = 0;
    for (int64_t j = 1; j < n && x[best] == x[best]; ++j)
        if (x[j] > x[best] || x[j] != x[j]) best = j;
    return best;
}

static void K(op_sparse_categorical_accuracy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 1);
    R *hit = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r)
        hit[r] = K(argmax)(K(row)(y, r), y->cols) == K(integers)(b, op, 2)[r];
}

static void K(op_categorical_accuracy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 1), *t = K(buffer)(b, op, 2);
    R *hit = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r)
        hit[r] = K(argmax)(K(row)(y, r), y->cols) == K(argmax)(K(row)(t, r), t->cols);
}

static void K(op_binary_accuracy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 1), *t = K(buffer)(b, op, 2);
    const R threshold = (R)op->attribute[0];
    R *hit = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r) {
        int64_t right = 0;
        for (int64_t j = 0; j < y->cols; ++j) right += (R)(K(row)(y, r)[j] > threshold) == K(row)(t, r)[j];
        hit[r] = (R)right / (R)y->cols;
    }
}
