/* averaging.inc.c: scaled and accumulated gradients, averaged weights.  Formulas: fastnn/ops/averaging.py. */

/* For each vector of this thread's part of the first operand: STATEMENT at element i. */
#define EACH_VECTOR(STATEMENT)                                                           \
    do {                                                                                 \
        int64_t i, end;                                                                  \
        for (K(own_elements)(&i, &end, b, op, 0); i < end; i += VL) STATEMENT;           \
    } while (0)

/* A count that stands among the attributes. */
static inline int64_t K(count)(double attribute) { return attribute < 1 ? 1 : (int64_t)attribute; }

/* g in place. */
static void K(op_divide_gradient)(const fnn_batch *b, const fnn_op *op)
{
    const V divisor = VSET1((R)op->attribute[0]);
    R *g = K(reals)(b, op, 0);
    EACH_VECTOR(VSTORE(g + i, VDIV(VLOAD(g + i), divisor)));
}

/* s in place <- s, g. */
static void K(op_accumulate_gradient)(const fnn_batch *b, const fnn_op *op)
{
    const R *g = K(reals)(b, op, 2);
    R *s = K(reals)(b, op, 0);
    EACH_VECTOR(VSTORE(s + i, VADD(VLOAD(s + i), VLOAD(g + i))));
}

/* g, s in place. */
static void K(op_mean_gradient)(const fnn_batch *b, const fnn_op *op)
{
    const V count = VSET1((R)op->attribute[0]);
    R *g = K(reals)(b, op, 0), *s = K(reals)(b, op, 1);
    EACH_VECTOR(VSTORE(g + i, VDIV(VLOAD(s + i), count)));
    EACH_VECTOR(VSTORE(s + i, VZERO));
}

/* a in place <- a, w.  The two factors add up to 1 as rounded: else the average of weights that stay would shrink or grow
 * a little in each step, and with it weights that are overwritten by it. */
static void K(op_average_weight)(const fnn_batch *b, const fnn_op *op)
{
    const R momentum = b->step < K(count)(op->attribute[1]) ? 0 : (R)op->attribute[0];
    const R *w = K(reals)(b, op, 2);
    R *a = K(reals)(b, op, 0);
    EACH_VECTOR(VSTORE(a + i, K(decay)(VLOAD(a + i), VLOAD(w + i), momentum, 1 - momentum)));
}

/* w in place <- w, a. */
static void K(op_overwrite_weight)(const fnn_batch *b, const fnn_op *op)
{
    const R *a = K(reals)(b, op, 2);
    R *w = K(reals)(b, op, 0);
    if ((b->step / K(count)(op->attribute[1]) + 1) % K(count)(op->attribute[0])) return;
    EACH_VECTOR(VSTORE(w + i, VLOAD(a + i)));
}
#undef EACH_VECTOR
