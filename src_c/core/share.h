/* share.h: which part of an op's results is whose. Kernels and core/schedule.c ask the same questions here. */
#ifndef FNN_SHARE_H
#define FNN_SHARE_H

#include <stdint.h>

/* First of the things 0 .. n - 1 that thread number `thread` does; those of the next thread begin where its own end. */
static inline int64_t fnn_share(int64_t n, int thread, int threads) { return n * thread / threads; }

enum { FNN_MANY_ROWS = 1024 };

/* Whether a batch buffer with `cols` columns is shared out by panels of columns, rather than by rows.
 * By columns each thread keeps its own part of a weight in its cache, from the forward pass to the update, and goes on
 * with its own columns of the result without waiting. By rows where there are too few panels for equal shares, or so
 * many rows that these are the larger part of the traffic. */
static inline int fnn_by_columns(int64_t cols, int64_t most_rows, int64_t panel, int threads)
{
    const int64_t panels = (cols + panel - 1) / panel, largest = (panels + threads - 1) / threads;
    return most_rows < FNN_MANY_ROWS && 4 * largest * threads <= 5 * panels;
}

enum {
    FNN_SKIP_ROWS = 4,    /* rows of Y, columns of X in the tiles that leave zeros out (kernels/sparse.inc.c) */
    FNN_SKIP_COLUMNS = 2,
    FNN_PIECE = 128, /* rows of a large batch that go through all of a step together (core/pieces.c): some chunks */
    FNN_CHUNK = 128 /* rows of a large batch whose part of dW is added up together (kernels/dense.inc.c) */
};

#endif
