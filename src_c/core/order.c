/* order.c: the order of an epoch's rows, as NumPy's Generator(Philox(key)).permutation(n) gives it.
 *
 * Philox4x64-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).  Shuffle:
 * Fisher and Yates, from the end. */
#include "fastnn.h"

enum { BLOCKS = 8, NUMBERS = 8 * BLOCKS };

typedef struct {
    uint64_t counter, key[2]; /* the counter's upper words stay 0 */
    uint32_t numbers[NUMBERS];
    int used;
} philox;

/* High and low half of a b. */
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 two_words;
static uint64_t multiply(uint64_t *low, uint64_t a, uint64_t b)
{
    const two_words product = (two_words)a * b;
    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
}
#else
static uint64_t multiply(uint64_t *low, uint64_t a, uint64_t b)
{
    const uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
    const uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & 0xffffffffu);
    *low = a * b;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}
#endif

/* Of each of the four words of a block the lower half, then the upper one. */
static void next_numbers(philox *p)
{
    uint32_t *out = p->numbers;
    for (int block = 0; block < BLOCKS; ++block) {
        uint64_t k0 = p->key[0], k1 = p->key[1], c[4] = {++p->counter, 0, 0, 0};
        for (int round = 0; round < 10; ++round, k0 += 0x9E3779B97F4A7C15u, k1 += 0xBB67AE8584CAA73Bu) {
            uint64_t low0, low1;
            const uint64_t high0 = multiply(&low0, 0xD2E7470EE14C6C93u, c[0]), high1 = multiply(&low1, 0xCA5A826395121157u, c[2]);
            c[0] = high1 ^ c[1] ^ k0, c[1] = low1, c[2] = high0 ^ c[3] ^ k1, c[3] = low0;
        }
        for (int i = 0; i < 4; ++i, out += 2) out[0] = (uint32_t)c[i], out[1] = (uint32_t)(c[i] >> 32);
    }
    p->used = 0;
}

/* Each place i takes one of the places 0 .. i, each as likely: numbers of as many bits as i has, until one is not above
 * it.  A number that is above changes i with itself and is used up, as no branch could be foretold. */
void fnn_permute(int64_t *order, int64_t n, const uint64_t key[2])
{
    philox p = {0, {key[0], key[1]}, {0}, NUMBERS};
    uint32_t mask = 0xffffffffu;
    for (int64_t i = 0; i < n; ++i) order[i] = i;
    for (int64_t i = n - 1; i > 0;) {
        while (i <= mask >> 1) mask >>= 1;
        if (p.used == NUMBERS) next_numbers(&p);
        const int64_t number = p.numbers[p.used++] & mask;
        const int fits = number <= i;
        const int64_t j = fits ? number : i, other = order[j];
        order[j] = order[i], order[i] = other;
        i -= fits;
    }
}
