/* few_rows.inc.c: the products of a dense layer and its update for batches of at most FNN_FEW_ROWS rows.
 *
 * Design
 *   a. A result is the same fma chain over k as in dense.inc.c.  One row has too few chains in a panel to keep the fma
 *      units busy while each waits for its own last sum, so a tile is wide: WIDE vectors of results, over the borders
 *      of panels.  Columns that are only padding are left out: they reach no result.
 *   b. dX = dY W^T takes W as it lies, in blocks of VL by VL transposed in registers.
 *   c. The gradient of a weight stays in registers: each vector of it goes straight into the optimizer's step.
 *   d. A layer with at most 4 outputs, as the last one often is, would leave most of each vector empty: VROWS rows of its
 *      weight are put into one.
 *   e. Row by row, an update may come together with the product of the next row.
 *   f. core/few.c says which ops are joined, and in which order they run. */

enum { K(WIDE) = 8, K(LOW) = 4 }; /* vectors of a tile; rows that are worked on together */

/* Y (m, n vectors) = X (m, I) W + bias from row r and vector q on, which begins a panel or lies in one with the rest. */
static ALWAYS_INLINE void K(few_tile)(const int m, const int n, const fnn_few *f, int64_t r, int64_t q)
{
    const int64_t panel = f->inputs * P, ldx = f->ldx;
    const R *x = (const R *)f->x + r * ldx, *w = (const R *)f->w + q / NV * panel + q % NV * VL;
    const R *bias = f->bias ? (const R *)f->bias + q * VL : NULL;
    R *y = (R *)f->y + r * f->ldy + q * VL, *a = f->next ? (R *)f->activated + r * f->ldy + q * VL : NULL;
    V c[K(LOW)][K(WIDE)];
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < n; ++v) c[i][v] = bias ? VLOAD(bias + v * VL) : VZERO;
    }
    for (int64_t k = 0; k < f->inputs; ++k, w += P) {
        V row[K(WIDE)];
        UNROLL
        for (int v = 0; v < n; ++v) row[v] = VLOAD(w + v / NV * panel + v % NV * VL);
        UNROLL
        for (int i = 0; i < m; ++i) {
            const V s = VSET1(x[i * ldx + k]);
            UNROLL
            for (int v = 0; v < n; ++v) c[i][v] = VFMA(s, row[v], c[i][v]);
        }
    }
    UNROLL
    for (int i = 0; i < m; ++i) {
        UNROLL
        for (int v = 0; v < n; ++v) {
            const V z = VADD(c[i][v], VZERO);
            VSTORE(y + i * f->ldy + v * VL, z);
            if (a) VSTORE(a + i * f->ldy + v * VL, K(relu)(z));
        }
    }
}

/* All columns of m rows: tiles as wide as they fit, down to a single vector. */
static ALWAYS_INLINE void K(few_tiles)(const int m, const int widest, const fnn_few *f, int64_t r)
{
    const int64_t n = (f->outputs + VL - 1) / VL;
    int64_t q = 0;
    if (widest >= 8) for (; q + 8 <= n; q += 8) K(few_tile)(m, 8, f, r, q);
    if (widest >= 4) for (; q + 4 <= n; q += 4) K(few_tile)(m, 4, f, r, q);
    for (; q + 2 <= n; q += 2) K(few_tile)(m, 2, f, r, q);
    for (; q < n; ++q) K(few_tile)(m, 1, f, r, q);
}

static void K(few_dense)(const fnn_batch *b, const fnn_few *f)
{
    if (b->skip_forward && b->input == f->op->operand[1]) {
        f->kernel(b, f->op);
        if (f->next) K(op_relu)(b, f->next);
        return;
    }
    for (int64_t r = 0; r < b->rows; r += K(LOW)) {
        switch (b->rows - r) {
        case 1: K(few_tiles)(1, 8, f, r); break;
        case 2: K(few_tiles)(2, 4, f, r); break;
        case 3: K(few_tiles)(3, 2, f, r); break;
        default: K(few_tiles)(4, 2, f, r);
        }
    }
}

/* dX (m, VL) = dY (m, O) W^T from row r and input i on. */
static ALWAYS_INLINE void K(few_dx_tile)(const int m, const fnn_few *f, int64_t r, int64_t i)
{
    const int64_t O = f->outputs, ldy = f->ldx, left = f->inputs - i;
    const R *dy = (const R *)f->x + r * ldy;
    R *dx = (R *)f->y + r * f->ldy + i, *dz = (R *)f->activated + r * f->ldy + i;
    const R *a = (const R *)f->activation + r * f->ldy + i;
    V c[K(LOW)];
    UNROLL
    for (int j = 0; j < m; ++j) c[j] = VZERO;
    if (VROWS && O <= 4 && left >= VL) {
        const R *w = (const R *)f->w + i * P;
        V column[4];
        UNROLL
        for (int k = 0; k < 4; ++k) column[k] = VLOADROWS(w + k * P, 4 * P);
        VTRANSPOSE4(column);
        UNROLL
        for (int k = 0; k < 4; ++k) {
            if (k >= O) break;
            UNROLL
            for (int j = 0; j < m; ++j) c[j] = VFMA(VSET1(dy[j * ldy + k]), column[k], c[j]);
        }
    } else for (int64_t o = 0; o < O; o += VL) {
        const R *w = (const R *)f->w + o / P * P * f->inputs + o % P + i * P;
        V block[VL];
        UNROLL
        for (int k = 0; k < VL; ++k) block[k] = k < left ? VLOAD(w + k * P) : VZERO;
        VTRANSPOSE(block);
        UNROLL
        for (int k = 0; k < VL; ++k) {
            if (k >= O - o) break;
            UNROLL
            for (int j = 0; j < m; ++j) c[j] = VFMA(VSET1(dy[j * ldy + o + k]), block[k], c[j]);
        }
    }
    UNROLL
    for (int j = 0; j < m; ++j) {
        const V d = VADD(c[j], VZERO);
        VSTORE(dx + j * f->ldy, d);
        if (f->next) VSTORE(dz + j * f->ldy, K(relu_slope)(d, VLOAD(a + j * f->ldy)));
    }
}

static void K(few_dense_dx)(const fnn_batch *b, const fnn_few *f)
{
    for (int64_t r = 0; r < b->rows; r += K(LOW)) {
        for (int64_t i = 0; i < f->inputs; i += VL) {
            switch (b->rows - r) {
            case 1: K(few_dx_tile)(1, f, r, i); break;
            case 2: K(few_dx_tile)(2, f, r, i); break;
            case 3: K(few_dx_tile)(3, f, r, i); break;
            default: K(few_dx_tile)(4, f, r, i);
            }
        }
    }
}

/* The step for columns at .. at + n VL - 1, in one panel, of a weight, from input i on.  rows: a constant where it is 1. */
static ALWAYS_INLINE void K(few_columns)(const int64_t rows, const int n, const fnn_few *f, int64_t at, int64_t i,
                                         K(step_function) step, const K(step_numbers) *numbers)
{
    const R *x = f->x, *dy = (const R *)f->y + at;
    const int64_t inputs = f->inputs, first = at / P * P * inputs + at % P, ldx = f->ldx, ldy = f->ldy;
    R *w = (R *)f->w + first, *r = (R *)f->slot[0] + first, *s = (R *)f->slot[1] + first, *t = (R *)f->slot[2] + first;
    V d[NV];
    UNROLL
    for (int v = 0; v < n; ++v) d[v] = VLOAD(dy + v * VL);
    for (; i < inputs; ++i) {
        V g[NV];
        UNROLL
        for (int v = 0; v < n; ++v) g[v] = VFMA(VSET1(x[i]), d[v], VZERO);
        for (int64_t k = 1; k < rows; ++k) {
            UNROLL
            for (int v = 0; v < n; ++v) g[v] = VFMA(VSET1(x[k * ldx + i]), VLOAD(dy + k * ldy + v * VL), g[v]);
        }
        UNROLL
        for (int v = 0; v < n; ++v) {
            const int64_t j = i * P + v * VL;
            step(w + j, r + j, s + j, t + j, VADD(g[v], VZERO), numbers);
        }
    }
}

/* The step for a weight with at most 4 columns, VROWS inputs at a time; returns the first input that is left. */
static ALWAYS_INLINE int64_t K(few_narrow)(const int64_t rows, const fnn_few *f, K(step_function) step,
                                           const K(step_numbers) *numbers)
{
    const R *x = f->x, *dy = f->y;
    const int64_t inputs = f->inputs, ldx = f->ldx, ldy = f->ldy;
    int64_t i = 0;
    for (; VROWS && i + VROWS <= inputs; i += VROWS) {
        R *from[1 + FNN_MAX_SLOTS], packed[1 + FNN_MAX_SLOTS][VL];
        V g = VZERO;
        for (int64_t k = 0; k < rows; ++k) g = VFMA(VSPREAD4(x + k * ldx + i), VREPEAT4(dy + k * ldy), g);
        for (int k = 0; k <= FNN_MAX_SLOTS; ++k) {
            from[k] = (R *)(k ? f->slot[k - 1] : f->w) + i * P;
            VSTORE(packed[k], VLOADROWS(from[k], P));
        }
        step(packed[0], packed[1], packed[2], packed[3], VADD(g, VZERO), numbers);
        for (int k = FNN_MAX_SLOTS; k >= 0; --k) VSTOREROWS(from[k], P, VLOAD(packed[k])); /* unused slots are w: w last */
    }
    return i;
}

static ALWAYS_INLINE void K(few_weights)(const int64_t rows, const fnn_few *f, K(step_function) step,
                                         const K(step_numbers) *numbers)
{
    int64_t at = 0;
    if (VROWS && f->outputs <= 4) {
        K(few_columns)(rows, 1, f, 0, K(few_narrow)(rows, f, step, numbers), step, numbers);
        return;
    }
    for (; at + P - VL < f->outputs; at += P) K(few_columns)(rows, NV, f, at, 0, step, numbers);
    for (; at < f->outputs; at += VL) K(few_columns)(rows, 1, f, at, 0, step, numbers);
}

static ALWAYS_INLINE void K(few_bias)(const fnn_few *f, int64_t rows, K(step_function) step,
                                      const K(step_numbers) *numbers)
{
    const R *dy = f->y;
    R *b = f->bias, *r = f->bias_slot[0], *s = f->bias_slot[1], *t = f->bias_slot[2], *db = f->bias_gradient;
    const int64_t n = f->outputs, ldy = f->ldy;
    for (int64_t j = 0; j < n; j += VL) {
        V sum = VZERO;
        for (int64_t k = 0; k < rows; ++k) sum = VADD(sum, VLOAD(dy + k * ldy + j));
        VSTORE(db + j, sum);
        step(b + j, r + j, s + j, t + j, sum, numbers);
    }
}

/* few_numbers_: the numbers of this batch's step, worked out before the first update needs them. */
/* activated <- x, `inputs` numbers. */
static void K(few_kept)(const fnn_batch *b, const fnn_few *f)
{
    const R *x = f->x;
    R *kept = f->activated;
    (void)b;
    for (int64_t i = 0; i < f->inputs; i += VL) VSTORE(kept + i, VLOAD(x + i));
}

/* As few_columns with one row, and the product of the new weight with another row: z = x w + bias, a = relu(z). */
static ALWAYS_INLINE void K(joined_columns)(const int n, const fnn_few *f, int64_t at, K(step_function) step,
                                            const K(step_numbers) *numbers)
{
    const fnn_few *then = f->then;
    const R *x = f->x, *next_x = then->x, *dy = (const R *)f->y + at, *bias = (const R *)then->bias;
    const int64_t inputs = f->inputs, first = at / P * P * inputs + at % P;
    R *w = (R *)f->w + first, *r = (R *)f->slot[0] + first, *s = (R *)f->slot[1] + first, *t = (R *)f->slot[2] + first;
    V d[NV], c[NV];
    UNROLL
    for (int v = 0; v < n; ++v) d[v] = VLOAD(dy + v * VL), c[v] = bias ? VLOAD(bias + at + v * VL) : VZERO;
    for (int64_t i = 0; i < inputs; ++i) {
        UNROLL
        for (int v = 0; v < n; ++v) {
            const int64_t j = i * P + v * VL;
            step(w + j, r + j, s + j, t + j, VADD(VFMA(VSET1(x[i]), d[v], VZERO), VZERO), numbers);
            c[v] = VFMA(VSET1(next_x[i]), VLOAD(w + j), c[v]);
        }
    }
    UNROLL
    for (int v = 0; v < n; ++v) {
        const V z = VADD(c[v], VZERO);
        VSTORE((R *)then->y + at + v * VL, z);
        if (then->next) VSTORE((R *)then->activated + at + v * VL, K(relu)(z));
    }
}

static ALWAYS_INLINE void K(joined)(const fnn_batch *b, const fnn_few *f, K(step_function) step,
                                    const K(step_numbers) *numbers)
{
    int64_t at = 0;
    if (f->bias) K(few_bias)(f, 1, step, numbers);
    if (VROWS && f->outputs <= 4) {
        K(few_weights)(1, f, step, numbers);
        K(few_dense)(b, f->then);
        return;
    }
    for (; at + P - VL < f->outputs; at += P) K(joined_columns)(NV, f, at, step, numbers);
    for (; at < f->outputs; at += VL) K(joined_columns)(1, f, at, step, numbers);
}

#define FEW_UPDATE(name, numbers_of, n_slots)                                                 \
    static void K(few_numbers_##name)(const fnn_batch *b, const fnn_few *f)                   \
    {                                                                                         \
        const K(step_numbers) numbers = K(numbers_of##_numbers)(b, f->op);                    \
        memcpy(f->numbers, &numbers, sizeof numbers);                                         \
    }                                                                                         \
    static void K(few_dense_##name)(const fnn_batch *b, const fnn_few *f)                     \
    {                                                                                         \
        K(step_numbers) numbers;                                                              \
        memcpy(&numbers, f->numbers, sizeof numbers);                                         \
        if (b->skip_gradient && b->input == f->op->operand[2 * (n_slots) + 3]) f->kernel(b, f->op); \
        else if (b->rows == 1) K(few_weights)(1, f, K(name##_step), &numbers);                \
        else K(few_weights)(b->rows, f, K(name##_step), &numbers);                            \
        if (f->bias) K(few_bias)(f, b->rows, K(name##_step), &numbers);                       \
    }                                                                                         \
    static void K(few_joined_##name)(const fnn_batch *b, const fnn_few *f)                    \
    {                                                                                         \
        K(step_numbers) numbers;                                                              \
        memcpy(&numbers, f->numbers, sizeof numbers);                                         \
        K(joined)(b, f, K(name##_step), &numbers);                                            \
    }
ALL_STEPS(FEW_UPDATE)
#undef FEW_UPDATE
