/* simd_x86_v3.h: AVX2 and FMA, 256-bit vectors. */
#if !defined __AVX2__ || !defined __FMA__
#error "x86_v3 needs the flags of its row in TARGETS (setup.py)"
#endif
#include <immintrin.h>

#define NV 2
#define MR 6 /* 12 accumulators, 2 for B, 1 for A: 15 of the 16 registers */
#define FORWARD_PANELS 1
#define GRADIENT_PANELS 2
#ifdef FNN_F32
#define V __m256
#define VL 8
#define VDO(op) _mm256_##op##_ps
#define VIDO(op) _mm256_##op##_epi32
#define VASINT(a) _mm256_castps_si256(a)
#define VASREAL(a) _mm256_castsi256_ps(a)
#define VIOTA _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7)
#define VISET1(b) _mm256_set1_epi32((int)(b))
#define SQRT_HALF_BITS 0x3f3504f3u
#define INTEGER_BITS 0x4b000000u /* 2^23 */
#else
#define V __m256d
#define VL 4
#define VDO(op) _mm256_##op##_pd
#define VIDO(op) _mm256_##op##_epi64
#define VASINT(a) _mm256_castpd_si256(a)
#define VASREAL(a) _mm256_castsi256_pd(a)
#define VIOTA _mm256_setr_pd(0, 1, 2, 3)
#define VISET1(b) _mm256_set1_epi64x((long long)(b))
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdull
#define INTEGER_BITS 0x4330000000000000ull /* 2^52 */
#endif
#define M V

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
#define VLT(a, b) VDO(cmp)(a, b, _CMP_LT_OQ)
#define VEQ(a, b) VDO(cmp)(a, b, _CMP_EQ_OQ)
#define VNONZERO(a) (unsigned)VDO(movemask)(VDO(cmp)(a, VZERO, _CMP_NEQ_UQ))
#define VFIRST(n) VLT(VIOTA, VSET1(n))
#define VALL(m) (VDO(movemask)(m) == (1 << VL) - 1)
#define VSEL(m, a, b) VDO(blendv)(b, a, m)
#define VABS(a) VDO(andnot)(VSET1(-0.0), a)
#define VPOW2(t) \
    VASREAL(VIDO(add)(VIDO(slli)(VASINT(t), MANTISSA_BITS), VISET1((BITS)EXPONENT_BIAS << MANTISSA_BITS)))
/* As from_sqrt_half in simd_generic.h; the exponent becomes a real by way of the integers 2^MANTISSA_BITS + n. */
#define VFROM_SQRT_HALF(a) \
    VIDO(add)(VASINT(a), VISET1(((BITS)EXPONENT_BIAS << MANTISSA_BITS) - SQRT_HALF_BITS))
#define VEXPONENT(a)                                                                                          \
    VSUB(VASREAL(_mm256_or_si256(VIDO(srli)(VFROM_SQRT_HALF(a), MANTISSA_BITS), VISET1(INTEGER_BITS))),         \
         VSET1((R)((BITS)1 << MANTISSA_BITS) + EXPONENT_BIAS))
#define VMANTISSA(a)                                                                                          \
    VASREAL(VIDO(add)(_mm256_and_si256(VFROM_SQRT_HALF(a), VISET1(((BITS)1 << MANTISSA_BITS) - 1)),            \
                      VISET1(SQRT_HALF_BITS)))

#define W __m256i
#define WL 4
#define WSET1(u) _mm256_set1_epi64x((long long)(u))
#define WSTORE_PAIRS(p, a, b)                                                                                         \
    do {                                                                                                              \
        const __m256i even = _mm256_unpacklo_epi64(a, b), odd = _mm256_unpackhi_epi64(a, b);                          \
        _mm256_storeu_si256((__m256i *)(p), _mm256_permute2x128_si256(even, odd, 0x20));                              \
        _mm256_storeu_si256((__m256i *)((p) + 8), _mm256_permute2x128_si256(even, odd, 0x31));                        \
    } while (0)
#define WADD(a, b) _mm256_add_epi64(a, b)
#define WXOR(a, b) _mm256_xor_si256(a, b)
#define WSHR32(a) _mm256_srli_epi64(a, 32)
#define WSHL32(a) _mm256_slli_epi64(a, 32)
#define WLOW(a) _mm256_and_si256(a, _mm256_set1_epi64x(0xffffffff))
#define WMUL32(a, b) _mm256_mul_epu32(a, b)
#define WIOTA _mm256_setr_epi64x(0, 1, 2, 3)

#define VTREE(a) K(vtree)(a)
#ifdef FNN_F32
static ALWAYS_INLINE R K(vtree)(V a)
{
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#define VROWS 2
#define VLOADROWS(p, ld) _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps((p) + (ld)), 1)
#define VSTOREROWS(p, ld, v) \
    (_mm_storeu_ps(p, _mm256_castps256_ps128(v)), _mm_storeu_ps((p) + (ld), _mm256_extractf128_ps(v, 1)))
#define VREPEAT4(p) _mm256_broadcast_ps((const __m128 *)(p))
#define VSPREAD4(p) _mm256_insertf128_ps(_mm256_set1_ps((p)[0]), _mm_set1_ps((p)[1]), 1)
#define VTRANSPOSE4(rows) K(vtranspose4)(rows)
static ALWAYS_INLINE void K(vtranspose4)(V r[4])
{
    const V a = _mm256_unpacklo_ps(r[0], r[1]), b = _mm256_unpackhi_ps(r[0], r[1]);
    const V c = _mm256_unpacklo_ps(r[2], r[3]), d = _mm256_unpackhi_ps(r[2], r[3]);
    r[0] = _mm256_shuffle_ps(a, c, 0x44), r[1] = _mm256_shuffle_ps(a, c, 0xee);
    r[2] = _mm256_shuffle_ps(b, d, 0x44), r[3] = _mm256_shuffle_ps(b, d, 0xee);
}
#else
static ALWAYS_INLINE R K(vtree)(V a)
{
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}
#define VROWS 0
#endif

#define VTRANSPOSE(rows) K(vtranspose)(rows)
#ifdef FNN_F32
/* 2 x 2 blocks of single lanes, then of pairs, then of halves change places. */
static ALWAYS_INLINE void K(vtranspose)(V r[8])
{
    V t[8];
    UNROLL
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    UNROLL
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    UNROLL
    for (int i = 0; i < 4; ++i) {
        t[i] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x20);
        t[i + 4] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x31);
    }
    UNROLL
    for (int i = 0; i < 8; ++i) r[i] = t[i];
}
#else
static ALWAYS_INLINE void K(vtranspose)(V r[4])
{
    const V a = _mm256_unpacklo_pd(r[0], r[1]), b = _mm256_unpackhi_pd(r[0], r[1]);
    const V c = _mm256_unpacklo_pd(r[2], r[3]), d = _mm256_unpackhi_pd(r[2], r[3]);
    r[0] = _mm256_permute2f128_pd(a, c, 0x20);
    r[1] = _mm256_permute2f128_pd(b, d, 0x20);
    r[2] = _mm256_permute2f128_pd(a, c, 0x31);
    r[3] = _mm256_permute2f128_pd(b, d, 0x31);
}
#endif
