/* few.h: ops prepared for batches of few rows on one thread: operands resolved, neighbours joined.  What a step of a
 * tiny net takes is mostly what lies around its arithmetic. */
#ifndef FNN_FEW_H
#define FNN_FEW_H

#include "fastnn.h"

/* Run the entries for the sections from .. to - 1, which are prediction, evaluation or a whole training step. */
static inline void fnn_few_run(const fnn_program *p, const fnn_batch *batch, int from)
{
    const int part = from < FNN_FORWARD ? from : FNN_FORWARD;
    const fnn_few *few = p->few + p->few_start[part], *end = p->few + p->few_start[part + 1];
    for (; few < end; ++few) few->run(batch, few);
}

/* The parts of few_row. */
enum { FNN_LAST_UPDATE, FNN_FIRST_ROW, FNN_LATER_ROW };
static inline void fnn_few_run_row(const fnn_program *p, const fnn_batch *batch, int part)
{
    const fnn_few *few = p->few + p->few_row[part], *end = p->few + p->few_row[part + 1];
    for (; few < end; ++few) few->run(batch, few);
}

#endif
