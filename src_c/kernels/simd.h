/* simd.h: the level axis: a small vocabulary over vectors V of VL reals, the same for every level and dtype.
 *
 *   VL, NV, MR            lanes; vectors in a panel (P = NV * VL columns); rows of the register tile
 *   FORWARD_PANELS, GRADIENT_PANELS  panels in the tiles that leave zeros out (sparse.inc.c)
 *   VZERO VSET1(s) VLOAD(p) VSTORE(p, v)
 *   VADD VSUB VMUL VDIV VSQRT        one IEEE operation a lane
 *   VFMA(a, b, c)                    a * b + c with one rounding
 *   VMAX(a, b)                       a > b ? a : b, so b where either is NaN
 *   VLT(a, b) VEQ(a, b) -> M         masks; false where either is NaN
 *   VNONZERO(a)                      bit i says whether lane i is not 0, as an unsigned integer
 *   LIST16(list, bits, n)            where there is such an instruction: the positions of the set ones of 16 bits, plus n,
 *                                    as uint16_t; 16 are written
 *   VFIRST(n) -> M                   the first n lanes
 *   VALL(m)                          whether all lanes are set
 *   VSEL(m, a, b)                    m ? a : b
 *   VABS(a)
 *   VTINY(a) -> M                    0 or denormal: |a| < R_MIN
 *   VPOW2(t)                         2^n for t = 1.5 * 2^MANTISSA_BITS + n, n an integer in the exponent's range
 *   VEXPONENT(a), VMANTISSA(a)       a = m 2^e for normal a > 0, m in [sqrt(1/2), sqrt(2)); e as a real
 *   VTREE(a) -> R         the sum of the lanes: those of the upper half are added to those of the lower, and so on
 *   VROWS                 rows of 4 reals that a vector takes, where that is more than one; else 0
 *   VLOADROWS(p, ld) VSTOREROWS(p, ld, v)   such rows, ld apart
 *   VREPEAT4(p)           VROWS times the 4 reals at p
 *   VSPREAD4(p)           4 times each of the VROWS reals at p
 *   VTRANSPOSE4(rows)     the 4 columns of 4 VROWS rows; rows[i] has the rows i, i + 4, ...
 *   VTRANSPOSE(rows)      the VL vectors rows[0..VL-1] become the columns of what they were
 *
 *   W, WL                 vectors of WL unsigned 64-bit integers, for counters:
 *   WSET1(u) WADD WXOR WSHR32(a) WSHL32(a)
 *   WSTORE_PAIRS(p, a, b) a[0], b[0], a[1], ... as pairs of uint32_t, the lower half first
 *   WLOW(a)               a mod 2^32
 *   WMUL32(a, b)          (a mod 2^32) * (b mod 2^32)
 *   WIOTA                 0, 1, 2, ...
 *
 * Each level's header defines these, and refuses to be compiled without the level's flags. */
#define FNN_LEVEL_generic 1
#define FNN_LEVEL_x86_v3 2
#define FNN_LEVEL_x86_v4 3
#define FNN_LEVEL_neon 4
#define FNN_LEVEL_NUMBER FNN_CAT(FNN_LEVEL_, , FNN_LEVEL, , )

#if FNN_LEVEL_NUMBER == FNN_LEVEL_generic
#include "simd_generic.h"
#elif FNN_LEVEL_NUMBER == FNN_LEVEL_x86_v3
#include "simd_x86_v3.h"
#elif FNN_LEVEL_NUMBER == FNN_LEVEL_x86_v4
#include "simd_x86_v4.h"
#elif FNN_LEVEL_NUMBER == FNN_LEVEL_neon
#include "simd_neon.h"
#else
#error "FNN_LEVEL names no level"
#endif

#define P (NV * VL)

#ifndef VTINY
#define VTINY(a) VLT(VABS(a), VSET1(R_MIN))
#endif
#if !VROWS /* never run, but compiled */
#define VLOADROWS(p, ld) VLOAD(p)
#define VSTOREROWS(p, ld, v) VSTORE(p, v)
#define VREPEAT4(p) VLOAD(p)
#define VSPREAD4(p) VLOAD(p)
#define VTRANSPOSE4(rows) ((void)(rows))
#endif
