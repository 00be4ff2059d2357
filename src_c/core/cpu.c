/* cpu.c: cpuid and xgetbv.  Compiled without instruction-set flags and without LTO, so that it runs anywhere.
 *
 * A level needs the instructions (cpuid) and an operating system that saves their registers (xgetbv): Intel SDM
 * volume 1, sections 14.3 and 15.2.  The x86-64-v3 and v4 sets are those of the System V psABI. */
#include "cpu.h"

#if defined __x86_64__ || defined _M_X64
#if defined _MSC_VER
#include <intrin.h>
#else
#include <cpuid.h>
#endif

static void cpuid(unsigned out[4], unsigned leaf)
{
#if defined _MSC_VER
    __cpuidex((int *)out, (int)leaf, 0);
#else
    __cpuid_count(leaf, 0, out[0], out[1], out[2], out[3]);
#endif
}

static unsigned xcr0(void)
{
#if defined _MSC_VER
    return (unsigned)_xgetbv(0);
#else
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
#endif
}

static int has(unsigned value, unsigned bits) { return (value & bits) == bits; }

int fnn_cpu_has_x86_v3(void)
{
    unsigned leaf0[4], leaf1[4], leaf7[4], ext[4];
    cpuid(leaf0, 0);
    if (leaf0[0] < 7) return 0;
    cpuid(leaf1, 1);
    /* ecx: FMA 12, MOVBE 22, POPCNT 23, OSXSAVE 27, AVX 28, F16C 29 */
    if (!has(leaf1[2], 1u << 12 | 1u << 22 | 1u << 23 | 1u << 27 | 1u << 28 | 1u << 29)) return 0;
    if (!has(xcr0(), 0x6)) return 0; /* xmm, ymm */
    cpuid(leaf7, 7);
    if (!has(leaf7[1], 1u << 3 | 1u << 5 | 1u << 8)) return 0; /* ebx: BMI1, AVX2, BMI2 */
    cpuid(ext, 0x80000001u);
    return has(ext[2], 1u << 5); /* ecx: LZCNT */
}

int fnn_cpu_has_x86_v4(void)
{
    unsigned leaf7[4];
    if (!fnn_cpu_has_x86_v3() || !has(xcr0(), 0xe6)) return 0; /* also opmask, zmm0-15, zmm16-31 */
    cpuid(leaf7, 7);
    return has(leaf7[1], 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31); /* ebx: F, DQ, CD, BW, VL */
}
#else
int fnn_cpu_has_x86_v3(void) { return 0; }
int fnn_cpu_has_x86_v4(void) { return 0; }
#endif

#if defined __aarch64__ || defined _M_ARM64
int fnn_cpu_has_neon(void) { return 1; }
#else
int fnn_cpu_has_neon(void) { return 0; }
#endif
