/* few.c: prepares a program's ops for batches of few rows (few.h, kernels/few_rows.inc.c).
 *
 * Design
 *   a. Ops that have a kernel for few rows get one entry each; dense and relu, dense_dx and relu_grad are joined where
 *      they follow each other, as is what updates a layer: dense_<optimizer>, and dense_db and <optimizer> of its
 *      bias.  All others are entries that call their own kernel.
 *   b. Updates move to the end, first layer first.  The gradients, each of which waits for the one before, are then
 *      not held up by them; and the next step begins with the layer whose weights are ready first.  An op moves only
 *      past ops that touch nothing it writes and write nothing it reads.
 *   c. Trained row by row, an update waits for the next row: the product of its layer then takes each vector of the
 *      weight as it comes out of the step (few_row).  The chain of a product, which is short of parallel work, and the
 *      divisions of the step go on side by side.
 *   d. Every result is what the ops give one by one: the same arithmetic in the same order. */
#include <string.h>

#include "few.h"
#include "schedule.h"

/* The optimizer's own op of dense_<optimizer>, or -1. */
static int32_t step_of(int32_t code)
{
    static const int32_t pairs[][2] = {
#define STEP(name) {FNN_OP_dense_##name, FNN_OP_##name},
        FNN_STEPS(STEP)
#undef STEP
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; ++i)
        if (pairs[i][0] == code) return pairs[i][1];
    return -1;
}

/* An op on its way into the list. */
typedef struct {
    const fnn_op *op, *bias_gradient, *bias_step; /* the last two of an update that has them, else NULL */
    int outputs, operands;
} item;

static item item_of(const fnn_op *op)
{
    item it = {op, NULL, NULL, 0, 0};
    it.operands = fnn_count_operands(op->code, &it.outputs);
    return it;
}

/* Whether a writes something that b reads or writes. */
static int writes_for(const item *a, const item *b)
{
    for (int i = 0; i < a->outputs; ++i)
        for (int j = 0; j < b->operands; ++j)
            if (a->op->operand[i] >= 0 && a->op->operand[i] == b->op->operand[j]) return 1;
    return 0;
}

/* Whether the op may run after all those behind it, up to `stop`, but for `except`. */
static int may_wait(const fnn_program *p, const fnn_op *op, int32_t stop, const fnn_op *except)
{
    const item a = item_of(op);
    for (const fnn_op *later = op + 1; later < p->ops + stop; ++later) {
        const item b = item_of(later);
        if (later != except && (writes_for(&a, &b) || writes_for(&b, &a))) return 0;
    }
    return 1;
}

/* Add to an update that may wait the ops of the layer's bias, where they may wait too. */
static void find_bias(item *update, const fnn_program *p, int32_t start, int32_t stop)
{
    const int32_t dy = update->op->operand[update->operands - 1], step = step_of(update->op->code);
    for (const fnn_op *db = p->ops + start; db < p->ops + stop; ++db) {
        if (db->code != FNN_OP_dense_db || db->operand[1] != dy) continue;
        for (const fnn_op *s = db + 1; s < p->ops + stop; ++s) {
            int outputs, n;
            if (s->code != step) continue;
            n = fnn_count_operands(s->code, &outputs);
            if (s->operand[n - 1] != db->operand[0]) continue;
            if (memcmp(s->attribute, update->op->attribute, sizeof s->attribute) == 0 &&
                p->buffers[s->operand[0]].layout == FNN_VECTOR && may_wait(p, db, stop, s) && may_wait(p, s, stop, NULL))
                update->bias_gradient = db, update->bias_step = s;
            return;
        }
    }
}

static void *data_of(const fnn_program *p, const fnn_op *op, int operand)
{
    return op->operand[operand] < 0 ? NULL : p->buffers[op->operand[operand]].data;
}

static void run_alone(const fnn_batch *batch, const fnn_few *few) { few->kernel(batch, few->op); }

/* As run_ops (run.c) does with an op that does not run in every step. */
static void run_if_due(const fnn_batch *batch, const fnn_few *few)
{
    fnn_batch own = *batch;
    own.step = batch->step / few->op->every;
    if ((batch->step + 1) % few->op->every == 0) few->kernel(&own, few->op);
}

/* Whether `next` is an op `code` that reads what `op` writes. */
static int follows(const fnn_op *next, int32_t code, const fnn_op *op)
{
    return next && next->code == code && next->operand[1] == op->operand[0];
}

/* The entry for an item; *joined where the item behind it, with the op `next`, is in it too. */
static fnn_few entry_of(fnn_program *p, const item *it, const fnn_op *next, int *joined)
{
    const fnn_op *op = it->op;
    fnn_few few;
    memset(&few, 0, sizeof few);
    few.run = p->kernels->few[op->code], few.op = op, few.kernel = p->kernels->op[op->code];
    *joined = 0;
    if (!few.run || op->every > 1) {
        few.run = op->every > 1 ? run_if_due : run_alone;
    } else if (op->code == FNN_OP_dense || op->code == FNN_OP_dense_dx) {
        const int forward = op->code == FNN_OP_dense;
        const fnn_buffer *y = &p->buffers[op->operand[0]], *x = &p->buffers[op->operand[1]];
        const fnn_buffer *w = &p->buffers[op->operand[2]];
        few.y = y->data, few.x = x->data, few.ldy = y->ld, few.ldx = x->ld, few.w = w->data;
        few.inputs = w->rows, few.outputs = w->cols;
        if (forward) few.bias = data_of(p, op, 3);
        if (follows(next, forward ? FNN_OP_relu : FNN_OP_relu_grad, op)) {
            few.next = next, few.activated = data_of(p, next, 0), few.activation = data_of(p, next, forward ? 0 : 2);
            *joined = 1;
        }
    } else { /* an update */
        const int slots = it->outputs - 2;
        const fnn_buffer *x = &p->buffers[op->operand[it->operands - 2]], *dy = &p->buffers[op->operand[it->operands - 1]];
        few.x = x->data, few.ldx = x->ld, few.y = dy->data, few.ldy = dy->ld, few.w = data_of(p, op, 0);
        few.inputs = x->cols, few.outputs = dy->cols;
        few.numbers = p->few_numbers;
        for (int i = 0; i < slots; ++i) few.slot[i] = data_of(p, op, i + 1);
        for (int i = slots; i < FNN_MAX_SLOTS; ++i) few.slot[i] = few.w;
        if (it->bias_step) {
            few.bias = data_of(p, it->bias_step, 0), few.bias_gradient = data_of(p, it->bias_gradient, 0);
            for (int i = 0; i < slots; ++i) few.bias_slot[i] = data_of(p, it->bias_step, i + 1);
            for (int i = slots; i < FNN_MAX_SLOTS; ++i) few.bias_slot[i] = few.bias;
        }
    }
    return few;
}

/* Whether a step of the update a takes the numbers of that of b, which may be NULL. */
static int same_numbers(const fnn_op *a, const fnn_op *b)
{
    return b && a->code == b->code && memcmp(a->attribute, b->attribute, sizeof a->attribute) == 0;
}

/* The entry that works out the numbers of an update's step. */
static fnn_few numbers_of(fnn_program *p, const item *update, const fnn_op **numbers)
{
    fnn_few few;
    memset(&few, 0, sizeof few);
    few.run = p->kernels->few_numbers[update->op->code], few.op = update->op, few.numbers = p->few_numbers;
    *numbers = update->op;
    return few;
}

/* Number of the first op from k on that is part of none of the updates, or stop. */
static int32_t next_left(const fnn_program *p, int32_t k, int32_t stop, const item *updates, int32_t n)
{
    for (int32_t i = 0; k < stop && i < n; ++i) {
        const fnn_op *op = &p->ops[k];
        if (updates[i].op == op || updates[i].bias_gradient == op || updates[i].bias_step == op) ++k, i = -1;
    }
    return k;
}

/* Entries for the ops start .. stop - 1, from few on; returns how many.  *n_late: those at the end
 * that are updates which were moved there. */
static int32_t prepare(fnn_few *few, int32_t *n_late, fnn_program *p, int32_t start, int32_t stop)
{
    item updates[FNN_MAX_UPDATES], it;
    const fnn_op *numbers = NULL; /* the update whose numbers are there */
    int32_t n = 0, n_updates = 0, k, next;
    int joined;
    for (k = start; k < stop && n_updates < FNN_MAX_UPDATES; ++k) {
        it = item_of(&p->ops[k]);
        if (step_of(it.op->code) < 0 || !may_wait(p, it.op, stop, NULL)) continue;
        find_bias(&it, p, start, stop);
        updates[n_updates++] = it;
    }
    *n_late = n_updates;
    if (n_updates) few[n++] = numbers_of(p, &updates[n_updates - 1], &numbers); /* at the start: nothing waits for them */
    for (k = next_left(p, start, stop, updates, n_updates); k < stop || n_updates; k = next) {
        if (k < stop) {
            it = item_of(&p->ops[k]);
            next = next_left(p, k + 1, stop, updates, n_updates);
        } else {
            it = updates[--n_updates], next = stop;
        }
        if (step_of(it.op->code) >= 0 && !same_numbers(it.op, numbers)) few[n++] = numbers_of(p, &it, &numbers);
        few[n++] = entry_of(p, &it, next < stop ? &p->ops[next] : NULL, &joined);
        if (joined) next = next_left(p, next + 1, stop, updates, n_updates);
    }
    return n;
}

/* Whether the op reads or writes what an update changes, or writes the gradient that it reads. */
static int touches(const fnn_program *p, const fnn_op *op, const fnn_few *update)
{
    const item it = item_of(op);
    for (int i = 0; i < it.operands; ++i) {
        const void *data = data_of(p, op, i);
        int same = data && (data == update->w || data == update->bias || data == update->bias_gradient);
        for (int k = 0; k < FNN_MAX_SLOTS; ++k)
            same |= data && (data == update->slot[k] || data == update->bias_slot[k]);
        if (same || (i < it.outputs && data == update->y)) return 1;
    }
    return 0;
}

/* Number of the product, among n entries, that the update may be joined to when it has waited for it; or -1. */
static int32_t product_of(const fnn_program *p, const fnn_few *few, int32_t n, const fnn_few *update)
{
    for (int32_t i = 0; i < n; ++i) {
        if (few[i].op->code == FNN_OP_dense && few[i].w == update->w)
            return !update->bias || update->bias == few[i].bias ? i : -1;
        if (touches(p, few[i].op, update) || (few[i].next && touches(p, few[i].next, update))) return -1;
    }
    return -1;
}

/* The lists of few_row, from number `at` of p->few on, out of the n entries of a training step, the last n_late of which
 * are updates.  In `kept`, room for that, the updates find the row that they were meant for. */
static void prepare_rows(fnn_few *all, int32_t at, char *kept, fnn_program *p, const fnn_few *step, int32_t n,
                         int32_t n_late)
{
    const int32_t size = p->kernels->dtype == FNN_FLOAT64 ? 8 : 4, n_rest = n - n_late - 1, first = at;
    const fnn_few *rest = step + 1, *late = rest + n_rest; /* the first entry is the numbers' */
    int32_t last = -1;
    memset(p->few_row, 0, sizeof p->few_row);
    for (int32_t k = 0; k < n_late; ++k) {
        const int32_t product = product_of(p, rest, n_rest, &late[k]);
        if (product < 0 || !same_numbers(late[k].op, step->op)) return;
        if (product > last) last = product;
    }
    for (int32_t i = 0; i < n_rest; ++i) /* an update in its own place may need other numbers */
        if (step_of(rest[i].op->code) >= 0) return;
    if (last < 0) return;
    for (int32_t k = 0; k < n_late; ++k, ++at) {
        all[at] = late[k], all[at].x = kept;
        kept += late[k].ldx * size;
    }
    for (int part = FNN_FIRST_ROW; part <= FNN_LATER_ROW; ++part) {
        p->few_row[part] = at;
        for (int32_t i = 0; i < n_rest; ++i) {
            fnn_few *entry = &all[at++];
            *entry = rest[i];
            for (int32_t k = 0; part == FNN_LATER_ROW && k < n_late && i <= last; ++k) {
                if (rest[i].op->code != FNN_OP_dense || rest[i].w != late[k].w) continue;
                *entry = all[first + k], entry->run = p->kernels->few_joined[late[k].op->code], entry->then = &rest[i];
            }
            if (i == last) all[at++] = *step;
        }
        for (int32_t k = 0; k < n_late; ++k) {
            fnn_few *keep = &all[at++];
            memset(keep, 0, sizeof *keep);
            keep->run = p->kernels->few_kept, keep->op = late[k].op, keep->inputs = late[k].inputs;
            keep->x = late[k].x, keep->activated = (void *)all[first + k].x;
        }
    }
    p->few_row[FNN_LAST_UPDATE] = first, p->few_row[3] = at;
}

/* A step's entries, and three times those of few_row; and the rows that are kept. */
static int32_t most_entries(const fnn_program *p) { return 7 * p->n_ops + 8; }

int64_t fnn_few_size(const fnn_program *p)
{
    int64_t kept = 0;
    for (int32_t k = 0; k < p->n_ops; ++k) {
        const item it = item_of(&p->ops[k]);
        if (step_of(it.op->code) >= 0) kept += p->buffers[it.op->operand[it.operands - 2]].ld;
    }
    return most_entries(p) * (int64_t)sizeof(fnn_few) + kept * 8;
}

void fnn_few_prepare(fnn_program *p, void *memory)
{
    const int starts[] = {FNN_PREDICT, FNN_EVALUATE, FNN_FORWARD, FNN_N_SECTIONS};
    fnn_few *few = memory;
    int32_t n = 0, n_late = 0;
    p->few = few;
    for (int i = 0; i < 3; ++i) {
        p->few_start[i] = n;
        n += prepare(few + n, &n_late, p, p->section[starts[i]], p->section[starts[i + 1]]);
    }
    p->few_start[3] = n;
    prepare_rows(few, n, (char *)memory + most_entries(p) * (int64_t)sizeof(fnn_few), p, few + p->few_start[2],
                 n - p->few_start[2], n_late);
}
