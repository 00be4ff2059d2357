/* compressed.inc.c: products of a first layer of few outputs with rows that are kept without their zeros
 * (core/compressed.c).
 *
 * Design
 *   a. The same chains of fma as in dense.inc.c, without the terms of 0; the same bits (sparse.inc.c).
 *   b. A result's chain is as long as its row, and each link waits for the one before: so a few rows, the lanes, are
 *      worked on in turn, and a lane whose row ends takes the next one.
 *   c. A gradient is added up in dW row after row, and the optimizer's step follows over all of it. */

/* The numbers of one row. */
typedef struct {
    const uint16_t *column;
    const R *value;
    int64_t count;
} K(entries);

static ALWAYS_INLINE K(entries) K(entries_of)(const fnn_batch *b, int64_t r)
{
    const fnn_compressed *c = b->compressed;
    const int64_t row = b->order ? b->order[r] : b->first_in_data + r;
    const R *values = (const R *)(const void *)(c->place + c->start[row]);
    const K(entries) e = {(const uint16_t *)(const void *)(values + c->count[row]), values, c->count[row]};
    return e;
}

/* Ask for the numbers of row r, of this batch or of a later one. */
static ALWAYS_INLINE void K(ask_for_entries)(const fnn_batch *b, int64_t r)
{
    const fnn_compressed *c = b->compressed;
    const int64_t row = r >= b->rows_to_come ? -1 : b->order ? b->order[r] : b->first_in_data + r;
    if (row < 0) return;
    for (int64_t at = 0; at < c->count[row] * (int64_t)(sizeof(R) + sizeof(uint16_t)); at += 64)
        FNN_PREFETCH(c->place + c->start[row] + at);
}

enum { K(LANES) = 4, K(ROWS_AHEAD) = 8 };

/* Y (rows row .. end - 1, nv VL columns) = X W (cols of X, nv VL) + bias (nv VL, or NULL for 0). */
static ALWAYS_INLINE void K(compressed_rows)(const int nv, R *Y, int64_t ldy, const fnn_batch *b, const R *W,
                                             const R *bias, int64_t row, int64_t end)
{
    V c[K(LANES)][NV];
    K(entries) lane[K(LANES)];
    int64_t number[K(LANES)];
#define TAKE(l)                                                                                  \
    do {                                                                                         \
        K(ask_for_entries)(b, row + K(ROWS_AHEAD));                                              \
        lane[l] = K(entries_of)(b, row), number[l] = row++;                                      \
        UNROLL                                                                                   \
        for (int v = 0; v < nv; ++v) c[l][v] = bias ? VLOAD(bias + v * VL) : VZERO;              \
    } while (0)
#define ADD(l, i)                                                                                \
    do {                                                                                         \
        const V s = VSET1(lane[l].value[i]);                                                     \
        UNROLL                                                                                   \
        for (int v = 0; v < nv; ++v) c[l][v] = VFMA(s, VLOAD(W + lane[l].column[i] * P + v * VL), c[l][v]); \
    } while (0)
#define STORE(l)                                                                                 \
    do {                                                                                         \
        UNROLL                                                                                   \
        for (int v = 0; v < nv; ++v) VSTORE(Y + number[l] * ldy + v * VL, VADD(c[l][v], VZERO)); \
    } while (0)
    int lanes = 0; /* that have a row; once there are fewer than LANES, no row is left to take */
    UNROLL
    for (int l = 0; l < K(LANES); ++l) {
        number[l] = -1;
        if (row < end) { TAKE(l); ++lanes; }
    }
    while (lanes == K(LANES)) {
        int64_t n = lane[0].count;
        UNROLL
        for (int l = 1; l < K(LANES); ++l) n = lane[l].count < n ? lane[l].count : n;
        for (int64_t i = 0; i < n; ++i) {
            UNROLL
            for (int l = 0; l < K(LANES); ++l) ADD(l, i);
        }
        UNROLL
        for (int l = 0; l < K(LANES); ++l) {
            lane[l].column += n, lane[l].value += n, lane[l].count -= n;
            if (lane[l].count) continue;
            STORE(l);
            number[l] = -1;
            if (row < end) TAKE(l);
            else --lanes;
        }
    }
    UNROLL
    for (int l = 0; l < K(LANES); ++l) {
        if (number[l] < 0) continue;
        for (int64_t i = 0; i < lane[l].count; ++i) ADD(l, i);
        STORE(l);
    }
#undef TAKE
#undef ADD
#undef STORE
}

/* As product() in dense.inc.c. */
static void K(compressed_product)(R *Y, int64_t ldy, const fnn_batch *b, const R *W, const R *bias, int64_t I, int64_t O,
                                  const K(part) part)
{
    for (int64_t j = part.col; j < part.col_end; j += P) {
        const R *of_panel = bias ? bias + j : NULL;
        if (O - j <= VL) K(compressed_rows)(1, Y + j, ldy, b, W + j * I, of_panel, part.row, part.row_end);
        else K(compressed_rows)(NV, Y + j, ldy, b, W + j * I, of_panel, part.row, part.row_end);
    }
}

/* dW (I, nv VL of a panel) += X^T dY (B, nv VL), of its rows from .. to - 1. */
static ALWAYS_INLINE void K(add_compressed)(const int nv, R *dW, const fnn_batch *b, const R *dY, int64_t ldy,
                                            int64_t from, int64_t to)
{
    for (int64_t r = 0; r < b->rows; ++r) {
        const K(entries) e = K(entries_of)(b, r);
        int64_t i = 0, end = e.count;
        V g[NV];
        UNROLL
        for (int v = 0; v < nv; ++v) g[v] = VLOAD(dY + r * ldy + v * VL);
        while (i < end && e.column[i] < from) ++i;
        while (i < end && e.column[end - 1] >= to) --end;
        for (; i < end; ++i) {
            R *at = dW + e.column[i] * P;
            const V s = VSET1(e.value[i]);
            UNROLL
            for (int v = 0; v < nv; ++v) VSTORE(at + v * VL, VFMA(s, g[v], VLOAD(at + v * VL)));
        }
    }
}

/* The part of a panel of dW = X^T dY, rows from .. to - 1 and nv vectors, with `go_on` added to what is there; without the
 * +0 at the end. */
static NOINLINE void K(compressed_gradient)(R *dW, const fnn_batch *b, const R *dY, int64_t ldy, int64_t from, int64_t to,
                                            int nv, int go_on)
{
    if (!go_on)
        for (int64_t i = from * P; i < to * P; i += VL) VSTORE(dW + i, VZERO);
    if (nv == 1) K(add_compressed)(1, dW, b, dY, ldy, from, to);
    else K(add_compressed)(NV, dW, b, dY, ldy, from, to);
}
