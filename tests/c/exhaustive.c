/* exhaustive.c: the functions of one number in float32, for every float32 there is, at every level this CPU has.
 *
 *     exhaustive [STEP [FUNCTION...]]        every STEP-th of the 2^32 bit patterns (1: all) of the functions (all)
 *
 * For each function one line: the largest error in units in the last place (ULP) against the C library in double, where
 * it is, by how many ULP the function falls where it should rise, and a hash of all results, which every level must
 * share and, for the STEPs of exhaustive_hashes.def, every machine and compiler.  Exit code 0 if all are within their
 * limits.  All 2^32 take one or two minutes a function. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fastnn.h"

static double exact_sigmoid(double x)
{
    const double e = exp(-fabs(x));
    return (x < 0 ? e : 1) / (1 + e);
}
static double exact_softplus(double x) { return fmax(x, 0) + log1p(exp(-fabs(x))); }
static double exact_log_sigmoid(double x) { return -exact_softplus(-x); }
static double exact_elu(double x) { return x > 0 ? x : expm1(x); }
static double exact_gelu(double x) { return x < -60 ? -0.0 : 0.5 * x * erfc(-x * 0.70710678118654752440); }

enum { NOT_MONOTONE = -1 };

static const struct {
    const char *name;
    int code;
    double (*exact)(double);
    double limit; /* ULP */
    double fall;  /* how many ULP a function that rises may fall from one number to the next, or NOT_MONOTONE */
} functions[] = {
    {"exp", FNN_OP_exp, exp, 1, 1},
    {"log", FNN_OP_log, log, 1, 1},
    {"sigmoid", FNN_OP_sigmoid, exact_sigmoid, 1.5, 1},
    {"tanh", FNN_OP_tanh, tanh, 1.5, 1},
    {"softplus", FNN_OP_softplus, exact_softplus, 2.2, 1},
    {"log_sigmoid", FNN_OP_log_sigmoid, exact_log_sigmoid, 2.2, 1},
    {"elu", FNN_OP_elu, exact_elu, 2, 1},
    {"gelu", FNN_OP_gelu, exact_gelu, 2.2, NOT_MONOTONE},
};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

static const struct {
    const char *name;
    int64_t step;
    uint64_t hash;
} hashes[] = {
#define HASH(name, step, number) {#name, step, number},
#include "exhaustive_hashes.def"
#undef HASH
};

enum { COLS = 64, ROWS = 256, CHUNK = ROWS * COLS };

static float real(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    if (x != x) return 0x7fc00000u; /* the bits of a NaN are the CPU's own */
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Distance from a float of that size to the next one. */
static double spacing(double x)
{
    int exponent;
    frexp(x, &exponent);
    return ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
}

/* y (CHUNK) = the function of x at a level. */
static void apply(float *y, float *x, int code, const fnn_kernels *k)
{
    fnn_buffer buffers[] = {{y, FNN_BATCH, COLS, COLS, 2, FNN_ROWS, 0}, {x, FNN_BATCH, COLS, COLS, 2, FNN_ROWS, 0}};
    const fnn_op op = {code, {0, 1}, {1, 1, 1, 0}, 1};
    const fnn_batch batch = {.buffers = buffers, .rows = ROWS, .threads = 1, .most_rows = ROWS, .input = -1, .all = ROWS};
    k->op[code](&batch, &op);
}

/* Error in ULP.  Where the exact result is below the smallest normal number, 0 is right too. */
static double error(float got, double exact)
{
    const float rounded = (float)exact;
    if (bits_of(got) == bits_of(rounded) && (rounded != rounded || isinf(rounded))) return 0;
    if (fabs(exact) < 1.17549435082228750797e-38 && got == 0) return 0;
    if (!(fabs((double)got) <= 3.5e38)) return got == rounded ? 0 : INFINITY;
    return fabs((double)got - exact) / spacing(exact);
}

static int committed(const char *name, int64_t step, uint64_t hash)
{
    int known = 0;
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; ++i)
        if (strcmp(hashes[i].name, name) == 0 && hashes[i].step == step) {
            known = 1;
            if (hashes[i].hash == hash) return 1;
        }
    return !known && step != 1 ? 1 : 0;
}

static int test(int f, int64_t step)
{
    static float x[CHUNK], y[CHUNK], other[CHUNK];
    const int last = fnn_n_levels() - 1;
    uint64_t hash = 14695981039346656037ull; /* FNV-1a, 32 bits at a time */
    double worst = 0, fall = 0, levels_differ = 0;
    float at = 0, before = 0;
    int begun = 0, ok;
    for (int64_t first = 0; first < 4294967296ll; first += CHUNK * step) {
        const int64_t left = (4294967296ll - first + step - 1) / step, n = left < CHUNK ? left : CHUNK;
        for (int64_t i = 0; i < CHUNK; ++i) x[i] = i < n ? real((uint32_t)(first + i * step)) : 0;
        apply(y, x, functions[f].code, fnn_level_kernels(last, FNN_FLOAT32));
        for (int level = 0; level < last; ++level) {
            if (!fnn_level_supported(level)) continue;
            apply(other, x, functions[f].code, fnn_level_kernels(level, FNN_FLOAT32));
            for (int64_t i = 0; i < n; ++i) levels_differ += bits_of(other[i]) != bits_of(y[i]);
        }
        for (int64_t i = 0; i < n; ++i) {
            const double e = error(y[i], functions[f].exact(x[i]));
            if (e > worst) worst = e, at = x[i];
            hash = (hash ^ bits_of(y[i])) * 1099511628211ull;
            /* The patterns rise from 0 to inf, and fall from -0 to -inf. */
            if (x[i] != x[i] || first + i * step == 2147483648ll) begun = 0;
            if (begun && y[i] == y[i]) {
                const double drop = x[i] > 0 ? (double)before - y[i] : (double)y[i] - before;
                if (drop > 0 && drop / spacing(y[i]) > fall) fall = drop / spacing(y[i]);
            }
            begun = x[i] == x[i], before = y[i];
        }
    }
    ok = worst <= functions[f].limit && !levels_differ && committed(functions[f].name, step, hash);
    if (functions[f].fall != NOT_MONOTONE) ok = ok && fall <= functions[f].fall;
    printf("%-12s %9.4f ULP at %-14.9g (limit %g)", functions[f].name, worst, at, functions[f].limit);
    if (functions[f].fall != NOT_MONOTONE) printf("  falls by %g ULP", fall);
    if (levels_differ) printf("  LEVELS DIFFER in %.0f", levels_differ);
    printf("  HASH(%s, %lld, 0x%016llxull)%s\n", functions[f].name, (long long)step, (unsigned long long)hash, ok ? "" : "  FAILED");
    fflush(stdout);
    return ok;
}

int main(int argc, char **argv)
{
    const int64_t step = argc > 1 ? atoll(argv[1]) : 1;
    int failures = 0;
    for (int level = 0; level < fnn_n_levels(); ++level)
        if (fnn_level_supported(level)) printf("%s ", fnn_level_name(level));
    printf("\n");
    for (int f = 0; f < N_FUNCTIONS; ++f) {
        int wanted = argc < 3;
        for (int i = 2; i < argc; ++i) wanted |= strcmp(argv[i], functions[f].name) == 0;
        if (wanted) failures += !test(f, step);
    }
    return failures != 0;
}
