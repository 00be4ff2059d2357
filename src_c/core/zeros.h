/* zeros.h: see zeros.c. */
#ifndef FNN_ZEROS_H
#define FNN_ZEROS_H

#include "fastnn.h"

/* Whether the lists of this batch are short enough for the forward product and for the gradient; returns whether for
 * either. */
int fnn_zeros_pay(int *forward, int *gradient, const fnn_zeros *z, int64_t rows, int64_t cols);

enum { FNN_LOOK_AGAIN = 16 }; /* batches until it is decided anew whether zeros are left out */

#endif
