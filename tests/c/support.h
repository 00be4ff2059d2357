/* support.h: what the tests of the C core share: checks that are counted, a hash, random numbers, and buffers
 * that end where their memory ends. */
#ifndef FNN_TEST_SUPPORT_H
#define FNN_TEST_SUPPORT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "fastnn.h"

static int checks, failures;

static void check(int ok, const char *what, const char *level, int64_t rows, int64_t i, int64_t o)
{
    ++checks;
    if (!ok) {
        ++failures;
        printf("FAILED %s at %s: B=%d I=%d O=%d\n", what, level, (int)rows, (int)i, (int)o);
    }
}

/* Hash of n bytes, taken up from `hash`. */
static uint64_t fnv1a(uint64_t hash, const char *bytes, int64_t n)
{
    for (int64_t i = 0; i < n; ++i) hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211ull;
    return hash;
}

static const uint64_t FNV_START = 14695981039346656037ull;

static uint64_t state = 88172645463325252ull; /* xorshift64: Marsaglia (2003) */

static double uniform(double low, double high)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return low + (high - low) * (double)(state >> 11) / 9007199254740992.0;
}

/* The first level that this CPU has. */
static int best_level(void)
{
    int level = 0;
    while (!fnn_level_supported(level)) ++level;
    return level;
}

static int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

static int64_t item(int32_t dtype) { return dtype == FNN_FLOAT64 ? 8 : 4; }

/* A buffer of the given shape for a table's panel width, zeroed, with memory of exactly its size. */
static fnn_buffer make(const fnn_kernels *k, int64_t rows, int64_t cols, int rank, int integer, int64_t capacity)
{
    fnn_buffer b = {NULL, rows, cols, 1, rank, FNN_ROWS, integer};
    int64_t elements;
    if (rows == FNN_BATCH && rank == 2) {
        b.ld = round_up(cols, k->panel);
        elements = capacity * b.ld;
    } else if (rows == FNN_BATCH) {
        b.cols = 1;
        elements = round_up(capacity, k->panel);
    } else if (rank == 2) {
        b.layout = FNN_PANELS;
        elements = rows * round_up(cols, k->panel);
    } else {
        b.layout = FNN_VECTOR, b.rows = 1;
        elements = round_up(cols, k->panel);
    }
    b.data = calloc((size_t)(elements ? elements : 1), (size_t)(integer ? 4 : item(k->dtype)));
    if (!b.data) exit(2);
    return b;
}

/* Fill a real buffer with values in [low, high], the same for every layout. */
static void fill(const fnn_kernels *k, const fnn_buffer *b, int64_t capacity, double low, double high)
{
    const int64_t n = (b->rows == FNN_BATCH ? capacity : b->rows) * b->cols;
    void *plain = malloc((size_t)(n * item(k->dtype)));
    for (int64_t i = 0; i < n; ++i) {
        const double x = uniform(low, high);
        if (k->dtype == FNN_FLOAT64) ((double *)plain)[i] = x;
        else ((float *)plain)[i] = (float)x;
    }
    k->import_array(b, plain, capacity);
    free(plain);
}

#endif
