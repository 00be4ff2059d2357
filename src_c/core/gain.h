/* gain.h: see gain.c. */
#ifndef FNN_GAIN_H
#define FNN_GAIN_H

#include "fastnn.h"

/* How many of `threads` threads the next run shall have. */
int fnn_gain_threads(const fnn_gain *gain, int threads);
/* A run of `rows` rows has taken so long. */
void fnn_gain_learn(fnn_gain *gain, int threads, int64_t rows, double nanoseconds);

#endif
