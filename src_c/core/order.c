/* order.c: the order of an epoch's rows, as NumPy's Generator(Philox(key)).permutation(n) gives it.
 *
 * Philox4x64-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).  Shuffle:
 * Fisher and Yates, from the end. */
#include "fastnn.h"

typedef struct {
    uint64_t counter, key[2], block[4]; /* the counter's upper words stay 0 */
    int used;                           /* of the block's 8 halves */
} philox;

/* High and low half of a b. */
static uint64_t multiply(uint64_t *low, uint64_t a, uint64_t b)
{
    const uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
    const uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & 0xffffffffu);
    *low = a * b;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

static void next_block(philox *p)
{
    uint64_t k0 = p->key[0], k1 = p->key[1], c[4] = {++p->counter, 0, 0, 0};
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B97F4A7C15u, k1 += 0xBB67AE8584CAA73Bu) {
        uint64_t low0, low1;
        const uint64_t high0 = multiply(&low0, 0xD2E7470EE14C6C93u, c[0]), high1 = multiply(&low1, 0xCA5A826395121157u, c[2]);
        c[0] = high1 ^ c[1] ^ k0, c[1] = low1, c[2] = high0 ^ c[3] ^ k1, c[3] = low0;
    }
    for (int i = 0; i < 4; ++i) p->block[i] = c[i];
    p->used = 0;
}

/* The lower half of a word, then the upper one. */
static uint32_t next_number(philox *p)
{
    if (p->used == 8) next_block(p);
    const uint64_t word = p->block[p->used / 2];
    return (uint32_t)(p->used++ % 2 ? word >> 32 : word);
}

/* 0 .. most, each as likely: numbers of as many bits as `most` has, until one is not above it. */
static uint32_t bounded(philox *p, uint32_t most)
{
    uint32_t mask = most, number;
    for (int shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
    do number = next_number(p) & mask;
    while (number > most);
    return number;
}

void fnn_permute(int64_t *order, int64_t n, const uint64_t key[2])
{
    philox p = {0, {key[0], key[1]}, {0}, 8};
    for (int64_t i = 0; i < n; ++i) order[i] = i;
    for (int64_t i = n - 1; i > 0; --i) {
        const int64_t j = bounded(&p, (uint32_t)i), other = order[j];
        order[j] = order[i], order[i] = other;
    }
}
