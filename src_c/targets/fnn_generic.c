/* fnn_generic.c: all kernels for generic.  Flags: TARGETS in setup.py. */
#define FNN_LEVEL generic
#define FNN_F32
#include "../kernels/table.inc.c"
#undef FNN_F32
#define FNN_F64
#include "../kernels/table.inc.c"
