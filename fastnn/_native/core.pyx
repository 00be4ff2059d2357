# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, embedsignature=True
"""Native programs: memory, checks, and runs without the GIL.

Knows buffers and ops by number only; ``fastnn.backends.native`` translates. Calls trust their caller about shapes
and dtypes of the arrays, and check only what would otherwise be memory-unsafe.
"""

import atexit

from cpython.buffer cimport PyBUF_CONTIG, PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBuffer_Release, PyObject_GetBuffer
from libc.float cimport DBL_MAX
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free
from libc.string cimport strcmp

from fastnn._native.fastnn cimport *

DTYPES = {"float32": 0, "float64": 1, "uint8": 2}


def levels():
    """Names of the SIMD levels that are built, best first, each with whether this CPU can run it."""
    return {fnn_level_name(i).decode(): bool(fnn_level_supported(i)) for i in range(fnn_n_levels())}


def op_table():
    """(name, signature, attributes) of each operation, in the order of its opcode."""
    return [
        (fnn_op_table[i][0].decode(), fnn_op_table[i][1].decode(), fnn_op_table[i][2].decode())
        for i in range(FNN_N_OPS)
    ]


cdef const fnn_kernels *kernels_of(str level, str dtype) except NULL:
    names = list(levels())
    if level not in names or not fnn_level_supported(names.index(level)):
        raise ValueError(f"level {level!r} is not built, or this CPU cannot run it")
    if dtype not in DTYPES or fnn_level_kernels(names.index(level), DTYPES[dtype]) == NULL:
        raise ValueError(f"there are no kernels for {dtype!r}")
    return fnn_level_kernels(names.index(level), DTYPES[dtype])


def fma_loop(str level, str dtype, int64_t turns):
    """Run nothing but multiply-adds in registers; returns the number of floating-point operations."""
    cdef const fnn_kernels *kernels = kernels_of(level, dtype)
    with nogil:
        kernels.fma_loop(turns)
    return turns * kernels.fma_loop_flops


def root_loop(str level, str dtype, int64_t turns):
    """Run nothing but square roots and divisions by them in registers; returns the number of pairs."""
    cdef const fnn_kernels *kernels = kernels_of(level, dtype)
    with nogil:
        kernels.root_loop(turns)
    return turns * kernels.fma_loop_flops // 2


MAX_THREADS = FNN_MAX_THREADS
FEW_ROWS = FNN_FEW_ROWS


def team_size():
    """Threads that are alive besides the callers'."""
    return fnn_team_size()


def stop_team():
    """End all threads; the next work that is worth it makes new ones."""
    with nogil:
        fnn_team_stop()


def barrier_latency(int threads):
    """Nanoseconds that ``threads`` threads need to wait for each other; 0.0 where they cannot be had."""
    cdef double result
    with nogil:
        result = fnn_team_barrier_latency(threads)
    return result


atexit.register(stop_team)


cdef class Arena:
    """Zeroed memory that starts at a cache line."""

    cdef void *block
    cdef char *start
    cdef readonly int64_t size

    def __cinit__(self, int64_t size):
        self.block = calloc(size + 64, 1)
        if self.block == NULL:
            raise MemoryError(f"could not allocate {size} bytes for the buffers of a program")
        self.start = <char *>(((<uintptr_t>self.block) + 63) & ~<uintptr_t>63)
        self.size = size

    def __dealloc__(self):
        free(self.block)


cdef class NativeProgram:
    """A program with its memory, for one level and dtype.

    Parameters
    ----------
    level, dtype : str
    ops : list of (opcode, operands, attributes)
        Operands are outputs, then inputs, -1 where left out.
    sections : list of int
        Section s has the ops sections[s] .. sections[s + 1] - 1.
    values : list of int
    input, output : int
        Buffers.
    fed : list of int
        Buffers that data may feed beside the input: targets, and weights of the rows.
    seed : int
    skip_zeros : bool
        Whether training leaves out products with zeros of the data, where that pays.
    """

    cdef fnn_program program
    cdef Arena persistent, batch, scratch, lists, few
    cdef bint skip_zeros
    cdef fnn_buffer *buffers
    cdef fnn_op *ops
    cdef int32_t *values
    cdef list ends  # buffers that data is copied to and from
    cdef frozenset fed
    cdef readonly int64_t capacity
    cdef readonly int panel

    def __cinit__(self, str level, str dtype, int n_buffers, list ops, list sections, list values, int input,
                  int output, list fed, seed, bint skip_zeros=True):
        cdef int i, j
        if n_buffers < 0 or len(sections) != FNN_N_SECTIONS + 1:
            raise ValueError(f"sections must be {FNN_N_SECTIONS + 1} numbers, got {len(sections)}")
        self.program.kernels = kernels_of(level, dtype)
        self.panel = self.program.kernels.panel
        self.buffers = <fnn_buffer *>calloc(n_buffers + 1, sizeof(fnn_buffer))
        self.ops = <fnn_op *>calloc(len(ops) + 1, sizeof(fnn_op))
        self.values = <int32_t *>calloc(len(values) + 1, sizeof(int32_t))
        self.program.waits = <uint8_t *>calloc(len(ops) + n_buffers + 1, 1)
        if self.buffers == NULL or self.ops == NULL or self.values == NULL or self.program.waits == NULL:
            raise MemoryError("could not allocate the program")
        for i, (code, operands, attributes, every) in enumerate(ops):
            if len(operands) > FNN_MAX_OPERANDS or len(attributes) > FNN_MAX_ATTRIBUTES:
                raise ValueError(f"op {i} has too many operands or attributes")
            self.ops[i].code = code
            self.ops[i].every = every
            for j in range(FNN_MAX_OPERANDS):
                self.ops[i].operand[j] = operands[j] if j < len(operands) else -1
            for j in range(len(attributes)):
                self.ops[i].attribute[j] = attributes[j]
        for i in range(len(values)):
            self.values[i] = values[i]
        for i in range(FNN_N_SECTIONS + 1):
            self.program.section[i] = sections[i]
        self.program.buffers = self.buffers
        self.program.ops = self.ops
        self.program.values = self.values
        self.program.n_buffers = n_buffers
        self.program.n_ops = len(ops)
        self.program.n_values = len(values)
        self.program.input = input
        self.program.output = output
        self.program.seed = seed
        self.program.threads = 1
        self.skip_zeros = skip_zeros
        self.fed = frozenset(fed)
        self.ends = [input, output, *fed, *values]

    def __dealloc__(self):
        free(self.buffers)
        free(self.ops)
        free(self.values)
        free(self.program.waits)

    def reserve(self, plan, int64_t rows):
        """Allocate memory as ``plan`` (fastnn.backends.plan) says, for batches of at most ``rows``.

        The persistent arena is allocated once and keeps its contents when a larger plan replaces an earlier one.
        """
        cdef int i
        cdef int32_t bad_op = -1
        cdef fnn_status status
        cdef Arena arena, batch, scratch, lists, few, persistent = self.persistent
        if rows < 1 or len(plan.places) != self.program.n_buffers:
            raise ValueError(f"{rows} rows, {len(plan.places)} places for {self.program.n_buffers} buffers")
        if persistent is None:
            persistent = Arena(plan.persistent_size)
        batch = Arena(plan.batch_size)
        for i, place in enumerate(plan.places):
            arena = persistent if place.persistent else batch
            if not 0 <= place.offset <= place.offset + place.size <= arena.size or place.size < self.bytes(place, rows):
                raise ValueError(f"the plan puts buffer {i} outside of its arena")
        self.capacity = 0  # until the check has passed: the buffers are about to be moved
        for i, place in enumerate(plan.places):
            arena = persistent if place.persistent else batch
            self.buffers[i].data = arena.start + <int64_t>place.offset
            self.buffers[i].rows = place.rows
            self.buffers[i].cols = place.cols
            self.buffers[i].ld = place.ld
            self.buffers[i].rank = place.rank
            self.buffers[i].layout = place.layout
            self.buffers[i].integer = place.integer
        status = fnn_program_check(&bad_op, &self.program)
        if status != FNN_OK:
            raise ValueError(f"op {bad_op}: {fnn_status_text(status).decode()}")
        for end in self.ends:
            if not 0 <= end < self.program.n_buffers:
                raise ValueError(f"data is fed to or read from {end}, which is not a buffer")
            i = end
            if self.buffers[i].rows != FNN_BATCH or self.buffers[i].layout != FNN_ROWS:
                raise ValueError(f"buffer {i} is fed or read row by row, but has no row for each sample")
        scratch = Arena(fnn_scratch_size(&self.program, rows))
        lists = Arena(fnn_zeros_place(NULL, NULL, &self.program, rows) if self.skip_zeros else 0)
        if lists.size:
            fnn_zeros_place(&self.program.zeros, lists.start, &self.program, rows)
        self.program.scratch = scratch.start
        few = Arena(fnn_few_size(&self.program))
        fnn_few_prepare(&self.program, few.start)
        self.persistent, self.batch, self.scratch, self.lists, self.few = persistent, batch, scratch, lists, few
        self.capacity = rows

    def bytes(self, place, rows):
        """Memory that a buffer needs in its layout, or infinity where its sizes make no sense."""
        n = rows if place.rows == FNN_BATCH else place.rows
        if n < 1 or place.cols < 1 or place.layout == FNN_ROWS and place.ld < place.cols:
            return float("inf")
        if place.layout == FNN_ROWS:
            elements = -(-n * place.ld // self.panel) * self.panel
        else:
            elements = n * (-(-place.cols // self.panel) * self.panel)
        return elements * (8 if self.program.kernels.dtype == 1 and not place.integer else 4)

    cdef int fits(self, int64_t n, int64_t batch) except -1:
        if fnn_rows_at_once(&self.program, batch) > self.capacity or n > 0 and batch < 1:
            raise ValueError(f"batches of {batch} rows, but memory is reserved for {self.capacity}")
        return 0

    @property
    def mark_words(self):
        """Numbers of 64 bits for the zeros of a row of data (core/marks.c); 0 where they are of no use."""
        return fnn_mark_words(&self.program)

    @property
    def compressed_outputs(self):
        """The most outputs of a product that may take the rows of the input without their zeros; 0: none may."""
        return fnn_compressed_outputs(&self.program)

    cdef int takes(self, Data data) except -1:
        cdef int i
        if data.compressed is not None and (
            not fnn_compressed_outputs(&self.program)
            or data.compressed.rows.rows * data.data.x_stride != data.x.shape[0]
        ):
            raise ValueError("the compressed rows do not fit the rows or the program")
        if data.data.marks != NULL and (
            data.data.x_dtype != self.program.kernels.dtype
            or data.marks.shape[1] != fnn_mark_words(&self.program)
            or data.marks.shape[0] * data.data.x_stride != data.x.shape[0]
        ):
            raise ValueError("the marks do not fit the rows or the program")
        for i in range(data.data.n_feeds):
            if data.data.feeds[i].buffer not in self.fed:
                raise ValueError(f"data for buffer {data.data.feeds[i].buffer}, but {sorted(self.fed)} can be fed")
        return 0

    cdef int owned(self, int buffer) except -1:
        if self.capacity == 0 or not 0 <= buffer < self.program.n_buffers:
            raise ValueError(f"no memory for buffer {buffer}")
        return 0

    @property
    def step(self):
        return self.program.step

    @step.setter
    def step(self, int64_t value):
        self.program.step = value

    @property
    def passing(self):
        return self.program.passing

    @passing.setter
    def passing(self, int64_t value):
        self.program.passing = value

    @property
    def passed(self):
        return self.program.passed

    @passed.setter
    def passed(self, int64_t value):
        self.program.passed = value

    @property
    def learning_rate(self):
        return self.program.learning_rate

    @learning_rate.setter
    def learning_rate(self, double value):
        self.program.learning_rate = value

    def use_threads(self, int threads, bint always):
        """From now on run on at most ``threads`` threads; on so many in any case if ``always``."""
        if not 1 <= threads <= FNN_MAX_THREADS:
            raise ValueError(f"threads must be from 1 to {FNN_MAX_THREADS}, got {threads}")
        self.program.threads = threads
        self.program.always = always

    def rows_at_once(self, int64_t batch):
        """How many rows of a batch are worked on together, and need memory."""
        return fnn_rows_at_once(&self.program, batch)

    def worthwhile_threads(self, int64_t rows, int section_from, int section_to):
        """How many threads a run of these sections with batches of ``rows`` takes."""
        return fnn_worthwhile_threads(&self.program, rows, section_from, section_to)

    @property
    def seed(self):
        return self.program.seed

    @seed.setter
    def seed(self, uint64_t value):
        self.program.seed = value

    def import_reals(self, int buffer, const unsigned char[::1] src, int64_t rows):
        """Buffer <- the bytes of a plain C-contiguous array of the program's dtype."""
        self.owned(buffer)
        self.program.kernels.import_array(&self.buffers[buffer], &src[0], rows)

    def export_reals(self, unsigned char[::1] dst, int buffer, int64_t rows):
        """The bytes of a plain C-contiguous array of the program's dtype <- buffer."""
        self.owned(buffer)
        self.program.kernels.export_array(&dst[0], &self.buffers[buffer], rows)

    def export_integers(self, int32_t[::1] dst, int buffer):
        """dst (rows) <- an integer buffer."""
        cdef int64_t i
        self.owned(buffer)
        for i in range(dst.shape[0]):
            dst[i] = (<int32_t *>self.buffers[buffer].data)[i]

    def train(self, double[::1] totals, Data data, const int64_t[::1] order, int64_t batch,
              const double[::1] learning_rates=None):
        """One training step per ``batch`` entries of ``order``; returns the first batch with a bad loss, or -1.

        ``learning_rates`` has one for each step; None where the program's own holds for all.
        """
        cdef int64_t bad = -1
        cdef const double *rates = NULL
        self.fits(order.shape[0], batch)
        self.takes(data)
        if totals.shape[0] != self.program.n_values:
            raise ValueError(f"totals must be {self.program.n_values} numbers, got {totals.shape[0]}")
        if order.shape[0]:
            if learning_rates is not None:
                if learning_rates.shape[0] != (order.shape[0] + batch - 1) // batch:
                    raise ValueError("expected one learning rate for each batch")
                rates = &learning_rates[0]
            with nogil:
                bad = fnn_train(&totals[0], &self.program, &data.data, &order[0], order.shape[0], batch, rates)
        return bad

    def train_epochs(self, double[:, ::1] totals, Data data, const uint64_t[:, ::1] keys, int64_t[::1] order,
                     int64_t batch, const double[::1] learning_rates):
        """An epoch for each row of ``totals``, with the rows in the order of its key (``permute``), or as ``order``
        says where keys is None. Ends after an epoch with a bad loss.

        Returns how many epochs were done, and the last one's first batch with a bad loss, or -1.
        """
        cdef int64_t bad = -1, epoch = 0, n = order.shape[0], steps
        self.fits(n, batch)
        if n < 1 or totals.shape[1] != self.program.n_values or keys is not None and keys.shape[1] != 2:
            raise ValueError("train_epochs: shapes do not fit")
        steps = (n + batch - 1) // batch
        if learning_rates.shape[0] != totals.shape[0] * steps or keys is not None and keys.shape[0] != totals.shape[0]:
            raise ValueError("expected one key for each epoch, and one learning rate for each batch")
        with nogil:
            while epoch < totals.shape[0] and bad < 0:
                if keys is not None:
                    fnn_permute(&order[0], n, &keys[epoch, 0])
                bad = fnn_train(&totals[epoch, 0], &self.program, &data.data, &order[0], n, batch,
                                &learning_rates[epoch * steps])
                epoch += 1
        return epoch, bad

    def evaluate(self, double[::1] totals, Data data, int64_t first, int64_t n, int64_t batch):
        """totals += sums of the values over n rows from ``first``."""
        self.fits(n, batch)
        self.takes(data)
        if totals.shape[0] != self.program.n_values:
            raise ValueError(f"totals must be {self.program.n_values} numbers, got {totals.shape[0]}")
        with nogil:
            fnn_evaluate(&totals[0], &self.program, &data.data, first, n, batch)

    def predict(self, unsigned char[::1] out, Data data, int64_t first, int64_t n, int64_t batch):
        """out (bytes of n rows) <- the output for n rows from ``first``."""
        self.fits(n, batch)
        with nogil:
            fnn_predict(&out[0], &self.program, &data.data, first, n, batch)

    def load(self, Data data, int64_t rows):
        """The first ``rows`` of the data become the batch."""
        if rows > self.capacity:
            raise ValueError("batch larger than reserved")
        self.takes(data)
        fnn_load(&self.program, &data.data, 0, rows)

    def run_ops(self, int64_t rows, int start, int stop):
        """Run the ops start .. stop - 1 on the batch that is loaded."""
        if rows > self.capacity or start < 0 or stop > self.program.n_ops:
            raise ValueError("rows or ops out of range")
        with nogil:
            fnn_run_ops(&self.program, rows, start, stop)


cdef class Predictor:
    """Predicts few rows at a time with little around the net's arithmetic: ``predictor(x, threads)``.

    The result is None where that cannot be done: x is no C-contiguous array of the program's dtype of 1 to FEW_ROWS
    rows of this shape, all finite; or memory is not reserved for so many rows.

    Parameters
    ----------
    program : NativeProgram
    lock : threading.RLock
        Held while the program's buffers are in use.
    empty : callable
        numpy.empty, which makes the result.
    row, output : tuple of int
        Shape of a row of the data, and of its prediction.
    dtype : numpy.dtype
    """

    cdef NativeProgram program
    cdef object lock, empty, output, dtype
    cdef tuple row
    cdef bytes format
    cdef int64_t features, columns

    def __cinit__(self, NativeProgram program, lock, empty, tuple row, tuple output, dtype):
        cdef const fnn_buffer *buffers = program.buffers
        self.program, self.lock, self.empty = program, lock, empty
        self.row, self.output, self.dtype = row, output, dtype
        self.format = b"d" if program.program.kernels.dtype == 1 else b"f"
        self.features = buffers[program.program.input].cols
        self.columns = buffers[program.program.output].cols

    def __call__(self, x, int threads):
        cdef Py_buffer source, result
        cdef fnn_data data
        cdef int64_t n
        try:
            PyObject_GetBuffer(x, &source, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS)
        except (BufferError, TypeError, ValueError):
            return None
        try:
            if not self.fits(&source):
                return None
            n = source.shape[0]
            out = self.empty((n, *self.output), self.dtype)
            PyObject_GetBuffer(out, &result, PyBUF_CONTIG)
            data.x, data.feeds, data.n_feeds, data.outputs, data.marks = source.buf, NULL, 0, NULL, NULL
            data.compressed = NULL
            data.x_stride, data.x_dtype = source.len // n, self.program.program.kernels.dtype
            try:
                with self.lock:
                    if n > self.program.capacity or result.len != n * self.columns * source.itemsize:
                        return None
                    self.program.use_threads(threads, self.program.program.always)
                    with nogil:
                        fnn_predict(result.buf, &self.program.program, &data, 0, n, n)
            finally:
                PyBuffer_Release(&result)
            return out
        finally:
            PyBuffer_Release(&source)

    cdef bint fits(self, Py_buffer *source) except -1:
        cdef int i
        if source.ndim != len(self.row) + 1 or source.format == NULL or strcmp(source.format, self.format) != 0:
            return False
        for i in range(1, source.ndim):
            if source.shape[i] != <int64_t>self.row[i - 1]:
                return False
        if not 1 <= source.shape[0] <= FNN_FEW_ROWS or source.len != source.shape[0] * self.features * source.itemsize:
            return False
        return fnn_all_within(source.buf, self.program.program.kernels.dtype, source.shape[0] * self.features, DBL_MAX)


include "data.pxi"
include "arrays.pxi"
