/* check.c: refuses a bad program once, by the signatures of fnn_ops.def, so that kernels need no checks. */
#include <ctype.h>
#include <string.h>

#include "fastnn.h"

static const struct {
    const char *name, *signature;
} kinds[FNN_N_OPS] = {
#define OP(name, signature, attributes) {#name, signature},
#include "fnn_ops.def"
#undef OP
};

typedef struct {
    int64_t size[26];  /* of each letter, 0 while unknown */
    int64_t any[2];    /* rows and cols of "*", 0 while unknown */
} sizes;

/* Read one operand such as "BN?" or "B:i" at *text, match it with buffer (NULL: left out), move *text behind it. */
static fnn_status match(sizes *known, const char **text, const fnn_buffer *buffer)
{
    const char *at = *text, *end = at + strcspn(at, ",<");
    int64_t dims[2] = {0, 0};
    int rank = 0, optional = memchr(at, '?', (size_t)(end - at)) != NULL;
    fnn_status status = FNN_OK;
    *text = end;
    if (!buffer) return optional ? FNN_OK : FNN_BAD_OPERAND;
    if (buffer->integer != (memchr(at, ':', (size_t)(end - at)) != NULL)) return FNN_BAD_TYPE;
    if (buffer->layout == FNN_VECTOR || (buffer->rank == 1 && buffer->rows == FNN_BATCH)) {
        dims[0] = buffer->layout == FNN_VECTOR ? buffer->cols : buffer->rows;
    } else {
        dims[0] = buffer->rows, dims[1] = buffer->cols;
    }
    if (*at == '*') {
        if (!known->any[0]) known->any[0] = dims[0], known->any[1] = dims[1];
        return known->any[0] == dims[0] && known->any[1] == dims[1] ? FNN_OK : FNN_BAD_SHAPE;
    }
    for (; isupper((unsigned char)*at); ++at, ++rank) {
        int64_t *size = &known->size[*at - 'A'];
        if (rank == 2) return FNN_BAD_SHAPE;
        if (!*size) *size = dims[rank];
        if (*size != dims[rank]) status = FNN_BAD_SHAPE;
    }
    return rank == (dims[1] ? 2 : 1) ? status : FNN_BAD_SHAPE;
}

/* Whether the first `count` numbers at a are from 1 to n, whole, and their product divides n. */
static int divide(int64_t n, const double *a, int count)
{
    int64_t product = 1;
    for (; count; --count, ++a) {
        if (!(*a >= 1 && *a <= (double)n) || *a != (double)(int64_t)*a || product > n) return 0;
        product *= (int64_t)*a;
    }
    return n % product == 0;
}

/* What signatures cannot say: sizes that are sums or products, and columns that must lie within a row. */
static fnn_status check_sizes(const sizes *known, const fnn_op *op)
{
    const int64_t m = known->size['M' - 'A'], n = known->size['N' - 'A'], first = (int64_t)op->attribute[0];
    if (op->code == FNN_OP_swap_axes) return divide(n, op->attribute, 3) ? FNN_OK : FNN_BAD_SHAPE;
    if (op->code == FNN_OP_repeat_axis || op->code == FNN_OP_sum_axis || op->code == FNN_OP_max_axis)
        return known->size['T' - 'A'] % n == 0 && divide(n, op->attribute + 1, 1) ? FNN_OK : FNN_BAD_SHAPE;
    if (op->code == FNN_OP_concatenate) return m == n + known->size['K' - 'A'] ? FNN_OK : FNN_BAD_SHAPE;
    if (op->code == FNN_OP_columns || op->code == FNN_OP_columns_grad)
        return op->attribute[0] >= 0 && op->attribute[0] < (double)m && first + n <= m ? FNN_OK : FNN_BAD_SHAPE;
    return FNN_OK;
}

static fnn_status check_op(const fnn_program *p, const fnn_op *op)
{
    sizes known = {{0}, {0}};
    const char *text;
    fnn_status status;
    int i = 0;
    known.size['B' - 'A'] = FNN_BATCH;
    known.size['S' - 'A'] = 1;
    if (op->code < 0 || op->code >= FNN_N_OPS) return FNN_BAD_OPCODE;
    for (text = kinds[op->code].signature; *text; ++i) {
        if (i == FNN_MAX_OPERANDS || op->operand[i] < -1 || op->operand[i] >= p->n_buffers) return FNN_BAD_OPERAND;
        status = match(&known, &text, op->operand[i] < 0 ? NULL : &p->buffers[op->operand[i]]);
        if (status != FNN_OK) return status;
        text += strspn(text, " ,<-");
    }
    return check_sizes(&known, op);
}

fnn_status fnn_program_check(int32_t *bad_op, const fnn_program *p)
{
    int i;
    for (i = 0; i < p->n_ops; ++i) {
        fnn_status status = check_op(p, &p->ops[i]);
        *bad_op = i;
        if (status != FNN_OK) return status;
    }
    *bad_op = -1;
    for (i = 0; i < FNN_N_SECTIONS; ++i)
        if (p->section[i] < 0 || p->section[i] > p->section[i + 1] || p->section[i + 1] > p->n_ops)
            return FNN_BAD_OPCODE;
    for (i = 0; i < p->n_values; ++i)
        if (p->values[i] < 0 || p->values[i] >= p->n_buffers) return FNN_BAD_OPERAND;
    if (p->input < 0 || p->input >= p->n_buffers || p->output < 0 || p->output >= p->n_buffers)
        return FNN_BAD_OPERAND;
    return FNN_OK;
}

const char *fnn_status_text(fnn_status status)
{
    switch (status) {
    case FNN_OK: return "ok";
    case FNN_BAD_OPCODE: return "no such operation or section";
    case FNN_BAD_OPERAND: return "operand missing or not a buffer";
    case FNN_BAD_SHAPE: return "shapes do not fit the operation's signature";
    case FNN_BAD_TYPE: return "integers where reals are wanted, or the reverse";
    case FNN_BAD_LEVEL: return "level unknown, not built, or not supported by this CPU";
    }
    return "unknown status";
}
