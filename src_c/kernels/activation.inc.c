/* activation.inc.c: Y = f(X) and dX = dY f'(X), elementwise over (B, N) with the rows' padding, which stays finite
 * (0 in gradients: dY is 0 there).  Formulas: fastnn/ops/activations.py.  More in rectifier.inc.c and smooth.inc.c.
 * Outputs may be their inputs. */

/* `prepare` is run once, before the loop: it reads the attributes. */
#define ELEMENTWISE_1(name, prepare, expression)                                           \
    static void K(op_##name)(const fnn_batch *b, const fnn_op *op)                         \
    {                                                                                      \
        const fnn_buffer *to = K(buffer)(b, op, 0);                                        \
        const K(part) part = K(own_part)(b, to);                                           \
        prepare;                                                                           \
        for (int64_t r = part.row; r < part.row_end; ++r) {                                \
            R *Y = K(reals)(b, op, 0) + r * to->ld;                                        \
            const R *X = K(reals)(b, op, 1) + r * to->ld;                                  \
            for (int64_t i = part.col; i < part.col_end; i += VL) {                        \
                const V x = VLOAD(X + i);                                                  \
                VSTORE(Y + i, expression);                                                 \
            }                                                                              \
        }                                                                                  \
    }

/* The second input, y in the expression, is the activation's output or its input. */
#define ELEMENTWISE_2(name, prepare, expression)                                           \
    static void K(op_##name)(const fnn_batch *b, const fnn_op *op)                         \
    {                                                                                      \
        const fnn_buffer *dx = K(buffer)(b, op, 0);                                        \
        const K(part) part = K(own_part)(b, dx);                                           \
        prepare;                                                                           \
        for (int64_t r = part.row; r < part.row_end; ++r) {                                \
            R *dX = K(reals)(b, op, 0) + r * dx->ld;                                       \
            const R *dY = K(reals)(b, op, 1) + r * dx->ld, *Y = K(reals)(b, op, 2) + r * dx->ld; \
            for (int64_t i = part.col; i < part.col_end; i += VL) {                        \
                const V dy = VLOAD(dY + i), y = VLOAD(Y + i);                              \
                VSTORE(dX + i, expression);                                                \
            }                                                                              \
        }                                                                                  \
    }

#define ATTRIBUTE(i) VSET1((R)op->attribute[i])
#define NOTHING (void)0

static ALWAYS_INLINE V K(relu)(V x) { return VMAX(VZERO, x); } /* NaN stays NaN: VMAX gives its second operand */
static ALWAYS_INLINE V K(relu_slope)(V dy, V y) { return VSEL(VLT(VZERO, y), dy, VZERO); }

ELEMENTWISE_1(relu, NOTHING, K(relu)(x))
ELEMENTWISE_2(relu_grad, NOTHING, K(relu_slope)(dy, y))
ELEMENTWISE_1(sigmoid, NOTHING, K(vsigmoid)(x))
ELEMENTWISE_2(sigmoid_grad, NOTHING, VMUL(dy, VMUL(y, VSUB(VSET1(1.0), y))))
ELEMENTWISE_1(tanh, NOTHING, K(vtanh)(x))
ELEMENTWISE_2(tanh_grad, NOTHING, VMUL(dy, VSUB(VSET1(1.0), VMUL(y, y))))

/* Largest of the first n of x (padded to a multiple of VL). */
static ALWAYS_INLINE R K(row_max)(const R *x, int64_t n)
{
    R largest = x[0];
    for (int64_t j = 1; j < n; ++j) largest = x[j] > largest ? x[j] : largest;
    return largest;
}

/* e (n) = exp(x - shift), where no x is above shift, 0 in the padding up to a multiple of VL; returns the sum. e may be x. */
static ALWAYS_INLINE R K(exp_row)(R *e, const R *x, R shift, int64_t n)
{
    V partial[16 / VL];
    const V s = VSET1(shift);
    for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;
    for (int64_t j = 0, part = 0; j < n; j += VL, part = (part + 1) % (16 / VL)) {
        const V y = VSEL(VFIRST(n - j), K(vexp_negative)(VSUB(VLOAD(x + j), s)), VZERO);
        VSTORE(e + j, y);
        partial[part] = VADD(partial[part], y);
    }
    return K(tree_sum)(partial);
}

/* Y (B, N) = softmax of each row of X (B, N). */
static void K(op_softmax)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    for (int64_t r = 0; r < b->rows; ++r) {
        R *Y = K(reals)(b, op, 0) + r * x->ld;
        const R *X = K(reals)(b, op, 1) + r * x->ld;
        const V sum = VSET1(K(exp_row)(Y, X, K(row_max)(X, x->cols), x->cols));
        for (int64_t j = 0; j < x->cols; j += VL) VSTORE(Y + j, VDIV(VLOAD(Y + j), sum));
    }
}

/* dX (B, N) = Y * (dY - sum over the row of dY * Y). */
static void K(op_softmax_grad)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 2);
    for (int64_t r = 0; r < b->rows; ++r) {
        R *dX = K(reals)(b, op, 0) + r * y->ld;
        const R *dY = K(reals)(b, op, 1) + r * y->ld, *Y = K(reals)(b, op, 2) + r * y->ld;
        V partial[16 / VL], sum;
        for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;
        for (int64_t j = 0, part = 0; j < y->cols; j += VL, part = (part + 1) % (16 / VL)) {
            const V product = VSEL(VFIRST(y->cols - j), VMUL(VLOAD(dY + j), VLOAD(Y + j)), VZERO);
            partial[part] = VADD(partial[part], product);
        }
        sum = VSET1(K(tree_sum)(partial));
        for (int64_t j = 0; j < y->ld; j += VL) {
            const V d = VMUL(VLOAD(Y + j), VSUB(VLOAD(dY + j), sum));
            VSTORE(dX + j, VSEL(VFIRST(y->cols - j), d, VZERO));
        }
    }
}

/* Y (B, N) = log of the softmax of each row of X (B, N). */
static void K(op_log_softmax)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    for (int64_t r = 0; r < b->rows; ++r) {
        R *Y = K(reals)(b, op, 0) + r * x->ld;
        const R *X = K(reals)(b, op, 1) + r * x->ld, shift = K(row_max)(X, x->cols);
        V log_sum;
        log_sum = K(vlog)(VSET1(K(exp_row)(b->scratch, X, shift, x->cols)));
        for (int64_t j = 0; j < x->cols; j += VL)
            VSTORE(Y + j, VSUB(VSUB(VLOAD(X + j), VSET1(shift)), log_sum));
    }
}

/* dX (B, N) = dY - exp(Y) * sum over the row of dY. */
static void K(op_log_softmax_grad)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 2);
    for (int64_t r = 0; r < b->rows; ++r) {
        R *dX = K(reals)(b, op, 0) + r * y->ld;
        const R *dY = K(reals)(b, op, 1) + r * y->ld, *Y = K(reals)(b, op, 2) + r * y->ld;
        V partial[16 / VL], sum;
        for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;
        for (int64_t j = 0, part = 0; j < y->cols; j += VL, part = (part + 1) % (16 / VL))
            partial[part] = VADD(partial[part], VSEL(VFIRST(y->cols - j), VLOAD(dY + j), VZERO));
        sum = VSET1(K(tree_sum)(partial));
        for (int64_t j = 0; j < y->ld; j += VL) {
            const V d = VSUB(VLOAD(dY + j), VMUL(K(vexp)(VLOAD(Y + j)), sum));
            VSTORE(dX + j, VSEL(VFIRST(y->cols - j), d, VZERO));
        }
    }
}
