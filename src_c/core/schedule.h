/* schedule.h: what run.c asks schedule.c besides the functions of fastnn.h. */
#ifndef FNN_SCHEDULE_H
#define FNN_SCHEDULE_H

#include <stdint.h>

/* What an op computes, as far as it can be shared out or cut. */
typedef enum {
    FNN_SHARE_ALONE,           /* anything else: by the first thread, on all rows unless core/pieces.c knows better */
    FNN_SHARE_ELEMENTWISE,     /* batch buffers, all of one shape */
    FNN_SHARE_UPDATE,          /* a weight or vector and its slots */
    FNN_SHARE_PRODUCT,         /* Y <- X, W, bias */
    FNN_SHARE_INPUT_GRADIENT,  /* dX <- dY, W */
    FNN_SHARE_WEIGHT_GRADIENT, /* dW, or W and slots <- ..., X, dY */
    FNN_SHARE_BIAS_GRADIENT    /* db <- dY */
} fnn_sharing;

fnn_sharing fnn_op_sharing(int32_t code);
int fnn_op_is_shared(int32_t code); /* its kernel works on its thread's share only */

/* Operands of an op, and how many of them are outputs. */
int fnn_count_operands(int32_t code, int *outputs);

#endif
