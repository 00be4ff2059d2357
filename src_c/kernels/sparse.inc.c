/* sparse.inc.c: products with the data, without the terms that are exactly 0, as most pixels of a drawing are.
 *
 * Design
 *   a. Leaving 0 * w out of a chain of fma keeps its bits, but for the sign of a result that is 0: adding +0 at the end
 *      of each chain, here and in dense.inc.c, settles that.  -0 is a zero; a denormal is not.  Where w is infinite or
 *      NaN a zero contributes nothing, instead of NaN.
 *   b. Tiles are low, so that few numbers share a list: SKIP rows by a panel of Y, SKIP columns by a panel of dW.  For
 *      each tile of rows the columns are listed where one of the rows is not 0; for each tile of columns and chunk of
 *      rows, the rows where one of the columns is not 0.
 *   c. Lists are made anew for each batch (core/run.c), and used where they turn out short enough (core/zeros.c). */

enum { K(SKIP) = FNN_SKIP };

/* nonzero (n) |= whether x (n) is not 0. */
static ALWAYS_INLINE void K(mark)(uint8_t *nonzero, const R *x, int64_t n)
{
    for (int64_t i = 0; i < n; ++i) nonzero[i] |= x[i] != 0;
}

enum { K(MARKS) = 64 }; /* columns that are looked at together */

/* The lists of columns for the tiles of rows first .. end - 1 of x, first a multiple of SKIP. */
static void K(list_columns)(const fnn_zeros *z, const fnn_buffer *x, int64_t first, int64_t end)
{
    for (int64_t r = first; r < end; r += K(SKIP)) {
        const R *X = (const R *)x->data + r * x->ld;
        const int64_t rows = end - r < K(SKIP) ? end - r : K(SKIP);
        uint16_t *list = z->columns + r / K(SKIP) * x->cols;
        int32_t count = 0;
        for (int64_t k = 0; k < x->cols; k += K(MARKS)) {
            const int64_t n = x->cols - k < K(MARKS) ? x->cols - k : K(MARKS);
            uint8_t nonzero[K(MARKS)] = {0};
            for (int64_t i = 0; i < rows; ++i) K(mark)(nonzero, X + i * x->ld + k, n);
            for (int64_t i = 0; i < n; ++i) { /* without branches, which could not be foreseen */
                list[count] = (uint16_t)(k + i);
                count += nonzero[i];
            }
        }
        z->n_columns[r / K(SKIP)] = count;
    }
}

/* The lists of rows for the tiles from .. to - 1 of columns. */
static void K(list_rows)(const fnn_zeros *z, const fnn_buffer *x, int64_t rows, int64_t from, int64_t to)
{
    const int64_t tiles = (x->cols + K(SKIP) - 1) / K(SKIP), step = K(MARKS) / K(SKIP);
    for (int64_t first = 0; first < rows; first += FNN_CHUNK) {
        const int64_t n = rows - first < FNN_CHUNK ? rows - first : FNN_CHUNK, place = first / FNN_CHUNK * tiles;
        for (int64_t t = from; t < to; t += step) {
            const int64_t here = to - t < step ? to - t : step;
            int64_t width = x->cols - t * K(SKIP);
            uint8_t *list = z->rows + (place + t) * FNN_CHUNK, *count = z->n_rows + place + t;
            if (width > here * K(SKIP)) width = here * K(SKIP);
            for (int64_t i = 0; i < here; ++i) count[i] = 0;
            for (int64_t r = 0; r < n; ++r) {
                uint8_t nonzero[K(MARKS)] = {0};
                K(mark)(nonzero, (const R *)x->data + (first + r) * x->ld + t * K(SKIP), width);
                for (int64_t i = 0; i < here; ++i) {
                    uint32_t any;
                    memcpy(&any, nonzero + i * K(SKIP), sizeof any);
                    list[i * FNN_CHUNK + count[i]] = (uint8_t)r;
                    count[i] = (uint8_t)(count[i] + (any != 0));
                }
            }
        }
    }
}

/* C (m, P) += A B over the n numbers k in a list: A(i, k) = a[i * a_row + k * a_k], row k of B at b + k * b_k. */
#define SKIPPING_TILE(type)                                                                                       \
    static ALWAYS_INLINE void K(skipping_tile_##type)(V c[FNN_SKIP][NV], const int m, const R *a, int64_t a_row,  \
                                                      int64_t a_k, const R *b, int64_t b_k, const type *list,     \
                                                      int64_t n)                                                  \
    {                                                                                                             \
        for (int64_t q = 0; q < n; ++q) {                                                                         \
            const int64_t k = list[q];                                                                            \
            V row[NV];                                                                                            \
            UNROLL                                                                                                \
            for (int v = 0; v < NV; ++v) row[v] = VLOAD(b + k * b_k + v * VL);                                    \
            UNROLL                                                                                                \
            for (int i = 0; i < m; ++i) {                                                                         \
                const V s = VSET1(a[i * a_row + k * a_k]);                                                        \
                UNROLL                                                                                            \
                for (int v = 0; v < NV; ++v) c[i][v] = VFMA(s, row[v], c[i][v]);                                  \
            }                                                                                                     \
        }                                                                                                         \
    }
SKIPPING_TILE(uint16_t)
SKIPPING_TILE(uint8_t)
#undef SKIPPING_TILE

/* Y (m, P) = X (m, .) W (., P) + bias over the n columns in a list. */
static ALWAYS_INLINE void K(skipping_forward_tile)(const int m, R *Y, int64_t ldy, const R *X, int64_t ldx, const R *W,
                                                   const R *bias, const uint16_t *list, int64_t n)
{
    V c[FNN_SKIP][NV];
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) c[i][v] = bias ? VLOAD(bias + v * VL) : VZERO;
    }
    K(skipping_tile_uint16_t)(c, m, X, ldx, 1, W, P, list, n);
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) VSTORE(Y + i * ldy + v * VL, VADD(c[i][v], VZERO));
    }
}

/* CALL(m) with m, at most SKIP, as a constant. */
#define WITH_FEW(m, CALL)            \
    switch (m) {                     \
    case 1: CALL(1); break;          \
    case 2: CALL(2); break;          \
    case 3: CALL(3); break;          \
    default: CALL(FNN_SKIP);         \
    }

/* As product() in dense.inc.c. */
static void K(skipping_product)(R *Y, int64_t ldy, const R *X, int64_t ldx, const R *W, const R *bias, int64_t I,
                                const K(part) part, const fnn_zeros *z)
{
    const int64_t block = 30 * K(SKIP);
    for (int64_t first = part.row; first < part.row_end; first += block) {
        const int64_t end = first + block < part.row_end ? first + block : part.row_end;
        for (int64_t j = part.col; j < part.col_end; j += P) {
            int64_t stop;
            for (int64_t r = first; r < end; r = stop) { /* the first and last tile may be shared with other threads */
                const int64_t t = r / K(SKIP);
                stop = (t + 1) * K(SKIP) < end ? (t + 1) * K(SKIP) : end;
#define CALL(m) K(skipping_forward_tile)(m, Y + r * ldy + j, ldy, X + r * ldx, ldx, W + j * I, \
                                         bias ? bias + j : NULL, z->columns + t * I, z->n_columns[t])
                WITH_FEW(stop - r, CALL)
#undef CALL
            }
        }
    }
}

/* to (m, P) <- from (m, P, or NULL for 0) + the tile of X^T dY over the n rows in a list. */
static ALWAYS_INLINE void K(skipping_gradient_tile)(const int m, R *to, const R *from, const R *X, int64_t ldx,
                                                    const R *dY, int64_t ldy, const uint8_t *list, int64_t n)
{
    V c[FNN_SKIP][NV];
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) c[i][v] = from ? VLOAD(from + i * P + v * VL) : VZERO;
    }
    K(skipping_tile_uint8_t)(c, m, X, 1, ldx, dY, ldy, list, n);
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) VSTORE(to + i * P + v * VL, VADD(c[i][v], VZERO));
    }
}

static NOINLINE void K(skipping_gradient)(int64_t m, R *to, const R *from, const R *X, int64_t ldx, const R *dY,
                                          int64_t ldy, const uint8_t *list, int64_t n)
{
#define CALL(m) K(skipping_gradient_tile)(m, to, from, X, ldx, dY, ldy, list, n)
    WITH_FEW(m, CALL)
#undef CALL
}
#undef WITH_FEW
