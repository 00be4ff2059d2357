/* array.inc.c: functions of plain contiguous arrays, without the padding that the buffers of a program have, for loops
 * written by hand (fastnn.appendix).  Formulas: fastnn/appendix/numpy.py. */

/* The first n of p, 0 in the lanes after them; and back. */
static ALWAYS_INLINE V K(load_some)(const R *p, int64_t n)
{
    R some[VL] = {0};
    for (int64_t i = 0; i < n; ++i) some[i] = p[i];
    return VLOAD(some);
}

static ALWAYS_INLINE void K(store_some)(R *p, V v, int64_t n)
{
    R some[VL];
    VSTORE(some, v);
    for (int64_t i = 0; i < n; ++i) p[i] = some[i];
}

/* out (n) = expression of a (n), and b (n) or NULL, and the number s.  out may be a or b. */
#define MAP(name, expression)                                                               \
    static void K(map_##name)(void *out, const void *a_of, const void *b_of, double s_of, int64_t n) \
    {                                                                                       \
        const R *A = a_of, *B = b_of ? b_of : a_of;                                         \
        R *C = out;                                                                         \
        const V s = VSET1(s_of);                                                            \
        int64_t i = 0;                                                                      \
        (void)s;                                                                            \
        for (; i + VL <= n; i += VL) {                                                      \
            const V a = VLOAD(A + i), b = VLOAD(B + i);                                     \
            (void)b;                                                                        \
            VSTORE(C + i, expression);                                                      \
        }                                                                                   \
        if (i < n) {                                                                        \
            const V a = K(load_some)(A + i, n - i), b = K(load_some)(B + i, n - i);         \
            (void)b;                                                                        \
            K(store_some)(C + i, expression, n - i);                                        \
        }                                                                                   \
    }
static ALWAYS_INLINE V K(sigmoid_slope)(V z)
{
    const V y = K(vsigmoid)(z);
    return VMUL(y, VSUB(VSET1(1.0), y));
}
MAP(relu, VMAX(VZERO, a))
MAP(sigmoid, K(vsigmoid)(a))
MAP(relu_backward, VSEL(VLT(VZERO, b), a, VZERO))
MAP(sigmoid_backward, VMUL(a, K(sigmoid_slope)(b)))
MAP(subtract, VSUB(a, b))
MAP(step, VSUB(a, VMUL(s, b)))
#undef MAP

/* Y (rows, cols) = softmax of each column of X; the sum in ascending order. VL columns at a time. */
static void K(softmax_columns)(void *y_of, const void *x_of, int64_t rows, int64_t cols)
{
    for (int64_t j = 0; j < cols; j += VL) {
        const R *X = (const R *)x_of + j;
        R *Y = (R *)y_of + j;
        const int64_t n = cols - j < VL ? cols - j : VL;
        V largest = K(load_some)(X, n), sum = VZERO;
        for (int64_t r = 1; r < rows; ++r) largest = VMAX(K(load_some)(X + r * cols, n), largest);
        for (int64_t r = 0; r < rows; ++r) {
            const V e = K(vexp_negative)(VSUB(K(load_some)(X + r * cols, n), largest));
            sum = VADD(sum, e);
            K(store_some)(Y + r * cols, e, n);
        }
        for (int64_t r = 0; r < rows; ++r) {
            const V e = K(load_some)(Y + r * cols, n);
            K(store_some)(Y + r * cols, VDIV(e, sum), n);
        }
    }
}

/* dX (rows, cols) = Y * (dY - s), s the sum over the column of dY * Y, with Y the softmax of X, which dX takes first. */
static void K(softmax_columns_backward)(void *dx_of, const void *dy_of, const void *x_of, int64_t rows, int64_t cols)
{
    K(softmax_columns)(dx_of, x_of, rows, cols);
    for (int64_t j = 0; j < cols; j += VL) {
        const R *dY = (const R *)dy_of + j;
        R *Y = (R *)dx_of + j;
        const int64_t n = cols - j < VL ? cols - j : VL;
        V sum = VZERO;
        for (int64_t r = 0; r < rows; ++r)
            sum = VFMA(K(load_some)(dY + r * cols, n), K(load_some)(Y + r * cols, n), sum);
        for (int64_t r = 0; r < rows; ++r) {
            const V y = K(load_some)(Y + r * cols, n), dy = K(load_some)(dY + r * cols, n);
            K(store_some)(Y + r * cols, VMUL(y, VSUB(dy, sum)), n);
        }
    }
}

/* out (rows) = the sum of each row of X (rows, cols), divided by divisor. */
static void K(row_sums)(void *out, const void *x_of, double divisor, int64_t rows, int64_t cols)
{
    for (int64_t r = 0; r < rows; ++r) {
        const R *X = (const R *)x_of + r * cols;
        V partial[16 / VL];
        for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;
        for (int64_t j = 0, part = 0; j < cols; j += VL, part = (part + 1) % (16 / VL)) {
            const V x = j + VL <= cols ? VLOAD(X + j) : K(load_some)(X + j, cols - j);
            partial[part] = VADD(partial[part], x);
        }
        ((R *)out)[r] = K(tree_sum)(partial) / (R)divisor;
    }
}

/* The sum over n numbers of y log(a) and, where `two_sided`, of (1 - y) log(1 - a); no log below that of R_MIN. */
static double K(log_likelihood)(const void *a_of, const void *y_of, int32_t two_sided, int64_t n)
{
    const R *A = a_of, *Y = y_of;
    const V one = VSET1(1.0), tiny = VSET1(R_MIN);
    V partial[16 / VL];
    for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;
    for (int64_t i = 0, part = 0; i < n; i += VL, part = (part + 1) % (16 / VL)) {
        const int whole = i + VL <= n;
        const V a = whole ? VLOAD(A + i) : K(load_some)(A + i, n - i);
        const V y = whole ? VLOAD(Y + i) : K(load_some)(Y + i, n - i);
        V term = VMUL(y, K(vlog)(VMAX(tiny, a)));
        if (two_sided) term = VADD(term, VMUL(VSUB(one, y), K(vlog)(VMAX(tiny, VSUB(one, a)))));
        partial[part] = VADD(partial[part], VSEL(VFIRST(n - i), term, VZERO));
    }
    return K(tree_sum)(partial);
}
