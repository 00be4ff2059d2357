/* zeros.c: where a batch of data is not 0: room for the bits, lists and masks, and when they are worth their while. */
#include <stddef.h>

#include "bits.h"
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

/* The table of which bits of a byte are set. */
static void fill(uint16_t *positions, uint8_t *counts)
{
    for (int byte = 0; byte < 256; ++byte) {
        counts[byte] = 0;
        for (int bit = 0; bit < 8; ++bit) {
            positions[8 * byte + bit] = 0;
            if (byte >> bit & 1) positions[8 * byte + counts[byte]++] = (uint16_t)bit;
        }
    }
}

int64_t fnn_zeros_place(fnn_zeros *z, char *memory, const fnn_program *p, int64_t rows)
{
    const int64_t words = ceiling(p->buffers[p->input].cols, 64), groups = words * (64 / FNN_SKIP_COLUMNS);
    const int64_t tiles = ceiling(rows, FNN_SKIP_ROWS), room = 64 * words + 16; /* up to 16 are written at a time */
    const int64_t sizes[] = {rows * words * (int64_t)sizeof(uint64_t),
                             tiles * room * (int64_t)sizeof(uint16_t),
                             tiles * (int64_t)sizeof(int32_t),
                             ceiling(rows, 64) * groups * (int64_t)sizeof(uint64_t),
                             256 * 8 * (int64_t)sizeof(uint16_t),
                             256};
    int64_t at[7] = {0};
    if (!is_wanted(p)) return 0;
    for (int i = 0; i < 6; ++i) at[i + 1] = at[i] + ceiling(sizes[i], 64) * 64;
    if (memory) {
        z->bits = (uint64_t *)(void *)(memory + at[0]);
        z->columns = (uint16_t *)(void *)(memory + at[1]);
        z->n_columns = (int32_t *)(void *)(memory + at[2]);
        z->masks = (uint64_t *)(void *)(memory + at[3]);
        z->positions = (uint16_t *)(void *)(memory + at[4]);
        z->counts = (uint8_t *)(memory + at[5]);
        z->words = words, z->room = room, z->groups = groups;
        fill(z->positions, z->counts);
    }
    return at[6];
}

/* Largest shares of a product that may be left: measured with MNIST, Fashion-MNIST and zeros at random. */
static const double FORWARD_PAYS = 0.7, GRADIENT_PAYS = 0.6;

int fnn_zeros_pay(int *forward, int *gradient, const fnn_zeros *z, int64_t rows, int64_t cols)
{
    const int64_t tiles = ceiling(rows, FNN_SKIP_ROWS), groups = ceiling(cols, FNN_SKIP_COLUMNS);
    int64_t columns = 0, entries = 0;
    for (int64_t i = 0; i < tiles; ++i) columns += z->n_columns[i];
    for (int64_t i = 0; i < ceiling(rows, 64); ++i)
        for (int64_t g = 0; g < groups; ++g) entries += fnn_count_bits(z->masks[i * z->groups + g]);
    *forward = (double)columns <= FORWARD_PAYS * (double)(tiles * cols);
    *gradient = (double)entries <= GRADIENT_PAYS * (double)(rows * groups);
    return *forward || *gradient;
}
