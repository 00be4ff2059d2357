/* fpenv.h: the floating-point environment of a run, and the caller's again afterwards.
 *
 * The contract fixes the arithmetic: round to nearest, denormals kept.  A caller whose process flushes denormals
 * (some libraries switch that on when they are loaded) would otherwise get other bits. */
#ifndef FNN_FPENV_H
#define FNN_FPENV_H

#if defined __x86_64__ || defined _M_X64
#include <xmmintrin.h>
typedef unsigned fnn_fpenv;
static inline fnn_fpenv fnn_fpenv_enter(void)
{
    fnn_fpenv saved = _mm_getcsr();
    if ((saved & 0xffc0u) != 0x1f80u) _mm_setcsr(0x1f80u); /* default: exceptions masked, nearest, no FTZ, no DAZ */
    return saved;
}
static inline void fnn_fpenv_leave(fnn_fpenv saved)
{
    if ((saved & 0xffc0u) != 0x1f80u) _mm_setcsr(saved); /* else only sticky flags can differ */
}
#elif defined __aarch64__ && (defined __GNUC__ || defined __clang__)
#include <stdint.h>
typedef uint64_t fnn_fpenv;
static inline fnn_fpenv fnn_fpenv_enter(void)
{
    fnn_fpenv saved;
    __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
    if (saved) __asm__ volatile("msr fpcr, %0" ::"r"((uint64_t)0));
    return saved;
}
static inline void fnn_fpenv_leave(fnn_fpenv saved)
{
    if (saved) __asm__ volatile("msr fpcr, %0" ::"r"(saved));
}
#else
typedef int fnn_fpenv;
static inline fnn_fpenv fnn_fpenv_enter(void) { return 0; }
static inline void fnn_fpenv_leave(fnn_fpenv saved) { (void)saved; }
#endif

#endif
