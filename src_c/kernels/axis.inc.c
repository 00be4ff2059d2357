/* axis.inc.c: axes within a row swapped, repeated, added up.  Formulas: fastnn/ops/axes.py.  The padding is 0. */

/* Y (B, outer, second, first, inner) = X (B, outer, first, second, inner). */
static void K(op_swap_axes)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);
    const int64_t first = (int64_t)op->attribute[0], second = (int64_t)op->attribute[1];
    const int64_t inner = (int64_t)op->attribute[2], outer = x->cols / (first * second * inner);
    for (int64_t r = 0; r < b->rows; ++r) {
        R *to = K(row)(y, r);
        for (int64_t o = 0; o < outer; ++o)
            for (int64_t s = 0; s < second; ++s)
                for (int64_t f = 0; f < first; ++f, to += inner)
                    memcpy(to, K(row)(x, r) + ((o * first + f) * second + s) * inner, (size_t)inner * sizeof(R));
    }
    K(clear_padding)(b, op, 0);
}

/* Y (B, outer, count, inner) = X (B, outer, inner). */
static void K(op_repeat_axis)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);
    const int64_t count = y->cols / x->cols, inner = (int64_t)op->attribute[1];
    for (int64_t r = 0; r < b->rows; ++r) {
        R *to = K(row)(y, r);
        for (int64_t o = 0; o < x->cols; o += inner)
            for (int64_t c = 0; c < count; ++c, to += inner)
                memcpy(to, K(row)(x, r) + o, (size_t)inner * sizeof(R));
    }
    K(clear_padding)(b, op, 0);
}

/* Y (B, outer, inner) = X (B, outer, count, inner) along the axis, `with` what has been found so far in ascending order. */
#define ALONG_AXIS(name, with)                                                                   \
    static void K(op_##name##_axis)(const fnn_batch *b, const fnn_op *op)                        \
    {                                                                                            \
        const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);                     \
        const int64_t count = x->cols / y->cols, inner = (int64_t)op->attribute[1];              \
        for (int64_t r = 0; r < b->rows; ++r) {                                                  \
            const R *from = K(row)(x, r);                                                        \
            for (int64_t o = 0; o < y->cols; o += inner) {                                       \
                R *to = K(row)(y, r) + o;                                                        \
                for (int64_t i = 0; i < inner; ++i) to[i] = from[i];                             \
                from += inner;                                                                   \
                for (int64_t c = 1; c < count; ++c, from += inner)                               \
                    for (int64_t i = 0; i < inner; ++i) to[i] = with;                            \
            }                                                                                    \
        }                                                                                        \
        K(clear_padding)(b, op, 0);                                                              \
    }
ALONG_AXIS(sum, to[i] + from[i])
ALONG_AXIS(max, from[i] > to[i] ? from[i] : to[i])
#undef ALONG_AXIS
