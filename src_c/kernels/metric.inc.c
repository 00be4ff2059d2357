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

static void K(op_equality_accuracy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 1), *t = K(buffer)(b, op, 2);
    R *hit = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r) {
        int64_t right = 0;
        for (int64_t j = 0; j < y->cols; ++j) right += K(row)(y, r)[j] == K(row)(t, r)[j];
        hit[r] = (R)right / (R)y->cols;
    }
}

/* Whether fewer than k of y (n) are larger than y[label], and all are finite. */
static ALWAYS_INLINE int K(in_top_k)(const R *y, int64_t n, int64_t label, double k)
{
    int64_t larger = 0;
    for (int64_t j = 0; j < n; ++j) {
        if (y[j] - y[j] != 0) return 0;
        larger += y[j] > y[label];
    }
    return (double)larger < k;
}

static void K(op_sparse_top_k_categorical_accuracy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 1);
    R *hit = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r)
        hit[r] = (R)K(in_top_k)(K(row)(y, r), y->cols, K(integers)(b, op, 2)[r], op->attribute[0]);
}

static void K(op_top_k_categorical_accuracy)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 1), *t = K(buffer)(b, op, 2);
    R *hit = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r)
        hit[r] = (R)K(in_top_k)(K(row)(y, r), y->cols, K(argmax)(K(row)(t, r), t->cols), op->attribute[0]);
}

static void K(op_weigh_value)(const fnn_batch *b, const fnn_op *op)
{
    const R *value = K(reals)(b, op, 1), *weight = K(reals)(b, op, 2);
    for (int64_t r = 0; r < b->rows; ++r) K(reals)(b, op, 0)[r] = value ? weight[r] * value[r] : weight[r];
}
