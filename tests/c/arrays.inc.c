/* arrays.inc.c: the functions of plain arrays, every level against the generic one bit for bit.  Part of test_core.c. */

/* n reals with values in [-1, 1] in memory of exactly their size, every third of them 0. */
static void *some(const fnn_kernels *k, int64_t n)
{
    void *p = malloc((size_t)(n * item(k->dtype)));
    if (!p) exit(2);
    for (int64_t i = 0; i < n; ++i) {
        const double x = i % 3 ? uniform(-1, 1) : 0;
        if (k->dtype == FNN_FLOAT64) ((double *)p)[i] = x;
        else ((float *)p)[i] = (float)x;
    }
    return p;
}

/* Each function of plain arrays: the bytes that it gives, after one another in out. */
static void run_arrays(char *out, const fnn_kernels *k, int64_t rows, int64_t depth, int64_t cols, int transposed)
{
    const int64_t size = item(k->dtype), n = rows * cols;
    void *a = some(k, rows * depth), *b = some(k, depth * cols), *bias = some(k, rows), *x = some(k, n), *y = some(k, n);
    void *c = some(k, n), *sums = some(k, rows), *scratch = malloc((size_t)k->array.matmul_scratch());
    const fnn_matmul p = {c, a, b, bias, rows, cols, depth, transposed ? 1 : depth, transposed ? rows : 1,
                          transposed ? 1 : cols, transposed ? depth : 1, 3, scratch};
    double likelihood;
    k->array.matmul(&p);
    memcpy(out, c, (size_t)(n * size)), out += n * size;
    for (int map = 0; map < FNN_N_MAPS; ++map, out += n * size) {
        k->array.map[map](c, x, y, 0.5, n);
        memcpy(out, c, (size_t)(n * size));
    }
    k->array.softmax_columns(c, x, rows, cols);
    memcpy(out, c, (size_t)(n * size)), out += n * size;
    k->array.softmax_columns_backward(c, y, x, rows, cols);
    memcpy(out, c, (size_t)(n * size)), out += n * size;
    k->array.row_sums(sums, x, 3, rows, cols);
    memcpy(out, sums, (size_t)(rows * size)), out += rows * size;
    likelihood = k->array.log_likelihood(x, y, 1, n);
    memcpy(out, &likelihood, 8);
    free(a), free(b), free(bias), free(x), free(y), free(c), free(sums), free(scratch);
}

static void test_arrays(void)
{
    static const int64_t shapes[][3] = {{1, 1, 1}, {3, 5, 2}, {13, 33, 17}, {12, 256, 32}, {25, 300, 67}, {200, 7, 140}};
    for (int i = 0; i < 2 * (int)(sizeof shapes / sizeof shapes[0]); ++i) {
        for (int32_t dtype = FNN_FLOAT32; dtype <= FNN_FLOAT64; ++dtype) {
            const int64_t *s = shapes[i / 2];
            const size_t size = (size_t)(((FNN_N_MAPS + 3) * s[0] * s[2] + s[0]) * item(dtype) + 8);
            char *expected = calloc(size, 1), *got = calloc(size, 1);
            if (!expected || !got) exit(2);
            for (int level = fnn_n_levels() - 1; level >= 0; --level) { /* generic first */
                if (!fnn_level_supported(level)) continue;
                state = 88172645463325252ull;
                run_arrays(got, fnn_level_kernels(level, dtype), s[0], s[1], s[2], i % 2);
                if (level == fnn_n_levels() - 1) memcpy(expected, got, size);
                check(memcmp(expected, got, size) == 0, "arrays", fnn_level_name(level), s[0], s[1], s[2]);
            }
            free(expected), free(got);
        }
    }
}
