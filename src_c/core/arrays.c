/* arrays.c: the functions of plain arrays, in the floating-point environment of the contract where it matters. */
#include <float.h>
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

/* By the bits, which rise with the size of a number; those of infinity and NaN are above all others.  The sign of the
 * difference tells, and is collected without a branch, so that compilers make vectors of the loop. */
#define ALL_WITHIN(bits, most)                                                    \
    const bits all_but_sign = (bits)-1 >> 1, sign = ~all_but_sign;                \
    const unsigned char *at = x;                                                  \
    bits beyond = 0;                                                              \
    for (int64_t first = 0; first < n && !(beyond & sign); first += BLOCK) {      \
        const int64_t stop = n - first < BLOCK ? n : first + BLOCK;               \
        for (int64_t i = first; i < stop; ++i) {                                  \
            bits b;                                                               \
            memcpy(&b, at + i * (int64_t)sizeof b, sizeof b);                     \
            beyond |= (most) - (b & all_but_sign);                                \
        }                                                                         \
    }                                                                             \
    return !(beyond & sign)

enum { BLOCK = 1 << 14 };

static int floats_within(const void *x, int64_t n, float limit)
{
    uint32_t most;
    memcpy(&most, &limit, sizeof most);
    ALL_WITHIN(uint32_t, most);
}

static int doubles_within(const void *x, int64_t n, double limit)
{
    uint64_t most;
    memcpy(&most, &limit, sizeof most);
    ALL_WITHIN(uint64_t, most);
}

int fnn_all_within(const void *x, int32_t dtype, int64_t n, double limit)
{
    if (dtype == FNN_FLOAT64) return doubles_within(x, n, limit);
    return floats_within(x, n, limit < FLT_MAX ? (float)limit : FLT_MAX);
}
