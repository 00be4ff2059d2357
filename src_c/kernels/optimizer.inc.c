/* optimizer.inc.c: one step of each optimizer, for a vector of parameters and over whole buffers.
 * Formulas: fastnn/ops/optimizers.py.  The vector form is also run by dense.inc.c on tiles of a weight gradient.
 *
 * Numbers that decay are set to 0 once below the smallest normal number: denormals would make every later step slow,
 * and CPUs that flush them would give other bits. */
#include <math.h>

/* What a step needs besides the arrays, computed once per op in double and rounded once. */
typedef struct {
    R rate, epsilon; /* learning rate, with Adam's corrections where there are some */
    R a, b, c, d;    /* said by each step */
} K(step_numbers);

enum { K(MAX_SLOTS) = 3 };

/* w (VL) and slots r, s, t (VL) in the order of the operands: changed.  g: gradient. */
typedef void (*K(step_function))(R *w, R *r, R *s, R *t, V g, const K(step_numbers) *n);

#define STEP(name) \
    static ALWAYS_INLINE void K(name##_step)(R *w, R *r, R *s, R *t, V g, const K(step_numbers) *n)
#define NUMBERS(name) \
    static ALWAYS_INLINE K(step_numbers) K(name##_numbers)(const fnn_batch *batch, const fnn_op *op)

static ALWAYS_INLINE V K(flush)(V a) { return VSEL(VTINY(a), VZERO, a); }

/* average + rate (value - average). */
static ALWAYS_INLINE V K(approach)(V average, V value, R rate)
{
    return VFMA(VSUB(value, average), VSET1(rate), average);
}

/* The same for a mean that will be multiplied by a learning rate: 0 already where the product might be denormal. */
static ALWAYS_INLINE V K(mean)(V average, V value, R rate)
{
    const V a = K(approach)(average, value, rate);
    return VSEL(VLT(VABS(a), VSET1(R_SILENT)), VZERO, a);
}

/* rho average + one_minus_rho value. */
static ALWAYS_INLINE V K(decay)(V average, V value, R rho, R one_minus_rho)
{
    return K(flush)(VFMA(VSET1(rho), average, VMUL(VSET1(one_minus_rho), value)));
}

/* The larger one; NaN where either is. */
static ALWAYS_INLINE V K(larger)(V a, V b) { return VSEL(VEQ(a, a), VMAX(a, b), a); }

/* powers (count) = base^first, base^(first + 1), ... by repeated squaring: the same bits everywhere, as pow() is not. */
static inline void K(integer_powers)(double *power, double base, int64_t first, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) power[i] = 1;
    for (int64_t k = 0; (first + count - 1) >> k; ++k, base *= base)
        for (int32_t i = 0; i < count; ++i) power[i] *= (first + i) >> k & 1 ? base : 1.0;
}

/* base^exponent, for the exponents of this step and the next: taken from the batch's list, if it has one. */
static double K(integer_power)(const fnn_batch *b, double base, int64_t exponent)
{
    fnn_power_list *list;
    double power;
    if (!b->powers) {
        K(integer_powers)(&power, base, exponent, 1);
        return power;
    }
    list = b->powers->list;
    while (list->base != base && list < b->powers->list + FNN_POWER_BASES - 1 && list->count) ++list;
    if (list->base != base || exponent < list->first || exponent >= list->first + list->count) {
        list->base = base, list->first = exponent, list->count = b->powers->ahead;
        K(integer_powers)(list->power, base, exponent, list->count);
    }
    return list->power[exponent - list->first];
}

/* --- SGD: a = momentum --- */

NUMBERS(sgd)
{
    const K(step_numbers) n = {.rate = (R)batch->learning_rate, .a = (R)op->attribute[0]};
    return n;
}

STEP(sgd)
{
    (void)r, (void)s, (void)t;
    VSTORE(w, VFMA(VSET1(-n->rate), g, VLOAD(w)));
}

/* r: momentum */
STEP(sgd_momentum)
{
    const V m = K(flush)(VFMA(VSET1(n->a), VLOAD(r), VMUL(VSET1(-n->rate), g)));
    (void)s, (void)t;
    VSTORE(r, m);
    VSTORE(w, VADD(VLOAD(w), m));
}

/* r: momentum */
STEP(sgd_nesterov)
{
    const V minus_rate_g = VMUL(VSET1(-n->rate), g);
    const V m = K(flush)(VFMA(VSET1(n->a), VLOAD(r), minus_rate_g));
    (void)s, (void)t;
    VSTORE(r, m);
    VSTORE(w, VADD(VLOAD(w), VFMA(VSET1(n->a), m, minus_rate_g)));
}

/* --- Adagrad, RMSprop: a, b = rho, 1 - rho; c = momentum --- */

NUMBERS(adagrad)
{
    const K(step_numbers) n = {.rate = (R)batch->learning_rate, .epsilon = (R)op->attribute[0]};
    return n;
}

NUMBERS(rmsprop)
{
    const double rho = op->attribute[0];
    const K(step_numbers) n = {
        .rate = (R)batch->learning_rate, .epsilon = (R)op->attribute[1], .a = (R)rho, .b = (R)(1 - rho)};
    return n;
}

NUMBERS(rmsprop_momentum)
{
    K(step_numbers) n = K(rmsprop_numbers)(batch, op);
    n.c = (R)op->attribute[1];
    n.epsilon = (R)op->attribute[2];
    return n;
}

/* rate g / sqrt(variance + epsilon) */
static ALWAYS_INLINE V K(rms_increment)(V variance, V g, const K(step_numbers) *n)
{
    return VDIV(VMUL(VSET1(n->rate), g), VSQRT(VADD(variance, VSET1(n->epsilon))));
}

/* r: mean of squares */
static ALWAYS_INLINE V K(new_square)(R *r, V g, const K(step_numbers) *n)
{
    const V v = K(decay)(VLOAD(r), VMUL(g, g), n->a, n->b);
    VSTORE(r, v);
    return v;
}

/* r: mean of squares; s: mean.  The variance is never negative but for rounding. */
static ALWAYS_INLINE V K(new_variance)(R *r, R *s, V g, const K(step_numbers) *n)
{
    const V v = K(new_square)(r, g, n), mean = K(decay)(VLOAD(s), g, n->a, n->b);
    VSTORE(s, mean);
    return VMAX(VZERO, VSUB(v, VMUL(mean, mean)));
}

/* m: momentum */
static ALWAYS_INLINE void K(rms_momentum)(R *w, R *m, V increment, const K(step_numbers) *n)
{
    const V new_m = K(flush)(VFMA(VSET1(n->c), VLOAD(m), increment));
    VSTORE(m, new_m);
    VSTORE(w, VSUB(VLOAD(w), new_m));
}

/* r: sum of squares */
STEP(adagrad)
{
    const V v = VFMA(g, g, VLOAD(r));
    (void)s, (void)t;
    VSTORE(r, v);
    VSTORE(w, VSUB(VLOAD(w), K(rms_increment)(v, g, n)));
}

STEP(rmsprop)
{
    const V v = K(new_square)(r, g, n);
    (void)s, (void)t;
    VSTORE(w, VSUB(VLOAD(w), K(rms_increment)(v, g, n)));
}

STEP(rmsprop_momentum)
{
    const V v = K(new_square)(r, g, n);
    (void)t;
    K(rms_momentum)(w, s, K(rms_increment)(v, g, n), n);
}

STEP(rmsprop_centered)
{
    const V v = K(new_variance)(r, s, g, n);
    (void)t;
    VSTORE(w, VSUB(VLOAD(w), K(rms_increment)(v, g, n)));
}

STEP(rmsprop_centered_momentum)
{
    const V v = K(new_variance)(r, s, g, n);
    K(rms_momentum)(w, t, K(rms_increment)(v, g, n), n);
}

/* r: mean of squares; s: mean of squared steps */
STEP(adadelta)
{
    const V v = K(new_square)(r, g, n), old = VLOAD(s), epsilon = VSET1(n->epsilon);
    const V d = VDIV(VMUL(VSQRT(VADD(old, epsilon)), g), VSQRT(VADD(v, epsilon)));
    (void)t;
    VSTORE(s, K(decay)(old, VMUL(d, d), n->a, n->b));
    VSTORE(w, VFMA(VSET1(-n->rate), d, VLOAD(w)));
}

/* --- Adam and its kin: a, b = 1 - beta_1, 1 - beta_2.  r: mean, s: mean of squares --- */

NUMBERS(adam)
{
    const double beta_1 = op->attribute[0], beta_2 = op->attribute[1];
    const int64_t t = batch->step + 1;
    const double alpha =
        batch->learning_rate * sqrt(1 - K(integer_power)(batch, beta_2, t)) / (1 - K(integer_power)(batch, beta_1, t));
    const K(step_numbers) n = {
        .rate = (R)alpha, .epsilon = (R)op->attribute[2], .a = (R)(1 - beta_1), .b = (R)(1 - beta_2)};
    return n;
}

/* The new mean, and in *v the new mean of squares; both are stored too. */
static ALWAYS_INLINE V K(new_moments)(V *v, R *r, R *s, V g, const K(step_numbers) *n)
{
    const V m = K(mean)(VLOAD(r), g, n->a);
    *v = K(flush)(K(approach)(VLOAD(s), VMUL(g, g), n->b));
    VSTORE(s, *v);
    VSTORE(r, m);
    return m;
}

/* w - rate m / (deviation + epsilon) */
static ALWAYS_INLINE V K(adam_change)(const R *w, V m, V deviation, const K(step_numbers) *n)
{
    return VSUB(VLOAD(w), VDIV(VMUL(VSET1(n->rate), m), VADD(deviation, VSET1(n->epsilon))));
}

STEP(adam)
{
    V v;
    const V m = K(new_moments)(&v, r, s, g, n);
    (void)t;
    VSTORE(w, K(adam_change)(w, m, VSQRT(v), n));
}

/* t: the largest mean of squares so far */
STEP(adam_amsgrad)
{
    V v;
    const V m = K(new_moments)(&v, r, s, g, n), u = K(larger)(VLOAD(t), v);
    VSTORE(t, u);
    VSTORE(w, K(adam_change)(w, m, VSQRT(u), n));
}

/* b = beta_2 */
NUMBERS(adamax)
{
    const double beta_1 = op->attribute[0];
    const double alpha = batch->learning_rate / (1 - K(integer_power)(batch, beta_1, batch->step + 1));
    const K(step_numbers) n = {.rate = (R)alpha, .epsilon = (R)op->attribute[2], .a = (R)(1 - beta_1),
                               .b = (R)op->attribute[1]};
    return n;
}

/* s: decaying maximum */
STEP(adamax)
{
    const V m = K(mean)(VLOAD(r), g, n->a);
    const V u = K(flush)(K(larger)(VMUL(VLOAD(s), VSET1(n->b)), VABS(g)));
    (void)t;
    VSTORE(r, m);
    VSTORE(s, u);
    VSTORE(w, K(adam_change)(w, m, u, n));
}

/* Factors of m (rate), g (c) and v (d).  From t = 1000 on 0.96^t / 2 is below half a unit in the last place of 1. */
NUMBERS(nadam)
{
    const double beta_1 = op->attribute[0], beta_2 = op->attribute[1];
    const int64_t t = batch->step + 1, warm_up = t < 1000 ? t : 1000;
    const double now = beta_1 * (1 - 0.5 * K(integer_power)(batch, 0.96, t));
    const double next = beta_1 * (1 - 0.5 * K(integer_power)(batch, 0.96, t + 1));
    double product = 1, decay = 1;
    for (int64_t i = 0; i < warm_up; ++i) {
        decay *= 0.96;
        product *= beta_1 * (1 - 0.5 * decay);
    }
    product *= K(integer_power)(batch, beta_1, t - warm_up);
    {
        const K(step_numbers) n = {.rate = (R)(batch->learning_rate * next / (1 - product * next)),
                                   .epsilon = (R)op->attribute[2],
                                   .a = (R)(1 - beta_1),
                                   .b = (R)(1 - beta_2),
                                   .c = (R)(batch->learning_rate * (1 - now) / (1 - product)),
                                   .d = (R)(1 / (1 - K(integer_power)(batch, beta_2, t)))};
        return n;
    }
}

STEP(nadam)
{
    V v;
    const V m = K(new_moments)(&v, r, s, g, n);
    const V change = VFMA(VSET1(n->rate), m, VMUL(VSET1(n->c), g));
    (void)t;
    VSTORE(w, VSUB(VLOAD(w), VDIV(change, VADD(VSQRT(VMUL(v, VSET1(n->d))), VSET1(n->epsilon)))));
}

/* --- Lion: a, b = beta_1, 1 - beta_1; c, d = beta_2, 1 - beta_2 --- */

NUMBERS(lion)
{
    const double beta_1 = op->attribute[0], beta_2 = op->attribute[1];
    const K(step_numbers) n = {.rate = (R)batch->learning_rate, .a = (R)beta_1, .b = (R)(1 - beta_1),
                               .c = (R)beta_2, .d = (R)(1 - beta_2)};
    return n;
}

/* r: mean.  Where the direction is neither positive nor negative it is 0 or NaN, and is the change itself. */
STEP(lion)
{
    const V m = VLOAD(r), direction = VFMA(VSET1(n->a), m, VMUL(VSET1(n->b), g));
    const V change = VSEL(VLT(VZERO, direction), VSET1(n->rate),
                          VSEL(VLT(direction, VZERO), VSET1(-n->rate), direction));
    (void)s, (void)t;
    VSTORE(r, K(decay)(m, g, n->c, n->d));
    VSTORE(w, VSUB(VLOAD(w), change));
}
#undef STEP
#undef NUMBERS

/* All steps: X(name, its numbers, slots). */
#define ALL_STEPS(X)                                          \
    X(sgd, sgd, 0)                                            \
    X(sgd_momentum, sgd, 1)                                   \
    X(sgd_nesterov, sgd, 1)                                   \
    X(adagrad, adagrad, 1)                                    \
    X(rmsprop, rmsprop, 1)                                    \
    X(rmsprop_momentum, rmsprop_momentum, 2)                  \
    X(rmsprop_centered, rmsprop, 2)                           \
    X(rmsprop_centered_momentum, rmsprop_momentum, 3)         \
    X(adadelta, rmsprop, 2)                                   \
    X(adam, adam, 2)                                          \
    X(adam_amsgrad, adam, 3)                                  \
    X(adamax, adamax, 2)                                      \
    X(nadam, nadam, 2)                                        \
    X(lion, lion, 1)

/* The slots of an op that has n_slots of them, from operand 1 on; w stands for those that it has not. */
static ALWAYS_INLINE void K(get_slots)(R *slots[K(MAX_SLOTS)], const fnn_batch *b, const fnn_op *op, int n_slots)
{
    for (int i = 0; i < K(MAX_SLOTS); ++i) slots[i] = K(reals)(b, op, i < n_slots ? i + 1 : 0);
}

/* <optimizer>: outputs w and n_slots slots; inputs the same, then g; all of one size. */
#define UPDATE(name, numbers_of, n_slots)                                                                \
    static void K(op_##name)(const fnn_batch *b, const fnn_op *op)                                       \
    {                                                                                                    \
        const R *g = K(reals)(b, op, 2 * (n_slots) + 2);                                                 \
        const K(step_numbers) numbers = K(numbers_of##_numbers)(b, op);                                  \
        R *w = K(reals)(b, op, 0), *slots[K(MAX_SLOTS)];                                                 \
        int64_t i, end;                                                                                  \
        K(get_slots)(slots, b, op, n_slots);                                                             \
        for (K(own_elements)(&i, &end, b, op, 0); i < end; i += VL)                                      \
            K(name##_step)(w + i, slots[0] + i, slots[1] + i, slots[2] + i, VLOAD(g + i), &numbers);     \
    }
ALL_STEPS(UPDATE)
#undef UPDATE

/* w in place. */
static void K(op_weight_decay)(const fnn_batch *b, const fnn_op *op)
{
    const V rate = VSET1(-(R)(b->learning_rate * op->attribute[0]));
    R *w = K(reals)(b, op, 0);
    int64_t i, end;
    for (K(own_elements)(&i, &end, b, op, 0); i < end; i += VL) VSTORE(w + i, K(flush)(VFMA(rate, VLOAD(w + i), VLOAD(w + i))));
}
