

/* dense.inc.c: the products of a dense layer, register-blocked.
 *
 * Design
 *   a. One inner loop, tile(): MR x P results in registers, each one fma chain over k in ascending order.  Vectors
 *      run over output columns, never over k, so the bits do not depend on the vector width or on the blocking; a
 *      chain that is cut (stored and taken up again) keeps its bits.  At its end +0 is added, which makes -0 to +0 and
 *      changes nothing else, so that terms of 0 may be left out (sparse.inc.c).
 *   b. Weights, their gradients and slots lie in panels of P columns (fastnn.h): the forward pass streams a panel,
 *      and a tile of dW is one contiguous block of W and of each slot, so that the optimizer's step runs on the tile
 *      while it is in the first-level cache and the gradient of a small batch is never stored.
 *   c. dX = dY W^T is the forward product with W transposed into scratch panels.
 *   d. Of a panel that holds no more than VL columns, as that of ten classes, one vector is worked on; and its gradient
 *      is found the other way round, with vectors over the features.
 * Letters: B rows of the batch, I inputs, O outputs. */

/* C (m, nv VL) += A (m, n) B (n, nv VL): A(i, k) = a[i * a_row + k * a_k], row k of B at b + k * b_k.
 * With `ahead`, a constant, the elements so many behind those of A are asked for as well; and so are n cache lines from
 * `next` on, which may be the constant NULL. */
static ALWAYS_INLINE void K(tile)(V c[MR][NV], const int m, const int nv, const R *a, int64_t a_row, int64_t a_k,
                                  const R *b, int64_t b_k, int64_t n, const int ahead, const char *next)
{
    for (int64_t k = 0; k < n; ++k) {
        V row[NV];
        if (ahead) PREFETCH(a + ahead);
        if (next) FNN_PREFETCH_FAR(next + 64 * k);
        UNROLL
        for (int v = 0; v < nv; ++v) row[v] = VLOAD(b + v * VL);
        UNROLL
        for (int i = 0; i < m; ++i) {
            const V s = VSET1(a[i * a_row]);
            UNROLL
            for (int v = 0; v < nv; ++v) c[i][v] = VFMA(s, row[v], c[i][v]);
        }
        a += a_k;
        b += b_k;
    }
}

/* CALL(m) with m, at most MR, as a constant: the loops over the tile's rows then unroll into registers. */
#define WITH_CONSTANT(m, CALL)                     \
    switch (m) {                                   \
    case 1: CALL(1); break;                        \
    case 2: CALL(2); break;                        \
    case 3: if (MR >= 3) { CALL(3); } break;       \
    case 4: if (MR >= 4) { CALL(4); } break;       \
    case 5: if (MR >= 5) { CALL(5); } break;       \
    case 6: if (MR >= 6) { CALL(6); } break;       \
    case 7: if (MR >= 7) { CALL(7); } break;       \
    case 8: if (MR >= 8) { CALL(8); } break;       \
    case 9: if (MR >= 9) { CALL(9); } break;       \
    case 10: if (MR >= 10) { CALL(10); } break;    \
    case 11: if (MR >= 11) { CALL(11); } break;    \
    default: if (MR >= 12) { CALL(12); }    \
    }

/* Y (m, nv VL) = X (m, I) W (I, nv VL) + bias (nv VL, or NULL for 0); rows from .. to - 1 of the next batch are brought
 * nearer. */
static ALWAYS_INLINE void K(forward_tile)(const int m, const int nv, R *Y, int64_t ldy, const R *X, int64_t ldx,
                                          const R *W, const R *bias, int64_t I, const fnn_ahead *ahead, int64_t from,
                                          int64_t to)
{
    V c[MR][NV];
    int64_t k = 0;
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < nv; ++v) c[i][v] = bias ? VLOAD(bias + v * VL) : VZERO;
    }
    for (; from < to; ++from) {
        const char *next = fnn_ahead_row(ahead, from);
        const int64_t n = ahead->lines < I - k ? ahead->lines : I - k;
        if (!next) break;
        K(tile)(c, m, nv, X + k, ldx, 1, W + k * P, P, n, 0, next);
        k += n;
    }
    K(tile)(c, m, nv, X + k, ldx, 1, W + k * P, P, I - k, 0, NULL);
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < nv; ++v) VSTORE(Y + i * ldy + v * VL, VADD(c[i][v], VZERO));
    }
}

/* The part of Y (B, O) = X (B, I) W + bias.  W: panels of (I, O); bias: vector or NULL.
 * While a panel works on a tile of rows, its share of the next batch's same rows is brought nearer, unless ahead is NULL.
 * Rows go in blocks that stay in the second-level cache while all panels pass over them. */
static void K(product)(R *Y, int64_t ldy, const R *X, int64_t ldx, const R *W, const R *bias, int64_t I, int64_t O,
                       const K(part) part, const fnn_ahead *ahead)
{
    const int64_t block = 20 * MR;
    for (int64_t first = part.row; first < part.row_end; first += block) {
        const int64_t end = first + block < part.row_end ? first + block : part.row_end;
        for (int64_t j = part.col; j < part.col_end; j += P) {
            for (int64_t r = first; r < end; r += MR) {
                const int64_t m = end - r < MR ? end - r : MR;
                const int64_t padded = K(round_up)(O), from = ahead ? r + m * j / padded : 0;
                const int64_t to = ahead ? r + m * (j + P) / padded : 0;
#define TILE(m, nv)                                                                                                      \
    K(forward_tile)(m, nv, Y + r * ldy + j, ldy, X + r * ldx, ldx, W + j * I, bias ? bias + j : NULL, I, ahead, from, to)
#define NARROW(m) TILE(m, 1)
#define WIDE(m) TILE(m, NV)
                if (O - j <= VL) WITH_CONSTANT(m, NARROW)
                else WITH_CONSTANT(m, WIDE)
#undef NARROW
#undef WIDE
#undef TILE
            }
        }
    }
}

static void K(op_dense)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);
    const R *W = K(reals)(b, op, 2), *bias = K(reals)(b, op, 3);
    const K(part) part = K(own_part)(b, y);
    const int is_input = b->input == op->operand[1];
    if (is_input && b->compressed)
        K(compressed_product)(y->data, y->ld, b, W, bias, x->cols, y->cols, part);
    else if (is_input && b->skip_forward)
        K(skipping_product)(y->data, y->ld, x->data, x->ld, W, bias, x->cols, y->cols, part, b->zeros, b->ahead);
    else
        K(product)(y->data, y->ld, x->data, x->ld, W, bias, x->cols, y->cols, part, is_input ? b->ahead : NULL);
}

/* T: panels of (O, I) <- transposed W: panels of (I, O), in blocks of VL by VL; the padding of T is 0.
 * Columns from .. to - 1 of T, whole panels. */
static void K(transpose)(R *T, const R *W, int64_t I, int64_t O, int64_t from, int64_t to_column)
{
    for (int64_t o = 0; o < O; o += VL) {
        const R *w = W + o / P * P * I + o % P;
        for (int64_t i = from; i < to_column; i += VL) {
            R *to = T + i / P * P * O + o * P + i % P;
            V block[VL];
            UNROLL
            for (int k = 0; k < VL; ++k) block[k] = i + k < I ? VLOAD(w + (i + k) * P) : VZERO;
            VTRANSPOSE(block);
            UNROLL
            for (int k = 0; k < VL; ++k)
                if (o + k < O) VSTORE(to + k * P, block[k]);
        }
    }
}

/* dX (B, I) = dY (B, O) W^T.  Shared out by columns, each thread transposes what it needs itself. */
static void K(op_dense_dx)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *dx = K(buffer)(b, op, 0), *dy = K(buffer)(b, op, 1);
    R *transposed = b->scratch;
    int64_t from, to;
    K(own_columns)(&from, &to, b, dx->cols);
    K(transpose)(transposed, K(reals)(b, op, 2), dx->cols, dy->cols, from, to);
    if (b->threads > 1 && !K(by_columns)(b, dx->cols)) fnn_team_barrier();
    K(product)(dx->data, dx->ld, dy->data, dy->ld, transposed, NULL, dy->cols, dx->cols, K(own_part)(b, dx),
               NULL);
}

/* db (O) = sum of the rows of dY (B, O), each column in ascending order. */
static void K(op_dense_db)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *dy = K(buffer)(b, op, 1);
    R *db = K(reals)(b, op, 0);
    int64_t j, end;
    for (K(own_columns)(&j, &end, b, dy->cols); j < end; j += P) {
        V sum[NV];
        UNROLL
        for (int v = 0; v < NV; ++v) sum[v] = b->before ? VLOAD(db + j + v * VL) : VZERO;
        for (int64_t r = 0; r < b->rows; ++r) {
            UNROLL
            for (int v = 0; v < NV; ++v) sum[v] = VADD(sum[v], VLOAD((const R *)dy->data + r * dy->ld + j + v * VL));
        }
        UNROLL
        for (int v = 0; v < NV; ++v) VSTORE(db + j + v * VL, sum[v]);
    }
}

/* One tile of dW = X^T dY, m features by P columns: to (m, P) <- from (m, P, or NULL for 0) + the sum over B rows. */
static ALWAYS_INLINE void K(gradient_tile)(const int m, R *to, const R *from, const R *X, int64_t ldx, const R *dY,
                                           int64_t ldy, int64_t B, const int ahead)
{
    V c[MR][NV];
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) c[i][v] = from ? VLOAD(from + i * P + v * VL) : VZERO;
    }
    K(tile)(c, m, NV, X, 1, ldx, dY, ldy, B, ahead, NULL);
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) VSTORE(to + i * P + v * VL, VADD(c[i][v], VZERO));
    }
}

/* Rows of a large batch go in chunks, for which a panel of dY, packed, and the lines of X that a tile reads stay in the
 * first-level cache; the gradient is kept in dW between the chunks.  Up to FEW_ROWS are not worth the packing, nor
 * asking for the lines of the next tile. */
enum { K(CHUNK) = FNN_CHUNK, K(FEW_ROWS) = 48 };

/* The same for m that is no constant.  Not inlined: the numbers of an optimizer's step, held in registers around it,
 * would drive the tile's out of them. */
static NOINLINE void K(gradient)(int64_t m, R *to, const R *from, const R *X, int64_t ldx, const R *dY, int64_t ldy,
                                 int64_t B)
{
    if (m == MR && B > K(FEW_ROWS)) {
        K(gradient_tile)(MR, to, from, X, ldx, dY, ldy, B, 64 / (int)sizeof(R));
        return;
    }
#define CALL(m) K(gradient_tile)(m, to, from, X, ldx, dY, ldy, B, 0)
    WITH_CONSTANT(m, CALL)
#undef CALL
}

/* A narrow tile, m features (at most P) by O columns (at most MR and VL), with vectors over the features:
 * to (m, P) <- from (m, P, or NULL for 0) + the sum over B rows. */
static ALWAYS_INLINE void K(narrow_gradient_tile)(const int O, int64_t m, R *to, const R *from, const R *X, int64_t ldx,
                                                  const R *dY, int64_t ldy, int64_t B)
{
    V c[MR][NV], block[VL];
    R across[P * VL]; /* from, and later the result, with a row for each feature */
    for (int64_t i = 0; i < P; ++i) VSTORE(across + i * VL, from && i < m ? VLOAD(from + i * P) : VZERO);
    UNROLL
    for (int v = 0; v < NV; ++v) {
        UNROLL
        for (int i = 0; i < VL; ++i) block[i] = VLOAD(across + (v * VL + i) * VL);
        VTRANSPOSE(block);
        UNROLL
        for (int o = 0; o < O; ++o) c[o][v] = block[o];
    }
    for (int64_t r = 0; r < B; ++r, X += ldx, dY += ldy) {
        V x[NV];
        UNROLL
        for (int v = 0; v < NV; ++v) x[v] = VLOAD(X + v * VL);
        UNROLL
        for (int o = 0; o < O; ++o) {
            const V s = VSET1(dY[o]);
            UNROLL
            for (int v = 0; v < NV; ++v) c[o][v] = VFMA(s, x[v], c[o][v]);
        }
    }
    UNROLL
    for (int v = 0; v < NV; ++v) {
        UNROLL
        for (int o = 0; o < VL; ++o) block[o] = o < O ? VADD(c[o][v], VZERO) : VZERO;
        VTRANSPOSE(block);
        for (int i = 0; i < VL; ++i) VSTORE(across + (v * VL + i) * VL, block[i]);
    }
    for (int64_t i = 0; i < m; ++i) {
        VSTORE(to + i * P, VLOAD(across + i * VL));
        for (int v = 1; v < NV; ++v) VSTORE(to + i * P + v * VL, VZERO);
    }
}

static NOINLINE void K(narrow_gradient)(int64_t O, int64_t m, R *to, const R *from, const R *X, int64_t ldx, const R *dY,
                                        int64_t ldy, int64_t B)
{
#define CALL(O) K(narrow_gradient_tile)(O <= VL ? O : VL, m, to, from, X, ldx, dY, ldy, B)
    WITH_CONSTANT(O, CALL)
#undef CALL
}

/* A gradient dW (I, O) = X (B, I)^T dY (B, O): this thread's part of it, and where it goes.
 * Tiles are `height` columns of X by `width` panels; tile t has group t % groups of columns and the panels from
 * from_panel + t / groups * width on, up to to_panel - 1.  This thread's are from .. to - 1. */
typedef struct {
    R *dW;
    const R *X, *dY;
    int64_t ldx, ldy, B, I, O;
    int64_t height, width, groups, from_panel, to_panel, from, to;
    int64_t chunk; /* rows whose part of dW is added up together */
    int narrow; /* the other way round: tiles of P features by one vector of columns */
    const fnn_zeros *zeros; /* to be left out, or NULL */
    int go_on;              /* from what pieces of the batch before this one have left in dW */
    const fnn_batch *compressed; /* whose input has no zeros at all, or NULL */
} K(weights);

/* Whole panels where dY is shared out by columns, as those of dY are then this thread's; else equal shares. */
static ALWAYS_INLINE K(weights) K(own_weights)(const fnn_batch *b, const fnn_op *op, int dw_at, int x_at)
{
    const fnn_buffer *x = K(buffer)(b, op, x_at), *dy = K(buffer)(b, op, x_at + 1);
    const int threads = K(threads)(b), is_input = b->input == op->operand[x_at];
    K(weights) g = {.dW = K(reals)(b, op, dw_at), .X = x->data, .dY = dy->data, .ldx = x->ld, .ldy = dy->ld, .B = b->rows,
                    .I = x->cols, .O = dy->cols, .height = MR, .width = 1, .chunk = K(CHUNK), .go_on = b->before > 0};
    if (is_input && b->compressed) g.height = 1, g.chunk = b->rows > 0 ? b->rows : 1, g.compressed = b;
    else if (is_input && b->skip_gradient) g.height = FNN_SKIP_COLUMNS, g.width = GRADIENT_PANELS, g.chunk = 64, g.zeros = b->zeros;
    else if (g.O <= MR && g.O <= VL && g.I >= P) g.narrow = 1, g.height = P;
    g.groups = (g.I + g.height - 1) / g.height;
    g.to_panel = K(round_up)(g.O) / P;
    if (K(by_columns)(b, g.O)) {
        g.from_panel = fnn_share(g.to_panel, b->thread, threads);
        g.to_panel = fnn_share(g.to_panel, b->thread + 1, threads);
        g.to = (g.to_panel - g.from_panel + g.width - 1) / g.width * g.groups;
    } else {
        const int64_t n = (g.to_panel + g.width - 1) / g.width * g.groups;
        g.from = fnn_share(n, b->thread, threads), g.to = fnn_share(n, b->thread + 1, threads);
    }
    return g;
}

/* The same tiles, one column of X each, of a batch without zeros. */
static ALWAYS_INLINE void K(compressed_tiles)(const K(weights) *g, K(step_function) step, R *W,
                                              R *const slots[K(MAX_SLOTS)], const K(step_numbers) *numbers)
{
    for (int64_t t = g->from, n; t < g->to; t += n) { /* as many as are of one panel */
        const int64_t j = g->from_panel + t / g->I, f = t % g->I, nv = g->O - j * P <= VL ? 1 : NV;
        R *panel = g->dW + j * g->I * P;
        n = g->I - f < g->to - t ? g->I - f : g->to - t;
        K(compressed_gradient)(panel, g->compressed, g->dY + j * P, g->ldy, f, f + n, (int)nv, g->go_on);
        if (step)
            for (int64_t row = f; row < f + n; ++row)
                for (int64_t k = row * P; k < row * P + nv * VL; k += VL) {
                    const int64_t i = j * g->I * P + k;
                    step(W + i, slots[0] + i, slots[1] + i, slots[2] + i, VADD(VLOAD(panel + k), VZERO), numbers);
                }
        else
            for (int64_t k = f * P; k < (f + n) * P; k += VL) VSTORE(panel + k, VADD(VLOAD(panel + k), VZERO));
    }
}

/* The tiles of g over at most chunk rows from `first` on, a multiple of chunk, with `step` (a constant after inlining, or
 * NULL) run on each while it is in the first-level cache: without a step the tile is stored in dW.  It is taken up from
 * there where first > 0, or where a piece of the batch came before. */
static ALWAYS_INLINE void K(weight_tiles)(const K(weights) *g, int64_t first, K(step_function) step, R *W,
                                          R *const slots[K(MAX_SLOTS)], const K(step_numbers) *numbers)
{
    R packed[K(CHUNK) * P], tile[P * P]; /* P is more than MR, and than the panels of a tile without zeros */
    const int64_t rows = g->B - first < g->chunk ? g->B - first : g->chunk;
    const R *X = g->X + first * g->ldx, *dY = g->dY + first * g->ldy;
    int64_t packed_panel = -1;
    if (g->compressed) {
        K(compressed_tiles)(g, step, W, slots, numbers);
        return;
    }
    for (int64_t t = g->from; t < g->to; ++t) {
        const int64_t group = t % g->groups, f = group * g->height, j = g->from_panel + t / g->groups * g->width;
        const int64_t m = g->I - f < g->height ? g->I - f : g->height;
        const int64_t q = g->to_panel - j < g->width ? g->to_panel - j : g->width;
        const int64_t at = (j * g->I + f) * P, apart = step ? m * P : g->I * P; /* panels of the tile */
        const R *from = first || g->go_on ? g->dW + at : NULL, *panel = dY + j * P;
        R *to = step ? tile : g->dW + at;
        if (g->zeros) {
            K(skipping_gradient)(m, q, to, apart, from, g->I * P, X + f, g->ldx, panel, g->ldy,
                                 g->zeros->masks + first / 64 * g->zeros->groups + group, g->zeros->groups,
                                 (rows + 63) / 64);
        } else if (g->narrow) {
            K(narrow_gradient)(g->O, m, to, from, X + f, g->ldx, panel, g->ldy, rows);
        } else if (rows > K(FEW_ROWS)) {
            if (packed_panel != j)
                for (int64_t r = 0; r < rows; ++r)
                    for (int64_t i = 0; i < P; i += VL) VSTORE(packed + r * P + i, VLOAD(panel + r * g->ldy + i));
            packed_panel = j;
            K(gradient)(m, to, from, X + f, g->ldx, packed, P, rows);
        } else {
            K(gradient)(m, to, from, X + f, g->ldx, panel, g->ldy, rows);
        }
        if (step)
            for (int64_t k = 0; k < q; ++k) {
                const int64_t place = at + k * g->I * P;
                const R *gradient = tile + k * m * P;
                for (int64_t i = place; i < place + m * P; i += VL)
                    step(W + i, slots[0] + i, slots[1] + i, slots[2] + i, VLOAD(gradient + i - place), numbers);
            }
    }
}

/* dW over the rows before `end`, a multiple of chunk unless it is all of them. */
static void K(weight_gradient)(const K(weights) *g, int64_t end)
{
    R *const none[K(MAX_SLOTS)] = {g->dW, g->dW, g->dW};
    for (int64_t first = 0; first < end; first += g->chunk) K(weight_tiles)(g, first, NULL, g->dW, none, NULL);
}

static void K(op_dense_dw)(const fnn_batch *b, const fnn_op *op)
{
    const K(weights) g = K(own_weights)(b, op, 0, 1);
    K(weight_gradient)(&g, g.B > 0 ? g.B : 1); /* without rows the gradient is 0 */
}

/* dense_<optimizer>: outputs w, n_slots slots, dw; inputs the same without dw, then x, dy.
 * The step runs on the tiles of the last chunk. */
#define DENSE_UPDATE(name, numbers_of, n_slots)                                                                    \
    static void K(op_dense_##name)(const fnn_batch *b, const fnn_op *op)                                           \
    {                                                                                                              \
        const K(weights) g = K(own_weights)(b, op, (n_slots) + 1, 2 * (n_slots) + 3);                              \
        const K(step_numbers) numbers = K(numbers_of##_numbers)(b, op);                                            \
        const int64_t last = g.B > 0 ? (g.B - 1) / g.chunk * g.chunk : 0;                                          \
        R *slots[K(MAX_SLOTS)];                                                                                    \
        K(get_slots)(slots, b, op, n_slots);                                                                       \
        if (b->before + b->rows < b->all) { /* other pieces follow */                                              \
            K(weight_gradient)(&g, g.B);                                                                           \
            return;                                                                                                \
        }                                                                                                          \
        K(weight_gradient)(&g, last);                                                                              \
        K(weight_tiles)(&g, last, K(name##_step), K(reals)(b, op, 0), slots, &numbers);                            \
    }
ALL_STEPS(DENSE_UPDATE)
#undef DENSE_UPDATE
#undef WITH_CONSTANT
