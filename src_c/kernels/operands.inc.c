/* operands.inc.c: how a kernel reaches its operands. */

/* The buffer that is operand i of op; NULL where it is left out. */
static ALWAYS_INLINE const fnn_buffer *K(buffer)(const fnn_batch *b, const fnn_op *op, int i)
{
    return op->operand[i] < 0 ? NULL : &b->buffers[op->operand[i]];
}

static ALWAYS_INLINE R *K(reals)(const fnn_batch *b, const fnn_op *op, int i)
{
    return op->operand[i] < 0 ? NULL : (R *)b->buffers[op->operand[i]].data;
}

static ALWAYS_INLINE const int32_t *K(integers)(const fnn_batch *b, const fnn_op *op, int i)
{
    return (const int32_t *)b->buffers[op->operand[i]].data;
}

static ALWAYS_INLINE int64_t K(round_up)(int64_t n) { return (n + P - 1) / P * P; }

/* Elements that operand i takes for this batch, padding included: a multiple of P. */
static ALWAYS_INLINE int64_t K(size)(const fnn_batch *b, const fnn_op *op, int i)
{
    const fnn_buffer *x = K(buffer)(b, op, i);
    if (x->layout == FNN_PANELS) return x->rows * K(round_up)(x->cols);
    return x->layout == FNN_VECTOR ? K(round_up)(x->cols) : b->rows * x->ld;
}
