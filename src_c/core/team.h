/* team.h: the threads that run a slice of work together, and the barrier between them. */
#ifndef FNN_TEAM_H
#define FNN_TEAM_H

#include <stdint.h>

enum { FNN_MAX_THREADS = 256 };

/* Run work(job, 0 .. count - 1, count) side by side, the first part on the calling thread; returns when all are done.
 * Where the team is busy with another caller's work, or threads cannot be had, the caller runs work(job, 0, 1). */
void fnn_team_run(void (*work)(void *job, int thread, int threads), void *job, int count);

/* To be called by every thread of the work at hand: returns once all have. Only where it runs on several threads. */
void fnn_team_barrier(void);

/* End all threads of the team; the next work makes new ones. */
void fnn_team_stop(void);

/* Threads that are alive besides the callers'. */
int fnn_team_size(void);

/* Nanoseconds of a clock that never goes back. */
int64_t fnn_now(void);

/* Nanoseconds of a barrier between `count` threads; 0 where they cannot be had. */
double fnn_team_barrier_latency(int count);

#endif
