/* memory.inc.c: data and plain arrays into the layouts of the buffers, and back. */

#define GATHER(type)                                                                         \
    for (int64_t r = 0; r < rows; ++r) {                                                     \
        const type *RESTRICT from = (const type *)((const char *)src + (order ? order[r] : r) * src_stride); \
        R *RESTRICT to = (R *)dst + r * ld;                                                  \
        for (int64_t j = 0; j < cols; ++j) to[j] = (R)from[j];                               \
    }

static void K(gather)(void *dst, int64_t ld, const void *src, int32_t src_dtype, int64_t src_stride,
                      const int64_t *order, int64_t rows, int64_t cols)
{
    if (src_dtype == FNN_FLOAT32) GATHER(float)
    else if (src_dtype == FNN_FLOAT64) GATHER(double)
    else GATHER(uint8_t)
}
#undef GATHER

/* By as many numbers as a cache line holds. */
static void K(gather_marked)(void *dst, const void *src, const uint64_t *bits, int64_t cols)
{
    enum { LINE = 64 / sizeof(R) };
    static const R zeros[LINE];
    const uint64_t mask = ((uint64_t)1 << LINE) - 1;
    const R *from = src;
    R *to = dst;
    int64_t j = 0;
    for (; j + LINE <= cols; j += LINE) { /* zeros chosen without a branch: it could not be foreseen */
        const uintptr_t marked = -(uintptr_t)((bits[j >> 6] >> (j & 63) & mask) != 0);
        const R *line = (const R *)(((uintptr_t)(from + j) & marked) | ((uintptr_t)zeros & ~marked));
        UNROLL
        for (int i = 0; i < LINE; i += VL) VSTORE(to + j + i, VLOAD(line + i));
    }
    for (; j < cols; ++j) to[j] = from[j];
}

/* Position of element (r, c) in a buffer. */
static ALWAYS_INLINE int64_t K(at)(const fnn_buffer *x, int64_t r, int64_t c)
{
    if (x->layout == FNN_PANELS) return c / P * P * x->rows + r * P + c % P;
    return x->layout == FNN_VECTOR ? c : r * x->ld + c;
}

static void K(import_array)(const fnn_buffer *x, const void *src, int64_t rows)
{
    const int64_t n = x->rows == FNN_BATCH ? rows : x->rows;
    for (int64_t r = 0; r < n; ++r)
        for (int64_t c = 0; c < x->cols; ++c) ((R *)x->data)[K(at)(x, r, c)] = ((const R *)src)[r * x->cols + c];
}

static void K(export_array)(void *dst, const fnn_buffer *x, int64_t rows)
{
    const int64_t n = x->rows == FNN_BATCH ? rows : x->rows;
    for (int64_t r = 0; r < n; ++r)
        for (int64_t c = 0; c < x->cols; ++c) ((R *)dst)[r * x->cols + c] = ((const R *)x->data)[K(at)(x, r, c)];
}

static double K(sum)(double start, const void *x, int64_t n)
{
    double total = start;
    for (int64_t i = 0; i < n; ++i) total += ((const R *)x)[i];
    return total;
}
