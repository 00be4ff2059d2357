/* arithmetic.inc.c: element by element, on operands of one shape and layout, padding included.  The padding stays
 * finite, and 0 in gradients: where an operation makes something else of 0, it is cleared afterwards.  Formulas:
 * fastnn/ops/arithmetic.py.  Outputs may be their inputs. */

/* Zero in the padding of operand i. */
static void K(clear_padding)(const fnn_batch *b, const fnn_op *op, int i)
{
    const fnn_buffer *x = K(buffer)(b, op, i);
    const int64_t n = x->layout == FNN_VECTOR ? 1 : x->rows == FNN_BATCH ? b->rows : x->rows;
    const int64_t used = x->layout == FNN_ROWS ? x->cols : x->cols % P;
    const int64_t ld = x->layout == FNN_ROWS ? x->ld : P;
    R *from = (R *)x->data + (x->layout == FNN_ROWS ? 0 : x->cols / P * P * n);
    if (x->layout != FNN_ROWS && !used) return;
    for (int64_t r = 0; r < n; ++r)
        for (int64_t j = used; j < ld; ++j) from[r * ld + j] = 0;
}

#define ELEMENTWISE(name, inputs, constants, expression, after)                                       \
    static void K(op_##name)(const fnn_batch *b, const fnn_op *op)                                    \
    {                                                                                                 \
        R *Y = K(reals)(b, op, 0);                                                                    \
        const R *A = K(reals)(b, op, 1), *B = (inputs) > 1 ? K(reals)(b, op, 2) : A;                  \
        const R *C = (inputs) > 2 ? K(reals)(b, op, 3) : A;                                           \
        const int64_t n = K(size)(b, op, 0);                                                          \
        constants;                                                                                    \
        for (int64_t i = 0; i < n; i += VL) {                                                         \
            const V a = VLOAD(A + i), y = VLOAD(B + i), z = VLOAD(C + i);                             \
            (void)y, (void)z;                                                                         \
            VSTORE(Y + i, expression);                                                                \
        }                                                                                             \
        after;                                                                                        \
    }
#define ONE VSET1(1.0)
#define CLEAR K(clear_padding)(b, op, 0)
#define ATTRIBUTE const V s = VSET1((R)op->attribute[0])

ELEMENTWISE(add, 2, , VADD(a, y), )
ELEMENTWISE(subtract, 2, , VSUB(a, y), )
ELEMENTWISE(multiply, 2, , VMUL(a, y), )
ELEMENTWISE(divide, 2, , VDIV(a, y), CLEAR)
ELEMENTWISE(maximum, 2, , VSEL(VEQ(a, a), VSEL(VLT(y, a), a, y), a), )
ELEMENTWISE(minimum, 2, , VSEL(VEQ(a, a), VSEL(VLT(a, y), a, y), a), )
ELEMENTWISE(greater, 2, , VSEL(VLT(y, a), ONE, VZERO), )
ELEMENTWISE(greater_equal, 2, , VSEL(VLT(y, a), ONE, VSEL(VEQ(a, y), ONE, VZERO)), )
ELEMENTWISE(equal, 2, , VSEL(VEQ(a, y), ONE, VZERO), )
ELEMENTWISE(where, 3, , VSEL(VEQ(a, VZERO), z, y), )
ELEMENTWISE(mask, 2, , VSEL(VEQ(y, VZERO), VZERO, a), )
ELEMENTWISE(mask_not, 2, , VSEL(VEQ(y, VZERO), a, VZERO), )
ELEMENTWISE(scale, 1, ATTRIBUTE, VMUL(a, s), )
ELEMENTWISE(shift, 1, ATTRIBUTE, VADD(a, s), )
ELEMENTWISE(absolute, 1, , VABS(a), )
ELEMENTWISE(absolute_grad, 2, , VSEL(VLT(VZERO, y), a, VSEL(VLT(y, VZERO), VSUB(VZERO, a), VZERO)), )
ELEMENTWISE(sqrt, 1, , VSQRT(a), )
ELEMENTWISE(exp, 1, , K(vexp)(a), )
ELEMENTWISE(log, 1, , K(vlog_of_all)(a), CLEAR)

#undef ELEMENTWISE
#undef ONE
#undef CLEAR
#undef ATTRIBUTE
