/* shape.inc.c: columns taken, put together, added up, counted.  Formulas: fastnn/ops/shapes.py, batch.py, tokens.py.  The padding is 0. */

/* Y (B, N) = columns first .. first + N - 1 of X (B, M). */
static void K(op_columns)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);
    const int64_t first = (int64_t)op->attribute[0];
    for (int64_t r = 0; r < b->rows; ++r)
        memcpy(K(row)(y, r), K(row)(x, r) + first, (size_t)y->cols * sizeof(R));
    K(clear_padding)(b, op, 0);
}

/* dX (B, M) = 0, but dY (B, N) from column first on. */
static void K(op_columns_grad)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *dx = K(buffer)(b, op, 0), *dy = K(buffer)(b, op, 1);
    const int64_t first = (int64_t)op->attribute[0];
    for (int64_t r = 0; r < b->rows; ++r) {
        R *to = K(row)(dx, r);
        for (int64_t j = 0; j < dx->ld; ++j) to[j] = 0;
        memcpy(to + first, K(row)(dy, r), (size_t)dy->cols * sizeof(R));
    }
}

/* Y (B, M) = columns of A (B, N), then of B (B, K). */
static void K(op_concatenate)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *left = K(buffer)(b, op, 1), *right = K(buffer)(b, op, 2);
    for (int64_t r = 0; r < b->rows; ++r) {
        memcpy(K(row)(y, r), K(row)(left, r), (size_t)left->cols * sizeof(R));
        memcpy(K(row)(y, r) + left->cols, K(row)(right, r), (size_t)right->cols * sizeof(R));
    }
    K(clear_padding)(b, op, 0);
}

/* Y (B, N): each row is v (N). */
static void K(op_repeat_row)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0);
    const R *v = K(reals)(b, op, 1);
    for (int64_t r = 0; r < b->rows; ++r) memcpy(K(row)(y, r), v, (size_t)y->cols * sizeof(R));
    K(clear_padding)(b, op, 0);
}

/* Y (B, N): each column is x (B, 1). */
static void K(op_spread)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);
    for (int64_t r = 0; r < b->rows; ++r)
        for (int64_t j = 0; j < y->cols; ++j) K(row)(y, r)[j] = K(row)(x, r)[0];
    K(clear_padding)(b, op, 0);
}

/* y (B, 1) = sums over the columns of X (B, N). */
static void K(op_row_sum)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *X = K(row)(x, r);
        V partial[16 / VL];
        for (int i = 0; i < 16 / VL; ++i) partial[i] = VZERO;
        for (int64_t j = 0, part = 0; j < x->cols; j += VL, part = (part + 1) % (16 / VL))
            partial[part] = VADD(partial[part], VSEL(VFIRST(x->cols - j), VLOAD(X + j), VZERO));
        K(row)(y, r)[0] = K(tree_sum)(partial);
    }
    K(clear_padding)(b, op, 0);
}

/* Y (B, N) = how many numbers of X (B, M) lie in t .. t + 1, for each column t; at most attribute 1. */
static void K(op_count_tokens)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0), *x = K(buffer)(b, op, 1);
    const R most = (R)op->attribute[1], columns = (R)y->cols;
    for (int64_t r = 0; r < b->rows; ++r) {
        const R *X = K(row)(x, r);
        R *Y = K(row)(y, r);
        for (int64_t t = 0; t < y->ld; ++t) Y[t] = 0;
        for (int64_t j = 0; j < x->cols; ++j)
            if (X[j] >= 0 && X[j] < columns && Y[(int64_t)X[j]] < most) Y[(int64_t)X[j]] += 1;
    }
}

/* Y (B, N): 1 in the column that the label of the row names, else 0. */
static void K(op_one_hot)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0);
    const int32_t *label = K(integers)(b, op, 1);
    for (int64_t r = 0; r < b->rows; ++r) {
        R *Y = K(row)(y, r);
        for (int64_t t = 0; t < y->ld; ++t) Y[t] = 0;
        if (label[r] >= 0 && label[r] < y->cols) Y[label[r]] = 1;
    }
}

/* y (B, 1) = the labels. */
static void K(op_class_number)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0);
    const int32_t *label = K(integers)(b, op, 1);
    for (int64_t r = 0; r < b->rows; ++r) K(row)(y, r)[0] = (R)label[r];
    K(clear_padding)(b, op, 0);
}

/* y (N) = sums of the rows of X (B, N), each column in ascending order, divided by `divisor`. */
static void K(column_sums)(const fnn_batch *b, const fnn_op *op, R divisor)
{
    const fnn_buffer *x = K(buffer)(b, op, 1);
    R *y = K(reals)(b, op, 0);
    for (int64_t j = 0; j < x->cols; j += VL) {
        V sum = VZERO;
        for (int64_t r = 0; r < b->rows; ++r) sum = VADD(sum, VLOAD(K(row)(x, r) + j));
        VSTORE(y + j, VDIV(sum, VSET1(divisor)));
    }
    K(clear_padding)(b, op, 0);
}

static void K(op_batch_sum)(const fnn_batch *b, const fnn_op *op) { K(column_sums)(b, op, 1); }

static void K(op_batch_mean)(const fnn_batch *b, const fnn_op *op) { K(column_sums)(b, op, (R)b->all); }

/* Y (B, N): each row is v (N) / B. */
static void K(op_batch_share)(const fnn_batch *b, const fnn_op *op)
{
    const fnn_buffer *y = K(buffer)(b, op, 0);
    const R *v = K(reals)(b, op, 1);
    for (int64_t j = 0; j < y->cols; j += VL) {
        const V part = VDIV(VLOAD(v + j), VSET1((R)b->all));
        for (int64_t r = 0; r < b->rows; ++r) VSTORE(K(row)(y, r) + j, part);
    }
    K(clear_padding)(b, op, 0);
}

/* value (B) = x (1), or 1, in the first row, 0 in the others. */
static void K(op_batch_value)(const fnn_batch *b, const fnn_op *op)
{
    const R *x = K(reals)(b, op, 1);
    R *value = K(reals)(b, op, 0);
    for (int64_t r = 0; r < b->rows; ++r) value[r] = 0;
    value[0] = x ? x[0] : 1;
}
