/* cpu.h: what this CPU and operating system can run. */
#ifndef FNN_CPU_H
#define FNN_CPU_H

int fnn_cpu_has_x86_v3(void); /* AVX2, FMA, BMI, and the system saves the ymm registers */
int fnn_cpu_has_x86_v4(void); /* AVX-512 F BW CD DQ VL, and the system saves the zmm registers */
int fnn_cpu_has_neon(void);   /* every AArch64 */

#endif
