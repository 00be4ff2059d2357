/* bits.h: single bits of 64-bit words. */
#ifndef FNN_BITS_H
#define FNN_BITS_H

#include <stdint.h>

#if defined __GNUC__ || defined __clang__
static inline int fnn_lowest_bit(uint64_t word) { return __builtin_ctzll(word); } /* word is not 0 */
static inline int fnn_count_bits(uint64_t word) { return __builtin_popcountll(word); }
#else
#include <intrin.h>
static inline int fnn_lowest_bit(uint64_t word)
{
    unsigned long at;
    _BitScanForward64(&at, word);
    return (int)at;
}
static inline int fnn_count_bits(uint64_t word)
{
    int n = 0;
    for (; word; word &= word - 1) ++n;
    return n;
}
#endif

#endif
