/* operands.inc.c: how a kernel reaches its operands. */

/* The buffer that is operand i of op; NULL where it is left out. */
static ALWAYS_INLINE const fnn_buffer *K(buffer)(const fnn_batch *b, const fnn_op *op, int i)
{
    return op->operand[i] < 0 ? NULL : &b->buffers[op->operand[i]];
}

static ALWAYS_INLINE R *K(reals)(const fnn_batch *b, const fnn_op *op, int i)
{
    return op->operand[i] < 0 ? NULL : (R *)b->buffers[op->operand[i]].data;
}

static ALWAYS_INLINE const int32_t *K(integers)(const fnn_batch *b, const fnn_op *op, int i)
{
    return (const int32_t *)b->buffers[op->operand[i]].data;
}

static ALWAYS_INLINE int64_t K(round_up)(int64_t n) { return (n + P - 1) / P * P; }

static ALWAYS_INLINE int K(threads)(const fnn_batch *b) { return b->threads < 2 ? 1 : b->threads; }

/* The columns, whole panels, of an array with `cols` columns that this thread works on: *from .. *to - 1. */
static ALWAYS_INLINE void K(own_columns)(int64_t *from, int64_t *to, const fnn_batch *b, int64_t cols)
{
    const int64_t panels = K(round_up)(cols) / P;
    *from = fnn_share(panels, b->thread, K(threads)(b)) * P;
    *to = fnn_share(panels, b->thread + 1, K(threads)(b)) * P;
}

static ALWAYS_INLINE int K(by_columns)(const fnn_batch *b, int64_t cols)
{
    return fnn_by_columns(cols, b->most_rows, P, K(threads)(b));
}

/* The part of a batch buffer that this thread works on: rows row .. row_end - 1, columns col .. col_end - 1. */
typedef struct {
    int64_t row, row_end, col, col_end;
} K(part);

static ALWAYS_INLINE K(part) K(own_part)(const fnn_batch *b, const fnn_buffer *x)
{
    K(part) part = {0, b->rows, 0, K(round_up)(x->cols)};
    if (b->threads < 2) return part;
    if (K(by_columns)(b, x->cols)) {
        K(own_columns)(&part.col, &part.col_end, b, x->cols);
    } else { /* in whole register tiles */
        const int64_t tiles = (b->rows + MR - 1) / MR;
        part.row = fnn_share(tiles, b->thread, b->threads) * MR;
        part.row_end = fnn_share(tiles, b->thread + 1, b->threads) * MR;
        if (part.row > b->rows) part.row = b->rows;
        if (part.row_end > b->rows) part.row_end = b->rows;
    }
    return part;
}

/* The elements of operand i, a weight or vector, that this thread works on: *from .. *to - 1. */
static ALWAYS_INLINE void K(own_elements)(int64_t *from, int64_t *to, const fnn_batch *b, const fnn_op *op, int i)
{
    const fnn_buffer *x = K(buffer)(b, op, i);
    K(own_columns)(from, to, b, x->cols);
    *from *= x->rows, *to *= x->rows;
}

/* Elements that operand i takes for this batch, padding included: a multiple of P. */
static ALWAYS_INLINE int64_t K(size)(const fnn_batch *b, const fnn_op *op, int i)
{
    const fnn_buffer *x = K(buffer)(b, op, i);
    if (x->layout == FNN_PANELS) return x->rows * K(round_up)(x->cols);
    return x->layout == FNN_VECTOR ? K(round_up)(x->cols) : b->rows * x->ld;
}
