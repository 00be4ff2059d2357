/* Compiles if the compiler knows AVX-512 F, BW, CD, DQ, VL and was given their flags. */
#include <immintrin.h>
__m512d fnn_probe(__m512d a, __m512d b) { return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_LT_OQ), a, _mm512_abs_pd(b)); }
