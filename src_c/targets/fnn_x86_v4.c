/* fnn_x86_v4.c: all kernels for x86_v4.  Flags: TARGETS in setup.py. */
#define FNN_LEVEL x86_v4
#define FNN_F32
#include "../kernels/table.inc.c"
#undef FNN_F32
#define FNN_F64
#include "../kernels/table.inc.c"
