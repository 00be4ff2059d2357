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
#define VIOTA _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define SQRT_HALF_BITS 0x3f3504f3u
#define INTEGER_BITS 0x4b000000u /* 2^23 */
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
#define VIOTA _mm512_setr_pd(0, 1, 2, 3, 4, 5, 6, 7)
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdull
#define INTEGER_BITS 0x4330000000000000ull /* 2^52 */
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
#define VNONZERO(a) VMDO(cmp)(a, VZERO, _CMP_NEQ_UQ)
#define VFIRST(n) VLT(VIOTA, VSET1(n))
#define VALL(m) ((unsigned)(m) == (1u << VL) - 1)
#define VSEL(m, a, b) VDO(mask_blend)(m, b, a)
#define VABS(a) VDO(abs)(a)
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
#define WSTORE(p, w) _mm512_storeu_si512(p, w)
#define WADD(a, b) _mm512_add_epi64(a, b)
#define WXOR(a, b) _mm512_xor_si512(a, b)
#define WSHR32(a) _mm512_srli_epi64(a, 32)
#define WSHL32(a) _mm512_slli_epi64(a, 32)
#define WLOW(a) _mm512_and_si512(a, _mm512_set1_epi64(0xffffffff))
#define WMUL32(a, b) _mm512_mul_epu32(a, b)
#define WIOTA _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7)
