/* compressed.c: rows of data without their zeros (compressed sparse rows), kept from the first epoch on for those after it.
 *
 * Design
 *   a. A product with them takes about as long for each number as a dense one takes for some, and never fetches a zero
 *      from memory nor looks for it.  So it pays for layers of few outputs, whose products take less time than their
 *      data, and for data of hardly anything but zeros, as texts with a column a word.  Other layers gain more from tiles
 *      that share a list (zeros.c).  Whoever gives the data decides (backends/native.py).
 *   b. They are used once all rows are here.  Where the room proves too small that never happens, and all goes on as
 *      without them. */
#include <stdatomic.h>
#include <stddef.h>

#include "bits.h"
#include "compressed.h"
#include "schedule.h"

enum { MIN_COLUMNS = 32, MAX_COLUMNS = 65536 };

/* Outputs of the op's product with the program's input; 0 where it does not take that, and -1 where it needs the zeros. */
static int64_t outputs_of(const fnn_program *p, const fnn_op *op)
{
    int outputs;
    const int n = fnn_count_operands(op->code, &outputs);
    int64_t found = 0;
    for (int i = 0; i < n; ++i) {
        if (op->operand[i] != p->input) continue;
        if (op->code == FNN_OP_dense && i == 1) found = p->buffers[op->operand[0]].cols;
        else if (fnn_op_sharing(op->code) != FNN_SHARE_WEIGHT_GRADIENT || i != n - 2) return -1;
    }
    return found;
}

int64_t fnn_compressed_outputs(const fnn_program *p)
{
    const fnn_buffer *x = &p->buffers[p->input];
    int64_t most = 0;
    if (x->cols < MIN_COLUMNS || x->cols > MAX_COLUMNS) return 0;
    for (int32_t i = p->section[FNN_FORWARD]; i < p->section[FNN_N_SECTIONS]; ++i) {
        const int64_t outputs = outputs_of(p, &p->ops[i]);
        if (outputs < 0) return 0;
        if (outputs > most) most = outputs;
    }
    return most;
}

/* The numbers of a row x (cols) where a bit is set, and behind them their columns. */
#define KEEP(type)                                                                \
    do {                                                                          \
        type *value = (type *)(void *)place;                                      \
        uint16_t *column = (uint16_t *)(void *)(value + count);                   \
        for (int64_t w = 0; w < words; ++w)                                       \
            for (uint64_t word = bits[w]; word; word &= word - 1) {               \
                const int64_t k = 64 * w + fnn_lowest_bit(word);                  \
                *value++ = ((const type *)x)[k], *column++ = (uint16_t)k;         \
            }                                                                     \
    } while (0)

void fnn_compress(fnn_compressed *to, const fnn_program *p, const int64_t *order, int64_t first, int64_t start, int64_t n)
{
    const fnn_buffer *input = &p->buffers[p->input];
    const int64_t words = (input->cols + 63) / 64, real = p->kernels->dtype == FNN_FLOAT64 ? 8 : 4;
    uint64_t bits[MAX_COLUMNS / 64];
    for (int64_t r = 0; r < n; ++r) {
        const int64_t row = order ? order[r] : first + r;
        const char *x = (const char *)input->data + (start + r) * input->ld * real;
        int64_t count = 0, size, at;
        char *place;
        if (to->start[row] >= 0) continue;
        p->kernels->mark(bits, x, input->cols);
        for (int64_t w = 0; w < words; ++w) count += fnn_count_bits(bits[w]);
        size = (count * (real + 2) + 7) / 8 * 8; /* the next row's numbers are aligned */
        at = atomic_fetch_add((_Atomic int64_t *)&to->used, size); /* threads keep their rows at the same time */
        if (at + size > to->room) continue;
        place = to->place + at;
        if (real == 8) KEEP(double);
        else KEEP(float);
        to->start[row] = at, to->count[row] = (int32_t)count;
        atomic_fetch_add((_Atomic int64_t *)&to->known, 1);
    }
}
