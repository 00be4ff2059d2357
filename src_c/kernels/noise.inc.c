/* noise.inc.c: normal noise, and dropout for selu.  Formulas and sources: fastnn/ops/noise.py.  Without fma, so that
 * NumPy gives the same bits. */

/* Y = X + stddev Z, or X (1 + stddev Z). */
static ALWAYS_INLINE void K(gaussian)(const fnn_batch *b, const fnn_op *op, int times)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    const V stddev = VSET1((R)op->attribute[0]), one = VSET1(1.0);
    const K(part) part = K(own_part)(b, x);
    for (int64_t r = part.row; r < part.row_end; ++r) {
        R *Y = K(reals)(b, op, 0) + r * x->ld;
        const R *X = K(reals)(b, op, 1) + r * x->ld;
        for (int64_t j = part.col; j < part.col_end; j += NUMBERS) {
            uint32_t number[NUMBERS];
            const int64_t n = part.col_end - j < NUMBERS ? part.col_end - j : NUMBERS;
            float z[NUMBERS];
            R wide[NUMBERS];
            K(draw)(number, b, op, r, j);
            FNN_CAT(normals, _, f32, _, FNN_LEVEL)(z, number);
            for (int i = 0; i < NUMBERS; ++i) wide[i] = (R)z[i];
            for (int64_t i = 0; i < n; i += VL) {
                const V v = VLOAD(X + j + i), noise = VMUL(stddev, VLOAD(wide + i));
                VSTORE(Y + j + i, times ? VMUL(v, VADD(one, noise)) : VADD(v, noise));
            }
        }
    }
}

static void K(op_gaussian_noise)(const fnn_batch *b, const fnn_op *op) { K(gaussian)(b, op, 0); }

static void K(op_gaussian_dropout)(const fnn_batch *b, const fnn_op *op) { K(gaussian)(b, op, 1); }

static void K(op_gaussian_dropout_grad)(const fnn_batch *b, const fnn_op *op) { K(gaussian)(b, op, 1); }

/* What selu gives for very negative inputs: -alpha scale. */
#define SATURATED (-1.6732632423543772848170429916717 * 1.0507009873554804934193349852946)

/* The slope that keeps variance 1. */
static ALWAYS_INLINE double K(alpha_slope)(double rate)
{
    return 1 / sqrt((1 - rate) * (1 + rate * (SATURATED * SATURATED)));
}

static void K(op_alpha_dropout)(const fnn_batch *b, const fnn_op *op)
{
    const double slope = K(alpha_slope)(op->attribute[0]), offset = -slope * SATURATED * op->attribute[0];
    K(keep)(b, op, (R)slope, (R)offset, (R)(slope * SATURATED + offset));
}

static void K(op_alpha_dropout_grad)(const fnn_batch *b, const fnn_op *op)
{
    K(keep)(b, op, (R)K(alpha_slope)(op->attribute[0]), RC(0.0), RC(0.0));
}
#undef SATURATED
#undef NUMBERS
#undef BLOCKS
