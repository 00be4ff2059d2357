"""The native backend: the same program over ``fastnn._native``, whole slices of an epoch a call, without the GIL."""

import os
import threading

import numpy as np

from .._native import core
from ..fusion import fuse
from ..ops import ROWS
from ..program import PERSISTENT, SECTIONS
from ..threads import get_num_threads
from .base import Backend, Executable, feeds
from .plan import make_plan

_READ = {np.dtype(name): name for name in core.DTYPES}  # types of rows that the kernels read: native ones
_EPOCHS_TO_COMPRESS = 4  # fewer do not win back what it takes to leave the zeros out
# Of the numbers, how many may be other than 0: beyond that layers of few outputs, and all others, are faster without.
_FEW_OUTPUTS, _LARGEST_SHARES = 32, (0.25, 0.08)
_SAMPLED_ROWS = 256
OPCODES = {name: code for code, (name, _, _) in enumerate(core.op_table())}


def levels():
    """Names of the SIMD levels that this build has and this CPU can run, best first."""
    return [name for name, supported in core.levels().items() if supported]


def choose_level(name=None):
    """``name``, else ``FASTNN_ISA``, else the best level.

    Raises
    ------
    ValueError
        If the level is unknown, not built, or not supported by this CPU.
    """
    name = name or os.environ.get("FASTNN_ISA")
    if not name:
        return levels()[0]
    if name not in levels():
        raise ValueError(f"SIMD level {name!r} cannot run here; this build and CPU have {levels()}")
    return name


class NativeBackend(Backend):
    """Parameters
    ----------
    level : str, optional
        SIMD level; see :func:`choose_level`.
    fused : bool
        Whether to run the fusion pass. It changes the speed, never the bits.
    skip_zeros : bool
        Whether training leaves out products with zeros of the data in the first layer, where that pays. It changes
        the speed, and the bits only of a net with weights that are infinite or NaN.
    """

    name = "native"

    def __init__(self, level=None, fused=True, skip_zeros=True):
        self.level = choose_level(level)
        self.fused = fused
        self.skip_zeros = skip_zeros

    def unfused(self):
        return NativeBackend(self.level, False, self.skip_zeros)

    def load(self, program, dtype="float32", seed=0):
        if all(op.kind.native for ops in program.sections.values() for op in ops):
            return NativeExecutable(program, dtype, seed, self.level, self.fused, self.skip_zeros)
        from .step import StepExecutable

        return StepExecutable(program, dtype, seed, self.level, self.fused)


class NativeExecutable(Executable):
    """See :class:`~fastnn.backends.base.Executable`.

    With ``always_threads`` even the smallest net runs on all the threads it may have: for tests.
    """

    def __init__(self, program, dtype, seed, level, fused, skip_zeros=True):
        self.program = fuse(program) if fused else program
        self.dtype, self.skip_zeros = np.dtype(dtype), skip_zeros
        self._starts, ops = [0], []
        for section in SECTIONS:
            ops += [self._lower(op) for op in self.program.sections.get(section, ()) if op.kind.native]
            self._starts.append(len(ops))
        self._native = core.NativeProgram(
            level, self.dtype.name, len(program.buffers), ops, self._starts, program.values(), program.input,
            program.output, [*program.targets, *program.weights], seed, skip_zeros,
        )  # fmt: skip
        self._lock = threading.RLock()  # the buffers are shared by all calls
        self._rows = 0  # of the batch that is loaded
        self.threads = None
        self.always_threads = False
        self._staying = None, None, None  # rows, and of these the marks of zeros or what is left without zeros
        self._reserve(1)
        for buffer in program.buffers:
            if buffer.initial:
                self.set(buffer.name, buffer.initial)

    @staticmethod
    def _lower(op):
        operands = [-1 if i is None else i for i in (*op.outputs, *op.inputs)]
        return OPCODES[op.kind.name], operands, [float(op.attributes[name]) for name in op.kind.attributes], op.every

    step = property(lambda self: self._native.step, lambda self, value: setattr(self._native, "step", value))
    seed = property(lambda self: self._native.seed, lambda self, value: setattr(self._native, "seed", value))
    passed = property(lambda self: self._native.passed, lambda self, value: setattr(self._native, "passed", value))
    pass_number = property(
        lambda self: self._native.passing, lambda self, value: setattr(self._native, "passing", value)
    )
    learning_rate = property(
        lambda self: self._native.learning_rate, lambda self, value: setattr(self._native, "learning_rate", value)
    )

    def get(self, name):
        index = self.program.index(name)
        buffer = self.program.buffers[index]
        shape = tuple(self._rows if n == ROWS else n for n in buffer.shape)
        out = np.empty(shape, np.int32 if buffer.integer else self.dtype)
        with self._lock:
            if not out.size:
                pass
            elif buffer.integer:
                self._native.export_integers(out, index)
            else:
                self._native.export_reals(_bytes(out), index, self._rows)
        return out

    def set(self, name, value):
        index = self.program.index(name)
        buffer = self.program.buffers[index]
        if buffer.role not in PERSISTENT:
            raise ValueError(f"{name} is computed; only parameters and slots can be set")
        plain = np.ascontiguousarray(np.broadcast_to(np.asarray(value, self.dtype), buffer.shape))
        with self._lock:
            self._import(index, plain, 0)

    def _import(self, index, plain, rows):
        """Buffer <- a plain array of its shape, with this many rows where it has one for each sample."""
        self._native.import_reals(index, _bytes(plain), rows)

    def train(self, x, y, order, batch_size, totals=None, learning_rates=None, weights=None, outputs=None):
        totals = self._totals(totals)
        order = np.ascontiguousarray(order, np.int64)
        if learning_rates is not None:
            learning_rates = np.ascontiguousarray(learning_rates, np.float64)
        if not core.numbers_rows(order, len(x)):
            raise IndexError(f"order has row numbers outside of 0 .. {len(x) - 1}")
        with self._lock:
            batch_size = min(batch_size, len(order))
            self._reserve(self._native.rows_at_once(batch_size))
            bad = self._native.train(totals, self._data(x, y, weights, outputs), order, batch_size, learning_rates)
            self._loaded(len(order), batch_size)
        return totals, bad

    def train_epochs(self, x, y, count, keys, batch_size, learning_rates, weights=None):
        totals, order = np.zeros((count, len(self.program.values()))), np.arange(len(x))
        with self._lock:
            batch_size = min(batch_size, len(x))
            self._reserve(batch_size)
            done, bad = self._native.train_epochs(
                totals, self._data(x, y, weights), keys, order, batch_size, np.ascontiguousarray(learning_rates, float)
            )
            self._loaded(len(x), batch_size)
        return totals[:done], bad

    def rows_stay(self, x, epochs=1):
        words, marks, compressed = self._native.mark_words, None, None
        if self.skip_zeros and x is not None and len(x) and x.flags.c_contiguous and x.flags.aligned:
            if epochs >= _EPOCHS_TO_COMPRESS and x.dtype in _READ:
                compressed = self._compressed(x)
            if compressed is None and words and x.dtype == self.dtype:
                marks = np.zeros((len(x), words), np.uint64)
        self._staying = x, marks, compressed

    def _compressed(self, x):
        """Room for the rows without their zeros, judged by a sample; None where that does not pay."""
        outputs = self._native.compressed_outputs
        sample = x[:: -(-len(x) // _SAMPLED_ROWS)]
        share = np.count_nonzero(sample) / sample.size
        if not outputs or share > _LARGEST_SHARES[outputs > _FEW_OUTPUTS]:
            return None
        numbers = int(1.25 * share * x.size) + 64 * x.shape[1]
        room = numbers * (self.dtype.itemsize + 2) + 8 * len(x)
        return core.Compressed(np.full(len(x), -1), np.empty(len(x), np.int32), np.empty(room, np.int8))

    def evaluate(self, x, y, batch_size, totals=None, weights=None, outputs=None):
        totals = self._totals(totals)
        with self._lock:
            batch_size = min(batch_size, len(x))
            self._reserve(self._native.rows_at_once(batch_size))
            self._native.evaluate(totals, self._data(x, y, weights, outputs), 0, len(x), batch_size)
            self._loaded(len(x), batch_size)
        return totals

    def predict(self, x, batch_size):
        columns = self.program.buffers[self.program.output].shape[1]
        out = np.empty((len(x), columns), self.dtype)
        if len(x):
            with self._lock:
                batch_size = min(batch_size, len(x))
                self._reserve(self._native.rows_at_once(batch_size))
                self._native.predict(_bytes(out), self._data(x, None), 0, len(x), batch_size)
                self._loaded(len(x), batch_size)
        return out

    def predictor(self, row, output):
        if self.program.draws("predict"):
            return super().predictor(row, output)
        return core.Predictor(self._native, self._lock, np.empty, row, output, self.dtype)

    def run(self, section, x=None, y=None, start=0, stop=None, weights=None):
        first, last = self._starts[SECTIONS.index(section) :][:2]
        start, stop, _ = slice(start, stop).indices(last - first)
        with self._lock:
            if x is not None or y is not None:
                self._rows = len(x if x is not None else y[0] if isinstance(y, tuple) else y)
                self._reserve(self._rows)
                self._native.load(self._data(x, y, weights), self._rows)
            self._native.run_ops(self._rows, first + start, first + stop)

    def _reserve(self, rows):
        self._native.use_threads(self.threads or get_num_threads(), self.always_threads)
        if rows > self._native.capacity:
            self._native.reserve(make_plan(self.program, rows, self._native.panel, self.dtype.itemsize), rows)

    def _loaded(self, rows, batch_size):
        if rows:
            last = rows % batch_size or batch_size
            self._rows = (last - 1) % self._native.rows_at_once(batch_size) + 1

    def _totals(self, totals):
        return np.zeros(len(self.program.values())) if totals is None else totals

    def _data(self, x, y, weights=None, outputs=None):
        """``core.Data`` over arrays that the caller has checked; converts what the kernels do not read."""
        staying, marks, compressed = self._staying
        if staying is None or x is not staying:
            marks = compressed = None
        if x is not None and x.dtype not in _READ:
            x = x.astype(self.dtype)
        fed = [(i, _bytes(_plain(a))) for i, a in feeds(self, y, weights)]
        x = None if x is None else _plain(x)
        dtype, stride = ("float32", 0) if x is None else (_READ[x.dtype], x.strides[0])
        return core.Data(_bytes(x), stride, dtype, fed, _bytes(outputs), marks, compressed)


def _plain(array):
    """The array, or a copy of it, as C reads it: number after number, each at a place that its type may have."""
    flags = array.flags  # asked here, since np.require takes longer than an epoch of few rows
    return array if flags.c_contiguous and flags.aligned else np.require(array, requirements=["C", "ALIGNED"])


def _bytes(array):
    """The memory of a C-contiguous array as bytes, without a copy."""
    return None if array is None else array.reshape(-1).view(np.uint8)
