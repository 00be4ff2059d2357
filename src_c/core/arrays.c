/* arrays.c: the functions of plain arrays, in the floating-point environment of the contract where it matters. */
#include <string.h>

#include "fastnn.h"
#include "fpenv.h"

#define IN_ENVIRONMENT(call)                    \
    const fnn_fpenv saved = fnn_fpenv_enter();  \
    call;                                       \
    fnn_fpenv_leave(saved)

void fnn_array_matmul(const fnn_kernels *k, const fnn_matmul *p) { IN_ENVIRONMENT(k->array.matmul(p)); }

void fnn_array_map(const fnn_kernels *k, int32_t map, void *out, const void *a, const void *b, double s, int64_t n)
{
    IN_ENVIRONMENT(k->array.map[map](out, a, b, s, n));
}

void fnn_array_softmax(const fnn_kernels *k, void *y, const void *x, int64_t rows, int64_t cols)
{
    IN_ENVIRONMENT(k->array.softmax_columns(y, x, rows, cols));
}

void fnn_array_softmax_backward(const fnn_kernels *k, void *dx, const void *dy, const void *x, int64_t rows,
                                int64_t cols)
{
    IN_ENVIRONMENT(k->array.softmax_columns_backward(dx, dy, x, rows, cols));
}

void fnn_array_row_sums(const fnn_kernels *k, void *out, const void *x, double divisor, int64_t rows, int64_t cols)
{
    IN_ENVIRONMENT(k->array.row_sums(out, x, divisor, rows, cols));
}

double fnn_array_log_likelihood(const fnn_kernels *k, const void *a, const void *y, int32_t two_sided, int64_t n)
{
    double sum;
    IN_ENVIRONMENT(sum = k->array.log_likelihood(a, y, two_sided, n));
    return sum;
}

/* By the bits: an exponent of ones.  Without a branch in the loop, so that compilers make vectors of it. */
#define ALL_FINITE(bits, exponent)                                  \
    const unsigned char *at = x;                                    \
    int bad = 0;                                                    \
    for (int64_t i = 0; i < n; ++i) {                               \
        bits b;                                                     \
        memcpy(&b, at + i * (int64_t)sizeof b, sizeof b);           \
        bad |= (b & (exponent)) == (exponent);                      \
    }                                                               \
    return !bad

static int floats_finite(const void *x, int64_t n) { ALL_FINITE(uint32_t, 0x7f800000u); }
static int doubles_finite(const void *x, int64_t n) { ALL_FINITE(uint64_t, 0x7ff0000000000000ull); }

int fnn_all_finite(const void *x, int32_t dtype, int64_t n)
{
    return dtype == FNN_FLOAT64 ? doubles_finite(x, n) : floats_finite(x, n);
}
