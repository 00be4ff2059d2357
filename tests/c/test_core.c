/* test_core.c: the C core without Python, at every level this CPU has: operations, functions of plain arrays, and nets, in
 * buffers that end where their memory ends, so that a sanitizer sees every step beyond.  Exit code 0 and a line of counts
 * if all is well. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fastnn.h"
#include "gain.h"
#include "schedule.h"
#include "support.h"
#include "team.h"

#include "operations.inc.c"
#include "arrays.inc.c"
#include "nets.inc.c"

int main(void)
{
    test_ops();
    test_arrays();
    test_training();
    test_training_hash();
    test_threads();
    test_gain();
    test_few_rows();
    for (int level = 0; level < fnn_n_levels(); ++level)
        if (fnn_level_supported(level)) printf("%s ", fnn_level_name(level));
    printf("%d passed, %d failed\n", checks - failures, failures);
    return failures != 0;
}
