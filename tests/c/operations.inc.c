/* operations.inc.c: every operation on awkward shapes, at every level and on several threads, against the generic level bit
 * for bit, and all its results against a committed hash.  Part of test_core.c. */

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
    fnn_program program = {k, buffers, &op, NULL, NULL, 0, 1, 0, 0, 0, {0, 1, 1, 1, 1, 1}, 42, 2, 0.01, 1, 0, NULL, {0}, 0, NULL, {0}, {0}, {0}, 0, 0, {0, 0, 0}};
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
