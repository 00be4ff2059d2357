/* Compiles for AArch64. */
#include <arm_neon.h>
float32x4_t fnn_probe(float32x4_t a, float32x4_t b) { return vfmaq_f32(a, a, b); }
