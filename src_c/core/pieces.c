/* pieces.c: large batches are run in pieces that stay in the second-level cache.
 *
 * Design
 *   a. An op that works row by row does not notice.  A gradient of a weight is one chain over the rows, which is stored
 *      and taken up again, so its bits do not depend on the cut either; its step waits for the last piece.  A loss
 *      knows the rows of the whole batch, and dropout how many came before.
 *   b. Programs with any other op, such as batch normalisation, run their batches whole. */
#include "fastnn.h"
#include "pieces.h"
#include "share.h"

enum { BY_ROW = 1, ADDS_UP, AFTER_ALL };

static const uint8_t kinds[FNN_N_OPS] = {
    [FNN_OP_dense] = BY_ROW,
    [FNN_OP_dense_dx] = BY_ROW,
    [FNN_OP_dense_dw] = ADDS_UP,
    [FNN_OP_dense_db] = ADDS_UP,
#define WITH_GRADIENT(name) [FNN_OP_##name] = BY_ROW, [FNN_OP_##name##_grad] = BY_ROW
    WITH_GRADIENT(relu),
    WITH_GRADIENT(sigmoid),
    WITH_GRADIENT(tanh),
    WITH_GRADIENT(softmax),
    WITH_GRADIENT(log_softmax),
    WITH_GRADIENT(dropout),
    WITH_GRADIENT(rectify),
    WITH_GRADIENT(elu),
    WITH_GRADIENT(softplus),
    WITH_GRADIENT(silu),
    WITH_GRADIENT(gelu),
    WITH_GRADIENT(gelu_tanh),
    WITH_GRADIENT(exponential),
#undef WITH_GRADIENT
    [FNN_OP_softmax_cross_entropy] = BY_ROW,
    [FNN_OP_sparse_softmax_cross_entropy] = BY_ROW,
    [FNN_OP_sigmoid_cross_entropy] = BY_ROW,
    [FNN_OP_mean_squared_error] = BY_ROW,
    [FNN_OP_weigh_loss] = BY_ROW,
    [FNN_OP_sparse_categorical_accuracy] = BY_ROW,
    [FNN_OP_categorical_accuracy] = BY_ROW,
    [FNN_OP_binary_accuracy] = BY_ROW,
    [FNN_OP_weigh_value] = BY_ROW,
    [FNN_OP_weight_decay] = AFTER_ALL,
    [FNN_OP_clip_value] = AFTER_ALL,
#define STEP(name) [FNN_OP_##name] = AFTER_ALL, [FNN_OP_dense_##name] = ADDS_UP,
    FNN_STEPS(STEP)
#undef STEP
};

int fnn_op_waits_for_last_piece(int32_t code) { return kinds[code] == AFTER_ALL; }

int64_t fnn_rows_at_once(const fnn_program *p, int64_t batch)
{
    if (batch < 4 * FNN_PIECE || p->n_values > FNN_MOST_VALUES) return batch;
    for (int32_t i = 0; i < p->n_ops; ++i)
        if (!kinds[p->ops[i].code] || p->ops[i].every > 1) return batch;
    return FNN_PIECE;
}
