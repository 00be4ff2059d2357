/* fastnn.h: programs over buffers, run natively.  Plain C11; knows nothing of Python.
 *
 * Design
 *   a. A program is an array of buffers and an array of ops on them (fnn_ops.def).  Whoever builds it owns all
 *      memory and says where each buffer lies; nothing here allocates.
 *   b. fnn_program_check refuses a bad program once; the run functions then trust it.
 *   c. Kernels come in tables, one per (level, dtype); the level is chosen once.  All tables give the same bits.
 *   d. Status codes, never exit, abort or output.
 *   e. Threads share out results, never the terms of a sum: their number cannot change a bit (core/schedule.c). */
#ifndef FASTNN_H
#define FASTNN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FNN_MAX_OPERANDS = 12, FNN_MAX_ATTRIBUTES = 4 };

typedef enum {
    FNN_OK = 0,
    FNN_BAD_OPCODE,   /* no such operation */
    FNN_BAD_OPERAND,  /* buffer index out of range, or a needed operand missing */
    FNN_BAD_SHAPE,    /* shapes do not fit the signature */
    FNN_BAD_TYPE,     /* integers where reals are wanted, or the reverse */
    FNN_BAD_LEVEL,    /* level unknown, not built, or not supported by this CPU */
} fnn_status;

typedef enum { FNN_FLOAT32 = 0, FNN_FLOAT64 = 1, FNN_UINT8 = 2, FNN_INT32 = 3 } fnn_dtype;

/* How the elements of a buffer lie in memory; P is the panel width of the level and dtype (fnn_kernels.panel).
 *   FNN_ROWS    (rows, cols): row r at data + r * ld, ld >= cols a multiple of P; padding holds any finite number,
 *               but 0 in gradients.
 *   FNN_PANELS  (rows, cols): panel j holds columns jP..jP+P-1 of all rows, row after row; the last one is padded
 *               with columns that never reach a result.  The layout of weights, their gradients and slots.
 *   FNN_VECTOR  (cols): padded to a multiple of P. */
typedef enum { FNN_ROWS = 0, FNN_PANELS = 1, FNN_VECTOR = 2 } fnn_layout;

enum { FNN_BATCH = -1 }; /* fnn_buffer.rows of a buffer with one row per sample */

typedef struct {
    void *data;
    int64_t rows;     /* FNN_BATCH, or the first dimension of a weight, or 1 for a vector */
    int64_t cols;
    int64_t ld;       /* elements from row to row (FNN_ROWS) */
    int32_t rank;     /* dimensions of the shape as the program states it */
    int32_t layout;   /* fnn_layout */
    int32_t integer;  /* holds int32, not reals */
} fnn_buffer;

typedef struct {
    int32_t code;                         /* an FNN_OP_ name */
    int32_t operand[FNN_MAX_OPERANDS];    /* buffers: outputs, then inputs; -1 where left out */
    double attribute[FNN_MAX_ATTRIBUTES];
    int32_t every; /* run only in every so many-th training step, which is then counted in these; 0, 1: in each */
} fnn_op;

/* Optimizers that have an op dense_<name>, which takes the step on a tile of the weight's gradient. */
#define FNN_STEPS(STEP)                                                                                         \
    STEP(sgd) STEP(sgd_momentum) STEP(sgd_nesterov) STEP(adagrad) STEP(rmsprop) STEP(rmsprop_momentum)             \
    STEP(rmsprop_centered) STEP(rmsprop_centered_momentum) STEP(adadelta) STEP(adam) STEP(adam_amsgrad)            \
    STEP(adamax) STEP(nadam) STEP(lion)

enum {
#define OP(name, signature, attributes) FNN_OP_##name,
#include "fnn_ops.def"
#undef OP
    FNN_N_OPS
};

/* Where the batch's input is not 0 (kernels/sparse.inc.c). */
typedef struct {
    uint64_t *bits;      /* (rows, words): bit k % 64 of word k / 64 says whether column k of the row is not 0 */
    uint16_t *columns;   /* (tiles of FNN_SKIP_ROWS rows, room): in ascending order the columns where one of them is not 0 */
    int32_t *n_columns;  /* (tiles of rows): how many they are */
    uint64_t *masks;     /* (blocks of 64 rows, groups of FNN_SKIP_COLUMNS columns): the rows where one of them is not 0 */
    uint16_t *positions; /* (256, 8): of the bits of a byte that are set */
    uint8_t *counts;     /* (256): how many they are */
    int64_t words, room, groups; /* words 0: nothing is listed */
} fnn_zeros;

/* Rows of data without their zeros, kept from epoch to epoch (core/compressed.c).  Row r has count[r] numbers of the
 * program's dtype at place + start[r], and behind them as many uint16_t, their columns in ascending order. */
typedef struct {
    int64_t *start; /* (rows) bytes; -1: the row is not here yet */
    int32_t *count; /* (rows) */
    char *place;    /* (room) */
    int64_t rows, room;
    int64_t used, known; /* of the room; rows that are here */
} fnn_compressed;

/* Rows of data of the batch after this one, to be brought nearer while this one is worked on (core/ahead.h). */
typedef struct {
    const char *data;
    const int64_t *order;      /* or NULL: rows first, first + 1, ... */
    int64_t first, rows, stride, lines; /* bytes from row to row, cache lines in a row */
} fnn_ahead;
/* Powers of numbers below 1 for the steps of a run: an optimizer's corrections take the same ones in each of its ops. */
enum { FNN_POWERS = 64, FNN_POWER_BASES = 4 };
typedef struct {
    double base, power[FNN_POWERS]; /* power[i] = base^(first + i), i < count */
    int64_t first;
    int32_t count;
} fnn_power_list;
typedef struct {
    fnn_power_list list[FNN_POWER_BASES];
    int32_t ahead; /* steps, at most FNN_POWERS, to work them out for */
} fnn_powers;

/* What a kernel may know besides its op: the batch that is being run. */
typedef struct {
    const fnn_buffer *buffers;
    void *scratch;          /* fnn_scratch_size bytes, aligned as the buffers are */
    int64_t rows;           /* rows of this batch, or of this piece of it (core/pieces.c) */
    int64_t step;           /* training steps taken before this one; of random numbers at inference, the pass */
    uint64_t seed;
    double learning_rate;
    int32_t thread, threads; /* this thread's number, and how many run this op together; 0 or 1: this one alone */
    int64_t most_rows;       /* of the batches of this call; how work is shared out depends on it (core/share.h) */
    const fnn_zeros *zeros;
    int32_t skip_forward, skip_gradient; /* whether zeros of the input are to be left out of products with it */
    int32_t input;           /* the input's buffer */
    const fnn_compressed *compressed; /* where the input's rows are, which are then not in its buffer; or NULL */
    const int64_t *order;             /* row r of the batch is row order[r] of these, or first_in_data + r if order is NULL */
    int64_t first_in_data, rows_to_come; /* from the batch's first row on to the end of order */
    const fnn_ahead *ahead;  /* or NULL */
    fnn_powers *powers;      /* of this thread, or NULL */
    int64_t before, all;     /* rows of the batch that came in pieces before this one, and of all of it */
    int64_t first_row;       /* the first row's number, of which its random numbers are a function: within the batch, at
                                inference within the pass */
} fnn_batch;

typedef void (*fnn_op_function)(const fnn_batch *batch, const fnn_op *op);

/* An op, or some that belong together, prepared for batches of at most FNN_FEW_ROWS rows (core/few.c).
 * Of a product: y (B, outputs) = x (B, inputs) w + bias, and where there is a `next` activated = relu(y); or
 * y (B, inputs) = x (B, outputs) w^T, and activated = y where activation > 0.
 * Of an update: w (inputs, outputs) and its slots take a step along x^T y, bias and its slots along the sum of y's rows. */
enum { FNN_FEW_ROWS = 8, FNN_MAX_SLOTS = 3, FNN_MAX_UPDATES = 256, FNN_MAX_NUMBERS = 8 };
typedef struct fnn_few fnn_few;
struct fnn_few {
    void (*run)(const fnn_batch *batch, const fnn_few *few);
    const fnn_op *op;
    fnn_op_function kernel; /* the op's own */
    const fnn_op *next;     /* an activation that is joined to a product, or NULL */
    const fnn_few *then;    /* of an update that waited: the same layer's product with the next row */
    void *y, *activated;
    const void *x, *activation;
    void *w, *slot[FNN_MAX_SLOTS], *bias, *bias_slot[FNN_MAX_SLOTS], *bias_gradient;
    double *numbers; /* FNN_MAX_NUMBERS: of an optimizer's step */
    int64_t inputs, outputs, ldx, ldy;
};
typedef void (*fnn_few_function)(const fnn_batch *batch, const fnn_few *few);

/* c (rows, cols) = (a (rows, depth) b (depth, cols) + bias (rows)) / divisor.  Element (i, k) of a is at
 * a[i * a_row + k * a_col], of b alike; c is contiguous.  bias NULL is 0; scratch: matmul_scratch() bytes, aligned as
 * the buffers are.  No size is 0. */
typedef struct {
    void *c;
    const void *a, *b, *bias;
    int64_t rows, cols, depth;
    int64_t a_row, a_col, b_row, b_col;
    double divisor;
    void *scratch;
} fnn_matmul;

/* Functions of plain contiguous arrays of the table's dtype, element by element, of one or two arrays and a number:
 * a is dA and b is Z in the backward ones; step is a - s b. */
#define FNN_MAPS(MAP) MAP(relu) MAP(sigmoid) MAP(relu_backward) MAP(sigmoid_backward) MAP(subtract) MAP(step)
enum {
#define MAP(name) FNN_MAP_##name,
    FNN_MAPS(MAP)
#undef MAP
    FNN_N_MAPS
};

typedef struct {
    void (*matmul)(const fnn_matmul *p);
    int64_t (*matmul_scratch)(void);
    void (*map[FNN_N_MAPS])(void *out, const void *a, const void *b, double s, int64_t n); /* out may be a or b */
    /* (rows, cols), each column by itself. */
    void (*softmax_columns)(void *y, const void *x, int64_t rows, int64_t cols);
    void (*softmax_columns_backward)(void *dx, const void *dy, const void *x, int64_t rows, int64_t cols);
    void (*row_sums)(void *out, const void *x, double divisor, int64_t rows, int64_t cols); /* out (rows) */
    /* sum of y log(a), and if two_sided of (1 - y) log(1 - a), n numbers. */
    double (*log_likelihood)(const void *a, const void *y, int32_t two_sided, int64_t n);
} fnn_array_functions;

typedef struct {
    const char *level;
    int32_t dtype;    /* FNN_FLOAT32 or FNN_FLOAT64 */
    int32_t panel;    /* panel width P */
    int32_t row_tile; /* rows of the register tile */
    int32_t lanes;    /* reals in a vector */
    fnn_op_function op[FNN_N_OPS];
    fnn_few_function few[FNN_N_OPS];         /* NULL where few rows gain nothing */
    fnn_few_function few_numbers[FNN_N_OPS]; /* of updates: writes the numbers of a step, which few then reads */
    fnn_few_function few_joined[FNN_N_OPS];  /* of updates of one row: few, and then the product of `then` */
    fnn_few_function few_kept;               /* activated <- x, the `inputs` numbers of one row */
    /* dst (rows, cols) of the table's dtype, rows ld apart <- rows order[0..rows-1] of src (any fnn_dtype but int32),
     * src_stride bytes apart; order NULL means 0, 1, 2, ... */
    void (*gather)(void *dst, int64_t ld, const void *src, int32_t src_dtype, int64_t src_stride,
                   const int64_t *order, int64_t rows, int64_t cols);
    /* dst (cols) <- src (cols) of the table's dtype, read only where a bit near a number's own is set; elsewhere 0. */
    void (*gather_marked)(void *dst, const void *src, const uint64_t *bits, int64_t cols);
    /* buffer <- plain C-contiguous array of the table's dtype, and back. rows stands for FNN_BATCH. */
    void (*import_array)(const fnn_buffer *buffer, const void *src, int64_t rows);
    void (*export_array)(void *dst, const fnn_buffer *buffer, int64_t rows);
    double (*sum)(double start, const void *x, int64_t n); /* of n reals after start, in double, in ascending order */
    /* The bits of a row x (cols); from the bits the lists of columns of rows first .. end - 1, first a multiple of
     * FNN_SKIP_ROWS; and from the bits of all rows the masks of groups of columns in words from .. to - 1. */
    void (*mark)(uint64_t *bits, const void *x, int64_t cols);
    void (*list_columns)(const fnn_zeros *zeros, int64_t first, int64_t end);
    void (*mask_rows)(const fnn_zeros *zeros, int64_t rows, int64_t from, int64_t to);
    int32_t fma_loop_flops;                  /* floating-point operations of one turn of fma_loop */
    double (*fma_loop)(int64_t n);           /* n turns of multiply-adds in registers, for benchmarks */
    double (*root_loop)(int64_t n);          /* the same of half as many divisions by a square root */
    fnn_array_functions array;
} fnn_kernels;

/* Levels, best first. */
int fnn_n_levels(void);
const char *fnn_level_name(int i);
int fnn_level_supported(int i); /* built, and this CPU and system can run it */
const fnn_kernels *fnn_level_kernels(int i, int32_t dtype); /* NULL if not built */

enum { FNN_PREDICT, FNN_EVALUATE, FNN_FORWARD, FNN_BACKWARD, FNN_UPDATE, FNN_N_SECTIONS };

/* At inference the key of random numbers is the seed with these bits changed, so that no step of training has them. */
#define FNN_INFERENCE_KEY UINT64_C(0x696e666572656e63)

/* Nanoseconds a row that runs took alone and on several threads, and how many have been timed (core/gain.c). */
typedef struct {
    double alone, together;
    int64_t runs;
} fnn_gain;

typedef struct {
    const fnn_kernels *kernels;
    fnn_buffer *buffers;
    const fnn_op *ops;
    const int32_t *values;  /* buffers whose rows are added up (loss first) */
    void *scratch;
    int32_t n_buffers, n_ops, n_values;
    int32_t input, output;  /* buffers */
    int32_t section[FNN_N_SECTIONS + 1]; /* section s: ops section[s] .. section[s + 1] - 1 */
    uint64_t seed;
    int64_t step;
    double learning_rate;
    int32_t threads;        /* at most so many; 0 means 1 */
    int32_t always;         /* all of them, whatever the work is worth: for tests */
    uint8_t *waits;         /* n_ops + n_buffers + 1, room for fnn_schedule; NULL: threads wait before each op */
    fnn_zeros zeros;        /* room for the lists of a batch, by fnn_zeros_place; zero: terms of 0 are not left out */
    int64_t look_for_zeros; /* step from which on that may pay */
    const fnn_few *few;     /* entries for batches of few rows, by fnn_few_prepare; NULL: there are none */
    int32_t few_start[4];   /* those of prediction, of evaluation, of a training step, and the end */
    int32_t few_row[4];     /* those of training row by row: of the last update, of the first step up to its update, of
                               a later step after the update of the one before, and the end; 0 where that cannot be */
    double few_numbers[FNN_MAX_NUMBERS];
    int64_t pass, passed;   /* pass over data at inference, as told; rows of it that came in earlier calls */
    fnn_gain gain;          /* of training on several threads */
} fnn_program;

/* What a buffer is fed from, beside the input: a target, or the rows' weights.
 * rows: int32 (n) for a buffer of integers, else (n, cols of the buffer) of the program's dtype; contiguous. */
typedef struct {
    const void *rows;
    int32_t buffer;
} fnn_feed;

/* Rows of data.  x: (n, cols of input) of x_dtype, x_stride bytes from row to row; NULL: the input stays as it is.
 * feeds (n_feeds): all else that is fed.
 * marks: (n, fnn_mark_words), 0 at first, or NULL: what is found out about zeros in x, of the program's dtype, kept from
 * call to call as long as x stays the same (core/marks.c).  No row is then twice in a batch.
 * compressed: none of its rows known at first, or NULL: the rows of x without zeros, of the program's dtype, kept as the
 * marks are.
 * outputs: (rows of the call, cols of output) of the program's dtype, written by training and evaluation in the order
 * in which they take the rows; NULL where nobody wants them. */
typedef struct {
    const void *x;
    int64_t x_stride;
    int32_t x_dtype, n_feeds;
    const fnn_feed *feeds;
    void *outputs;
    uint64_t *marks;
    fnn_compressed *compressed;
} fnn_data;

/* FNN_OK, or what is wrong; *bad_op is then the op's position. */
fnn_status fnn_program_check(int32_t *bad_op, const fnn_program *p);
const char *fnn_status_text(fnn_status status);

/* How many rows of a batch are worked on together: all, or those of a piece. Memory is needed for so many. */
int64_t fnn_rows_at_once(const fnn_program *p, int64_t batch);

/* Bytes of scratch that the program's kernels need for batches of at most `rows`. */
int64_t fnn_scratch_size(const fnn_program *p, int64_t rows);

/* Bytes for the lists of batches of at most `rows`, 0 where they are of no use; in memory, aligned as the buffers are,
 * where that is not NULL, *zeros is placed. */
int64_t fnn_zeros_place(fnn_zeros *zeros, char *memory, const fnn_program *p, int64_t rows);

/* Words of fnn_data.marks for a row, of a program with zeros placed; 0: they are of no use. */
int64_t fnn_mark_words(const fnn_program *p);

/* The most outputs of a product of training that may take the rows of the input without their zeros; 0: none may. */
int64_t fnn_compressed_outputs(const fnn_program *p);

/* Prepare the program for batches of few rows, in fnn_few_size bytes of memory: anew whenever buffers have moved. */
void fnn_few_prepare(fnn_program *p, void *memory);
int64_t fnn_few_size(const fnn_program *p);

/* How many threads are worth their while for sections from .. to - 1 on batches of `rows`, at most p->threads. */
int fnn_worthwhile_threads(const fnn_program *p, int64_t rows, int from, int to);
/* Note in p->waits before which ops of sections from .. to - 1 the threads must wait for each other. */
void fnn_schedule(const fnn_program *p, int64_t rows, int from, int to, int threads);

/* One training step per `batch` entries of order (n); totals (n_values) += sums of the values over all rows.
 * learning_rates: one for each step, or NULL where the program's own holds for all.  Returns the number of the first batch whose loss is not finite, or -1. */
int64_t fnn_train(double *totals, fnn_program *p, const fnn_data *data, const int64_t *order, int64_t n,
                  int64_t batch, const double *learning_rates);
/* totals (n_values) += sums of the values over rows first .. first + n - 1. */
void fnn_evaluate(double *totals, fnn_program *p, const fnn_data *data, int64_t first, int64_t n, int64_t batch);
/* out (n, cols of output) <- prediction for rows first .. first + n - 1. */
void fnn_predict(void *out, fnn_program *p, const fnn_data *data, int64_t first, int64_t n, int64_t batch);
/* Load rows first .. first + rows - 1 as the batch. */
void fnn_load(fnn_program *p, const fnn_data *data, int64_t first, int64_t rows);
/* Run ops start .. stop - 1 on the batch that is loaded. */
void fnn_run_ops(fnn_program *p, int64_t rows, int32_t start, int32_t stop);

/* order (n, below 2^32) <- 0 .. n - 1, shuffled as NumPy's Philox generator with this key does it. */
void fnn_permute(int64_t *order, int64_t n, const uint64_t key[2]);

/* Whether all of x (n), float32 or float64, are numbers from -limit to limit, a finite number above 0. */
int fnn_all_within(const void *x, int32_t dtype, int64_t n, double limit);

/* The functions of fnn_array_functions in the floating-point environment of the contract. */
void fnn_array_matmul(const fnn_kernels *k, const fnn_matmul *p);
void fnn_array_map(const fnn_kernels *k, int32_t map, void *out, const void *a, const void *b, double s, int64_t n);
void fnn_array_softmax(const fnn_kernels *k, void *y, const void *x, int64_t rows, int64_t cols);
void fnn_array_softmax_backward(const fnn_kernels *k, void *dx, const void *dy, const void *x, int64_t rows,
                                int64_t cols);
void fnn_array_row_sums(const fnn_kernels *k, void *out, const void *x, double divisor, int64_t rows, int64_t cols);
double fnn_array_log_likelihood(const fnn_kernels *k, const void *a, const void *y, int32_t two_sided, int64_t n);

#ifdef __cplusplus
}
#endif
#endif
