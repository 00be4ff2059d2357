/* zeros.c: the lists of what is not 0 in a batch of data: room for them, and when they are worth their while. */
#include <stddef.h>

#include "fastnn.h"
#include "share.h"
#include "zeros.h"

/* Fewer outputs gain less from short lists than it costs to make them; numbers of columns are kept in 16 bits. */
enum { MIN_OUTPUTS = 48, MIN_COLUMNS = 32, MAX_COLUMNS = 65536 };

static int64_t ceiling(int64_t a, int64_t b) { return (a + b - 1) / b; }

/* Whether the program's training multiplies its input by a large enough weight. */
static int is_wanted(const fnn_program *p)
{
    const fnn_buffer *x = &p->buffers[p->input];
    if (x->cols < MIN_COLUMNS || x->cols > MAX_COLUMNS) return 0;
    for (int32_t i = p->section[FNN_FORWARD]; i < p->section[FNN_FORWARD + 1]; ++i)
        if (p->ops[i].code == FNN_OP_dense && p->ops[i].operand[1] == p->input &&
            p->buffers[p->ops[i].operand[0]].cols >= MIN_OUTPUTS)
            return 1;
    return 0;
}

int64_t fnn_zeros_place(fnn_zeros *z, char *memory, const fnn_program *p, int64_t rows)
{
    const int64_t cols = p->buffers[p->input].cols, row_tiles = ceiling(rows, FNN_SKIP);
    const int64_t lists = ceiling(rows, FNN_CHUNK) * ceiling(cols, FNN_SKIP);
    const int64_t sizes[] = {row_tiles * (int64_t)sizeof(int32_t), row_tiles * cols * (int64_t)sizeof(uint16_t), lists,
                             lists * FNN_CHUNK};
    int64_t at[5] = {0};
    if (!is_wanted(p)) return 0;
    for (int i = 0; i < 4; ++i) at[i + 1] = at[i] + ceiling(sizes[i], 64) * 64;
    if (memory) {
        z->n_columns = (int32_t *)(void *)(memory + at[0]);
        z->columns = (uint16_t *)(void *)(memory + at[1]);
        z->n_rows = (uint8_t *)(memory + at[2]);
        z->rows = (uint8_t *)(memory + at[3]);
    }
    return at[4];
}

/* Largest shares of a product that may be left: measured with MNIST, Fashion-MNIST and zeros at random. */
static const double FORWARD_PAYS = 0.7, GRADIENT_PAYS = 0.6;

int fnn_zeros_pay(int *forward, int *gradient, const fnn_zeros *z, int64_t rows, int64_t cols)
{
    const int64_t row_tiles = ceiling(rows, FNN_SKIP), column_tiles = ceiling(cols, FNN_SKIP);
    const int64_t lists = ceiling(rows, FNN_CHUNK) * column_tiles;
    int64_t columns = 0, entries = 0;
    for (int64_t i = 0; i < row_tiles; ++i) columns += z->n_columns[i];
    for (int64_t i = 0; i < lists; ++i) entries += z->n_rows[i];
    *forward = (double)columns <= FORWARD_PAYS * (double)(row_tiles * cols);
    *gradient = (double)entries <= GRADIENT_PAYS * (double)(rows * column_tiles);
    return *forward || *gradient;
}
