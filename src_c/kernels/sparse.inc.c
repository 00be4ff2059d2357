/* sparse.inc.c: products with the data, without the terms that are exactly 0, as most pixels of a drawing are.
 *
 * Design
 *   a. Leaving 0 * w out of a chain of fma keeps its bits, but for the sign of a result that is 0: adding +0 at the end
 *      of each chain, here and in dense.inc.c, settles that.  -0 is a zero; a denormal is not.  Where w is infinite or
 *      NaN a zero contributes nothing, instead of NaN.
 *   b. Tiles are low and wide, so that few numbers share a list: SKIP_ROWS rows of Y, SKIP_COLUMNS columns of X by some
 *      panels.  For each tile of rows the columns are listed where one of the rows is not 0; for each group of columns
 *      and 64 rows a word has a bit for each row where one of the columns is not 0.
 *   c. Lists and masks are made anew for each batch from its bits (core/run.c), and used where few enough are set
 *      (core/zeros.c). */

static void K(mark)(uint64_t *bits, const void *x, int64_t cols)
{
    const R *X = x;
    for (int64_t first = 0; first < cols; first += 64) {
        const int64_t left = cols - first; /* vectors may read the padding, which need not be 0 */
        uint64_t word = 0;
        for (int i = 0; i < 64 && i < left; i += VL) word |= (uint64_t)VNONZERO(VLOAD(X + first + i)) << i;
        *bits++ = left < 64 ? word & (((uint64_t)1 << left) - 1) : word;
    }
}

static void K(list_columns)(const fnn_zeros *z, int64_t first, int64_t end)
{
    for (int64_t r = first; r < end; r += FNN_SKIP_ROWS) {
        const int64_t rows = end - r < FNN_SKIP_ROWS ? end - r : FNN_SKIP_ROWS;
        uint16_t *list = z->columns + r / FNN_SKIP_ROWS * z->room;
        int32_t count = 0;
        for (int64_t w = 0; w < z->words; ++w) {
            uint64_t word = 0;
            for (int64_t i = 0; i < rows; ++i) word |= z->bits[(r + i) * z->words + w];
#ifdef LIST16
            for (int at = 0; at < 64; at += 16) {
                LIST16(list + count, word >> at, 64 * w + at);
                count += fnn_count_bits(word >> at & 0xffff);
            }
#else
            for (int byte = 0; byte < 64; byte += 8) { /* from a table: branches on bits could not be foreseen */
                const uint16_t *positions = z->positions + 8 * (word >> byte & 255);
                for (int i = 0; i < 8; ++i) list[count + i] = (uint16_t)(positions[i] + 64 * w + byte);
                count += z->counts[word >> byte & 255];
            }
#endif
        }
        z->n_columns[r / FNN_SKIP_ROWS] = count;
    }
}

static void K(mask_rows)(const fnn_zeros *z, int64_t rows, int64_t from, int64_t to)
{
    enum { GROUPS = 64 / FNN_SKIP_COLUMNS };
    for (int64_t first = 0; first < rows; first += 64) {
        const int n = rows - first < 64 ? (int)(rows - first) : 64;
        for (int64_t w = from; w < to; ++w) {
            uint64_t mask[GROUPS] = {0}, *out = z->masks + first / 64 * z->groups + w * GROUPS;
            for (int r = 0; r < n; ++r) {
                uint64_t word = z->bits[(first + r) * z->words + w];
                word |= word >> 1; /* SKIP_COLUMNS is 2 */
                for (int i = 0; i < GROUPS; ++i) mask[i] |= (word >> (2 * i) & 1) << r;
            }
            for (int i = 0; i < GROUPS; ++i) out[i] = mask[i];
        }
    }
}

/* C (m, q P) += X (m, .) W (., q panels) over the n columns in a list; n cache lines from `next` on, unless it is the
 * constant NULL, are asked for as well. */
static ALWAYS_INLINE void K(skipping_tile)(V c[FNN_SKIP_ROWS][FORWARD_PANELS * NV], const int m, const int q, const R *X,
                                           int64_t ldx, const R *W, int64_t panel, const uint16_t *list, int64_t n,
                                           const char *next)
{
    for (int64_t at = 0; at < n; ++at) {
        const int64_t k = list[at];
        V s[FNN_SKIP_ROWS];
        if (next) FNN_PREFETCH_FAR(next + 64 * at);
        UNROLL
        for (int i = 0; i < m; ++i) s[i] = VSET1(X[i * ldx + k]);
        UNROLL
        for (int v = 0; v < q * NV; ++v) {
            const V w = VLOAD(W + v / NV * panel + k * P + v % NV * VL);
            UNROLL
            for (int i = 0; i < m; ++i) c[i][v] = VFMA(s[i], w, c[i][v]);
        }
    }
}

/* Y (m, q P) = X (m, .) W (., q panels) + bias over the n columns in a list; rows from .. to - 1 of the next batch are
 * brought nearer. */
static ALWAYS_INLINE void K(skipping_forward_tile)(const int m, const int q, R *Y, int64_t ldy, const R *X, int64_t ldx,
                                                   const R *W, int64_t panel, const R *bias, const uint16_t *list,
                                                   int64_t n, const fnn_ahead *ahead, int64_t from, int64_t to)
{
    V c[FNN_SKIP_ROWS][FORWARD_PANELS * NV];
    int64_t at = 0;
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < q * NV; ++v) c[i][v] = bias ? VLOAD(bias + v * VL) : VZERO;
    }
    for (; from < to; ++from) {
        const char *next = fnn_ahead_row(ahead, from);
        const int64_t some = ahead->lines < n - at ? ahead->lines : n - at;
        if (!next) break;
        K(skipping_tile)(c, m, q, X, ldx, W, panel, list + at, some, next);
        at += some;
    }
    K(skipping_tile)(c, m, q, X, ldx, W, panel, list + at, n - at, NULL);
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < q * NV; ++v) VSTORE(Y + i * ldy + v * VL, VADD(c[i][v], VZERO));
    }
}

/* CALL(m) with m, at most 4, as a constant. */
#define WITH_FEW(m, CALL)            \
    switch (m) {                     \
    case 1: CALL(1); break;          \
    case 2: CALL(2); break;          \
    case 3: CALL(3); break;          \
    default: CALL(4);                \
    }

/* As product() in dense.inc.c. */
static void K(skipping_product)(R *Y, int64_t ldy, const R *X, int64_t ldx, const R *W, const R *bias, int64_t I,
                                int64_t O, const K(part) part, const fnn_zeros *z, const fnn_ahead *ahead)
{
    const int64_t block = 32 * FNN_SKIP_ROWS;
    for (int64_t first = part.row; first < part.row_end; first += block) {
        const int64_t end = first + block < part.row_end ? first + block : part.row_end;
        for (int64_t j = part.col, next; j < part.col_end; j = next) {
            const int wide = j + FORWARD_PANELS * P <= part.col_end;
            int64_t stop;
            next = j + (wide ? FORWARD_PANELS : 1) * P;
            for (int64_t r = first; r < end; r = stop) { /* the first and last tile may be shared with other threads */
                const int64_t t = r / FNN_SKIP_ROWS;
                int64_t from = 0, to = 0;
                stop = (t + 1) * FNN_SKIP_ROWS < end ? (t + 1) * FNN_SKIP_ROWS : end;
                if (ahead) from = r + (stop - r) * j / K(round_up)(O), to = r + (stop - r) * next / K(round_up)(O);
#define TILE(m, q)                                                                                    \
    K(skipping_forward_tile)(m, q, Y + r * ldy + j, ldy, X + r * ldx, ldx, W + j * I, P * I,           \
                             bias ? bias + j : NULL, z->columns + t * z->room, z->n_columns[t], ahead, from, to)
#define CALL(m)                  \
    if (wide) TILE(m, FORWARD_PANELS); \
    else TILE(m, 1)
                WITH_FEW(stop - r, CALL)
#undef CALL
#undef TILE
            }
        }
    }
}

/* The tile of X^T dY, m columns of X by q panels: to <- from (or NULL for 0) + the sum over the rows in `words` masks,
 * `groups` from each other.  Panels of to and from are to_panel and from_panel elements apart. */
static ALWAYS_INLINE void K(skipping_gradient_tile)(const int m, const int q, R *to, int64_t to_panel, const R *from,
                                                    int64_t from_panel, const R *X, int64_t ldx, const R *dY,
                                                    int64_t ldy, const uint64_t *masks, int64_t groups, int64_t words)
{
    V c[FNN_SKIP_COLUMNS][GRADIENT_PANELS * NV];
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < q * NV; ++v) c[i][v] = from ? VLOAD(from + v / NV * from_panel + i * P + v % NV * VL) : VZERO;
    }
    for (; words > 0; --words, masks += groups, X += 64 * ldx, dY += 64 * ldy) {
        for (uint64_t mask = *masks; mask; mask &= mask - 1) {
            const int r = fnn_lowest_bit(mask);
            const R *x = X + r * ldx, *dy = dY + r * ldy;
            V s[FNN_SKIP_COLUMNS];
            UNROLL
            for (int i = 0; i < m; ++i) s[i] = VSET1(x[i]);
            UNROLL
            for (int v = 0; v < q * NV; ++v) {
                const V g = VLOAD(dy + v * VL);
                UNROLL
                for (int i = 0; i < m; ++i) c[i][v] = VFMA(s[i], g, c[i][v]);
            }
        }
    }
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < q * NV; ++v) VSTORE(to + v / NV * to_panel + i * P + v % NV * VL, VADD(c[i][v], VZERO));
    }
}

/* The same for m and q that are no constants.  Not inlined: the numbers of an optimizer's step, held in registers around
 * it, would drive the tile's out of them. */
static NOINLINE void K(skipping_gradient)(int64_t m, int64_t q, R *to, int64_t to_panel, const R *from,
                                          int64_t from_panel, const R *X, int64_t ldx, const R *dY, int64_t ldy,
                                          const uint64_t *masks, int64_t groups, int64_t words)
{
#define TILE(m, q) \
    K(skipping_gradient_tile)(m, q, to, to_panel, from, from_panel, X, ldx, dY, ldy, masks, groups, words)
#define CALL(q)                                                                                    \
    if (m == FNN_SKIP_COLUMNS) TILE(FNN_SKIP_COLUMNS, q < GRADIENT_PANELS ? q : GRADIENT_PANELS);  \
    else TILE(1, q < GRADIENT_PANELS ? q : GRADIENT_PANELS)
    WITH_FEW(q, CALL)
#undef CALL
#undef TILE
}
#undef WITH_FEW
