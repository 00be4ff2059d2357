/* run.c: runs a program.  A training slice is one call: gather rows, forward, backward, update, add up the values. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "fastnn.h"
#include "fpenv.h"

static int64_t item_size(int32_t dtype) { return dtype == FNN_FLOAT64 ? 8 : dtype == FNN_UINT8 ? 1 : 4; }

static void run_section(const fnn_program *p, int64_t rows, int section_from, int section_to)
{
    const fnn_batch batch = {p->buffers, p->scratch, rows, p->step, p->seed, p->learning_rate};
    int32_t i;
    for (i = p->section[section_from]; i < p->section[section_to]; ++i)
        p->kernels->op[p->ops[i].code](&batch, &p->ops[i]);
}

/* Load the rows order[0..rows-1] (order NULL: first, first + 1, ...) as the batch; what data lacks stays as it is. */
static void load(const fnn_program *p, const fnn_data *data, const int64_t *order, int64_t first, int64_t rows)
{
    const fnn_buffer *x = &p->buffers[p->input];
    int64_t i;
    if (data->x)
        p->kernels->gather(x->data, x->ld, (const char *)data->x + first * data->x_stride, data->x_dtype,
                           data->x_stride, order, rows, x->cols);
    if (p->target >= 0 && data->y) {
        const fnn_buffer *y = &p->buffers[p->target];
        if (y->integer) {
            const int32_t *labels = (const int32_t *)data->y + first;
            for (i = 0; i < rows; ++i) ((int32_t *)y->data)[i] = labels[order ? order[i] : i];
        } else {
            const int64_t stride = y->cols * item_size(p->kernels->dtype);
            p->kernels->gather(y->data, y->ld, (const char *)data->y + first * stride, p->kernels->dtype, stride,
                               order, rows, y->cols);
        }
    }
    if (p->weight >= 0 && data->weight) {
        const int64_t size = item_size(p->kernels->dtype);
        p->kernels->gather(p->buffers[p->weight].data, 1, (const char *)data->weight + first * size,
                           p->kernels->dtype, size, order, rows, 1);
    }
}

/* totals (n_values) += sums of the batch; returns the loss's sum. */
static double add_values(double *totals, const fnn_program *p, int64_t rows)
{
    double loss = 0;
    int32_t i;
    for (i = 0; i < p->n_values; ++i) {
        const double sum = p->kernels->sum(p->buffers[p->values[i]].data, rows);
        totals[i] += sum;
        if (i == 0) loss = sum;
    }
    return loss;
}

/* Outputs of the batch that begins with row `first` of the call. */
static void keep_outputs(const fnn_program *p, const fnn_data *data, int64_t first, int64_t rows)
{
    const fnn_buffer *y = &p->buffers[p->output];
    char *dst = data->outputs;
    if (dst) p->kernels->export_array(dst + first * y->cols * item_size(p->kernels->dtype), y, rows);
}

int64_t fnn_train(double *totals, fnn_program *p, const fnn_data *data, const int64_t *order, int64_t n,
                  int64_t batch, const double *learning_rates)
{
    const fnn_fpenv saved = fnn_fpenv_enter();
    int64_t first, number, bad = -1;
    for (first = 0, number = 0; first < n; first += batch, ++number) {
        const int64_t rows = n - first < batch ? n - first : batch;
        if (learning_rates) p->learning_rate = learning_rates[number];
        load(p, data, order + first, 0, rows);
        run_section(p, rows, FNN_FORWARD, FNN_N_SECTIONS);
        keep_outputs(p, data, first, rows);
        p->step += 1;
        if (!isfinite(add_values(totals, p, rows)) && bad < 0) bad = number;
    }
    fnn_fpenv_leave(saved);
    return bad;
}

void fnn_evaluate(double *totals, fnn_program *p, const fnn_data *data, int64_t first, int64_t n, int64_t batch)
{
    const fnn_fpenv saved = fnn_fpenv_enter();
    const int64_t start = first, end = first + n;
    for (; first < end; first += batch) {
        const int64_t rows = end - first < batch ? end - first : batch;
        load(p, data, NULL, first, rows);
        run_section(p, rows, FNN_EVALUATE, FNN_EVALUATE + 1);
        keep_outputs(p, data, first - start, rows);
        add_values(totals, p, rows);
    }
    fnn_fpenv_leave(saved);
}

void fnn_predict(void *out, fnn_program *p, const fnn_data *data, int64_t first, int64_t n, int64_t batch)
{
    const fnn_fpenv saved = fnn_fpenv_enter();
    const fnn_buffer *y = &p->buffers[p->output];
    const fnn_data x_only = {data->x, NULL, data->x_stride, data->x_dtype, NULL, NULL};
    const int64_t end = first + n;
    char *dst = out;
    for (; first < end; first += batch) {
        const int64_t rows = end - first < batch ? end - first : batch;
        load(p, &x_only, NULL, first, rows);
        run_section(p, rows, FNN_PREDICT, FNN_PREDICT + 1);
        p->kernels->export_array(dst, y, rows);
        dst += rows * y->cols * item_size(p->kernels->dtype);
    }
    fnn_fpenv_leave(saved);
}

void fnn_load(fnn_program *p, const fnn_data *data, int64_t first, int64_t rows)
{
    const fnn_fpenv saved = fnn_fpenv_enter();
    load(p, data, NULL, first, rows);
    fnn_fpenv_leave(saved);
}

void fnn_run_ops(fnn_program *p, int64_t rows, int32_t start, int32_t stop)
{
    const fnn_fpenv saved = fnn_fpenv_enter();
    const fnn_batch batch = {p->buffers, p->scratch, rows, p->step, p->seed, p->learning_rate};
    for (; start < stop; ++start) p->kernels->op[p->ops[start].code](&batch, &p->ops[start]);
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
