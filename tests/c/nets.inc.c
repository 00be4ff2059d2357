/* nets.inc.c: whole programs, trained by any number of threads, with and without the zeros left out, in batches of many rows
 * and of few: the same bits, and a committed hash.  Part of test_core.c. */

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
        fnn_program p = {k, b, ops, values, NULL, 7, 4, 1, X, Y, {0, 0, 0, 2, 3, 4}, 1, 0, 0.05, 1, 0, NULL, {0}, 0, NULL, {0}, {0}, {0}, 0, 0, {0, 0, 0}};
        const float x[] = {1, 2, 3}, y[] = {2, 4, 6};
        const int64_t order[] = {2, 0, 1};
        const double rates[] = {0.05, 0.04};
        const fnn_feed feed = {y, T};
        const fnn_data data = {x, sizeof(float), FNN_FLOAT32, 1, &feed, NULL, NULL, NULL};
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

/* A net with hidden layers that are shared out by columns and by rows, in batches of 48 and a short last one, trained,
 * evaluated and used by any number of threads, with as few waits as the schedule allows: the same bits. */
enum { FEATURES = 37, WIDE = 70, NARROW = 20, CLASSES = 3, ROWS = 130 };
enum { X, T, W1, B1, Z1, A1, D1, W2, B2, Z2, A2, W3, B3, Z3, LOSS, HIT, DZ3, DA2, DZ2, DD1, DA1, DZ1, DW1, DW2, DW3,
       DB1, DB2, DB3, M1, V1, M2, V2, M3, V3, N_BUFFERS };

typedef enum { FULL, ZEROS, LEAVE_OUT, MARKED, COMPRESSED } data_kind; /* all but the first are the same data */

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
                     threads, 1, with_schedule ? waits : NULL, {0}, 0, NULL, {0}, {0}, {0}, 0, 0, {0, 0, 0}};
    float x[ROWS * FEATURES];
    char *lists = NULL;
    int32_t y[ROWS];
    int64_t order[ROWS], written = 0;
    double totals[4] = {0};
    const fnn_feed feed = {y, T};
    fnn_data data = {x, FEATURES * sizeof *x, FNN_FLOAT32, 1, &feed, NULL, NULL, NULL};
    int64_t starts[ROWS];
    int32_t counts[ROWS];
    double place[ROWS * FEATURES * 2];
    fnn_compressed compressed = {starts, counts, (char *)place, ROWS, sizeof place, 0, 0};
    const int keep[] = {W1, M1, V1, B1, W2, M2, V2, B2, W3, M3, V3, B3};
    int bad = -1;
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
    if (kind >= LEAVE_OUT) fnn_zeros_place(&p.zeros, lists = malloc((size_t)fnn_zeros_place(NULL, NULL, &p, batch)), &p, batch);
    /* Marks are for data of the program's own type. */
    if (kind == MARKED && k->dtype == FNN_FLOAT32)
        data.marks = calloc((size_t)ROWS, (size_t)fnn_mark_words(&p) * sizeof *data.marks);
    check(fnn_compressed_outputs(&p) == WIDE, "outputs of compressed rows", k->level, 0, 0, 0);
    memset(starts, -1, sizeof starts);
    if (kind == COMPRESSED) data.compressed = &compressed;
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
    if (kind == COMPRESSED) check(compressed.known == ROWS, "compressed rows", k->level, batch, 0, 0);
    check(p.look_for_zeros == 0, "zeros are worth leaving out", k->level, batch, 0, 0);
    free(p.scratch);
    if (data.marks && batch < ROWS) /* the first batch of a call is but looked at */
        check(data.marks[fnn_mark_words(&p) * order[ROWS - 1]] == 1, "marks of the last row", k->level, batch, 0, 0);
    free(data.marks);
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
                    train_net(got, k, threads, kind == FULL || threads != 2, kind == FULL ? FULL : threads == 2 ? LEAVE_OUT : MARKED,
                              batch, 0);
                    check(memcmp(expected, got, (size_t)n) == 0, kind == FULL ? "training by threads" : "training without zeros",
                          k->level, batch, threads, 0);
                }
                for (int threads = 1; threads <= 3 && kind == ZEROS; ++threads) {
                    train_net(got, k, threads, 1, COMPRESSED, batch, 0);
                    check(memcmp(expected, got, (size_t)n) == 0, "training with compressed rows", k->level, batch, threads, 0);
                }
                train_net(got, fnn_level_kernels(fnn_n_levels() - 1, dtype), 1, 0, kind == FULL ? FULL : MARKED, batch, 0);
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

/* A round of 64 runs that last: together, alone, together, alone, and the others as the best of either was. */
static void run_a_round(fnn_gain *g, double alone, double together, int expected)
{
    for (int run = 0; run < 64; ++run) {
        const int threads = fnn_gain_threads(g, 4);
        const double slip = run == 0 || run == 9 ? 10 : 1; /* something else wants the core for a moment */
        check(threads == (run < 4 ? run % 2 ? 1 : 4 : expected), "gain", "", run, 0, 0);
        check(fnn_gain_threads(g, 1) == 1, "gain of one", "", run, 0, 0);
        fnn_gain_learn(g, threads, 10, slip * (threads > 1 ? together : alone));
    }
}

static void test_gain(void)
{
    fnn_gain g = {0, 0, 0};
    fnn_gain_learn(&g, 1, 10, 1e5);
    check(g.runs == 0 && fnn_gain_threads(&g, 4) == 4, "gain: too short to tell", "", 0, 0, 0);
    run_a_round(&g, 4e7, 3e7, 4);
    run_a_round(&g, 4e7, 5e7, 1);
    run_a_round(&g, 4e7, 2e7, 4);
    check(g.runs == 192 && g.alone == 4e6 && g.together == 2e6, "gain: a row", "", 0, 0, 0);
}
