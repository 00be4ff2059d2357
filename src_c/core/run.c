/* run.c: runs a program.  A training slice is one call: gather rows, forward, backward, update, add up the values. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "ahead.h"
#include "compressed.h"
#include "few.h"
#include "fastnn.h"
#include "fpenv.h"
#include "gain.h"
#include "marks.h"
#include "pieces.h"
#include "schedule.h"
#include "share.h"
#include "team.h"
#include "zeros.h"

/* Rows of a batch that are asked for ahead: more would drive each other out of the second-level cache. */
enum { MOST_AHEAD = 128 };

static int64_t item_size(int32_t dtype) { return dtype == FNN_FLOAT64 ? 8 : dtype == FNN_UINT8 ? 1 : 4; }

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static void wait_for_all(int threads)
{
    if (threads > 1) fnn_team_barrier();
}

/* This thread's part of the ops start .. stop - 1. */
static void run_ops(const fnn_program *p, const fnn_batch *batch, int32_t start, int32_t stop)
{
    fnn_batch own = *batch;
    for (; start < stop; ++start) {
        const fnn_op *op = &p->ops[start];
        const int shared = batch->threads > 1 && fnn_op_is_shared(op->code);
        const int is_wanted = batch->before + batch->rows == batch->all || !fnn_op_waits_for_last_piece(op->code);
        /* Also before an op that is left out: the ops after it count on the wait. */
        if (batch->threads > 1 && (!p->waits || p->waits[start])) fnn_team_barrier();
        if (!is_wanted || (op->every > 1 && (batch->step + 1) % op->every)) continue;
        own.step = op->every > 1 ? batch->step / op->every : batch->step;
        own.thread = shared ? batch->thread : 0, own.threads = shared ? batch->threads : 1;
        if (shared || batch->thread == 0) p->kernels->op[op->code](&own, op);
    }
}

/* First of the rows that a thread loads: of a tile for which zeros are listed. */
static int64_t load_from(int64_t rows, int thread, int threads)
{
    return smaller(rows, fnn_share((rows + FNN_SKIP_ROWS - 1) / FNN_SKIP_ROWS, thread, threads) * FNN_SKIP_ROWS);
}

/* How the input is loaded: as it is; with its bits; kept without zeros as well, for later epochs; or not at all, as it has
 * been kept. */
typedef enum { PLAIN, MARKED, KEPT, COMPRESSED } loading;

/* Load the rows order[0..rows-1] (order NULL: first, first + 1, ...) as the batch; what data lacks stays as it is.
 * Each thread loads some of the rows. */
static void load(const fnn_program *p, const fnn_data *data, const int64_t *order, int64_t first, int64_t rows,
                 loading how, int thread, int threads)
{
    const fnn_buffer *x = &p->buffers[p->input];
    const int64_t start = load_from(rows, thread, threads), n = load_from(rows, thread + 1, threads) - start;
    const int64_t real = item_size(p->kernels->dtype);
    if (how == MARKED) fnn_load_marked(p, data, order, first, start, start + n);
    if (order) order += start;
    else first += start;
    if (data->x && (how == PLAIN || how == KEPT))
        p->kernels->gather((char *)x->data + start * x->ld * real, x->ld, (const char *)data->x + first * data->x_stride,
                           data->x_dtype, data->x_stride, order, n, x->cols);
    if (how == KEPT) fnn_compress(data->compressed, p, order, first, start, n);
    for (int32_t f = 0; f < data->n_feeds; ++f) {
        const fnn_buffer *to = &p->buffers[data->feeds[f].buffer];
        const char *rows_of = data->feeds[f].rows;
        if (to->integer) {
            const int32_t *from = (const int32_t *)rows_of + first;
            int32_t *at = (int32_t *)to->data + start;
            for (int64_t i = 0; i < n; ++i) at[i] = from[order ? order[i] : i];
        } else {
            const int64_t stride = to->cols * real;
            p->kernels->gather((char *)to->data + start * to->ld * real, to->ld, rows_of + first * stride,
                               p->kernels->dtype, stride, order, n, to->cols);
        }
    }
}

/* totals (n_values) += sums of the batch, of which `rows` make the last piece; sums (n_values) are those of the pieces
 * before it, and are set to 0 for the next batch. Of other pieces than the last one only sums grow.
 * Returns whether the loss is finite as far as it is known. */
static int add_values(double *totals, double *sums, const fnn_program *p, int64_t rows, int is_last)
{
    int finite = 1;
    for (int32_t i = 0; i < p->n_values; ++i) {
        double *start = i < FNN_MOST_VALUES ? &sums[i] : &sums[FNN_MOST_VALUES]; /* the latter only where none is cut */
        const double sum = p->kernels->sum(*start, p->buffers[p->values[i]].data, rows);
        if (i == 0) finite = isfinite(sum);
        *start = is_last ? 0 : sum;
        if (is_last) totals[i] += sum;
    }
    return finite;
}

/* A call: n rows in batches, through sections from .. to - 1. */
typedef struct {
    const fnn_program *p;
    const fnn_data *data;
    const int64_t *order; /* or NULL: rows from `first` on */
    int64_t first, n, batch;
    int from, to;
    const double *learning_rates;
    double *totals; /* or NULL */
    char *out;      /* the outputs, or NULL */
    int64_t bad;    /* first batch whose loss is not finite, or -1 */
    int64_t look_for_zeros; /* as the program's, after the call */
    int few;                /* whether it takes the kernels for few rows */
    loading how;            /* the input is loaded; the marks are used as soon as zeros are worth leaving out */
} call;

/* Whether zeros are worth leaving out, as one of the last batches has shown. */
typedef struct {
    int forward, gradient;
    int64_t again; /* step of the next look */
} findings;

/* List where the batch is not 0, as far as that is wanted; the rows of this thread have just been loaded, with `marked`
 * also their bits. */
static void find_zeros(fnn_batch *batch, findings *f, const fnn_program *p, int marked)
{
    const fnn_buffer *x = &p->buffers[p->input];
    const int64_t words = p->zeros.words, rows = batch->rows;
    const int thread = batch->thread, threads = batch->threads, look = batch->step >= f->again;
    const int64_t from = load_from(rows, thread, threads), to = load_from(rows, thread + 1, threads);
    if (!words || !(look || f->forward || f->gradient)) {
        wait_for_all(threads);
        return;
    }
    for (int64_t r = from; r < to && !marked; ++r)
        p->kernels->mark(p->zeros.bits + r * words, (const char *)x->data + r * x->ld * item_size(p->kernels->dtype),
                         x->cols);
    p->kernels->list_columns(&p->zeros, from, to);
    wait_for_all(threads);
    p->kernels->mask_rows(&p->zeros, rows, fnn_share(words, thread, threads), fnn_share(words, thread + 1, threads));
    wait_for_all(threads);
    if (look) fnn_zeros_pay(&f->forward, &f->gradient, &p->zeros, rows, x->cols), f->again = batch->step + FNN_LOOK_AGAIN;
    batch->zeros = &p->zeros;
    batch->skip_forward = f->forward, batch->skip_gradient = f->gradient;
}

/* The rows of the batch that begins at row `at` of the call. */
static fnn_ahead look_ahead(const call *c, int64_t at)
{
    const int64_t size = c->p->buffers[c->p->input].cols * item_size(c->data->x_dtype);
    const fnn_ahead ahead = {c->data->x, c->order ? c->order + at : NULL, c->first + at,
                             at < c->n ? smaller(c->n - at, smaller(c->batch, MOST_AHEAD)) : 0, c->data->x_stride,
                             (size + 63) / 64};
    return ahead;
}

/* What one thread does of a call. Results leave through the first thread, after all have done their part. */
static void run_batches(void *job, int thread, int threads)
{
    call *c = job;
    const fnn_program *p = c->p;
    const fnn_fpenv saved = fnn_fpenv_enter();
    const fnn_buffer *y = &p->buffers[p->output];
    const int by_row = c->few && c->from == FNN_FORWARD && smaller(c->batch, c->n) == 1 && p->few_row[3] && !p->zeros.words;
    const int64_t most = fnn_rows_at_once(p, smaller(c->batch, c->n));
    double sums[FNN_MOST_VALUES + 1] = {0};
    int64_t rows = 0, before = 0, all = 0, number = 0; /* of the piece; of its batch; number of the batch */
    const fnn_compressed *compressed = c->how == COMPRESSED ? c->data->compressed : NULL;
    findings zeros = {0, 0, p->look_for_zeros};
    fnn_powers powers = {{{0}}, (int32_t)smaller((c->n + c->batch - 1) / c->batch, FNN_POWERS)};
    if (thread == 0 && threads > 1 && p->waits) fnn_schedule(p, most, c->from, c->to, threads);
    for (int64_t at = 0;; at += rows) {
        if (at) { /* the piece before this one */
            const int is_last = before + rows == all;
            wait_for_all(threads);
            if (thread == 0 && c->totals && !add_values(c->totals, sums, p, rows, is_last) && c->bad < 0) c->bad = number;
            if (thread == 0 && c->out)
                p->kernels->export_array(c->out + (at - rows) * y->cols * item_size(p->kernels->dtype), y, rows);
            before = is_last ? 0 : before + rows;
            number += is_last;
        }
        if (at >= c->n) break;
        if (!before) all = smaller(c->batch, c->n - at);
        rows = smaller(most, all - before);
        const loading how = c->how == PLAIN && c->data->marks && (zeros.forward || zeros.gradient) ? MARKED : c->how;
        load(p, c->data, c->order ? c->order + at : NULL, c->order ? 0 : c->first + at, rows, how, thread, threads);
        {
            const fnn_ahead ahead = look_ahead(c, at + rows);
            const int inference = c->from < FNN_FORWARD;
            fnn_batch batch = {p->buffers, p->scratch, rows, inference ? p->pass : p->step + number,
                               inference ? p->seed ^ FNN_INFERENCE_KEY : p->seed,
                               c->learning_rates ? c->learning_rates[number] : p->learning_rate, thread, threads,
                               most, NULL, 0, 0, p->input,
                               compressed, c->order ? c->order + at : NULL, c->first + at, c->n - at,
                               how == MARKED || compressed ? NULL : &ahead, &powers, before, all,
                               inference ? p->passed + at : before};
            if (c->from == FNN_FORWARD && !compressed) find_zeros(&batch, &zeros, p, how == MARKED);
            else wait_for_all(threads);
            if (by_row) {
                fnn_few_run_row(p, &batch, number ? FNN_LATER_ROW : FNN_FIRST_ROW);
                if (at + 1 == c->n) fnn_few_run_row(p, &batch, FNN_LAST_UPDATE);
            } else if (c->few) fnn_few_run(p, &batch, c->from);
            else run_ops(p, &batch, p->section[c->from], p->section[c->to]);
        }
    }
    if (thread == 0) c->look_for_zeros = zeros.forward || zeros.gradient ? 0 : zeros.again;
    fnn_fpenv_leave(saved);
}

/* How a call loads the input.  Known before it begins: while threads keep rows, they would not agree on whether all are. */
static loading how_to_load(const call *c)
{
    const fnn_compressed *rows = c->data->compressed;
    if (!rows || c->from != FNN_FORWARD || c->few) return PLAIN;
    return rows->known == rows->rows ? COMPRESSED : KEPT;
}

/* Run the call on as many threads as it is worth, and as have been of use. */
static void run_call(fnn_program *p, call *c)
{
    int threads = fnn_worthwhile_threads(p, fnn_rows_at_once(p, smaller(c->batch, c->n)), c->from, c->to);
    const int is_timed = threads > 1 && !p->always && c->from == FNN_FORWARD;
    const int64_t start = is_timed ? fnn_now() : 0;
    if (is_timed) threads = fnn_gain_threads(&p->gain, threads);
    c->few = threads == 1 && p->few && smaller(c->batch, c->n) <= FNN_FEW_ROWS;
    c->how = how_to_load(c);
    fnn_team_run(run_batches, c, threads);
    if (is_timed) fnn_gain_learn(&p->gain, threads, c->n, (double)(fnn_now() - start));
}

int64_t fnn_train(double *totals, fnn_program *p, const fnn_data *data, const int64_t *order, int64_t n,
                  int64_t batch, const double *learning_rates)
{
    call c = {p, data, order, 0, n, batch, FNN_FORWARD, FNN_N_SECTIONS, learning_rates, totals, data->outputs, -1, 0, 0, PLAIN};
    const int64_t steps = (n + batch - 1) / batch;
    if (n < 1) return -1;
    run_call(p, &c);
    p->step += steps;
    p->look_for_zeros = c.look_for_zeros;
    if (learning_rates) p->learning_rate = learning_rates[steps - 1];
    return c.bad;
}

void fnn_evaluate(double *totals, fnn_program *p, const fnn_data *data, int64_t first, int64_t n, int64_t batch)
{
    call c = {p, data, NULL, first, n, batch, FNN_EVALUATE, FNN_EVALUATE + 1, NULL, totals, data->outputs, -1, 0, 0, PLAIN};
    if (n > 0) run_call(p, &c), p->passed += n;
}

void fnn_predict(void *out, fnn_program *p, const fnn_data *data, int64_t first, int64_t n, int64_t batch)
{
    const fnn_data x_only = {data->x, data->x_stride, data->x_dtype, 0, NULL, NULL, NULL, NULL};
    call c = {p, &x_only, NULL, first, n, batch, FNN_PREDICT, FNN_PREDICT + 1, NULL, NULL, out, -1, 0, 0, PLAIN};
    if (n > 0) run_call(p, &c), p->passed += n;
}

void fnn_load(fnn_program *p, const fnn_data *data, int64_t first, int64_t rows)
{
    const fnn_fpenv saved = fnn_fpenv_enter();
    load(p, data, NULL, first, rows, PLAIN, 0, 1);
    fnn_fpenv_leave(saved);
}

void fnn_run_ops(fnn_program *p, int64_t rows, int32_t start, int32_t stop)
{
    const fnn_fpenv saved = fnn_fpenv_enter();
    const int inference = start < p->section[FNN_FORWARD];
    const fnn_batch batch = {.buffers = p->buffers, .scratch = p->scratch, .rows = rows,
                             .step = inference ? p->pass : p->step,
                             .seed = inference ? p->seed ^ FNN_INFERENCE_KEY : p->seed,
                             .learning_rate = p->learning_rate, .threads = 1, .most_rows = rows, .input = p->input,
                             .all = rows, .first_row = inference ? p->passed : 0};
    run_ops(p, &batch, start, stop);
    fnn_fpenv_leave(saved);
}

/* The transposed weight of dense_dx; or, for the losses, two numbers a row and one row. */
int64_t fnn_scratch_size(const fnn_program *p, int64_t rows)
{
    const int64_t panel = p->kernels->panel;
    int64_t most = 0;
    int32_t i;
    for (i = 0; i < p->n_buffers; ++i)
        if (p->buffers[i].layout == FNN_ROWS && p->buffers[i].ld > most) most = p->buffers[i].ld;
    most += 2 * (rows + panel);
    for (i = 0; i < p->n_ops; ++i) {
        if (p->ops[i].code == FNN_OP_dense_dx) {
            const fnn_buffer *w = &p->buffers[p->ops[i].operand[2]];
            const int64_t size = (w->rows + panel - 1) / panel * panel * w->cols;
            if (size > most) most = size;
        }
    }
    return most * item_size(p->kernels->dtype);
}
