# fastnn.pxd: the C interface (src_c/include/fastnn.h), the only `cdef extern` of the package.
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

cdef extern from "fastnn.h" nogil:
    enum:
        FNN_MAX_OPERANDS
        FNN_MAX_ATTRIBUTES
        FNN_N_OPS
        FNN_N_SECTIONS
        FNN_BATCH
        FNN_ROWS
        FNN_FEW_ROWS
    ctypedef enum fnn_status:
        FNN_OK
    ctypedef struct fnn_buffer:
        void *data
        int64_t rows
        int64_t cols
        int64_t ld
        int32_t rank
        int32_t layout
        int32_t integer
    ctypedef struct fnn_op:
        int32_t code
        int32_t operand[12]
        double attribute[4]
        int32_t every
    enum:
        FNN_MAP_relu
        FNN_MAP_sigmoid
        FNN_MAP_relu_backward
        FNN_MAP_sigmoid_backward
        FNN_MAP_subtract
        FNN_MAP_step
    ctypedef struct fnn_matmul:
        void *c
        const void *a
        const void *b
        const void *bias
        int64_t rows, cols, depth
        int64_t a_row, a_col, b_row, b_col
        double divisor
        void *scratch
    ctypedef struct fnn_array_functions:
        int64_t (*matmul_scratch)()
    ctypedef struct fnn_kernels:
        const char *level
        int32_t dtype
        int32_t panel
        int32_t row_tile
        int32_t lanes
        void (*import_array)(const fnn_buffer *buffer, const void *src, int64_t rows)
        void (*export_array)(void *dst, const fnn_buffer *buffer, int64_t rows)
        int32_t fma_loop_flops
        double (*fma_loop)(int64_t n) noexcept nogil
        double (*root_loop)(int64_t n) noexcept nogil
        fnn_array_functions array
    ctypedef struct fnn_zeros:
        int64_t words
    ctypedef struct fnn_program:
        const fnn_kernels *kernels
        fnn_buffer *buffers
        const fnn_op *ops
        const int32_t *values
        void *scratch
        int32_t n_buffers, n_ops, n_values
        int32_t input, output
        int32_t section[6]
        uint64_t seed
        int64_t step
        int64_t passing "pass", passed
        double learning_rate
        int32_t threads
        int32_t always
        uint8_t *waits
        fnn_zeros zeros
    ctypedef struct fnn_feed:
        const void *rows
        int32_t buffer

    ctypedef struct fnn_compressed:
        int64_t *start
        int32_t *count
        char *place
        int64_t rows, room, used, known

    ctypedef struct fnn_data:
        const void *x
        int64_t x_stride
        int32_t x_dtype
        int32_t n_feeds
        const fnn_feed *feeds
        void *outputs
        uint64_t *marks
        fnn_compressed *compressed

    int fnn_n_levels()
    const char *fnn_level_name(int i)
    int fnn_level_supported(int i)
    const fnn_kernels *fnn_level_kernels(int i, int32_t dtype)
    fnn_status fnn_program_check(int32_t *bad_op, const fnn_program *p)
    const char *fnn_status_text(fnn_status status)
    int64_t fnn_rows_at_once(const fnn_program *p, int64_t batch)
    int64_t fnn_scratch_size(const fnn_program *p, int64_t rows)
    int64_t fnn_train(double *totals, fnn_program *p, const fnn_data *data, const int64_t *order, int64_t n,
                      int64_t batch, const double *learning_rates)
    void fnn_evaluate(double *totals, fnn_program *p, const fnn_data *data, int64_t first, int64_t n, int64_t batch)
    void fnn_predict(void *out, fnn_program *p, const fnn_data *data, int64_t first, int64_t n, int64_t batch)
    void fnn_array_matmul(const fnn_kernels *k, const fnn_matmul *p)
    void fnn_array_map(const fnn_kernels *k, int32_t map, void *out, const void *a, const void *b, double s,
                       int64_t n)
    void fnn_array_softmax(const fnn_kernels *k, void *y, const void *x, int64_t rows, int64_t cols)
    void fnn_array_softmax_backward(const fnn_kernels *k, void *dx, const void *dy, const void *x, int64_t rows,
                                    int64_t cols)
    void fnn_array_row_sums(const fnn_kernels *k, void *out, const void *x, double divisor, int64_t rows,
                            int64_t cols)
    double fnn_array_log_likelihood(const fnn_kernels *k, const void *a, const void *y, int32_t two_sided, int64_t n)
    void fnn_permute(int64_t *order, int64_t n, const uint64_t *key)
    int fnn_all_within(const void *x, int32_t dtype, int64_t n, double limit)
    void fnn_load(fnn_program *p, const fnn_data *data, int64_t first, int64_t rows)
    void fnn_run_ops(fnn_program *p, int64_t rows, int32_t start, int32_t stop)
    int64_t fnn_zeros_place(fnn_zeros *zeros, char *memory, const fnn_program *p, int64_t rows)
    int64_t fnn_mark_words(const fnn_program *p)
    int64_t fnn_compressed_outputs(const fnn_program *p)
    void fnn_few_prepare(fnn_program *p, void *memory)
    int64_t fnn_few_size(const fnn_program *p)
    int fnn_worthwhile_threads(const fnn_program *p, int64_t rows, int section_from, int section_to)

cdef extern from "team.h" nogil:
    enum:
        FNN_MAX_THREADS
    void fnn_team_stop()
    int fnn_team_size()
    double fnn_team_barrier_latency(int count)

cdef extern from *:
    """
    static const char *const fnn_op_table[][3] = {
    #define OP(name, signature, attributes) {#name, signature, attributes},
    #include "fnn_ops.def"
    #undef OP
    };
    """
    const char *fnn_op_table[][3]
