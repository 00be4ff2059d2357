/* ahead.h: brings the rows of the next batch into the second-level cache, a few lines at a time between the tiles of a
 * product: all at once they would wait for the memory, and the product with them. */
#ifndef FNN_AHEAD_H
#define FNN_AHEAD_H

#include "../include/fastnn.h"

#if defined __GNUC__ || defined __clang__
#define FNN_PREFETCH_FAR(p) __builtin_prefetch(p, 0, 2)
#else
#define FNN_PREFETCH_FAR(p) ((void)(p))
#endif

/* Lines for each of n turns, so that all are asked for. */
static inline int64_t fnn_ahead_each(const fnn_ahead *a, int64_t n)
{
    return a ? ((a->end - a->row) * a->lines + n - 1) / (n > 0 ? n : 1) : 0;
}

/* Ask for the next `lines` lines. */
static inline void fnn_ahead_fetch(fnn_ahead *a, int64_t lines)
{
    for (; lines > 0 && a->row < a->end; --lines) {
        FNN_PREFETCH_FAR(a->data + (a->order ? a->order[a->row] : a->first + a->row) * a->stride + 64 * a->line);
        if (++a->line == a->lines) a->line = 0, ++a->row;
    }
}

#endif
