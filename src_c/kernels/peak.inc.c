/* peak.inc.c: nothing but fused multiply-adds in registers: the limit that the products are measured against. */

/* n times MR x NV multiply-adds of vectors, as the products' inner loop has them; returns a sum that keeps them. */
static double K(fma_loop)(int64_t n)
{
    V c[MR][NV];
    const V a = VSET1(0.999), b = VSET1(0.001);
    R out[VL];
    UNROLL
    for (int i = 0; i < MR; ++i) {
        UNROLL
        for (int v = 0; v < NV; ++v) c[i][v] = VSET1(1 + i * NV + v); /* all different: equal chains would be computed once */
    }
    for (int64_t k = 0; k < n; ++k) {
        UNROLL
        for (int i = 0; i < MR; ++i) {
            UNROLL
            for (int v = 0; v < NV; ++v) c[i][v] = VFMA(a, c[i][v], b);
        }
    }
    for (int i = 0; i < MR; ++i)
        for (int v = 0; v < NV; ++v) c[0][0] = VADD(c[0][0], c[i][v]);
    VSTORE(out, c[0][0]);
    return (double)out[0];
}
