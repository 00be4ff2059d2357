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
 * Letters: B rows of the batch, I inputs, O outputs. */

/* C (m, P) += A (m, n) B (n, P): A(i, k) = a[i * a_row + k * a_k], row k of B at b + k * b_k.
 * With `ahead`, a constant, the elements so many behind those of A are asked for as well. */
static ALWAYS_INLINE void K(tile)(V c[MR][NV], const int m, const R *a, int64_t a_row, int64_t a_k, const R *b,
                                  int64_t b_k, int64_t n, const int ahead)
{
    for (int64_t k = 0; k < n; ++k) {
        V row[NV];
        if (ahead) PREFETCH(a + ahead);
        UNROLL
        for (int v = 0; v < NV; ++v) row[v] = VLOAD(b + v * VL);
        UNROLL
        for (int i = 0; i < m; ++i) {
            const V s = VSET1(a[i * a_row]);
            UNROLL
            for (int v = 0; v < NV; ++v) c[i][v] = VFMA(s, row[v], c[i][v]);
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

/* Y (m, P) = X (m, I) W (I, P) + bias (P, or NULL for 0). */
static ALWAYS_INLINE void K(forward_tile)(const int m, R *Y, int64_t ldy, const R *X, int64_t ldx, const R *W,
                                          const R *bias, int64_t I)
{
    V c[MR][NV];
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) c[i][v] = bias ? VLOAD(bias + v * VL) : VZERO;
    }
    K(tile)(c, m, X, ldx, 1, W, P, I, 0);
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) VSTORE(Y + i * ldy + v * VL, VADD(c[i][v], VZERO));
    }
}

/* The part of Y (B, O) = X (B, I) W + bias.  W: panels of (I, O); bias: vector or NULL.
 * Rows go in blocks that stay in the second-level cache while all panels pass over them. */
static void K(product)(R *Y, int64_t ldy, const R *X, int64_t ldx, const R *W, const R *bias, int64_t I,
                       const K(part) part)
{
    const int64_t block = 20 * MR;
    for (int64_t first = part.row; first < part.row_end; first += block) {
        const int64_t end = first + block < part.row_end ? first + block : part.row_end;
        for (int64_t j = part.col; j < part.col_end; j += P) {
            for (int64_t r = first; r < end; r += MR) {
#define CALL(m) K(forward_tile)(m, Y + r * ldy + j, ldy, X + r * ldx, ldx, W + j * I, bias ? bias + j : NULL, I)
                WITH_CONSTANT(end - r < MR ? end - r : MR, CALL)
#undef CALL
            }
        }
    }
}

static void K(op_dense)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);
    const R *W = K(reals)(b, op, 2), *bias = K(reals)(b, op, 3);
    const K(part) part = K(own_part)(b, y);
    if (b->skip_forward == op->operand[1] + 1)
        K(skipping_product)(y->data, y->ld, x->data, x->ld, W, bias, x->cols, part, b->zeros);
    else K(product)(y->data, y->ld, x->data, x->ld, W, bias, x->cols, part);
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
    K(product)(dx->data, dx->ld, dy->data, dy->ld, transposed, NULL, dy->cols, K(own_part)(b, dx));
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
        for (int v = 0; v < NV; ++v) sum[v] = VZERO;
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
    K(tile)(c, m, X, 1, ldx, dY, ldy, B, ahead);
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

/* Tiles of a gradient, `height` features by a panel: tile t has the features t % column * height .. of panel t / column.
 * This thread's are from .. to - 1.  Where zeros are left out, they are those of the lists. */
typedef struct {
    int64_t height, column, from, to;
    const fnn_zeros *zeros; /* or NULL */
} K(tiles);

/* Tiles of X^T dY.  Whole panels where dY is shared out by columns, as those of dY are then this thread's; else equal
 * shares. */
static ALWAYS_INLINE K(tiles) K(own_tiles)(const fnn_batch *b, const fnn_op *op, int x_at, int64_t I, int64_t O)
{
    const int threads = K(threads)(b);
    const int skip = b->skip_gradient == op->operand[x_at] + 1;
    K(tiles) t = {skip ? FNN_SKIP : MR, 0, 0, 0, skip ? b->zeros : NULL};
    t.column = (I + t.height - 1) / t.height;
    if (K(by_columns)(b, O)) {
        K(own_columns)(&t.from, &t.to, b, O);
        t.from = t.from / P * t.column, t.to = t.to / P * t.column;
    } else {
        const int64_t n = K(round_up)(O) / P * t.column;
        t.from = fnn_share(n, b->thread, threads), t.to = fnn_share(n, b->thread + 1, threads);
    }
    return t;
}

/* The tiles t of dW = X^T dY over at most CHUNK rows from `first` on, a multiple of CHUNK, with `step` (a constant after
 * inlining, or NULL) run on each while it is in the first-level cache: without a step the tile is stored in dW.  It is
 * taken up from there where first > 0. */
static ALWAYS_INLINE void K(weight_tiles)(R *dW, const R *X, int64_t ldx, const R *dY, int64_t ldy, int64_t first,
                                          int64_t B, int64_t I, const K(tiles) t, K(step_function) step, R *W,
                                          R *const slots[K(MAX_SLOTS)], const K(step_numbers) *numbers)
{
    R packed[K(CHUNK) * P], tile[(MR > FNN_SKIP ? MR : FNN_SKIP) * P];
    int64_t j = t.from / t.column * P, f = t.from % t.column * t.height, packed_j = -1;
    X += first * ldx, dY += first * ldy;
    for (int64_t n = t.from; n < t.to; ++n) {
        const int64_t at = j * I + f * P, m = I - f < t.height ? I - f : t.height;
        const R *from = first ? dW + at : NULL, *panel = dY + j;
        R *to = step ? tile : dW + at;
        int64_t ld = ldy;
        if (B > K(FEW_ROWS)) {
            if (packed_j != j)
                for (int64_t r = 0; r < B; ++r)
                    for (int64_t i = 0; i < P; i += VL) VSTORE(packed + r * P + i, VLOAD(panel + r * ldy + i));
            packed_j = j, panel = packed, ld = P;
        }
        if (t.zeros) {
            const int64_t list = first / K(CHUNK) * t.column + f / FNN_SKIP;
            K(skipping_gradient)(m, to, from, X + f, ldx, panel, ld, t.zeros->rows + list * K(CHUNK),
                                 t.zeros->n_rows[list]);
        } else {
            K(gradient)(m, to, from, X + f, ldx, panel, ld, B);
        }
        if (step)
            for (int64_t i = 0; i < m * P; i += VL)
                step(W + at + i, slots[0] + at + i, slots[1] + at + i, slots[2] + at + i, VLOAD(tile + i), numbers);
        f += t.height;
        if (f >= I) f = 0, j += P;
    }
}

/* The tiles t of dW (I, O) = X (B, I)^T dY (B, O). */
static void K(weight_gradient)(R *dW, const R *X, int64_t ldx, const R *dY, int64_t ldy, int64_t B, int64_t I,
                               const K(tiles) t)
{
    R *const none[K(MAX_SLOTS)] = {dW, dW, dW};
    for (int64_t first = 0; first < B || first == 0; first += K(CHUNK)) {
        const int64_t rows = B - first < K(CHUNK) ? B - first : K(CHUNK);
        K(weight_tiles)(dW, X, ldx, dY, ldy, first, rows, I, t, NULL, dW, none, NULL);
    }
}

static void K(op_dense_dw)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 1), *dy = K(buffer)(b, op, 2);
    K(weight_gradient)(K(reals)(b, op, 0), x->data, x->ld, dy->data, dy->ld, b->rows, x->cols,
                       K(own_tiles)(b, op, 1, x->cols, dy->cols));
}

/* dense_<optimizer>: outputs w, n_slots slots, dw; inputs the same without dw, then x, dy.
 * The step runs on the tiles of the last chunk. */
#define DENSE_UPDATE(name, numbers_of, n_slots)                                                                    \
    static void K(op_dense_##name)(const fnn_batch *b, const fnn_op *op)                                           \
    {                                                                                                              \
        const int x_at = 2 * (n_slots) + 3;                                                                        \
        const fnn_buffer *x = K(buffer)(b, op, x_at), *dy = K(buffer)(b, op, x_at + 1);                            \
        const R *X = x->data, *dY = dy->data;                                                                      \
        const int64_t last = b->rows > 0 ? (b->rows - 1) / K(CHUNK) * K(CHUNK) : 0;                                \
        const K(tiles) t = K(own_tiles)(b, op, x_at, x->cols, dy->cols);                                           \
        const K(step_numbers) numbers = K(numbers_of##_numbers)(b, op);                                            \
        R *W = K(reals)(b, op, 0), *dW = K(reals)(b, op, (n_slots) + 1), *slots[K(MAX_SLOTS)];                     \
        K(get_slots)(slots, b, op, n_slots);                                                                       \
        if (last) K(weight_gradient)(dW, X, x->ld, dY, dy->ld, last, x->cols, t);                                  \
        K(weight_tiles)(dW, X, x->ld, dY, dy->ld, last, b->rows - last, x->cols, t, K(name##_step), W, slots,      \
                        &numbers);                                                                                 \
    }
ALL_STEPS(DENSE_UPDATE)
#undef DENSE_UPDATE
#undef WITH_CONSTANT
