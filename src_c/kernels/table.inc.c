/* table.inc.c: all kernels for one level and dtype, and the table of them: the only symbol that a stub exports. */
#include "real.h"
#include "simd.h"

#include "operands.inc.c"
#include "vmath.inc.c"
#include "activation.inc.c"
#include "rectifier.inc.c"
#include "smooth.inc.c"
#include "prelu.inc.c"
#include "penalty.inc.c"
#include "normalisation.inc.c"
#include "clip.inc.c"
#include "optimizer.inc.c"
#include "averaging.inc.c"
#include "sparse.inc.c"
#include "compressed.inc.c"
#include "dense.inc.c"
#include "few_rows.inc.c"
#include "matmul.inc.c"
#include "random.inc.c"
#include "dropout.inc.c"
#include "noise.inc.c"
#include "loss.inc.c"
#include "column_loss.inc.c"
#include "row_loss.inc.c"
#include "metric.inc.c"
#include "arithmetic.inc.c"
#include "shape.inc.c"
#include "axis.inc.c"
#include "memory.inc.c"
#include "peak.inc.c"
#include "array.inc.c"

extern const fnn_kernels FNN_CAT(fnn_kernels_, R_NAME, _, FNN_LEVEL, );
const fnn_kernels FNN_CAT(fnn_kernels_, R_NAME, _, FNN_LEVEL, ) = {
    FNN_STR(FNN_LEVEL),
    R_DTYPE,
    P,
    MR,
    VL,
    {
#define OP(name, signature, attributes) K(op_##name),
#include "../include/fnn_ops.def"
#undef OP
    },
    {
        [FNN_OP_dense] = K(few_dense),
        [FNN_OP_dense_dx] = K(few_dense_dx),
#define STEP(name) [FNN_OP_dense_##name] = K(few_dense_##name),
        FNN_STEPS(STEP)
#undef STEP
    },
    {
#define STEP(name) [FNN_OP_dense_##name] = K(few_numbers_##name),
        FNN_STEPS(STEP)
#undef STEP
    },
    {
#define STEP(name) [FNN_OP_dense_##name] = K(few_joined_##name),
        FNN_STEPS(STEP)
#undef STEP
    },
    K(few_kept),
    K(gather),
    K(gather_marked),
    K(import_array),
    K(export_array),
    K(sum),
    K(mark),
    K(list_columns),
    K(mask_rows),
    2 * MR * NV * VL,
    K(fma_loop),
    K(root_loop),
    {
        K(matmul),
        K(matmul_scratch),
        {
#define MAP(name) K(map_##name),
            FNN_MAPS(MAP)
#undef MAP
        },
        K(softmax_columns),
        K(softmax_columns_backward),
        K(row_sums),
        K(log_likelihood),
    },
};

#include "simd_undef.h"
