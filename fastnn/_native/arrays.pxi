# Plain arrays, for loops written by hand. Part of core.pyx.

ctypedef fused real:
    float
    double

MAPS = {"relu": FNN_MAP_relu, "sigmoid": FNN_MAP_sigmoid, "relu_backward": FNN_MAP_relu_backward,
        "sigmoid_backward": FNN_MAP_sigmoid_backward, "subtract": FNN_MAP_subtract, "step": FNN_MAP_step}


cdef class ArrayFunctions:
    """Functions of plain arrays at one level, float32 or float64. Outputs come first and are C-contiguous.

    The caller has checked the values' types; shapes are checked here, since memory depends on them.
    """

    cdef const fnn_kernels *of_float
    cdef const fnn_kernels *of_double

    def __cinit__(self, str level):
        names = list(levels())
        if level not in names or not fnn_level_supported(names.index(level)):
            raise ValueError(f"level {level!r} is not built, or this CPU cannot run it")
        self.of_float = fnn_level_kernels(names.index(level), DTYPES["float32"])
        self.of_double = fnn_level_kernels(names.index(level), DTYPES["float64"])

    def matmul(self, real[:, ::1] c, const real[:, :] a, const real[:, :] b, const real[:] bias=None,
               double divisor=1.0):
        """c (n, m) = (a (n, k) b (k, m) + bias (n)) / divisor, with a and b of any strides; c overlaps none."""
        cdef const fnn_kernels *kernels = self.of_float if real is float else self.of_double
        cdef fnn_matmul p
        cdef Arena scratch
        _same("a", a.shape[0], c.shape[0])
        _same("b", b.shape[1], c.shape[1])
        _same("b", b.shape[0], a.shape[1])
        if not (c.shape[0] and c.shape[1] and a.shape[1]):
            raise ValueError("matmul takes no empty arrays")
        p.bias = NULL
        if bias is not None:
            _same("bias", bias.shape[0], c.shape[0])
            if bias.strides[0] != sizeof(real) and bias.shape[0] > 1:
                raise ValueError("bias must be contiguous")
            p.bias = &bias[0]
        p.c, p.a, p.b = &c[0, 0], &a[0, 0], &b[0, 0]
        p.rows, p.cols, p.depth = c.shape[0], c.shape[1], a.shape[1]
        p.a_row, p.a_col = a.strides[0] // <int>sizeof(real), a.strides[1] // <int>sizeof(real)
        p.b_row, p.b_col = b.strides[0] // <int>sizeof(real), b.strides[1] // <int>sizeof(real)
        p.divisor = divisor
        scratch = Arena(kernels.array.matmul_scratch())
        p.scratch = scratch.start
        with nogil:
            fnn_array_matmul(kernels, &p)

    def map(self, str name, real[:, ::1] out, const real[:, ::1] a, const real[:, ::1] b=None, double s=0.0):
        """out = the function ``name`` (FNN_MAPS) of a, b and s, element by element; out may be a or b."""
        cdef const fnn_kernels *kernels = self.of_float if real is float else self.of_double
        cdef int32_t code = MAPS[name]
        cdef const void *second = NULL
        cdef int64_t n = out.shape[0] * out.shape[1]
        _same(name, a.shape[0], out.shape[0])
        _same(name, a.shape[1], out.shape[1])
        if n == 0:
            return
        if b is not None:
            _same(name, b.shape[0], out.shape[0])
            _same(name, b.shape[1], out.shape[1])
            second = &b[0, 0]
        with nogil:
            fnn_array_map(kernels, code, &out[0, 0], &a[0, 0], second, s, n)

    def softmax(self, real[:, ::1] y, const real[:, ::1] x):
        """y = softmax of each column of x."""
        cdef const fnn_kernels *kernels = self.of_float if real is float else self.of_double
        _same("softmax", x.shape[0], y.shape[0])
        _same("softmax", x.shape[1], y.shape[1])
        if y.shape[0] and y.shape[1]:
            with nogil:
                fnn_array_softmax(kernels, &y[0, 0], &x[0, 0], y.shape[0], y.shape[1])

    def softmax_backward(self, real[:, ::1] dx, const real[:, ::1] dy, const real[:, ::1] x):
        """dx = the gradient dy of the softmax of each column of x, carried back to x."""
        cdef const fnn_kernels *kernels = self.of_float if real is float else self.of_double
        for got, expected in ((dy.shape[0], dx.shape[0]), (dy.shape[1], dx.shape[1]), (x.shape[0], dx.shape[0]),
                              (x.shape[1], dx.shape[1])):
            _same("softmax_backward", got, expected)
        if dx.shape[0] and dx.shape[1]:
            with nogil:
                fnn_array_softmax_backward(kernels, &dx[0, 0], &dy[0, 0], &x[0, 0], dx.shape[0], dx.shape[1])

    def row_sums(self, real[:, ::1] out, const real[:, ::1] x, double divisor=1.0):
        """out (n, 1) = the sum of each row of x (n, m), divided by divisor."""
        cdef const fnn_kernels *kernels = self.of_float if real is float else self.of_double
        _same("row_sums", out.shape[0], x.shape[0])
        _same("row_sums", out.shape[1], 1)
        if x.shape[0] and x.shape[1]:
            with nogil:
                fnn_array_row_sums(kernels, &out[0, 0], &x[0, 0], divisor, x.shape[0], x.shape[1])

    def log_likelihood(self, const real[:, ::1] a, const real[:, ::1] y, bint two_sided=False):
        """The sum of y log(a), and if ``two_sided`` of (1 - y) log(1 - a) too."""
        cdef const fnn_kernels *kernels = self.of_float if real is float else self.of_double
        cdef double total = 0
        _same("log_likelihood", y.shape[0], a.shape[0])
        _same("log_likelihood", y.shape[1], a.shape[1])
        if a.shape[0] and a.shape[1]:
            with nogil:
                total = fnn_array_log_likelihood(kernels, &a[0, 0], &y[0, 0], two_sided, a.shape[0] * a.shape[1])
        return total


cdef int _same(what, int64_t got, int64_t expected) except -1:
    if got != expected:
        raise ValueError(f"{what}: expected {expected} rows or columns, got {got}")
    return 0
