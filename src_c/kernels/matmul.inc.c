/* matmul.inc.c: C = A B of plain arrays, either of them transposed, for loops written by hand (fastnn.appendix).
 *
 * Design
 *   a. The inner loop is that of dense.inc.c: MR x P results in registers, each one fma chain over k in ascending
 *      order, cut between blocks of k (stored and taken up again), which keeps its bits.
 *   b. A block of A and a panel of B are packed: what the inner loop reads is contiguous, whatever the strides of the
 *      arrays, and no power of two makes rows share cache sets.
 *   c. Rows of a panel of B that are zero in all P columns are left out, and listed: an fma with 0 changes no number
 *      but -0, and each chain ends with + 0, which mends that. So the bits are those of the whole chain. Images are
 *      mostly zeros. Where the block of A holds an infinity or a NaN (0 * inf is NaN), nothing is left out. */

/* At most: k of a block, row tiles of a block of A, panels of a block of B. */
enum { K(DEPTH) = 256, K(TILES) = 32, K(PANELS) = 8 };

static int64_t K(matmul_scratch)(void)
{
    const size_t reals = K(DEPTH) * (K(TILES) * MR + K(PANELS) * P);
    return (int64_t)(reals * sizeof(R) + K(DEPTH) * K(PANELS) * sizeof(int32_t));
}

/* packed: row tiles of A (m, n), element (i, k) at tile i / MR, k * MR + i % MR; rows beyond m are 0.
 * Returns whether all are finite. */
static int K(pack_a)(R *packed, const R *A, int64_t a_row, int64_t a_col, int64_t m, int64_t n)
{
    R poison[MR];
    int finite = 1;
    for (int i = 0; i < MR; ++i) poison[i] = 0;
    for (int64_t r = 0; r < m; r += MR, packed += MR * n) {
        const R *from = A + r * a_row;
        const int rows = m - r < MR ? (int)(m - r) : MR;
        if (rows == MR) {
            for (int64_t k = 0; k < n; ++k) {
                UNROLL
                for (int i = 0; i < MR; ++i) {
                    const R a = from[i * a_row + k * a_col];
                    packed[k * MR + i] = a;
                    poison[i] += a * 0; /* stays 0, or NaN from an infinity or NaN on */
                }
            }
        } else {
            for (int64_t k = 0; k < n; ++k) {
                for (int i = 0; i < MR; ++i) {
                    const R a = i < rows ? from[i * a_row + k * a_col] : 0;
                    packed[k * MR + i] = a;
                    poison[i] += a * 0;
                }
            }
        }
    }
    for (int i = 0; i < MR; ++i) finite &= poison[i] == 0;
    return finite;
}

/* A packed panel of B: n rows of P numbers, row t that of k = list[t]. */
typedef struct {
    R *rows;
    int32_t *list;
    int64_t n;
} K(panel);

/* Append row k, unless it is zero and may be left out. */
static ALWAYS_INLINE void K(append)(K(panel) *panel, const V row[NV], int32_t k, int leave_out)
{
    int zero = leave_out;
    UNROLL
    for (int v = 0; v < NV; ++v) {
        VSTORE(panel->rows + panel->n * P + v * VL, row[v]);
        zero &= VALL(VEQ(row[v], VZERO));
    }
    panel->list[panel->n] = k;
    panel->n += !zero;
}

/* panels <- rows 0 .. n - 1 of their columns of B, which are contiguous in each row: a row at a time. */
static void K(pack_rows)(K(panel) *panels, int64_t count, const R *B, int64_t b_row, int64_t n, int leave_out)
{
    for (int64_t k = 0; k < n; ++k) {
        for (int64_t q = 0; q < count; ++q) {
            V row[NV];
            UNROLL
            for (int v = 0; v < NV; ++v) row[v] = VLOAD(B + k * b_row + q * P + v * VL);
            K(append)(&panels[q], row, (int32_t)k, leave_out);
        }
    }
}

/* panel <- rows first .. n - 1 of the first `cols` columns of B, the others 0. */
static void K(pack_any)(K(panel) *panel, const R *B, int64_t b_row, int64_t b_col, int64_t first, int64_t n,
                        int64_t cols, int leave_out)
{
    for (int64_t k = first; k < n; ++k) {
        R plain[P] = {0};
        V row[NV];
        for (int64_t j = 0; j < cols; ++j) plain[j] = B[k * b_row + j * b_col];
        UNROLL
        for (int v = 0; v < NV; ++v) row[v] = VLOAD(plain + v * VL);
        K(append)(panel, row, (int32_t)k, leave_out);
    }
}

/* panel <- rows 0 .. n - 1 of P columns of B, each of which is contiguous: VL by VL at a time. */
static void K(pack_columns)(K(panel) *panel, const R *B, int64_t b_col, int64_t n, int leave_out)
{
    int64_t k = 0;
    for (; k + VL <= n; k += VL) {
        V block[NV][VL], row[NV];
        UNROLL
        for (int v = 0; v < NV; ++v) {
            UNROLL
            for (int i = 0; i < VL; ++i) block[v][i] = VLOAD(B + (v * VL + i) * b_col + k);
            VTRANSPOSE(block[v]);
        }
        UNROLL
        for (int i = 0; i < VL; ++i) {
            UNROLL
            for (int v = 0; v < NV; ++v) row[v] = block[v][i];
            K(append)(panel, row, (int32_t)(k + i), leave_out);
        }
    }
    K(pack_any)(panel, B, 1, b_col, k, n, P, leave_out);
}

/* panels <- rows 0 .. n - 1 of the first `cols` columns of B. */
static void K(pack_b)(K(panel) *panels, const R *B, int64_t b_row, int64_t b_col, int64_t n, int64_t cols,
                      int leave_out)
{
    const int64_t whole = cols / P;
    for (int64_t q = 0; q < K(PANELS); ++q) panels[q].n = 0;
    if (b_col == 1) K(pack_rows)(panels, whole, B, b_row, n, leave_out);
    for (int64_t q = b_col == 1 ? whole : 0; q * P < cols; ++q) {
        const R *from = B + q * P * b_col;
        if (b_row == 1 && q < whole) K(pack_columns)(&panels[q], from, b_col, n, leave_out);
        else K(pack_any)(&panels[q], from, b_row, b_col, 0, n, cols - q * P < P ? cols - q * P : P, leave_out);
    }
}

/* C (MR, P) = or, where `resume`, += packed A (MR, n) panel (n, P); the end of the chain: + 0, + bias, / divisor. */
static void K(matmul_tile)(R *C, int64_t ldc, const R *a, const K(panel) *panel, int64_t n, int resume,
                           int end, const R bias[MR], R divisor)
{
    V c[MR][NV];
    UNROLL
    for (int i = 0; i < MR; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) c[i][v] = resume ? VLOAD(C + i * ldc + v * VL) : VZERO;
    }
    if (panel->n == n) {
        K(tile)(c, MR, NV, a, 1, MR, panel->rows, P, n, 0, NULL);
    } else {
        const R *b = panel->rows;
        for (int64_t t = 0; t < panel->n; ++t, b += P) {
            K(tile)(c, MR, NV, a + panel->list[t] * (int64_t)MR, 1, MR, b, P, 1, 0, NULL);
        }
    }
    if (end) {
        const V d = VSET1(divisor);
        UNROLL
        for (int i = 0; i < MR; ++i) {
            UNROLL
            for (int v = 0; v < NV; ++v) c[i][v] = VDIV(VADD(VADD(c[i][v], VZERO), VSET1(bias[i])), d);
        }
    }
    UNROLL
    for (int i = 0; i < MR; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) VSTORE(C + i * ldc + v * VL, c[i][v]);
    }
}

/* As matmul_tile, for a tile of which only rows by cols lie in C. */
static void K(matmul_edge)(R *C, int64_t ldc, const R *a, const K(panel) *panel, int64_t n, int resume, int end,
                           const R bias[MR], R divisor, int64_t rows, int64_t cols)
{
    R whole[MR * P] = {0};
    for (int64_t i = 0; resume && i < rows; ++i)
        for (int64_t j = 0; j < cols; ++j) whole[i * P + j] = C[i * ldc + j];
    K(matmul_tile)(whole, P, a, panel, n, resume, end, bias, divisor);
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < cols; ++j) C[i * ldc + j] = whole[i * P + j];
}

/* The rows top .. top + m - 1 and one panel of C, from packed blocks. */
static void K(matmul_panel)(const fnn_matmul *p, R *C, const R *packed, const K(panel) *panel, int64_t top, int64_t m,
                            int64_t n, int64_t cols, int resume, int end)
{
    for (int64_t r = 0; r < m; r += MR) {
        const int64_t rows = m - r < MR ? m - r : MR;
        R bias[MR] = {0};
        for (int64_t i = 0; p->bias && end && i < rows; ++i) bias[i] = ((const R *)p->bias)[top + r + i];
        if (rows == MR && cols == P)
            K(matmul_tile)(C + r * p->cols, p->cols, packed + r * n, panel, n, resume, end, bias, (R)p->divisor);
        else
            K(matmul_edge)(C + r * p->cols, p->cols, packed + r * n, panel, n, resume, end, bias, (R)p->divisor, rows,
                           cols);
    }
}

static void K(matmul)(const fnn_matmul *p)
{
    const int64_t blocks = (p->depth + K(DEPTH) - 1) / K(DEPTH), depth = (p->depth + blocks - 1) / blocks;
    const int64_t height = K(TILES) * MR, width = K(PANELS) * P;
    R *const packed = p->scratch, *const b_packed = packed + K(DEPTH) * height;
    int32_t *const lists = (int32_t *)(b_packed + K(DEPTH) * width);
    K(panel) panels[K(PANELS)];
    for (int64_t q = 0; q < K(PANELS); ++q) {
        panels[q].rows = b_packed + q * K(DEPTH) * P;
        panels[q].list = lists + q * K(DEPTH);
    }
    for (int64_t first = 0; first < p->depth; first += depth) {
        const int64_t n = p->depth - first < depth ? p->depth - first : depth;
        for (int64_t top = 0; top < p->rows; top += height) {
            const int64_t m = p->rows - top < height ? p->rows - top : height;
            const R *A = (const R *)p->a + top * p->a_row + first * p->a_col;
            const int finite = K(pack_a)(packed, A, p->a_row, p->a_col, m, n);
            for (int64_t left = 0; left < p->cols; left += width) {
                const int64_t cols = p->cols - left < width ? p->cols - left : width;
                const R *B = (const R *)p->b + first * p->b_row + left * p->b_col;
                K(pack_b)(panels, B, p->b_row, p->b_col, n, cols, finite);
                for (int64_t q = 0; q * P < cols; ++q)
                    K(matmul_panel)(p, (R *)p->c + top * p->cols + left + q * P, packed, &panels[q], top, m, n,
                                    cols - q * P < P ? cols - q * P : P, first > 0, first + n == p->depth);
            }
        }
    }
}
