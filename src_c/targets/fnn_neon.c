/* fnn_neon.c: all kernels for neon.  Flags: TARGETS in setup.py. */
#define FNN_LEVEL neon
#define FNN_F32
#include "../kernels/table.inc.c"
#undef FNN_F32
#define FNN_F64
#include "../kernels/table.inc.c"
