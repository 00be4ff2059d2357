/* dropout.inc.c: Y = X / (1 - rate) where a unit is kept, else 0; the mask is a function of (seed, step, layer, row,
 * column), so that dropout_grad draws the same one again.  Formulas and sources: fastnn/ops/dropout.py. */

enum { K(PHILOX_BLOCKS) = 8 }; /* counters that are worked on side by side */

/* out (8 counters, 4 numbers each) = Philox 4x32-10 of the counters (column + i, row, step, stream), i = 0..7. */
static inline void K(philox)(uint32_t out[4 * K(PHILOX_BLOCKS)], uint32_t column, uint32_t row, uint32_t step,
                             uint32_t stream, uint64_t seed)
{
    uint32_t c0[K(PHILOX_BLOCKS)], c1[K(PHILOX_BLOCKS)], c2[K(PHILOX_BLOCKS)], c3[K(PHILOX_BLOCKS)];
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int i = 0; i < K(PHILOX_BLOCKS); ++i) c0[i] = column + (uint32_t)i, c1[i] = row, c2[i] = step, c3[i] = stream;
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < K(PHILOX_BLOCKS); ++i) {
            const uint64_t p0 = (uint64_t)c0[i] * 0xD2511F53u, p1 = (uint64_t)c2[i] * 0xCD9E8D57u;
            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
            c1[i] = (uint32_t)p1;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c3[i] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    for (int i = 0; i < K(PHILOX_BLOCKS); ++i)
        out[4 * i] = c0[i], out[4 * i + 1] = c1[i], out[4 * i + 2] = c2[i], out[4 * i + 3] = c3[i];
}

static void K(op_dropout)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    const double rate = op->attribute[0], limit = rate * 4294967296.0;
    const uint32_t threshold = limit < 4294967295.0 ? (uint32_t)limit : 4294967295u;
    const R scale = (R)(1 / (1 - rate));
    for (int64_t r = 0; r < b->rows; ++r) {
        R *Y = K(reals)(b, op, 0) + r * x->ld;
        const R *X = K(reals)(b, op, 1) + r * x->ld;
        for (int64_t j = 0; j < x->ld; j += 4 * K(PHILOX_BLOCKS)) {
            uint32_t number[4 * K(PHILOX_BLOCKS)];
            const int64_t n = x->ld - j < 4 * K(PHILOX_BLOCKS) ? x->ld - j : 4 * K(PHILOX_BLOCKS);
            K(philox)(number, (uint32_t)(j / 4), (uint32_t)r, (uint32_t)b->step, (uint32_t)op->attribute[1], b->seed);
            for (int64_t i = 0; i < n; ++i) Y[j + i] = number[i] >= threshold ? X[j + i] * scale : 0;
        }
    }
}

static void K(op_dropout_grad)(const fnn_batch *b, const fnn_op *op) { K(op_dropout)(b, op); }
