/* optimizer.inc.c: one step of each optimizer, for a vector of parameters and over whole buffers.
 * Formulas: fastnn/ops/optimizers.py.  The vector form is also run by dense.inc.c on tiles of a weight gradient.
 *
 * Slots that decay are set to 0 once below the smallest normal number: denormals would make every later step slow,
 * and CPUs that flush them would give other bits. */
#include <math.h>

/* What a step needs besides the arrays, computed once per op in double and rounded once. */
typedef struct {
    R rate;           /* learning rate, or Adam's alpha */
    R a, b, epsilon;  /* momentum; or 1 - beta_1, 1 - beta_2 */
} K(step_numbers);

/* w (VL), slots m, v (VL): changed.  g: gradient. */
typedef void (*K(step_function))(R *w, R *m, R *v, V g, const K(step_numbers) *n);

static ALWAYS_INLINE V K(flush)(V a) { return VSEL(VLT(VABS(a), VSET1(R_MIN)), VZERO, a); }

/* base^exponent by repeated squaring: the same bits everywhere, as pow() is not. */
static inline double K(integer_power)(double base, int64_t exponent)
{
    double result = 1;
    for (; exponent; exponent >>= 1, base *= base)
        if (exponent & 1) result *= base;
    return result;
}

static ALWAYS_INLINE K(step_numbers) K(sgd_numbers)(const fnn_batch *b, const fnn_op *op)
{
    const K(step_numbers) n = {(R)b->learning_rate, (R)op->attribute[0], 0, 0};
    return n;
}

static ALWAYS_INLINE void K(sgd_step)(R *w, R *m, R *v, V g, const K(step_numbers) *n)
{
    (void)m, (void)v;
    VSTORE(w, VFMA(VSET1(-n->rate), g, VLOAD(w)));
}

static ALWAYS_INLINE K(step_numbers) K(sgd_momentum_numbers)(const fnn_batch *b, const fnn_op *op)
{
    return K(sgd_numbers)(b, op);
}

static ALWAYS_INLINE void K(sgd_momentum_step)(R *w, R *m, R *v, V g, const K(step_numbers) *n)
{
    const V new_m = K(flush)(VFMA(VSET1(n->a), VLOAD(m), VMUL(VSET1(-n->rate), g)));
    (void)v;
    VSTORE(m, new_m);
    VSTORE(w, VADD(VLOAD(w), new_m));
}

static ALWAYS_INLINE K(step_numbers) K(sgd_nesterov_numbers)(const fnn_batch *b, const fnn_op *op)
{
    return K(sgd_numbers)(b, op);
}

static ALWAYS_INLINE void K(sgd_nesterov_step)(R *w, R *m, R *v, V g, const K(step_numbers) *n)
{
    const V minus_rate_g = VMUL(VSET1(-n->rate), g);
    const V new_m = K(flush)(VFMA(VSET1(n->a), VLOAD(m), minus_rate_g));
    (void)v;
    VSTORE(m, new_m);
    VSTORE(w, VADD(VLOAD(w), VFMA(VSET1(n->a), new_m, minus_rate_g)));
}

static ALWAYS_INLINE K(step_numbers) K(adam_numbers)(const fnn_batch *b, const fnn_op *op)
{
    const double beta_1 = op->attribute[0], beta_2 = op->attribute[1];
    const int64_t t = b->step + 1;
    const double alpha = b->learning_rate * sqrt(1 - K(integer_power)(beta_2, t)) / (1 - K(integer_power)(beta_1, t));
    const K(step_numbers) n = {(R)alpha, (R)(1 - beta_1), (R)(1 - beta_2), (R)op->attribute[2]};
    return n;
}

static ALWAYS_INLINE void K(adam_step)(R *w, R *m, R *v, V g, const K(step_numbers) *n)
{
    const V old_m = VLOAD(m), old_v = VLOAD(v);
    const V new_m = K(flush)(VFMA(VSUB(g, old_m), VSET1(n->a), old_m));
    const V new_v = K(flush)(VFMA(VSUB(VMUL(g, g), old_v), VSET1(n->b), old_v));
    const V change = VDIV(VMUL(VSET1(n->rate), new_m), VADD(VSQRT(new_v), VSET1(n->epsilon)));
    VSTORE(m, new_m);
    VSTORE(v, new_v);
    VSTORE(w, VSUB(VLOAD(w), change));
}

/* <optimizer>: outputs w and n_slots slots; inputs the same, then g; all of one size. */
#define UPDATE(name, n_slots)                                                                          \
    static void K(op_##name)(const fnn_batch *b, const fnn_op *op)                                     \
    {                                                                                                  \
        R *w = K(reals)(b, op, 0);                                                                     \
        R *m = (n_slots) > 0 ? K(reals)(b, op, 1) : w, *v = (n_slots) > 1 ? K(reals)(b, op, 2) : w;    \
        const R *g = K(reals)(b, op, 2 * (n_slots) + 2);                                               \
        const K(step_numbers) numbers = K(name##_numbers)(b, op);                                      \
        const int64_t n = K(size)(b, op, 0);                                                           \
        for (int64_t i = 0; i < n; i += VL)                                                            \
            K(name##_step)(w + i, m + i, v + i, VLOAD(g + i), &numbers);                               \
    }
UPDATE(sgd, 0)
UPDATE(sgd_momentum, 1)
UPDATE(sgd_nesterov, 1)
UPDATE(adam, 2)
#undef UPDATE
