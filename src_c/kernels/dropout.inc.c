/* dropout.inc.c: Y = X / (1 - rate) where a unit is kept, else 0; the mask is a function of (seed, step, layer, row,
 * column), so that dropout_grad draws the same one again.  Formulas and sources: fastnn/ops/dropout.py. */

/* Y = slope X + offset where a unit is kept, else dropped.  Offset 0 leaves out the addition, so that -0 stays. */
static ALWAYS_INLINE void K(keep)(const fnn_batch *b, const fnn_op *op, R slope, R offset, R dropped)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    const uint32_t threshold = K(keep_threshold)(op->attribute[0]);
    const K(part) part = K(own_part)(b, x);
    for (int64_t r = part.row; r < part.row_end; ++r) {
        R *Y = K(reals)(b, op, 0) + r * x->ld;
        const R *X = K(reals)(b, op, 1) + r * x->ld;
        for (int64_t j = part.col; j < part.col_end; j += NUMBERS) {
            uint32_t number[NUMBERS];
            const int64_t n = part.col_end - j < NUMBERS ? part.col_end - j : NUMBERS;
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
}

static void K(op_dropout)(const fnn_batch *b, const fnn_op *op)
{
    K(keep)(b, op, (R)(1 / (1 - op->attribute[0])), RC(0.0), RC(0.0));
}

static void K(op_dropout_grad)(const fnn_batch *b, const fnn_op *op) { K(op_dropout)(b, op); }
