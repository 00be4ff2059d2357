/* team.c: one team of threads for the process.
 *
 * Design
 *   a. Threads are made when first needed and then wait for work. Whoever waits, for work or at a barrier, looks at
 *      a counter for some 50 microseconds, after a few of them offering the processor to others at each look, and
 *      then sleeps. So a program that computes nothing takes no time, and on a machine with too much to do a thread
 *      that was interrupted gets its processor back.
 *   b. One caller at a time has the team; any other runs its work alone. So no caller ever waits for another.
 *   c. A child of fork() has only the thread that called it: the team is then empty, and is made again.
 *   d. The threads block all signals: Ctrl-C is answered by the program's own thread. */
#if !defined _WIN32 && !defined _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "team.h"

#if defined _WIN32 /* no threads there yet: all work is done by its caller */

void fnn_team_run(void (*work)(void *job, int thread, int threads), void *job, int count)
{
    (void)count;
    work(job, 0, 1);
}
void fnn_team_barrier(void) {}
void fnn_team_stop(void) {}
int fnn_team_size(void) { return 0; }
double fnn_team_barrier_latency(int count) { return (void)count, 0; }
int64_t fnn_now(void) { return 0; } /* of use only beside threads */

#else
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#if defined __x86_64__ || defined __i386__
#define RELAX() __builtin_ia32_pause()
#elif defined __aarch64__
#define RELAX() __asm__ volatile("yield")
#else
#define RELAX() ((void)0)
#endif

enum { LINE = 64, LOOKS = 64, SPIN = 4000, PATIENCE = 50000 }; /* bytes, looks at a time, nanoseconds */

/* A number that threads wait on. */
typedef struct {
    _Alignas(LINE) atomic_uint value;
    atomic_int sleepers;
} counter;

/* A thread of the team. */
typedef struct {
    counter work; /* pieces of work handed to it */
    pthread_t thread;
    unsigned done;
    int number;
} member;

static struct {
    counter phase;                     /* barriers passed */
    _Alignas(LINE) atomic_int arrived; /* at the barrier */
    _Alignas(LINE) atomic_flag busy;
    int size;                          /* members that are alive */
    int count;                         /* threads of the work at hand, its caller included */
    void (*work)(void *job, int thread, int threads); /* NULL: the end */
    void *job;
    member members[FNN_MAX_THREADS];
} team = {.busy = ATOMIC_FLAG_INIT};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

int64_t fnn_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Wait until the counter is no longer `old`. */
static void wait_for_change(counter *c, unsigned old)
{
    int64_t start = 0, waited = 0;
    while (waited < PATIENCE) {
        for (int i = 0; i < LOOKS; ++i) {
            if (atomic_load_explicit(&c->value, memory_order_acquire) != old) return;
            RELAX();
        }
        if (!start) start = fnn_now();
        waited = fnn_now() - start;
        if (waited > SPIN) sched_yield();
    }
    /* Sleepers first, then the value; in advance() the reverse: one of the two sees what the other did. */
    pthread_mutex_lock(&lock);
    atomic_fetch_add(&c->sleepers, 1);
    while (atomic_load(&c->value) == old) pthread_cond_wait(&changed, &lock);
    atomic_fetch_sub(&c->sleepers, 1);
    pthread_mutex_unlock(&lock);
}

static void advance(counter *c)
{
    atomic_fetch_add(&c->value, 1);
    if (!atomic_load(&c->sleepers)) return;
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void fnn_team_barrier(void)
{
    /* Read before arriving: once all have, the caller may go on to other work. */
    const unsigned phase = atomic_load_explicit(&team.phase.value, memory_order_relaxed);
    const int others = team.count - 1;
    if (atomic_fetch_add(&team.arrived, 1) == others) {
        atomic_store_explicit(&team.arrived, 0, memory_order_relaxed);
        advance(&team.phase);
    } else {
        wait_for_change(&team.phase, phase);
    }
}

static void *live(void *argument)
{
    member *self = argument;
    for (;;) {
        wait_for_change(&self->work, self->done++);
        if (!team.work) return NULL;
        team.work(team.job, self->number, team.count);
        fnn_team_barrier();
    }
}

/* The child of a fork has no threads but its own, and nobody is there to unlock what others had locked. */
static void start_afresh(void)
{
    static const pthread_mutex_t new_lock = PTHREAD_MUTEX_INITIALIZER;
    static const pthread_cond_t new_changed = PTHREAD_COND_INITIALIZER;
    lock = new_lock, changed = new_changed;
    team.size = 0;
    atomic_store(&team.arrived, 0);
    atomic_store(&team.phase.sleepers, 0);
    atomic_flag_clear(&team.busy);
}

static void prepare(void) { pthread_atfork(NULL, NULL, start_afresh); }

/* Make threads until there are `size`, or no more can be had. */
static void grow(int size)
{
    sigset_t all, before;
    pthread_once(&prepared, prepare);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; team.size < size; ++team.size) {
        member *new = &team.members[team.size];
        atomic_store(&new->work.sleepers, 0);
        new->done = atomic_load(&new->work.value);
        new->number = team.size + 1;
        if (pthread_create(&new->thread, NULL, live, new)) break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Hand the work to the members 0 .. count - 2. */
static void hand_out(void (*work)(void *job, int thread, int threads), void *job, int count)
{
    team.work = work, team.job = job, team.count = count;
    for (int i = 0; i < count - 1; ++i) advance(&team.members[i].work);
}

void fnn_team_run(void (*work)(void *job, int thread, int threads), void *job, int count)
{
    if (count > FNN_MAX_THREADS) count = FNN_MAX_THREADS;
    if (count < 2 || atomic_flag_test_and_set(&team.busy)) {
        work(job, 0, 1);
        return;
    }
    if (team.size < count - 1) grow(count - 1);
    if (count > team.size + 1) count = team.size + 1;
    if (count > 1) {
        hand_out(work, job, count);
        work(job, 0, count);
        fnn_team_barrier();
    } else {
        work(job, 0, 1);
    }
    atomic_flag_clear(&team.busy);
}

void fnn_team_stop(void)
{
    if (atomic_flag_test_and_set(&team.busy)) return; /* the process ends in the middle of work */
    hand_out(NULL, NULL, team.size + 1);
    for (; team.size; --team.size) pthread_join(team.members[team.size - 1].thread, NULL);
    atomic_flag_clear(&team.busy);
}

int fnn_team_size(void) { return team.size; }

enum { BARRIERS = 2000 };

static void measure(void *job, int thread, int threads)
{
    double *best = job;
    for (int round = 0; round < 5 && threads > 1; ++round) {
        const int64_t start = fnn_now();
        for (int i = 0; i < BARRIERS; ++i) fnn_team_barrier();
        if (thread == 0) {
            const double each = (double)(fnn_now() - start) / BARRIERS;
            if (*best == 0 || each < *best) *best = each;
        }
    }
}

double fnn_team_barrier_latency(int count)
{
    double best = 0;
    fnn_team_run(measure, &best, count);
    return best;
}
#endif
