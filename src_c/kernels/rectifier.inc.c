/* rectifier.inc.c: activations made of straight lines.  Formulas: fastnn/ops/rectifiers.py.  Written so that NaN stays
 * NaN: a comparison with NaN is false, and the branch taken then computes with it. */

static ALWAYS_INLINE V K(vclip)(V x, V low, V high) { return VSEL(VLT(x, low), low, VSEL(VLT(high, x), high, x)); }

static ALWAYS_INLINE V K(if_nan_else)(V x, V other) { return VSEL(VEQ(x, x), other, x); }

#define RECTIFY const V slope = ATTRIBUTE(0), threshold = ATTRIBUTE(1), most = ATTRIBUTE(2)
ELEMENTWISE_1(rectify, RECTIFY,
              VSEL(VLT(threshold, x), VSEL(VLT(most, x), most, x), VMUL(slope, VSUB(x, threshold))))
ELEMENTWISE_2(rectify_grad, RECTIFY,
              VSEL(VLT(threshold, y), VSEL(VLT(y, most), dy, VZERO), VMUL(slope, dy)))

#define LINE const V slope = ATTRIBUTE(0), low = ATTRIBUTE(2), high = ATTRIBUTE(3)
ELEMENTWISE_1(clipped_line, LINE; const V offset = ATTRIBUTE(1), K(vclip)(VFMA(slope, x, offset), low, high))
ELEMENTWISE_2(clipped_line_grad, LINE, VSEL(VLT(low, y), VSEL(VLT(y, high), VMUL(slope, dy), VZERO), VZERO))

#define SIXTH const V sixth = VSET1(RC(1.0) / RC(6.0)), half = VSET1(0.5), one = VSET1(1.0)
ELEMENTWISE_1(hard_silu, SIXTH, VMUL(x, K(vclip)(VFMA(sixth, x, half), VZERO, one)))
ELEMENTWISE_2(hard_silu_grad, const V third = VSET1(RC(1.0) / RC(3.0)); const V half = VSET1(0.5); const V three = VSET1(3.0),
              VSEL(VLT(VABS(y), three), VMUL(dy, VFMA(third, y, half)), VSEL(VLT(y, three), VZERO, dy)))

#define LIMIT const V limit = ATTRIBUTE(0)
ELEMENTWISE_1(soft_shrink, LIMIT,
              VSEL(VLT(limit, VABS(x)), VSEL(VLT(x, VZERO), VADD(x, limit), VSUB(x, limit)), K(if_nan_else)(x, VZERO)))
ELEMENTWISE_2(soft_shrink_grad, NOTHING, VSEL(VEQ(y, VZERO), VZERO, dy))
ELEMENTWISE_1(hard_shrink, LIMIT, VSEL(VLT(limit, VABS(x)), x, K(if_nan_else)(x, VZERO)))
ELEMENTWISE_2(hard_shrink_grad, NOTHING, VSEL(VEQ(y, VZERO), VZERO, dy))
ELEMENTWISE_1(threshold, LIMIT; const V other = ATTRIBUTE(1), VSEL(VLT(limit, x), x, K(if_nan_else)(x, other)))
ELEMENTWISE_2(threshold_grad, LIMIT, VSEL(VLT(limit, y), dy, VZERO))

#undef RECTIFY
#undef LINE
#undef SIXTH
#undef LIMIT
