/* simd_x86_v4.h: AVX-512 F, BW, CD, DQ, VL; 512-bit vectors, masks in mask registers. */
#if !defined FNN_EMULATED_X86_V4 && !(defined __AVX512F__ && defined __AVX512DQ__)
#error "x86_v4 needs the flags of its row in TARGETS (setup.py)"
#endif
#ifndef FNN_EMULATED_X86_V4 /* defined by tests that supply the intrinsics themselves */
#include <immintrin.h>
#endif

#define NV 2
#define MR 12 /* 24 accumulators, 2 for B, 1 for A: 27 of the 32 registers */
#define FORWARD_PANELS 2
#define GRADIENT_PANELS 4
#ifdef FNN_F32
#define V __m512
#define M __mmask16
#define VL 16
#define VDO(op) _mm512_##op##_ps
#define VMDO(op) _mm512_##op##_ps_mask
#define VIDO(op) _mm512_##op##_epi32
#define VASINT(a) _mm512_castps_si512(a)
#define VASREAL(a) _mm512_castsi512_ps(a)
#define VISET1(b) _mm512_set1_epi32((int)(b))
#define VITESTN(a, b) _mm512_testn_epi32_mask(a, b)
#define VIOTA _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define SQRT_HALF_BITS 0x3f3504f3u
#define INTEGER_BITS 0x4b000000u /* 2^23 */
#define EXPONENT_MASK 0x7f800000u
#else
#define V __m512d
#define M __mmask8
#define VL 8
#define VDO(op) _mm512_##op##_pd
#define VMDO(op) _mm512_##op##_pd_mask
#define VIDO(op) _mm512_##op##_epi64
#define VASINT(a) _mm512_castpd_si512(a)
#define VASREAL(a) _mm512_castsi512_pd(a)
#define VISET1(b) _mm512_set1_epi64((long long)(b))
#define VITESTN(a, b) _mm512_testn_epi64_mask(a, b)
#define VIOTA _mm512_setr_pd(0, 1, 2, 3, 4, 5, 6, 7)
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdull
#define INTEGER_BITS 0x4330000000000000ull /* 2^52 */
#define EXPONENT_MASK 0x7ff0000000000000ull
#endif

#define VZERO VDO(setzero)()
#define VSET1(s) VDO(set1)((R)(s))
#define VLOAD(p) VDO(loadu)(p)
#define VSTORE(p, v) VDO(storeu)(p, v)
#define VADD(a, b) VDO(add)(a, b)
#define VSUB(a, b) VDO(sub)(a, b)
#define VMUL(a, b) VDO(mul)(a, b)
#define VDIV(a, b) VDO(div)(a, b)
#define VSQRT(a) VDO(sqrt)(a)
#define VFMA(a, b, c) VDO(fmadd)(a, b, c)
#define VMAX(a, b) VDO(max)(a, b)
#define VLT(a, b) VMDO(cmp)(a, b, _CMP_LT_OQ)
#define VEQ(a, b) VMDO(cmp)(a, b, _CMP_EQ_OQ)
#define V_POSITIONS _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define LIST16(list, bits, n)                                                                    \
    _mm256_storeu_si256((void *)(list),                                                          \
                        _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(                       \
                            (__mmask16)(bits), _mm512_add_epi32(V_POSITIONS, _mm512_set1_epi32((int)(n))))))
#define VNONZERO(a) VMDO(cmp)(a, VZERO, _CMP_NEQ_UQ)
#define VFIRST(n) VLT(VIOTA, VSET1(n))
#define VALL(m) ((unsigned)(m) == (1u << VL) - 1)
#define VSEL(m, a, b) VDO(mask_blend)(m, b, a)
#define VABS(a) VDO(abs)(a)
#define VTINY(a) VITESTN(VASINT(a), VISET1(EXPONENT_MASK)) /* no bit of the exponent is set */
#define VPOW2(t) \
    VASREAL(VIDO(add)(VIDO(slli)(VASINT(t), MANTISSA_BITS), VISET1((BITS)EXPONENT_BIAS << MANTISSA_BITS)))
/* As from_sqrt_half in simd_generic.h; the exponent becomes a real by way of the integers 2^MANTISSA_BITS + n. */
#define VFROM_SQRT_HALF(a) VIDO(add)(VASINT(a), VISET1(((BITS)EXPONENT_BIAS << MANTISSA_BITS) - SQRT_HALF_BITS))
#define VEXPONENT(a)                                                                                          \
    VSUB(VASREAL(_mm512_or_si512(VIDO(srli)(VFROM_SQRT_HALF(a), MANTISSA_BITS), VISET1(INTEGER_BITS))),         \
         VSET1((R)((BITS)1 << MANTISSA_BITS) + EXPONENT_BIAS))
#define VMANTISSA(a)                                                                                          \
    VASREAL(VIDO(add)(_mm512_and_si512(VFROM_SQRT_HALF(a), VISET1(((BITS)1 << MANTISSA_BITS) - 1)),            \
                      VISET1(SQRT_HALF_BITS)))

#define VTREE(a) K(vtree)(a)
#ifdef FNN_F32
static ALWAYS_INLINE R K(vtree)(V a)
{
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#define VROWS 4
#define VPAIR(p, ld) _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps((p) + (ld)), 1)
#define VLOADROWS(p, ld) \
    _mm512_insertf32x8(_mm512_castps256_ps512(VPAIR(p, ld)), VPAIR((p) + 2 * (ld), ld), 1)
#define VSTOREROWS(p, ld, v) K(vstorerows)(p, ld, v)
static ALWAYS_INLINE void K(vstorerows)(R *p, int64_t ld, V v)
{
    _mm_storeu_ps(p, _mm512_castps512_ps128(v));
    _mm_storeu_ps(p + ld, _mm512_extractf32x4_ps(v, 1));
    _mm_storeu_ps(p + 2 * ld, _mm512_extractf32x4_ps(v, 2));
    _mm_storeu_ps(p + 3 * ld, _mm512_extractf32x4_ps(v, 3));
}
#define VREPEAT4(p) _mm512_broadcast_f32x4(_mm_loadu_ps(p))
#define VSPREAD4(p)                                                                                         \
    _mm512_permutexvar_ps(_mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3),              \
                          _mm512_castps128_ps512(_mm_loadu_ps(p)))
#define VTRANSPOSE4(rows) K(vtranspose4)(rows)
static ALWAYS_INLINE void K(vtranspose4)(V r[4])
{
    const V a = _mm512_unpacklo_ps(r[0], r[1]), b = _mm512_unpackhi_ps(r[0], r[1]);
    const V c = _mm512_unpacklo_ps(r[2], r[3]), d = _mm512_unpackhi_ps(r[2], r[3]);
    r[0] = _mm512_shuffle_ps(a, c, 0x44), r[1] = _mm512_shuffle_ps(a, c, 0xee);
    r[2] = _mm512_shuffle_ps(b, d, 0x44), r[3] = _mm512_shuffle_ps(b, d, 0xee);
}
#else
static ALWAYS_INLINE R K(vtree)(V a)
{
    const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}
#define VROWS 0
#endif

#define VTRANSPOSE(rows) K(vtranspose)(rows)
#ifdef FNN_F32
/* Single lanes, pairs, quarters and halves change places, each within blocks of twice their size. */
static ALWAYS_INLINE void K(vtranspose)(V r[16])
{
    V t[16];
    UNROLL
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    UNROLL
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_shuffle_ps(t[i], t[i + 2], 0x44);
        r[i + 1] = _mm512_shuffle_ps(t[i], t[i + 2], 0xee);
        r[i + 2] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        r[i + 3] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    UNROLL
    for (int i = 0; i < 4; ++i) {
        t[i] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0xdd);
    }
    UNROLL
    for (int i = 0; i < 8; ++i) {
        r[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
    }
}
#else
static ALWAYS_INLINE void K(vtranspose)(V r[8])
{
    V t[8];
    UNROLL
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm512_unpacklo_pd(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_pd(r[i], r[i + 1]);
    }
    UNROLL
    for (int i = 0; i < 2; ++i) {
        r[i] = _mm512_shuffle_f64x2(t[i], t[i + 2], 0x88);
        r[i + 2] = _mm512_shuffle_f64x2(t[i], t[i + 2], 0xdd);
        r[i + 4] = _mm512_shuffle_f64x2(t[i + 4], t[i + 6], 0x88);
        r[i + 6] = _mm512_shuffle_f64x2(t[i + 4], t[i + 6], 0xdd);
    }
    UNROLL
    for (int i = 0; i < 4; ++i) {
        t[i] = _mm512_shuffle_f64x2(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_f64x2(r[i], r[i + 4], 0xdd);
    }
    UNROLL
    for (int i = 0; i < 8; ++i) r[i] = t[i];
}
#endif

#define W __m512i
#define WL 8
#define WSET1(u) _mm512_set1_epi64((long long)(u))
#define WSTORE_PAIRS(p, a, b)                                                                                    \
    do {                                                                                                         \
        _mm512_storeu_si512(p, _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), b));     \
        _mm512_storeu_si512((p) + 16, _mm512_permutex2var_epi64(a, _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15), b)); \
    } while (0)
#define WADD(a, b) _mm512_add_epi64(a, b)
#define WXOR(a, b) _mm512_xor_si512(a, b)
#define WSHR32(a) _mm512_srli_epi64(a, 32)
#define WSHL32(a) _mm512_slli_epi64(a, 32)
#define WLOW(a) _mm512_and_si512(a, _mm512_set1_epi64(0xffffffff))
#define WMUL32(a, b) _mm512_mul_epu32(a, b)
#define WIOTA _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7)
