/* dropout.inc.c: Y = X / (1 - rate) where a unit is kept, else 0; the mask is a function of (seed, step, layer, row,
 * column), so that dropout_grad draws the same one again.  Formulas and sources: fastnn/ops/dropout.py. */

/* Y = slope X + offset where a unit of row r is kept, else dropped, for the columns from .. to - 1.  Offset 0 leaves out
 * the addition, so that -0 stays. */
static ALWAYS_INLINE void K(keep_row)(R *Y, const R *X, const fnn_batch *b, const fnn_op *op, int64_t r, int64_t from,
                                      int64_t to, R slope, R offset, R dropped)
{
    const uint32_t threshold = K(keep_threshold)(op->attribute[0]);
    for (int64_t j = from; j < to; j += NUMBERS) {
        uint32_t number[NUMBERS];
        const int64_t n = to - j < NUMBERS ? to - j : NUMBERS;
        R kept[NUMBERS];
        K(draw)(number, b, op, r, j);
        for (int i = 0; i < NUMBERS; ++i) kept[i] = number[i] >= threshold ? RC(1.0) : RC(0.0);
        for (int64_t i = 0; i < n; i += VL) {
            const V scaled = VMUL(VLOAD(X + j + i), VSET1(slope));
            const V y = offset == RC(0.0) ? scaled : VADD(scaled, VSET1(offset));
            VSTORE(Y + j + i, VSEL(VLT(VZERO, VLOAD(kept + i)), y, VSET1(dropped)));
        }
    }
}

static ALWAYS_INLINE void K(keep)(const fnn_batch *b, const fnn_op *op, R slope, R offset, R dropped)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    const K(part) part = K(own_part)(b, x);
    for (int64_t r = part.row; r < part.row_end; ++r)
        K(keep_row)(K(reals)(b, op, 0) + r * x->ld, K(reals)(b, op, 1) + r * x->ld, b, op, r, part.col, part.col_end,
                    slope, offset, dropped);
}

static void K(op_dropout)(const fnn_batch *b, const fnn_op *op)
{
    K(keep)(b, op, (R)(1 / (1 - op->attribute[0])), RC(0.0), RC(0.0));
}

static void K(op_dropout_grad)(const fnn_batch *b, const fnn_op *op) { K(op_dropout)(b, op); }

/* Of a vector, as if it were row 0 of the batch, or of the pass over data at inference. */
static void K(op_dropout_vector)(const fnn_batch *b, const fnn_op *op)
{
    K(keep_row)(K(reals)(b, op, 0), K(reals)(b, op, 1), b, op, -b->first_row, 0, K(round_up)(K(buffer)(b, op, 1)->cols),
                (R)(1 / (1 - op->attribute[0])), RC(0.0), RC(0.0));
}
