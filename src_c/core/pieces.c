/* pieces.c: large batches are run in pieces that stay in the second-level cache.
 *
 * Design
 *   a. An op that works row by row does not notice.  A gradient of a weight is one chain over the rows, which is stored
 *      and taken up again, so its bits do not depend on the cut either; its step waits for the last piece.  A loss
 *      knows the rows of the whole batch, and dropout how many came before.
 *      What kind an op is follows from how threads share it (schedule.h).
 *   b. Programs with any other op, such as batch normalisation, run their batches whole. */
#include "fastnn.h"
#include "pieces.h"
#include "schedule.h"
#include "share.h"

/* Of the ops that threads do not share: those that work row by row all the same. */
static const uint8_t by_row[FNN_N_OPS] = {
    [FNN_OP_softmax] = 1,
    [FNN_OP_softmax_grad] = 1,
    [FNN_OP_log_softmax] = 1,
    [FNN_OP_log_softmax_grad] = 1,
    [FNN_OP_softmax_cross_entropy] = 1,
    [FNN_OP_sparse_softmax_cross_entropy] = 1,
    [FNN_OP_sigmoid_cross_entropy] = 1,
    [FNN_OP_mean_squared_error] = 1,
    [FNN_OP_weigh_loss] = 1,
    [FNN_OP_sparse_categorical_accuracy] = 1,
    [FNN_OP_categorical_accuracy] = 1,
    [FNN_OP_binary_accuracy] = 1,
    [FNN_OP_weigh_value] = 1,
};

int fnn_op_waits_for_last_piece(int32_t code) { return fnn_op_sharing(code) == FNN_SHARE_UPDATE; }

int64_t fnn_rows_at_once(const fnn_program *p, int64_t batch)
{
    if (batch < 4 * FNN_PIECE || p->n_values > FNN_MOST_VALUES) return batch;
    for (int32_t i = 0; i < p->n_ops; ++i)
        if (!(fnn_op_is_shared(p->ops[i].code) || by_row[p->ops[i].code]) || p->ops[i].every > 1) return batch;
    return FNN_PIECE;
}
