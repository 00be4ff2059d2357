/* ahead.h: brings the rows of the next batch into the second-level cache while the first layer works on this one: row r
 * of the next one during the tiles of row r, a line at a time.  All at once they would wait for the memory, and the
 * product with them. */
#ifndef FNN_AHEAD_H
#define FNN_AHEAD_H

#include <stddef.h>

#include "../include/fastnn.h"

#if defined __GNUC__ || defined __clang__
#define FNN_PREFETCH_FAR(p) __builtin_prefetch(p, 0, 2)
#define FNN_PREFETCH(p) __builtin_prefetch(p)
#else
#define FNN_PREFETCH(p) ((void)(p))
#define FNN_PREFETCH_FAR(p) ((void)(p))
#endif

/* Row r of the next batch; NULL if it has none. */
static inline const char *fnn_ahead_row(const fnn_ahead *a, int64_t r)
{
    return r < a->rows ? a->data + (a->order ? a->order[r] : a->first + r) * a->stride : NULL;
}

#endif
