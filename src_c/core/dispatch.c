/* dispatch.c: the levels, best first, and their kernel tables.
 * The build defines FNN_HAVE_<level> for each level whose stub (targets/) was compiled. */
#include <stddef.h>

#include "cpu.h"
#include "fastnn.h"

static int always(void) { return 1; }

#define TABLES(level) \
    extern const fnn_kernels fnn_kernels_f32_##level, fnn_kernels_f64_##level;
#define ROW(level, supported) {#level, supported, &fnn_kernels_f32_##level, &fnn_kernels_f64_##level}

#ifdef FNN_HAVE_x86_v4
TABLES(x86_v4)
#endif
#ifdef FNN_HAVE_x86_v3
TABLES(x86_v3)
#endif
#ifdef FNN_HAVE_neon
TABLES(neon)
#endif
TABLES(generic)

static const struct {
    const char *name;
    int (*supported)(void);
    const fnn_kernels *f32, *f64;
} levels[] = {
#ifdef FNN_HAVE_x86_v4
    ROW(x86_v4, fnn_cpu_has_x86_v4),
#endif
#ifdef FNN_HAVE_x86_v3
    ROW(x86_v3, fnn_cpu_has_x86_v3),
#endif
#ifdef FNN_HAVE_neon
    ROW(neon, fnn_cpu_has_neon),
#endif
    ROW(generic, always),
};

int fnn_n_levels(void) { return (int)(sizeof levels / sizeof levels[0]); }

const char *fnn_level_name(int i) { return levels[i].name; }

int fnn_level_supported(int i) { return levels[i].supported(); }

const fnn_kernels *fnn_level_kernels(int i, int32_t dtype)
{
    return dtype == FNN_FLOAT32 ? levels[i].f32 : dtype == FNN_FLOAT64 ? levels[i].f64 : NULL;
}
