/* random.inc.c: numbers that are functions of their place: uniform, and normal.  Formulas and sources:
 * fastnn/ops/dropout.py and noise.py. */

/* Counters that are worked on side by side; each gives four numbers. */
#define BLOCKS (WL < 8 ? 8 : 16)
#define NUMBERS (4 * BLOCKS)

/* number (4 each) = Philox 4x32-10 of the counters (column + i, row, step, stream), i = 0 .. BLOCKS - 1. */
static ALWAYS_INLINE void K(philox)(uint32_t number[NUMBERS], uint32_t column, uint32_t row, uint32_t step,
                                    uint32_t stream, uint64_t seed)
{
    UNROLL
    for (int i = 0; i < BLOCKS; i += WL) {
        W c0 = WADD(WSET1(column + (uint32_t)i), WIOTA), c1 = WSET1(row), c2 = WSET1(step), c3 = WSET1(stream);
        uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
        UNROLL
        for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
            const W p0 = WMUL32(c0, WSET1(0xD2511F53u)), p1 = WMUL32(c2, WSET1(0xCD9E8D57u));
            c0 = WXOR(WXOR(WSHR32(p1), c1), WSET1(k0)); /* the upper halves are of no account: WMUL32 leaves them out */
            c1 = p1;
            c2 = WXOR(WXOR(WSHR32(p0), c3), WSET1(k1));
            c3 = p0;
        }
        WSTORE_PAIRS(number + 4 * i, WXOR(WLOW(c0), WSHL32(c1)), WXOR(WLOW(c2), WSHL32(c3)));
    }
}

/* The numbers of `row` for the columns from `column` (a multiple of 4) on, as an op with attributes (.., stream) draws
 * them. */
static ALWAYS_INLINE void K(draw)(uint32_t number[NUMBERS], const fnn_batch *b, const fnn_op *op, int64_t row,
                                  int64_t column)
{
    K(philox)(number, (uint32_t)(column / 4), (uint32_t)(b->first_row + row), (uint32_t)b->step,
                (uint32_t)op->attribute[1], b->seed);
}

/* A unit is kept where its number is not below this. */
static ALWAYS_INLINE uint32_t K(keep_threshold)(double rate)
{
    const double limit = rate * 4294967296.0;
    return limit < 4294967295.0 ? (uint32_t)limit : 4294967295u;
}

/* Normal numbers are float32 in nets of float64 too, so that they are the same; hence one text, which both call. */
#ifdef FNN_F32
/* c[0] x^(n-1) + ... + c[n-1], without fma: NumPy has none, and gives the same bits. */
static ALWAYS_INLINE V K(rounded_polynomial)(const R *c, int n, V x)
{
    V y = VSET1(c[0]);
    for (int i = 1; i < n; ++i) y = VADD(VMUL(y, x), VSET1(c[i]));
    return y;
}

/* log(x) for normal x > 0, as vlog but without fma. */
static ALWAYS_INLINE V K(rounded_log)(V x)
{
    static const R c[] = {0.24279078841f, 0.28498786688f, 0.40000972152f, 0.66666662693f};
    const V e = VEXPONENT(x), f = VSUB(VMANTISSA(x), VSET1(1.0));
    const V s = VDIV(f, VADD(f, VSET1(2.0))), z = VMUL(s, s), half_f2 = VMUL(VMUL(f, f), VSET1(0.5));
    const V r = VMUL(K(rounded_polynomial)(c, 4, z), z);
    const V y = VADD(VMUL(s, VADD(half_f2, r)), VMUL(e, VSET1(9.0580006145e-6f)));
    return VADD(VMUL(e, VSET1(6.9313812256e-1f)), VADD(VSUB(y, half_f2), f));
}

static NOINLINE void K(normals)(R z[NUMBERS], const uint32_t number[NUMBERS])
{
    static const R near[] = {2.81022636e-08f, 3.43273939e-07f, -3.5233877e-06f, -4.39150654e-06f, 0.00021858087f,
                             -0.00125372503f, -0.00417768164f, 0.246640727f, 1.50140941f};
    static const R far[] = {-0.000200214257f, 0.000100950558f, 0.00134934322f, -0.00367342844f, 0.00573950773f,
                            -0.0076224613f, 0.00943887047f, 1.00167406f, 2.83297682f};
    R tail[NUMBERS], root[NUMBERS];
    for (int i = 0; i < NUMBERS; ++i) {
        tail[i] = ((R)(int32_t)(number[i] >> 1) + 1.0f) * 4.656612873077392578125e-10f; /* 2^-31 */
        root[i] = number[i] & 1 ? -1.41421356237309504880f : 1.41421356237309504880f;
    }
    for (int i = 0; i < NUMBERS; i += VL) {
        const V v = VLOAD(tail + i), w = VSUB(VZERO, K(rounded_log)(VMUL(v, VSUB(VSET1(2.0), v))));
        const V p = VSEL(VLT(w, VSET1(5.0)), K(rounded_polynomial)(near, 9, VSUB(w, VSET1(2.5))),
                         K(rounded_polynomial)(far, 9, VSUB(VSQRT(w), VSET1(3.0))));
        VSTORE(z + i, VMUL(VMUL(p, VSUB(VSET1(1.0), v)), VLOAD(root + i)));
    }
}
#endif
