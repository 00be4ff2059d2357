/* simd_generic.h: one lane, plain C.  The build that is easiest to debug, and runs anywhere; fma() of the C library
 * rounds once, as the hardware's does, so its bits are the other levels'. */
#include <math.h>

#define V R
#define M int
#define VL 1
#define NV 8
#define MR 2
#define FORWARD_PANELS 1
#define GRADIENT_PANELS 1

#define VZERO RC(0.0)
#define VSET1(s) ((R)(s))
#define VLOAD(p) (*(p))
#define VSTORE(p, v) (*(p) = (v))
#define VADD(a, b) ((a) + (b))
#define VSUB(a, b) ((a) - (b))
#define VMUL(a, b) ((a) * (b))
#define VDIV(a, b) ((a) / (b))
#ifdef FNN_F32
#define VSQRT(a) sqrtf(a)
#define VFMA(a, b, c) fmaf(a, b, c)
#define VABS(a) fabsf(a)
#else
#define VSQRT(a) sqrt(a)
#define VFMA(a, b, c) fma(a, b, c)
#define VABS(a) fabs(a)
#endif
#define VMAX(a, b) ((a) > (b) ? (a) : (b))
#define VLT(a, b) ((a) < (b))
#define VEQ(a, b) ((a) == (b))
#define VNONZERO(a) ((a) != 0)
#define VFIRST(n) ((n) > 0)
#define VALL(m) (m)
#define VSEL(m, a, b) ((m) ? (a) : (b))
#define VTRANSPOSE(rows) ((void)(rows))
#define VTREE(a) (a)
#define VROWS 0

#define W uint64_t
#define WL 1
#define WSET1(u) ((uint64_t)(u))
#define WSTORE_PAIRS(p, a, b) \
    ((p)[0] = (uint32_t)(a), (p)[1] = (uint32_t)((a) >> 32), (p)[2] = (uint32_t)(b), (p)[3] = (uint32_t)((b) >> 32))
#define WADD(a, b) ((a) + (b))
#define WXOR(a, b) ((a) ^ (b))
#define WSHR32(a) ((a) >> 32)
#define WSHL32(a) ((a) << 32)
#define WLOW(a) ((a) & 0xffffffffu)
#define WMUL32(a, b) (WLOW(a) * WLOW(b))
#define WIOTA ((uint64_t)0)

static inline BITS K(bits)(R a) { BITS b; memcpy(&b, &a, sizeof b); return b; }
static inline R K(real)(BITS b) { R a; memcpy(&a, &b, sizeof a); return a; }
static inline R K(vpow2)(R t)
{
    return K(real)((K(bits)(t) << MANTISSA_BITS) + ((BITS)EXPONENT_BIAS << MANTISSA_BITS));
}
/* Bits of a counted from those of sqrt(1/2), so that the exponent steps at sqrt(1/2) 2^e. */
static inline BITS K(from_sqrt_half)(R a)
{
    return K(bits)(a) - K(bits)(RC(0.70710678118654752440)) + ((BITS)EXPONENT_BIAS << MANTISSA_BITS);
}
static inline R K(vexponent)(R a)
{
    return (R)((int)(K(from_sqrt_half)(a) >> MANTISSA_BITS) - EXPONENT_BIAS);
}
static inline R K(vmantissa)(R a)
{
    const BITS low = ((BITS)1 << MANTISSA_BITS) - 1;
    return K(real)((K(from_sqrt_half)(a) & low) + K(bits)(RC(0.70710678118654752440)));
}
#define VPOW2(t) K(vpow2)(t)
#define VEXPONENT(a) K(vexponent)(a)
#define VMANTISSA(a) K(vmantissa)(a)
