/* simd_neon.h: AArch64 Advanced SIMD, 128-bit vectors. */
#if !defined __aarch64__ && !defined _M_ARM64
#error "neon needs an AArch64 compiler"
#endif
#include <arm_neon.h>

#define NV 4
#define MR 6 /* 24 accumulators, 4 for B, 1 for A: 29 of the 32 registers */
#define FORWARD_PANELS 1
#define GRADIENT_PANELS 2
#ifdef FNN_F32
#define V float32x4_t
#define M uint32x4_t
#define VL 4
#define VDO(op) v##op##q_f32
#define VIDO(op) v##op##q_u32
#define VASINT(a) vreinterpretq_u32_f32(a)
#define VASREAL(a) vreinterpretq_f32_u32(a)
#define SQRT_HALF_BITS 0x3f3504f3u
#define INTEGER_BITS 0x4b000000u /* 2^23 */
static inline float32x4_t K(viota)(void) { return (float32x4_t){0, 1, 2, 3}; }
#else
#define V float64x2_t
#define M uint64x2_t
#define VL 2
#define VDO(op) v##op##q_f64
#define VIDO(op) v##op##q_u64
#define VASINT(a) vreinterpretq_u64_f64(a)
#define VASREAL(a) vreinterpretq_f64_u64(a)
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdull
#define INTEGER_BITS 0x4330000000000000ull /* 2^52 */
static inline float64x2_t K(viota)(void) { return (float64x2_t){0, 1}; }
#endif

#define VZERO VSET1(0.0)
#ifdef FNN_F32
#define VSET1(s) vdupq_n_f32((R)(s))
#define VISET1(b) vdupq_n_u32(b)
#define VSHL(a, n) vshlq_n_u32(a, n)
#define VALL(m) (vminvq_u32(m) != 0)
#define VNONZERO(a) vaddvq_u32(vbicq_u32((uint32x4_t){1, 2, 4, 8}, vceqzq_f32(a)))
#define VSHR(a, n) vshrq_n_u32(a, n)
#else
#define VSET1(s) vdupq_n_f64((R)(s))
#define VISET1(b) vdupq_n_u64(b)
#define VSHL(a, n) vshlq_n_u64(a, n)
#define VALL(m) ((vgetq_lane_u64(m, 0) & vgetq_lane_u64(m, 1)) != 0)
#define VNONZERO(a) (unsigned)vaddvq_u64(vbicq_u64((uint64x2_t){1, 2}, vceqzq_f64(a)))
#define VSHR(a, n) vshrq_n_u64(a, n)
#endif
#define VLOAD(p) VDO(ld1)(p)
#define VSTORE(p, v) VDO(st1)(p, v)
#define VADD(a, b) VDO(add)(a, b)
#define VSUB(a, b) VDO(sub)(a, b)
#define VMUL(a, b) VDO(mul)(a, b)
#define VDIV(a, b) VDO(div)(a, b)
#define VSQRT(a) VDO(sqrt)(a)
#define VFMA(a, b, c) VDO(fma)(c, a, b)
#define VLT(a, b) VDO(clt)(a, b)
#define VEQ(a, b) VDO(ceq)(a, b)
#define VFIRST(n) VLT(K(viota)(), VSET1(n))
#define VSEL(m, a, b) VDO(bsl)(m, a, b)
#define VMAX(a, b) VSEL(VLT(b, a), a, b) /* vmaxq differs where one is NaN */
#define VABS(a) VDO(abs)(a)
#define VPOW2(t) \
    VASREAL(VIDO(add)(VSHL(VASINT(t), MANTISSA_BITS), VISET1((BITS)EXPONENT_BIAS << MANTISSA_BITS)))
/* As from_sqrt_half in simd_generic.h; the exponent becomes a real by way of the integers 2^MANTISSA_BITS + n. */
#define VFROM_SQRT_HALF(a) VIDO(add)(VASINT(a), VISET1(((BITS)EXPONENT_BIAS << MANTISSA_BITS) - SQRT_HALF_BITS))
#define VEXPONENT(a)                                                                                     \
    VSUB(VASREAL(VIDO(orr)(VSHR(VFROM_SQRT_HALF(a), MANTISSA_BITS), VISET1(INTEGER_BITS))),        \
         VSET1((R)((BITS)1 << MANTISSA_BITS) + EXPONENT_BIAS))
#define VMANTISSA(a)                                                                                     \
    VASREAL(VIDO(add)(VIDO(and)(VFROM_SQRT_HALF(a), VISET1(((BITS)1 << MANTISSA_BITS) - 1)), VISET1(SQRT_HALF_BITS)))

#define VROWS 0
#ifdef FNN_F32
#define VTREE(a) K(vtree)(a)
static ALWAYS_INLINE R K(vtree)(V a)
{
    const float32x2_t half = vadd_f32(vget_low_f32(a), vget_high_f32(a));
    return vget_lane_f32(half, 0) + vget_lane_f32(half, 1);
}
#else
#define VTREE(a) (vgetq_lane_f64(a, 0) + vgetq_lane_f64(a, 1))
#endif

#define VTRANSPOSE(rows) K(vtranspose)(rows)
#ifdef FNN_F32
static ALWAYS_INLINE void K(vtranspose)(V r[4])
{
    const float64x2_t a = vreinterpretq_f64_f32(vtrn1q_f32(r[0], r[1])), b = vreinterpretq_f64_f32(vtrn2q_f32(r[0], r[1]));
    const float64x2_t c = vreinterpretq_f64_f32(vtrn1q_f32(r[2], r[3])), d = vreinterpretq_f64_f32(vtrn2q_f32(r[2], r[3]));
    r[0] = vreinterpretq_f32_f64(vtrn1q_f64(a, c));
    r[1] = vreinterpretq_f32_f64(vtrn1q_f64(b, d));
    r[2] = vreinterpretq_f32_f64(vtrn2q_f64(a, c));
    r[3] = vreinterpretq_f32_f64(vtrn2q_f64(b, d));
}
#else
static ALWAYS_INLINE void K(vtranspose)(V r[2])
{
    const V a = vtrn1q_f64(r[0], r[1]);
    r[1] = vtrn2q_f64(r[0], r[1]);
    r[0] = a;
}
#endif

#define W uint64x2_t
#define WL 2
#define WSET1(u) vdupq_n_u64(u)
#define WSTORE_PAIRS(p, a, b)                                             \
    (vst1q_u32(p, vreinterpretq_u32_u64(vzip1q_u64(a, b))), vst1q_u32((p) + 4, vreinterpretq_u32_u64(vzip2q_u64(a, b))))
#define WADD(a, b) vaddq_u64(a, b)
#define WXOR(a, b) veorq_u64(a, b)
#define WSHR32(a) vshrq_n_u64(a, 32)
#define WSHL32(a) vshlq_n_u64(a, 32)
#define WLOW(a) vandq_u64(a, vdupq_n_u64(0xffffffffu))
#define WMUL32(a, b) vmull_u32(vmovn_u64(a), vmovn_u64(b))
#define WIOTA ((uint64x2_t){0, 1})
