/* dropout.inc.c: Y = X / (1 - rate) where a unit is kept, else 0; the mask is a function of (seed, step, layer, row,
 * column), so that dropout_grad draws the same one again.  Formulas and sources: fastnn/ops/dropout.py. */

/* Counters that are worked on side by side; each gives four numbers. */
#define BLOCKS (WL < 8 ? 8 : 16)

/* number (4 each) = Philox 4x32-10 of the counters (column + i, row, step, stream), i = 0 .. BLOCKS - 1. */
static ALWAYS_INLINE void K(philox)(uint32_t number[4 * BLOCKS], uint32_t column, uint32_t row, uint32_t step,
                                    uint32_t stream, uint64_t seed)
{
    uint64_t pairs[2 * BLOCKS]; /* of the numbers 4 i and 4 i + 1, and of the two after them */
    UNROLL
    for (int i = 0; i < BLOCKS; i += WL) {
        W c0 = WADD(WSET1(column + (uint32_t)i), WIOTA), c1 = WSET1(row), c2 = WSET1(step), c3 = WSET1(stream);
        uint64_t first[WL], second[WL];
        uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
        UNROLL
        for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
            const W p0 = WMUL32(c0, WSET1(0xD2511F53u)), p1 = WMUL32(c2, WSET1(0xCD9E8D57u));
            c0 = WXOR(WXOR(WSHR32(p1), c1), WSET1(k0)); /* the upper halves are of no account: WMUL32 leaves them out */
            c1 = p1;
            c2 = WXOR(WXOR(WSHR32(p0), c3), WSET1(k1));
            c3 = p0;
        }
        WSTORE(first, WXOR(WLOW(c0), WSHL32(c1)));
        WSTORE(second, WXOR(WLOW(c2), WSHL32(c3)));
        for (int k = 0; k < WL; ++k) pairs[2 * (i + k)] = first[k], pairs[2 * (i + k) + 1] = second[k];
    }
    for (int i = 0; i < 2 * BLOCKS; ++i) number[2 * i] = (uint32_t)pairs[i], number[2 * i + 1] = (uint32_t)(pairs[i] >> 32);
}

static void K(op_dropout)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    const double rate = op->attribute[0], limit = rate * 4294967296.0;
    const uint32_t threshold = limit < 4294967295.0 ? (uint32_t)limit : 4294967295u;
    const R scale = (R)(1 / (1 - rate));
    const K(part) part = K(own_part)(b, x);
    for (int64_t r = part.row; r < part.row_end; ++r) {
        R *Y = K(reals)(b, op, 0) + r * x->ld;
        const R *X = K(reals)(b, op, 1) + r * x->ld;
        for (int64_t j = part.col; j < part.col_end; j += 4 * BLOCKS) {
            uint32_t number[4 * BLOCKS];
            const int64_t n = part.col_end - j < 4 * BLOCKS ? part.col_end - j : 4 * BLOCKS;
            R keep[4 * BLOCKS];
            K(philox)(number, (uint32_t)(j / 4), (uint32_t)r, (uint32_t)b->step, (uint32_t)op->attribute[1], b->seed);
            for (int i = 0; i < 4 * BLOCKS; ++i) keep[i] = number[i] >= threshold ? RC(1.0) : RC(0.0);
            for (int64_t i = 0; i < n; i += VL)
                VSTORE(Y + j + i, VSEL(VLT(VZERO, VLOAD(keep + i)), VMUL(VLOAD(X + j + i), VSET1(scale)), VZERO));
        }
    }
}

static void K(op_dropout_grad)(const fnn_batch *b, const fnn_op *op) { K(op_dropout)(b, op); }
#undef BLOCKS
