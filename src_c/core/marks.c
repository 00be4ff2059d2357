/* marks.c: where the rows of data are not 0, found out the first time that they are trained with.  Later they need not be
 * searched for zeros again, and cache lines that hold nothing else are never fetched from memory.
 *
 * The marks of a row are fnn_mark_words words: whether the others are known; a bit for each cache line, from that of the
 * row's first byte on, that is wanted; and a bit for each number that is not 0, as in fnn_zeros.bits. */
#include "marks.h"

#include <stddef.h>

#include "ahead.h"
#include "bits.h"

/* Rows whose lines are asked for before they are loaded, and whose marks are asked for before that. */
enum { AHEAD = 4, MARKS_AHEAD = 12 };

static int64_t real_size(const fnn_program *p) { return p->kernels->dtype == FNN_FLOAT64 ? 8 : 4; }

/* Lines that a row may touch, wherever in a line it begins. */
static int64_t lines_in_row(const fnn_program *p) { return (p->buffers[p->input].cols * real_size(p) + 63 + 63) / 64; }

static int64_t line_words(const fnn_program *p) { return (lines_in_row(p) + 63) / 64; }

int64_t fnn_mark_words(const fnn_program *p) { return p->zeros.words ? 1 + line_words(p) + p->zeros.words : 0; }

static const char *row_of(const fnn_data *data, int64_t row) { return (const char *)data->x + row * data->x_stride; }

/* Note the marks of a row at x with these bits (words). */
static void note(uint64_t *marks, const fnn_program *p, const uint64_t *bits, const char *x)
{
    const int64_t words = p->zeros.words, real = real_size(p), a_line = 64 / real, shift = (int64_t)((uintptr_t)x & 63);
    const uint64_t mask = ((uint64_t)1 << a_line) - 1;
    uint64_t *lines = marks + 1, *kept = lines + line_words(p);
    for (int64_t k = 0; k < 64 * words; k += a_line) { /* as many numbers as a line holds lie in one or in two of them */
        const int64_t line = (shift + k * real) / 64;
        if (!(bits[k >> 6] >> (k & 63) & mask)) continue;
        lines[line >> 6] |= (uint64_t)1 << (line & 63);
        if (shift) lines[(line + 1) >> 6] |= (uint64_t)1 << ((line + 1) & 63);
    }
    for (int64_t w = 0; w < words; ++w) kept[w] = bits[w];
    *marks = 1;
}

/* Ask for the lines of a row that are wanted, or for all where that is not known. */
static void ask_for(const fnn_program *p, const uint64_t *marks, const char *x)
{
    const int64_t n = lines_in_row(p);
    x -= (uintptr_t)x & 63;
    for (int64_t first = 0; first < n; first += 64) {
        uint64_t word = *marks ? marks[1 + first / 64] : UINT64_MAX;
        if (n - first < 64) word &= ((uint64_t)1 << (n - first)) - 1;
        for (; word; word &= word - 1) FNN_PREFETCH(x + 64 * (first + fnn_lowest_bit(word)));
    }
}

void fnn_load_marked(const fnn_program *p, const fnn_data *data, const int64_t *order, int64_t first, int64_t start,
                     int64_t end)
{
    const fnn_buffer *x = &p->buffers[p->input];
    const int64_t words = p->zeros.words, a_row = fnn_mark_words(p), ld = x->ld * real_size(p);
    for (int64_t r = start - MARKS_AHEAD; r < end; ++r) {
        const int64_t last = r + MARKS_AHEAD, next = r + AHEAD;
#define NUMBER(r) (order ? order[r] : first + (r))
        if (last < end)
            for (int64_t i = 0; i < a_row; i += 8) FNN_PREFETCH(data->marks + NUMBER(last) * a_row + i);
        if (next >= start && next < end) ask_for(p, data->marks + NUMBER(next) * a_row, row_of(data, NUMBER(next)));
        if (r >= start) {
            const char *from = row_of(data, NUMBER(r));
            char *to = (char *)x->data + r * ld;
            uint64_t *marks = data->marks + NUMBER(r) * a_row, *bits = p->zeros.bits + r * words;
            if (*marks) {
                for (int64_t w = 0; w < words; ++w) bits[w] = marks[1 + line_words(p) + w];
                p->kernels->gather_marked(to, from, bits, x->cols);
            } else {
                p->kernels->gather(to, x->ld, from, p->kernels->dtype, 0, NULL, 1, x->cols);
                p->kernels->mark(bits, to, x->cols);
                note(marks, p, bits, from);
            }
        }
#undef NUMBER
    }
}
