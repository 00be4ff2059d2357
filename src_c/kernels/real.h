/* real.h: the dtype axis.  The stub defines FNN_LEVEL and FNN_F32 or FNN_F64 before it includes table.inc.c.
 *
 *   R       the real type          RC(x)  a literal of that type
 *   BITS    unsigned integer of R's width; MANTISSA_BITS, EXPONENT_BIAS, R_MIN (smallest normal): its format;
 *           R_SILENT: 2^26 (float64: 2^62) times as large
 *   K(name) the name of a function for this dtype and level, such as relu_f32_x86_v3 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../core/ahead.h"
#include "../core/bits.h"
#include "../core/share.h"
#include "../core/team.h"
#include "../include/fastnn.h"

#define FNN_CAT_(a, b, c, d, e) a##b##c##d##e
#define FNN_CAT(a, b, c, d, e) FNN_CAT_(a, b, c, d, e)
#define FNN_STR_(x) #x
#define FNN_STR(x) FNN_STR_(x)

#if defined FNN_F32
#define R float
#define RC(x) x##f
#define BITS uint32_t
#define MANTISSA_BITS 23
#define EXPONENT_BIAS 127
#define R_MIN 1.17549435082228750797e-38f
#define R_SILENT 7.88860905221011805412e-31f /* 2^-100 */
#define R_DTYPE FNN_FLOAT32
#define R_NAME f32
#elif defined FNN_F64
#define R double
#define RC(x) x
#define BITS uint64_t
#define MANTISSA_BITS 52
#define EXPONENT_BIAS 1023
#define R_MIN 2.22507385850720138309e-308
#define R_SILENT 1.02613420032459406233e-289 /* 2^-960 */
#define R_DTYPE FNN_FLOAT64
#define R_NAME f64
#else
#error "define FNN_F32 or FNN_F64"
#endif

#define K(name) FNN_CAT(name, _, R_NAME, _, FNN_LEVEL)

#if defined __GNUC__ || defined __clang__
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define RESTRICT __restrict__
#define PREFETCH(p) __builtin_prefetch(p)
#if defined __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif
#else
#define ALWAYS_INLINE __forceinline
#define NOINLINE __declspec(noinline)
#define RESTRICT __restrict
#define PREFETCH(p) ((void)(p))
#define UNROLL
#endif
