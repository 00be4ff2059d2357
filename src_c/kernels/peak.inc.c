/* peak.inc.c: one kind of operation in registers, again and again: the limits that kernels are measured against. */

/* n turns of chains that do not wait for each other. */
#define LOOP(next)                                                                          \
    V c[MR][NV];                                                                            \
    R out[VL];                                                                              \
    UNROLL                                                                                  \
    for (int i = 0; i < MR; ++i) {                                                          \
        UNROLL /* all different: equal chains would be computed once */                     \
        for (int v = 0; v < NV; ++v) c[i][v] = VSET1(1 + i * NV + v);                       \
    }                                                                                       \
    for (int64_t k = 0; k < n; ++k) {                                                       \
        UNROLL                                                                              \
        for (int i = 0; i < MR; ++i) {                                                      \
            UNROLL                                                                          \
            for (int v = 0; v < NV; ++v) c[i][v] = next;                                    \
        }                                                                                   \
    }                                                                                       \
    for (int i = 0; i < MR; ++i)                                                            \
        for (int v = 0; v < NV; ++v) c[0][0] = VADD(c[0][0], c[i][v]);                      \
    VSTORE(out, c[0][0]);                                                                   \
    return (double)out[0];

/* n times MR x NV multiply-adds of vectors, as the products' inner loop has them; returns a sum that keeps them. */
static double K(fma_loop)(int64_t n)
{
    const V a = VSET1(0.999), b = VSET1(0.001);
    LOOP(VFMA(a, c[i][v], b))
}

/* The same of a square root and a division, of which Adam's step takes one each for a vector of parameters. */
static double K(root_loop)(int64_t n)
{
    const V a = VSET1(0.999);
    LOOP(VDIV(a, VSQRT(c[i][v])))
}
#undef LOOP
