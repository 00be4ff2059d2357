/* compressed.h: see compressed.c. */
#ifndef FNN_COMPRESSED_H
#define FNN_COMPRESSED_H

#include "fastnn.h"

/* Keep rows order[0 .. n - 1] (order NULL: first, first + 1, ...) of the data without their zeros, as they have just been
 * loaded as rows start, start + 1, ... of the batch; those that are here already, and those for which there is no room, are
 * left out. */
void fnn_compress(fnn_compressed *to, const fnn_program *p, const int64_t *order, int64_t first, int64_t start, int64_t n);

#endif
