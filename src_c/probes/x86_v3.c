/* Compiles if the compiler knows AVX2 and FMA and was given their flags. */
#include <immintrin.h>
__m256 fnn_probe(__m256 a, __m256i b) { return _mm256_fmadd_ps(a, _mm256_castsi256_ps(_mm256_slli_epi32(b, 3)), a); }
