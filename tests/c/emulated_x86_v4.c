/* emulated_x86_v4.c: the x86_v4 kernels with their intrinsics emulated by SIMDe (simd-everywhere), and a CPU that
 * claims to run them: the same text and vocabulary, checked on machines without AVX-512. */
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>
#include <string.h>

#include "../../src_c/core/cpu.h"

/* Two intrinsics that SIMDe lacks, after Intel's description: 128-bit lanes, two of a and then two of b, by 2-bit
 * selectors. */
#define SHUFFLE_LANES(name, type)                                                 \
    static inline type name(type a, type b, int selectors)                               \
    {                                                                                    \
        double in[2][8], out[8];                                                         \
        type result;                                                                     \
        memcpy(in[0], &a, 64), memcpy(in[1], &b, 64);                                    \
        for (int lane = 0; lane < 4; ++lane)                                             \
            memcpy(out + 2 * lane, in[lane / 2] + 2 * (selectors >> 2 * lane & 3), 16);  \
        memcpy(&result, out, 64);                                                        \
        return result;                                                                   \
    }
SHUFFLE_LANES(emulated_shuffle_f32x4, __m512)
SHUFFLE_LANES(emulated_shuffle_f64x2, __m512d)
#undef _mm512_shuffle_f32x4
#undef _mm512_shuffle_f64x2
#define _mm512_shuffle_f32x4 emulated_shuffle_f32x4
#define _mm512_shuffle_f64x2 emulated_shuffle_f64x2

/* More of them: the upper 8 floats; which 32-bit elements have no bit in common; the lower halves of these. */
static inline __m256 emulated_extractf32x8_ps(__m512 a, int half)
{
    __m256 result;
    memcpy(&result, (const char *)&a + 32 * half, 32);
    return result;
}
static inline __mmask16 emulated_testn_epi32_mask(__m512i a, __m512i b)
{
    return (__mmask16)~_mm512_test_epi32_mask(a, b);
}
static inline __m256i emulated_cvtepi32_epi16(__m512i a)
{
    int32_t in[16];
    int16_t out[16];
    __m256i result;
    memcpy(in, &a, 64);
    for (int i = 0; i < 16; ++i) out[i] = (int16_t)in[i];
    memcpy(&result, out, 32);
    return result;
}
#undef _mm512_cvtepi32_epi16
#define _mm512_cvtepi32_epi16 emulated_cvtepi32_epi16
#undef _mm512_extractf32x8_ps
#undef _mm512_testn_epi32_mask
#define _mm512_extractf32x8_ps emulated_extractf32x8_ps
#define _mm512_testn_epi32_mask emulated_testn_epi32_mask

#define FNN_EMULATED_X86_V4
#include "../../src_c/targets/fnn_x86_v4.c"

int fnn_cpu_has_x86_v3(void) { return 1; }
int fnn_cpu_has_x86_v4(void) { return 1; }
int fnn_cpu_has_neon(void) { return 0; }
