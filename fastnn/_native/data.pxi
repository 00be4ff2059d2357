# Data: the rows that programs are given, their order, and whether they are numbers at all. Part of core.pyx.


cdef class Compressed:
    """Rows of data without their zeros, which training fills in (core/compressed.c).

    start (rows) int64, -1; count (rows) int32; place (bytes) for their numbers and columns, aligned as these are.
    """

    cdef fnn_compressed rows
    cdef tuple held

    def __init__(self, int64_t[::1] start, int32_t[::1] count, char[::1] place):
        if not 0 < start.shape[0] == count.shape[0] or not place.shape[0]:
            raise ValueError("places of compressed rows do not fit each other")
        self.held = start, count, place
        self.rows.start, self.rows.count, self.rows.place = &start[0], &count[0], &place[0]
        self.rows.rows, self.rows.room = start.shape[0], place.shape[0]
        self.rows.used = self.rows.known = 0

    @property
    def complete(self):
        """Whether all rows are here, so that training takes them instead of the data."""
        return self.rows.known == self.rows.rows


cdef class Data:
    """Rows of data, held (and protected from resizing) for as long as this object lives.

    x: C-contiguous (n, features) as bytes, of ``x_dtype``, or None where the input stays as it is; feeds: (buffer,
    contiguous bytes) for each other buffer that is fed; outputs: bytes that training and evaluation write, or None;
    marks: (n, NativeProgram.mark_words) uint64, 0 at first, kept with x as long as that stays the same, or None;
    compressed: Compressed for the n rows, kept likewise, or None.
    """

    cdef fnn_data data
    cdef fnn_feed *feeds
    cdef Py_buffer *held  # of the feeds, in their order
    cdef const unsigned char[::1] x
    cdef unsigned char[::1] outputs
    cdef uint64_t[:, ::1] marks
    cdef Compressed compressed

    def __cinit__(self, x, int64_t x_stride, str x_dtype, list feeds, outputs=None, marks=None,
                  Compressed compressed=None):
        self.feeds = <fnn_feed *>calloc(len(feeds) + 1, sizeof(fnn_feed))
        self.held = <Py_buffer *>calloc(len(feeds) + 1, sizeof(Py_buffer))
        if self.feeds == NULL or self.held == NULL:
            raise MemoryError("could not allocate the data's places")
        self.data.feeds = self.feeds
        for buffer, rows in feeds:
            PyObject_GetBuffer(rows, &self.held[self.data.n_feeds], PyBUF_C_CONTIGUOUS)
            self.feeds[self.data.n_feeds].buffer = buffer
            self.feeds[self.data.n_feeds].rows = self.held[self.data.n_feeds].buf
            self.data.n_feeds += 1
        self.data.x = NULL
        self.data.outputs = NULL
        if x is not None and len(x):
            self.x = x
            self.data.x = &self.x[0]
        if outputs is not None and len(outputs):
            self.outputs = outputs
            self.data.outputs = &self.outputs[0]
        self.data.marks = NULL
        if marks is not None and marks.size:
            self.marks = marks
            self.data.marks = &self.marks[0, 0]
        self.data.compressed = NULL
        if compressed is not None:
            self.compressed = compressed
            self.data.compressed = &compressed.rows
        self.data.x_stride = x_stride
        self.data.x_dtype = DTYPES[x_dtype]

    def __dealloc__(self):
        cdef int i
        for i in range(self.data.n_feeds):
            PyBuffer_Release(&self.held[i])
        free(self.held)
        free(self.feeds)


def permute(int64_t[::1] order, uint64_t low, uint64_t high):
    """order (n) <- what NumPy's ``Generator(Philox(key)).permutation(n)`` gives; low, high: the words of the key."""
    cdef uint64_t[2] key = [low, high]
    if order.shape[0]:
        with nogil:
            fnn_permute(&order[0], order.shape[0], &key[0])


def all_within(const unsigned char[::1] rows, str dtype, double limit):
    """Whether all numbers of some rows, the bytes of float32 or float64, are from -limit to limit; NaN is not."""
    cdef int64_t n = rows.shape[0] // (8 if DTYPES[dtype] == 1 else 4)
    cdef int32_t code = DTYPES[dtype]
    cdef int found = 1
    if n:
        with nogil:
            found = fnn_all_within(&rows[0], code, n, limit)
    return bool(found)


def numbers_rows(const int64_t[::1] order, int64_t rows):
    """Whether all of order are from 0 to rows - 1."""
    cdef uint64_t number, beyond = 0, last = rows - 1
    cdef int64_t i
    with nogil:
        for i in range(order.shape[0]):
            number = order[i]
            beyond |= number | (last - number)  # the upper bit is the sign of either
    return not beyond >> 63
