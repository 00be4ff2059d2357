/* schedule.h: what run.c asks schedule.c besides the functions of fastnn.h. */
#ifndef FNN_SCHEDULE_H
#define FNN_SCHEDULE_H

#include <stdint.h>

int fnn_op_is_shared(int32_t code); /* its kernel works on its thread's share only */

/* Operands of an op, and how many of them are outputs. */
int fnn_count_operands(int32_t code, int *outputs);

#endif
