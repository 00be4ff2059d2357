/* penalty.inc.c: penalties and limits of weights.  Formulas: fastnn/ops/penalties.py.  Sums in double, down each column
 * and then over the columns, so that the order does not depend on the panel's width. */
#include <math.h>

static void K(op_penalty)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *a = K(buffer)(b, op, 1);
    const R *x = a->data, *so_far = K(reals)(b, op, 2);
    const double l1 = op->attribute[0], l2 = op->attribute[1];
    double sum = 0, squares = 0;
    for (int64_t first = 0; first < a->cols; first += P) {
        double size[P] = {0}, square[P] = {0};
        for (int64_t r = 0; r < a->rows; ++r, x += P)
            for (int i = 0; i < P; ++i) size[i] += fabs((double)x[i]), square[i] += (double)x[i] * (double)x[i];
        for (int64_t i = 0; i < P && first + i < a->cols; ++i) sum += size[i], squares += square[i];
    }
    K(reals)(b, op, 0)[0] = (R)(l1 * sum + l2 * squares + (so_far ? (double)so_far[0] : 0));
}

/* y = the sum of all elements of w, in the order of op_penalty. */
static void K(op_total)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *w = K(buffer)(b, op, 1);
    const R *x = w->data;
    double sum = 0;
    for (int64_t first = 0; first < w->cols; first += P) {
        double column[P] = {0};
        for (int64_t r = 0; r < w->rows; ++r, x += P)
            for (int i = 0; i < P; ++i) column[i] += (double)x[i];
        for (int64_t i = 0; i < P && first + i < w->cols; ++i) sum += column[i];
    }
    K(reals)(b, op, 0)[0] = (R)sum;
}

/* dw = dy in each element, 0 in the padding. */
static void K(op_total_grad)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *w = K(buffer)(b, op, 0);
    const V d = VSET1(K(reals)(b, op, 1)[0]);
    R *to = w->data;
    for (int64_t first = 0; first < w->cols; first += P)
        for (int64_t r = 0; r < w->rows; ++r)
            for (int i = 0; i < P; i += VL, to += VL) VSTORE(to, VSEL(VFIRST(w->cols - first - i), d, VZERO));
}

/* l1 sign(a) + 2 l2 a. */
static ALWAYS_INLINE V K(penalty_slope)(V a, V l1, V l2)
{
    const V sign = VSEL(VLT(VZERO, a), l1, VSEL(VLT(a, VZERO), VSUB(VZERO, l1), VZERO));
    return VFMA(VADD(l2, l2), a, sign);
}

static void K(op_penalty_grad)(const fnn_batch *b, const fnn_op *op)
{
    const V l1 = VSET1((R)op->attribute[0]), l2 = VSET1((R)op->attribute[1]);
    const int64_t n = K(size)(b, op, 0);
    const R *g = K(reals)(b, op, 1), *w = K(reals)(b, op, 2);
    R *to = K(reals)(b, op, 0);
    for (int64_t i = 0; i < n; i += VL)
        VSTORE(to + i, VADD(VLOAD(g + i), K(penalty_slope)(VLOAD(w + i), l1, l2)));
}

static void K(op_add_penalty)(const fnn_batch *b, const fnn_op *op)
{
    const R *value = K(reals)(b, op, 1), penalty = K(reals)(b, op, 2)[0];
    R *loss = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r) loss[r] = value[r] + penalty;
}

static void K(op_activity_penalty)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 1);
    const R l1 = (R)op->attribute[0], l2 = (R)op->attribute[1];
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *Y = (const R *)y->data + r * y->ld;
        V size[16 / VL], square[16 / VL];
        for (int i = 0; i < 16 / VL; ++i) size[i] = square[i] = VZERO;
        for (int64_t j = 0, part = 0; j < y->cols; j += VL, part = (part + 1) % (16 / VL)) {
            const V v = VSEL(VFIRST(y->cols - j), VLOAD(Y + j), VZERO);
            size[part] = VADD(size[part], VABS(v));
            square[part] = VADD(square[part], VMUL(v, v));
        }
        K(reals)(b, op, 0)[r] = l1 * K(tree_sum)(size) + l2 * K(tree_sum)(square);
    }
}

static void K(op_activity_penalty_grad)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 1);
    const V l1 = VSET1((R)op->attribute[0]), l2 = VSET1((R)op->attribute[1]), rows = VSET1((R)b->rows);
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *Y = (const R *)y->data + r * y->ld;
        R *D = K(reals)(b, op, 0) + r * y->ld;
        for (int64_t j = 0; j < y->ld; j += VL) {
            const V d = VDIV(K(penalty_slope)(VLOAD(Y + j), l1, l2), rows);
            VSTORE(D + j, VSEL(VFIRST(y->cols - j), d, VZERO));
        }
    }
}

static void K(op_non_negative)(const fnn_batch *b, const fnn_op *op)
{
    const int64_t n = K(size)(b, op, 0);
    const R *w = K(reals)(b, op, 1);
    R *to = K(reals)(b, op, 0);
    for (int64_t i = 0; i < n; i += VL) VSTORE(to + i, VMAX(VZERO, VLOAD(w + i)));
}

/* What a column, or a vector, with this sum of squares is multiplied with. */
static ALWAYS_INLINE R K(norm_factor)(double squares, const fnn_op *op)
{
    const double norm = sqrt(squares), low = op->attribute[0], high = op->attribute[1], rate = op->attribute[2];
    const double clipped = norm < low ? low : norm > high ? high : norm;
    return (R)((rate * clipped + (1 - rate) * norm) / (1e-7 + norm));
}

static void K(op_limit_norm)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *w = K(buffer)(b, op, 1);
    const R *from = w->data;
    R *to = K(reals)(b, op, 0);
    if (w->layout == FNN_VECTOR) {
        double total = 0;
        R factor;
        for (int64_t i = 0; i < w->cols; ++i) total += (double)from[i] * (double)from[i];
        factor = K(norm_factor)(total, op);
        for (int64_t i = 0; i < w->cols; ++i) to[i] = from[i] * factor;
        return;
    }
    for (int64_t first = 0; first < w->cols; first += P) {
        const int64_t at = first * w->rows;
        double squares[P] = {0};
        R factor[P];
        for (int64_t r = 0; r < w->rows; ++r)
            for (int i = 0; i < P; ++i) squares[i] += (double)from[at + r * P + i] * (double)from[at + r * P + i];
        for (int i = 0; i < P; ++i) factor[i] = K(norm_factor)(squares[i], op);
        for (int64_t r = 0; r < w->rows; ++r)
            for (int i = 0; i < P; ++i) to[at + r * P + i] = from[at + r * P + i] * factor[i];
    }
}
