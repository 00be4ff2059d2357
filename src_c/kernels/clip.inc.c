/* clip.inc.c: bounds on gradients.  Formulas: fastnn/ops/clipping.py. */
#include <math.h>

/* g in place. */
static void K(op_clip_value)(const fnn_batch *b, const fnn_op *op)
{
    const V high = VSET1(op->attribute[0]), low = VSUB(VZERO, high);
    R *g = K(reals)(b, op, 0);
    int64_t i, end;
    for (K(own_elements)(&i, &end, b, op, 0); i < end; i += VL) {
        const V x = VLOAD(g + i);
        VSTORE(g + i, VSEL(VLT(high, x), high, VSEL(VLT(x, low), low, x)));
    }
}

/* s (1) = sum of g^2 (a weight or a vector) + so_far (1, or NULL for 0).
 * In double, down each column and then over the columns, so that the order does not depend on the panel's width. */
static void K(op_sum_squares)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *g = K(buffer)(b, op, 1);
    const R *x = g->data, *so_far = K(reals)(b, op, 2);
    double total = so_far ? (double)so_far[0] : 0;
    for (int64_t first = 0; first < g->cols; first += P) {
        double column[P] = {0};
        for (int64_t r = 0; r < g->rows; ++r, x += P)
            for (int i = 0; i < P; ++i) column[i] += (double)x[i] * (double)x[i];
        for (int64_t i = 0; i < P && first + i < g->cols; ++i) total += column[i];
    }
    K(reals)(b, op, 0)[0] = (R)total;
}

/* g in place; squares (1). */
static void K(op_clip_norm)(const fnn_batch *b, const fnn_op *op)
{
    const double limit = op->attribute[0], norm = sqrt((double)K(reals)(b, op, 2)[0]);
    const V scale = VSET1(limit / norm);
    const int64_t n = K(size)(b, op, 0);
    R *g = K(reals)(b, op, 0);
    if (norm <= limit) return;
    for (int64_t i = 0; i < n; i += VL) VSTORE(g + i, VMUL(VLOAD(g + i), scale));
}
