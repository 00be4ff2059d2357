/* schedule.c: how the threads of a team share a step's work, and where they must wait for each other.
 *
 * Design
 *   a. Threads share out an op's results (core/share.h), so each result has one fma chain, whoever computes it.
 *   b. An operand is read or written by each thread in its own part only (OWN), or in other parts too (ALL), or by
 *      the first thread alone (FIRST).  Before an op all wait if an operand was accessed since the last wait, one of
 *      the two accesses writes, and they are not both OWN or both FIRST.
 *   c. An op that is not in the list below is run by the first thread alone: a new one needs nothing here. */
#include <string.h>

#include "fastnn.h"
#include "schedule.h"
#include "share.h"

static const uint8_t sharings[FNN_N_OPS] = {
    [FNN_OP_dense] = FNN_SHARE_PRODUCT,
    [FNN_OP_dense_dx] = FNN_SHARE_INPUT_GRADIENT,
    [FNN_OP_dense_dw] = FNN_SHARE_WEIGHT_GRADIENT,
    [FNN_OP_dense_db] = FNN_SHARE_BIAS_GRADIENT,
#define WITH_GRADIENT(name) [FNN_OP_##name] = FNN_SHARE_ELEMENTWISE, [FNN_OP_##name##_grad] = FNN_SHARE_ELEMENTWISE
    WITH_GRADIENT(relu),
    WITH_GRADIENT(sigmoid),
    WITH_GRADIENT(tanh),
    WITH_GRADIENT(dropout),
    WITH_GRADIENT(gaussian_dropout),
    WITH_GRADIENT(alpha_dropout),
    [FNN_OP_gaussian_noise] = FNN_SHARE_ELEMENTWISE,
    WITH_GRADIENT(rectify),
    WITH_GRADIENT(clipped_line),
    WITH_GRADIENT(hard_silu),
    WITH_GRADIENT(soft_shrink),
    WITH_GRADIENT(hard_shrink),
    WITH_GRADIENT(threshold),
    WITH_GRADIENT(elu),
    WITH_GRADIENT(softplus),
    WITH_GRADIENT(log_sigmoid),
    WITH_GRADIENT(softsign),
    WITH_GRADIENT(squareplus),
    WITH_GRADIENT(silu),
    WITH_GRADIENT(gelu),
    WITH_GRADIENT(gelu_tanh),
    WITH_GRADIENT(mish),
    WITH_GRADIENT(exponential),
    WITH_GRADIENT(tanh_shrink),
#undef WITH_GRADIENT
    [FNN_OP_clip_value] = FNN_SHARE_UPDATE,
    [FNN_OP_weight_decay] = FNN_SHARE_UPDATE,
    [FNN_OP_divide_gradient] = FNN_SHARE_UPDATE,
    [FNN_OP_accumulate_gradient] = FNN_SHARE_UPDATE,
    [FNN_OP_mean_gradient] = FNN_SHARE_UPDATE,
    [FNN_OP_average_weight] = FNN_SHARE_UPDATE,
    [FNN_OP_overwrite_weight] = FNN_SHARE_UPDATE,
#define STEP(name) [FNN_OP_##name] = FNN_SHARE_UPDATE, [FNN_OP_dense_##name] = FNN_SHARE_WEIGHT_GRADIENT,
    FNN_STEPS(STEP)
#undef STEP
};

static const char *const signatures[FNN_N_OPS] = {
#define OP(name, signature, attributes) signature,
#include "fnn_ops.def"
#undef OP
};

fnn_sharing fnn_op_sharing(int32_t code) { return (fnn_sharing)sharings[code]; }

int fnn_op_is_shared(int32_t code) { return sharings[code] != FNN_SHARE_ALONE; }

int fnn_count_operands(int32_t code, int *outputs)
{
    int n = 1;
    for (const char *s = signatures[code]; *s; ++s) {
        if (*s == '<') *outputs = n;
        n += *s == ',' || *s == '<';
    }
    return n;
}

enum { OWN = 1, FIRST = 2, ALL = 4, WRITTEN = 3 /* shift */ };

/* Whether operand i, a batch buffer, is shared out by columns. */
static int by_columns(const fnn_program *p, const fnn_op *op, int i, int64_t rows, int threads)
{
    return fnn_by_columns(p->buffers[op->operand[i]].cols, rows, p->kernels->panel, threads);
}

static int access_mode(const fnn_program *p, const fnn_op *op, int i, int n, int64_t rows, int threads)
{
    switch ((fnn_sharing)sharings[op->code]) {
    case FNN_SHARE_ALONE: return FIRST;
    case FNN_SHARE_ELEMENTWISE:
    case FNN_SHARE_UPDATE: return OWN;
    case FNN_SHARE_PRODUCT: return i == 0 || (i > 1 && by_columns(p, op, 0, rows, threads)) ? OWN : ALL;
    case FNN_SHARE_INPUT_GRADIENT: return i == 0 ? OWN : ALL;
    case FNN_SHARE_WEIGHT_GRADIENT: return i != n - 2 && by_columns(p, op, n - 1, rows, threads) ? OWN : ALL;
    case FNN_SHARE_BIAS_GRADIENT: return i == 0 || by_columns(p, op, 1, rows, threads) ? OWN : ALL;
    }
    return ALL;
}

/* Whether an access must wait for those in `state`. */
static int conflicts(int state, int mode, int write)
{
    const int harmless = mode == ALL ? 0 : mode, others = state >> WRITTEN | (write ? state : 0);
    return (others & (OWN | FIRST | ALL) & ~harmless) != 0;
}

void fnn_schedule(const fnn_program *p, int64_t rows, int from, int to, int threads)
{
    uint8_t *state = p->waits + p->n_ops, *scratch = state + p->n_buffers; /* accesses since the last wait */
    memset(state, 0, (size_t)p->n_buffers + 1);
    for (int32_t k = p->section[from]; k < p->section[to]; ++k) {
        const fnn_op *op = &p->ops[k];
        const int scratch_mode = sharings[op->code] == FNN_SHARE_ALONE ? FIRST : ALL;
        const int uses_scratch = scratch_mode == FIRST || sharings[op->code] == FNN_SHARE_INPUT_GRADIENT;
        int outputs = 0, wait = uses_scratch && conflicts(*scratch, scratch_mode, 1);
        const int n = fnn_count_operands(op->code, &outputs);
        for (int i = 0; i < n && !wait; ++i)
            if (op->operand[i] >= 0)
                wait = conflicts(state[op->operand[i]], access_mode(p, op, i, n, rows, threads), i < outputs);
        if (wait) memset(state, 0, (size_t)p->n_buffers + 1);
        for (int i = 0; i < n; ++i)
            if (op->operand[i] >= 0)
                state[op->operand[i]] |=
                    (uint8_t)(access_mode(p, op, i, n, rows, threads) << (i < outputs ? WRITTEN : 0));
        if (uses_scratch) *scratch |= (uint8_t)(scratch_mode << WRITTEN);
        p->waits[k] = (uint8_t)wait;
    }
}

/* Nanoseconds of an op on one thread, roughly, as far as threads can share it: on a processor of 3.7 GHz with two
 * fma units, or for the level without vectors with fma() in software. */
static double shared_nanoseconds(const fnn_program *p, const fnn_op *op, int64_t rows)
{
    const double lanes = p->kernels->lanes, multiplications = lanes > 1 ? 6 * lanes : 0.5; /* a nanosecond */
    const double step = 4 / lanes, elementwise = 2 / lanes;                                /* nanoseconds an element */
    const fnn_buffer *first = &p->buffers[op->operand[0]], *second = &p->buffers[op->operand[1]];
    const fnn_buffer *w;
    switch ((fnn_sharing)sharings[op->code]) {
    case FNN_SHARE_ALONE: return 0;
    case FNN_SHARE_ELEMENTWISE: return elementwise * (double)(rows * first->cols);
    case FNN_SHARE_UPDATE: return step * (double)(first->rows * first->cols);
    case FNN_SHARE_PRODUCT:
    case FNN_SHARE_INPUT_GRADIENT: return (double)rows * (double)(first->cols * second->cols) / multiplications;
    case FNN_SHARE_WEIGHT_GRADIENT:
        w = first;
        return (double)(w->rows * w->cols) * ((double)rows / multiplications + step);
    case FNN_SHARE_BIAS_GRADIENT: return elementwise * (double)(rows * first->cols);
    }
    return 0;
}

/* Below this share of a step waiting costs more than a thread gains, above all between processors that are far from
 * each other, where a wait takes up to 400 ns. */
enum { NANOSECONDS_A_THREAD = 20000 };

int fnn_worthwhile_threads(const fnn_program *p, int64_t rows, int from, int to)
{
    double work = 0;
    if (p->always) return p->threads;
    for (int32_t k = p->section[from]; k < p->section[to]; ++k) work += shared_nanoseconds(p, &p->ops[k], rows);
    work /= NANOSECONDS_A_THREAD;
    if (work < 2 || p->threads < 2) return 1;
    return work < p->threads ? (int)work : p->threads;
}
