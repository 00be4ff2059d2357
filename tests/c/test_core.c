/* test_core.c: the C core without Python: every operation on awkward shapes, at every level this CPU has, against
 * the generic level bit for bit, in buffers that end where their memory ends (so that a sanitizer sees every step
 * beyond), and one small program end to end.  Exit code 0 and a line of counts if all is well. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fastnn.h"
#include "schedule.h"
#include "support.h"
#include "team.h"

static const struct {
    const char *name, *signature, *attributes;
} kinds[] = {
#define OP(name, signature, attributes) {#name, signature, attributes},
#include "fnn_ops.def"
#undef OP
};

/* How many operands a signature changes in place: the leading outputs that equal the inputs at the same place and
 * live longer than a batch. */
static int count_in_place(const char *signature)
{
    const char *out = signature, *in = strstr(signature, "<-") + 3;
    int n = 0;
    for (;; ++n) {
        const size_t length = strcspn(out, ", ");
        if (length != strcspn(in, ", ") || memcmp(out, in, length) != 0 || memchr(out, 'B', length)) return n;
        out += length, in += length;
        if (*out != ',' || *in != ',') return n + 1;
        out += 2, in += 2;
    }
}

/* One op, to be run by a team. */
typedef struct {
    const fnn_kernels *k;
    const fnn_batch *batch;
    const fnn_op *op;
} op_job;

static void run_share(void *job, int thread, int threads)
{
    const op_job *j = job;
    fnn_batch batch = *j->batch;
    batch.thread = thread, batch.threads = threads;
    if (fnn_op_is_shared(j->op->code)) j->k->op[j->op->code](&batch, j->op);
    else if (thread == 0) batch.threads = 1, j->k->op[j->op->code](&batch, j->op);
}

/* Run op `code` with B, I (also N), O at table k on inputs drawn from `seed`; append the plain outputs to out. */
static int64_t run_op(char *out, const fnn_kernels *k, int code, int64_t B, int64_t I, int64_t O, uint64_t seed,
                      int threads)
{
    fnn_buffer buffers[FNN_MAX_OPERANDS];
    fnn_op op = {code, {0}, {0.5, 0.25, 0.125, 0}, 1};
    fnn_batch batch = {.buffers = buffers, .rows = B, .step = 2, .seed = 42, .learning_rate = 0.01, .threads = 1, .most_rows = B,
                       .input = -1, .all = B};
    op_job job = {k, &batch, &op};
    fnn_program program = {k, buffers, &op, NULL, NULL, 0, 1, 0, 0, 0, {0, 1, 1, 1, 1, 1}, 42, 2, 0.01, 1, 0, NULL, {0}, 0, NULL, {0}, {0}, {0}, 0, 0};
    const char *s = kinds[code].signature;
    const int in_place = count_in_place(s);
    int n = 0, outputs = -1, bad, single[FNN_MAX_OPERANDS];
    int64_t written = 0;
    state = seed;
    if (strcmp(kinds[code].name, "swap_axes") == 0)
        op.attribute[0] = I % 2 ? 1 : 2, op.attribute[1] = (double)I / op.attribute[0], op.attribute[2] = 1;
    if (strstr(kinds[code].name, "_axis")) op.attribute[1] = I % 2 ? 1 : 2;
    for (; *s; ++n) {
        const char *end = s + strcspn(s, ",<");
        const int integer = memchr(s, ':', (size_t)(end - s)) != NULL;
        const int rank = s[0] == '*' ? 2 : (int)strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        const char last = s[rank - 1];
        const int64_t cols = last == 'S' ? 1 : last == 'O' || last == 'K' ? O : last == 'M' ? I + O : last == 'T' ? 3 * I : I;
        if (s[0] == '*') buffers[n] = make(k, I, O, 2, 0, B);
        else buffers[n] = make(k, s[0] == 'B' ? FNN_BATCH : rank == 2 ? I : 1, cols, rank, integer, B);
        single[n] = s[0] == 'S';
        op.operand[n] = n;
        if (*end == '<') outputs = n + 1;
        s = end + strspn(end, " ,<-");
    }
    program.n_buffers = n;
    for (int i = outputs; i < n; ++i) {
        if (buffers[i].integer) for (int64_t r = 0; r < B; ++r) ((int32_t *)buffers[i].data)[r] = (int32_t)(r % I);
        else if (i - outputs < in_place) {
            free(buffers[i].data);
            buffers[i] = buffers[i - outputs];
            fill(k, &buffers[i], B, 0.01, 1);
        } else {
            /* Probabilities, variances and sums of squares are positive; the bits of a NaN are the CPU's own. */
            const char *name = kinds[code].name;
            const int positive = strstr(name, "entropy") || strstr(name, "poisson") || strstr(name, "batch_norm") || single[i];
            fill(k, &buffers[i], B, positive ? 0.01 : -2, 0.99);
        }
    }
    if (fnn_program_check(&bad, &program) != FNN_OK) {
        printf("FAILED check of %s\n", kinds[code].name);
        exit(1);
    }
    batch.scratch = malloc((size_t)fnn_scratch_size(&program, B));
    fnn_team_run(run_share, &job, threads);
    for (int i = 0; i < outputs; ++i) {
        /* A fused step may leave its gradient unwritten: it is scratch. */
        const int scratch = strncmp(kinds[code].name, "dense_", 6) == 0 && in_place && i == outputs - 1;
        const int64_t size = (buffers[i].rows == FNN_BATCH ? B : buffers[i].rows) * buffers[i].cols * item(k->dtype);
        if (scratch) continue;
        k->export_array(out + written, &buffers[i], B);
        written += size;
    }
    for (int i = 0; i < n; ++i)
        if (i < outputs || i - outputs >= in_place) free(buffers[i].data);
    free(batch.scratch);
    return written;
}

/* For each operation, FNV-1a over all its results at the generic level: one number for every machine and compiler, so
 * that the arithmetic cannot change unnoticed.  After a deliberate change (a new operation, or new arithmetic, which is
 * also a new numerics version) put the line that the test prints into op_hashes.def. */
static const struct {
    const char *name;
    uint64_t hash;
} hashes[] = {
#define HASH(name, number) {#name, number},
#include "op_hashes.def"
#undef HASH
};

static uint64_t fnv1a(uint64_t hash, const char *bytes, int64_t n)
{
    for (int64_t i = 0; i < n; ++i) hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211ull;
    return hash;
}

static const uint64_t FNV_START = 14695981039346656037ull;

static void check_hash(int code, uint64_t hash)
{
    int found = 0;
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; ++i)
        found |= strcmp(hashes[i].name, kinds[code].name) == 0 && hashes[i].hash == hash;
    if (!found) printf("HASH(%s, 0x%016llxull)\n", kinds[code].name, (unsigned long long)hash);
    check(found, "hash of all results", kinds[code].name, 0, 0, 0);
}

/* One operation in one type on awkward shapes at all levels; returns the hash of the results, taken up from `hash`. */
static uint64_t test_op(uint64_t hash, int code, int32_t dtype)
{
    static const int64_t rows[] = {1, 2, 7, 33, 259}, sizes[] = {1, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 67};
    const int last = fnn_n_levels() - 1;
    const char *name = kinds[code].name;
    const uint64_t name_seed = fnv1a(FNV_START, name, (int64_t)strlen(name)); /* not of the op's position in the list */
    char *expected = malloc(1 << 20), *got = malloc(1 << 20);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
            const int64_t I = sizes[s], O = sizes[(s * 5 + 3) % 12];
            const uint64_t seed = (name_seed | 1) + s * 8 + r;
            const int64_t n = run_op(expected, fnn_level_kernels(last, dtype), code, rows[r], I, O, seed, 1);
            hash = fnv1a(hash, expected, n);
            for (int level = 0; level < last; ++level) {
                if (!fnn_level_supported(level)) continue;
                run_op(got, fnn_level_kernels(level, dtype), code, rows[r], I, O, seed, 1);
                check(memcmp(expected, got, (size_t)n) == 0, name, fnn_level_name(level), rows[r], I, O);
            }
            if (s % 3 == r % 3 && fnn_op_is_shared(code)) {
                const int threads = 2 + (int)(s + r) % 3;
                run_op(got, fnn_level_kernels(best_level(), dtype), code, rows[r], I, O, seed, threads);
                check(memcmp(expected, got, (size_t)n) == 0, name, "threads", rows[r], I, O);
            }
            check(n > 0, name, "generic", rows[r], I, O);
        }
    free(expected);
    free(got);
    return hash;
}

static void test_ops(void)
{
    for (int code = 0; code < FNN_N_OPS; ++code)
        check_hash(code, test_op(test_op(FNV_START, code, FNN_FLOAT32), code, FNN_FLOAT64));
}

/* y = 2 x with one weight: gradient descent must find 2, at every level and with a short last batch. */
static void test_training(void)
{
    for (int level = 0; level < fnn_n_levels(); ++level) {
        if (!fnn_level_supported(level)) continue;
        const fnn_kernels *k = fnn_level_kernels(level, FNN_FLOAT32);
        fnn_buffer b[] = {make(k, FNN_BATCH, 1, 2, 0, 2), make(k, FNN_BATCH, 1, 2, 0, 2),
                          make(k, 1, 1, 2, 0, 2),         make(k, FNN_BATCH, 1, 2, 0, 2),
                          make(k, FNN_BATCH, 1, 1, 0, 2), make(k, FNN_BATCH, 1, 2, 0, 2),
                          make(k, 1, 1, 2, 0, 2)};
        enum { X, T, W, Y, LOSS, DY, DW };
        const fnn_op ops[] = {{FNN_OP_dense, {Y, X, W, -1}, {0}, 1},
                              {FNN_OP_mean_squared_error, {LOSS, DY, Y, T}, {0}, 1},
                              {FNN_OP_dense_dw, {DW, X, DY}, {0}, 1},
                              {FNN_OP_sgd, {W, W, DW}, {0}, 1}};
        const int32_t values[] = {LOSS};
        fnn_program p = {k, b, ops, values, NULL, 7, 4, 1, X, Y, {0, 0, 0, 2, 3, 4}, 1, 0, 0.05, 1, 0, NULL, {0}, 0, NULL, {0}, {0}, {0}, 0, 0};
        const float x[] = {1, 2, 3}, y[] = {2, 4, 6};
        const int64_t order[] = {2, 0, 1};
        const double rates[] = {0.05, 0.04};
        const fnn_feed feed = {y, T};
        const fnn_data data = {x, sizeof(float), FNN_FLOAT32, 1, &feed, NULL};
        double totals[1] = {0};
        float w;
        int bad;
        check(fnn_program_check(&bad, &p) == FNN_OK, "check", k->level, 3, 1, 1);
        p.scratch = malloc((size_t)fnn_scratch_size(&p, 2));
        for (int epoch = 0; epoch < 50; ++epoch) totals[0] = 0, fnn_train(totals, &p, &data, order, 3, 2, rates);
        k->export_array(&w, &b[W], 2);
        check(fabsf(w - 2) < 1e-5f && totals[0] < 1e-8 && p.step == 100 && p.learning_rate == 0.04, "training", k->level, 3, 1, 1);
        {
            fnn_op broken[4];
            memcpy(broken, ops, sizeof ops);
            p.ops = broken;
            broken[2].code = 9999;
            check(fnn_program_check(&bad, &p) == FNN_BAD_OPCODE && bad == 2, "bad opcode", k->level, 0, 0, 0);
            broken[2] = ops[2], broken[0].operand[1] = 70;
            check(fnn_program_check(&bad, &p) == FNN_BAD_OPERAND && bad == 0, "bad operand", k->level, 0, 0, 0);
            broken[0] = ops[0], broken[3].operand[2] = LOSS;
            check(fnn_program_check(&bad, &p) == FNN_BAD_SHAPE && bad == 3, "bad shape", k->level, 0, 0, 0);
        }
        free(p.scratch);
        for (int i = 0; i < 7; ++i) free(b[i].data);
    }
}

/* n reals with values in [-1, 1] in memory of exactly their size, every third of them 0. */
static void *some(const fnn_kernels *k, int64_t n)
{
    void *p = malloc((size_t)(n * item(k->dtype)));
    if (!p) exit(2);
    for (int64_t i = 0; i < n; ++i) {
        const double x = i % 3 ? uniform(-1, 1) : 0;
        if (k->dtype == FNN_FLOAT64) ((double *)p)[i] = x;
        else ((float *)p)[i] = (float)x;
    }
    return p;
}

/* Each function of plain arrays: the bytes that it gives, after one another in out. */
static void run_arrays(char *out, const fnn_kernels *k, int64_t rows, int64_t depth, int64_t cols, int transposed)
{
    const int64_t size = item(k->dtype), n = rows * cols;
    void *a = some(k, rows * depth), *b = some(k, depth * cols), *bias = some(k, rows), *x = some(k, n), *y = some(k, n);
    void *c = some(k, n), *sums = some(k, rows), *scratch = malloc((size_t)k->array.matmul_scratch());
    const fnn_matmul p = {c, a, b, bias, rows, cols, depth, transposed ? 1 : depth, transposed ? rows : 1,
                          transposed ? 1 : cols, transposed ? depth : 1, 3, scratch};
    double likelihood;
    k->array.matmul(&p);
    memcpy(out, c, (size_t)(n * size)), out += n * size;
    for (int map = 0; map < FNN_N_MAPS; ++map, out += n * size) {
        k->array.map[map](c, x, y, 0.5, n);
        memcpy(out, c, (size_t)(n * size));
    }
    k->array.softmax_columns(c, x, rows, cols);
    memcpy(out, c, (size_t)(n * size)), out += n * size;
    k->array.softmax_columns_backward(c, y, x, rows, cols);
    memcpy(out, c, (size_t)(n * size)), out += n * size;
    k->array.row_sums(sums, x, 3, rows, cols);
    memcpy(out, sums, (size_t)(rows * size)), out += rows * size;
    likelihood = k->array.log_likelihood(x, y, 1, n);
    memcpy(out, &likelihood, 8);
    free(a), free(b), free(bias), free(x), free(y), free(c), free(sums), free(scratch);
}

static void test_arrays(void)
{
    static const int64_t shapes[][3] = {{1, 1, 1}, {3, 5, 2}, {13, 33, 17}, {12, 256, 32}, {25, 300, 67}, {200, 7, 140}};
    for (int i = 0; i < 2 * (int)(sizeof shapes / sizeof shapes[0]); ++i) {
        for (int32_t dtype = FNN_FLOAT32; dtype <= FNN_FLOAT64; ++dtype) {
            const int64_t *s = shapes[i / 2];
            const size_t size = (size_t)(((FNN_N_MAPS + 3) * s[0] * s[2] + s[0]) * item(dtype) + 8);
            char *expected = calloc(size, 1), *got = calloc(size, 1);
            if (!expected || !got) exit(2);
            for (int level = fnn_n_levels() - 1; level >= 0; --level) { /* generic first */
                if (!fnn_level_supported(level)) continue;
                state = 88172645463325252ull;
                run_arrays(got, fnn_level_kernels(level, dtype), s[0], s[1], s[2], i % 2);
                if (level == fnn_n_levels() - 1) memcpy(expected, got, size);
                check(memcmp(expected, got, size) == 0, "arrays", fnn_level_name(level), s[0], s[1], s[2]);
            }
            free(expected), free(got);
        }
    }
}

/* A net with hidden layers that are shared out by columns and by rows, in batches of 48 and a short last one, trained,
 * evaluated and used by any number of threads, with as few waits as the schedule allows: the same bits. */
enum { FEATURES = 37, WIDE = 70, NARROW = 20, CLASSES = 3, ROWS = 130 };
enum { X, T, W1, B1, Z1, A1, D1, W2, B2, Z2, A2, W3, B3, Z3, LOSS, HIT, DZ3, DA2, DZ2, DD1, DA1, DZ1, DW1, DW2, DW3,
       DB1, DB2, DB3, M1, V1, M2, V2, M3, V3, N_BUFFERS };

typedef enum { FULL, ZEROS, LEAVE_OUT } data_kind; /* the last two are the same data */

static int64_t train_net(char *out, const fnn_kernels *k, int threads, int with_schedule, data_kind kind, int64_t batch,
                         int few)
{
    const int32_t adam[] = {FNN_OP_dense_adam, FNN_OP_sgd};
    const double betas[] = {0.9, 0.999, 1e-7};
    static const int64_t shapes[N_BUFFERS][2] = {
        [X] = {-1, FEATURES}, [T] = {-1, 0}, [LOSS] = {-1, 0}, [HIT] = {-1, 0},
        [W1] = {FEATURES, WIDE}, [DW1] = {FEATURES, WIDE}, [M1] = {FEATURES, WIDE}, [V1] = {FEATURES, WIDE},
        [W2] = {WIDE, NARROW}, [DW2] = {WIDE, NARROW}, [M2] = {WIDE, NARROW}, [V2] = {WIDE, NARROW},
        [W3] = {NARROW, CLASSES}, [DW3] = {NARROW, CLASSES}, [M3] = {NARROW, CLASSES}, [V3] = {NARROW, CLASSES},
        [B1] = {1, WIDE}, [DB1] = {1, WIDE}, [B2] = {1, NARROW}, [DB2] = {1, NARROW}, [B3] = {1, CLASSES},
        [DB3] = {1, CLASSES}, [Z1] = {-1, WIDE}, [A1] = {-1, WIDE}, [D1] = {-1, WIDE}, [DD1] = {-1, WIDE},
        [DA1] = {-1, WIDE}, [DZ1] = {-1, WIDE}, [Z2] = {-1, NARROW}, [A2] = {-1, NARROW}, [DA2] = {-1, NARROW},
        [DZ2] = {-1, NARROW}, [Z3] = {-1, CLASSES}, [DZ3] = {-1, CLASSES}};
    fnn_op ops[] = {
        {FNN_OP_dense, {Z1, X, W1, B1}, {0}, 1}, {FNN_OP_tanh, {A1, Z1}, {0}, 1}, {FNN_OP_dense, {Z2, A1, W2, B2}, {0}, 1},
        {FNN_OP_relu, {A2, Z2}, {0}, 1}, {FNN_OP_dense, {Z3, A2, W3, B3}, {0}, 1}, /* predict: 0 .. 4 */
        {FNN_OP_sparse_softmax_cross_entropy, {LOSS, -1, Z3, T}, {0}, 1},
        {FNN_OP_sparse_categorical_accuracy, {HIT, Z3, T}, {0}, 1}, /* evaluate: 0 .. 6 */
        {FNN_OP_dense, {Z1, X, W1, B1}, {0}, 1}, {FNN_OP_tanh, {A1, Z1}, {0}, 1}, {FNN_OP_dropout, {D1, A1}, {0.25, 1}, 1},
        {FNN_OP_dense, {Z2, D1, W2, B2}, {0}, 1}, {FNN_OP_relu, {A2, Z2}, {0}, 1}, {FNN_OP_dense, {Z3, A2, W3, B3}, {0}, 1},
        {FNN_OP_sparse_softmax_cross_entropy, {LOSS, DZ3, Z3, T}, {0}, 1},
        {FNN_OP_sparse_categorical_accuracy, {HIT, Z3, T}, {0}, 1}, /* forward: 7 .. 14 */
        {FNN_OP_dense_dx, {DA2, DZ3, W3}, {0}, 1}, {adam[0], {W3, M3, V3, DW3, W3, M3, V3, A2, DZ3}, {0}, 1},
        {FNN_OP_dense_db, {DB3, DZ3}, {0}, 1}, {FNN_OP_relu_grad, {DZ2, DA2, A2}, {0}, 1},
        {FNN_OP_dense_dx, {DD1, DZ2, W2}, {0}, 1}, {adam[0], {W2, M2, V2, DW2, W2, M2, V2, D1, DZ2}, {0}, 1},
        {FNN_OP_dense_db, {DB2, DZ2}, {0}, 1}, {FNN_OP_dropout_grad, {DA1, DD1}, {0.25, 1}, 1},
        {FNN_OP_tanh_grad, {DZ1, DA1, A1}, {0}, 1}, {adam[0], {W1, M1, V1, DW1, W1, M1, V1, X, DZ1}, {0}, 1},
        {FNN_OP_dense_db, {DB1, DZ1}, {0}, 1}, /* backward: 15 .. 25 */
        {adam[1], {B1, B1, DB1}, {0}, 1}, {adam[1], {B2, B2, DB2}, {0}, 1}, {adam[1], {B3, B3, DB3}, {0}, 1}};
    enum { N_OPS = sizeof ops / sizeof *ops };
    void *prepared = NULL;
    fnn_buffer b[N_BUFFERS];
    uint8_t waits[N_OPS + N_BUFFERS + 1];
    const int32_t values[] = {LOSS, HIT};
    fnn_program p = {k, b, ops, values, NULL, N_BUFFERS, N_OPS, 2, X, Z3, {0, 5, 7, 15, 26, N_OPS}, 7, 0, 0.01,
                     threads, 1, with_schedule ? waits : NULL, {0}, 0, NULL, {0}, {0}, {0}, 0, 0};
    float x[ROWS * FEATURES];
    char *lists = NULL;
    int32_t y[ROWS];
    int64_t order[ROWS], written = 0;
    double totals[4] = {0};
    const fnn_feed feed = {y, T};
    const fnn_data data = {x, FEATURES * sizeof *x, FNN_FLOAT32, 1, &feed, NULL};
    const int keep[] = {W1, M1, V1, B1, W2, M2, V2, B2, W3, M3, V3, B3};
    int bad;
    state = 5;
    for (int i = 0; i < N_OPS; ++i)
        if (ops[i].code == adam[0]) memcpy(ops[i].attribute, betas, sizeof betas);
    for (int i = 0; i < N_BUFFERS; ++i) {
        const int64_t rows = shapes[i][0], cols = shapes[i][1] ? shapes[i][1] : 1;
        b[i] = make(k, rows, cols, shapes[i][1] && rows != 1 ? 2 : 1, i == T, batch);
        if (i == W1 || i == W2 || i == W3) fill(k, &b[i], 0, -0.3, 0.3);
    }
    /* In the second kind many zeros of both signs, some rows and columns of nothing else, and denormals, which are no zeros. */
    for (int i = 0; i < ROWS * FEATURES; ++i) {
        const int empty = i / FEATURES % 9 == 5 || i % FEATURES % 6 > 2;
        const double value = uniform(-1, 1);
        x[i] = (float)value;
        if (kind != FULL && (empty || value > 0.5)) x[i] = value > 0 ? 0.0f : -0.0f;
        else if (kind != FULL && value < -0.9) x[i] = 1e-41f;
    }
    for (int i = 0; i < ROWS; ++i) y[i] = i % CLASSES, order[i] = (i * 7) % ROWS;
    check(fnn_program_check(&bad, &p) == FNN_OK, "check of the net", k->level, bad, 0, 0);
    p.scratch = malloc((size_t)fnn_scratch_size(&p, batch));
    check(fnn_zeros_place(NULL, NULL, &p, batch) > 0, "room for lists of zeros", k->level, 0, 0, 0);
    if (kind == LEAVE_OUT) fnn_zeros_place(&p.zeros, lists = malloc((size_t)fnn_zeros_place(NULL, NULL, &p, batch)), &p, batch);
    if (few) fnn_few_prepare(&p, prepared = malloc((size_t)fnn_few_size(&p)));
    for (int epoch = 0; epoch < 3; ++epoch)
        check(fnn_train(totals, &p, &data, order, ROWS, batch, NULL) == -1, "finite losses", k->level, ROWS, 0, 0);
    fnn_evaluate(totals + 2, &p, &data, 0, ROWS, batch);
    fnn_predict(out, &p, &data, 0, ROWS, batch);
    written += ROWS * CLASSES * item(k->dtype);
    for (size_t i = 0; i < sizeof keep / sizeof *keep; ++i) {
        k->export_array(out + written, &b[keep[i]], 0);
        written += b[keep[i]].rows * b[keep[i]].cols * item(k->dtype);
    }
    memcpy(out + written, totals, sizeof totals);
    check(p.look_for_zeros == 0, "zeros are worth leaving out", k->level, batch, 0, 0);
    free(p.scratch);
    free(lists);
    free(prepared);
    for (int i = 0; i < N_BUFFERS; ++i) free(b[i].data);
    return written + (int64_t)sizeof totals;
}

/* All that the net has learnt in three epochs, and what it then says: one number for every level, machine and compiler. */
static const uint64_t TRAINING_HASH = 0xe4a582a0d053e265ull;

static void test_training_hash(void)
{
    char *got = malloc(1 << 20);
    for (int level = 0; level < fnn_n_levels(); ++level) {
        if (!fnn_level_supported(level)) continue;
        uint64_t hash = FNV_START;
        for (int32_t dtype = FNN_FLOAT32; dtype <= FNN_FLOAT64; ++dtype)
            hash = fnv1a(hash, got, train_net(got, fnn_level_kernels(level, dtype), 1, 0, FULL, 48, 0));
        if (hash != TRAINING_HASH) printf("TRAINING_HASH = 0x%016llxull\n", (unsigned long long)hash);
        check(hash == TRAINING_HASH, "hash of a training run", fnn_level_name(level), 0, 0, 0);
    }
    free(got);
}

static void test_threads(void)
{
    char *expected = malloc(1 << 20), *got = malloc(1 << 20);
    for (int32_t dtype = FNN_FLOAT32; dtype <= FNN_FLOAT64; ++dtype)
        for (int64_t batch = 1; batch <= ROWS; batch = batch == 1 ? 48 : batch + 82) {
            const fnn_kernels *k = fnn_level_kernels(best_level(), dtype);
            for (data_kind kind = FULL; kind <= ZEROS; ++kind) {
                const int64_t n = train_net(expected, k, 1, 0, kind, batch, 0);
                /* Many threads take long where there are few processors: once, in the largest batch. */
                for (int threads = 1; threads <= 8; threads = threads == 3 ? 8 : threads + 1) {
                    if (threads > (batch == 1 ? 2 : batch < ROWS ? 3 : 8)) continue;
                    train_net(got, k, threads, kind == FULL || threads != 2, kind == FULL ? FULL : LEAVE_OUT, batch, 0);
                    check(memcmp(expected, got, (size_t)n) == 0, kind == FULL ? "training by threads" : "training without zeros",
                          k->level, batch, threads, 0);
                }
                train_net(got, fnn_level_kernels(fnn_n_levels() - 1, dtype), 1, 0, kind == FULL ? FULL : LEAVE_OUT, batch, 0);
                check(memcmp(expected, got, (size_t)n) == 0, "training", "generic", batch, kind, 0);
            }
        }
    check(fnn_team_size() == 7, "size of the team", "any", fnn_team_size(), 0, 0);
    fnn_team_stop();
    check(fnn_team_size() == 0, "end of the team", "any", fnn_team_size(), 0, 0);
    free(expected);
    free(got);
}

/* Batches of few rows by their own kernels, with ops joined and moved. */
static void test_few_rows(void)
{
    static const int64_t batches[] = {1, 2, 3, 5, 8};
    char *expected = malloc(1 << 20), *got = malloc(1 << 20);
    for (int level = 0; level < fnn_n_levels(); ++level)
        for (int i = 0; fnn_level_supported(level) && i < 10; ++i) {
            const fnn_kernels *k = fnn_level_kernels(level, i % 2 ? FNN_FLOAT64 : FNN_FLOAT32);
            const int64_t batch = batches[i / 2];
            const data_kind kind = i % 3 ? FULL : LEAVE_OUT;
            const int64_t n = train_net(expected, k, 1, 0, kind, batch, 0);
            train_net(got, k, 1, 0, kind, batch, 1);
            check(memcmp(expected, got, (size_t)n) == 0, "few rows", k->level, batch, i, 0);
        }
    free(expected);
    free(got);
}

int main(void)
{
    test_ops();
    test_arrays();
    test_training();
    test_training_hash();
    test_threads();
    test_few_rows();
    for (int level = 0; level < fnn_n_levels(); ++level)
        if (fnn_level_supported(level)) printf("%s ", fnn_level_name(level));
    printf("%d passed, %d failed\n", checks - failures, failures);
    return failures != 0;
}
