/* gain.c: whether several threads are faster than one, found out while a program is trained.
 *
 * Design
 *   a. What a program's work is worth says core/schedule.c.  What it does not know is whether the other cores are free and
 *      how far apart they are: on a shared machine that changes within seconds, and waiting for a core that is busy
 *      takes longer than doing its part.
 *   b. So of each ROUND runs that last long enough to be timed the first are done together and alone in turn, and the
 *      rest as went faster: the best of either counts, as whatever disturbs a run makes it slower.  The number of
 *      threads changes no bit, so nothing but the time depends on it. */
#include "gain.h"

enum { ROUND = 64, TRIES = 4 };

static const double LONG_ENOUGH = 5e6; /* nanoseconds */

int fnn_gain_threads(const fnn_gain *g, int threads)
{
    const int64_t turn = g->runs % ROUND;
    const int alone = turn < TRIES ? turn % 2 : g->alone < g->together; /* shorter runs stay together */
    return alone ? 1 : threads;
}

void fnn_gain_learn(fnn_gain *g, int threads, int64_t rows, double nanoseconds)
{
    const int64_t turn = g->runs % ROUND;
    double *best = threads > 1 ? &g->together : &g->alone;
    if (nanoseconds < LONG_ENOUGH) return;
    if (turn < TRIES && (turn < 2 || nanoseconds / (double)rows < *best)) *best = nanoseconds / (double)rows;
    ++g->runs;
}
