"""Step mode: a Python loop over the native kernels, op by op.

So run programs with operations that exist in Python only: layers that compute with NumPy. All else has the bits of the
native backend, since it is computed by the same kernels in the same order.
"""

import numpy as np

from ..ops import StepState
from ..program import INFERENCE, SECTIONS
from .base import Executable, some_rows
from .native import NativeBackend, NativeExecutable


class StepBackend(NativeBackend):
    """The native backend, but for the loop."""

    name = "step"

    def unfused(self):
        return StepBackend(self.level, fused=False)

    def load(self, program, dtype="float32", seed=0):
        return StepExecutable(program, dtype, seed, self.level, self.fused)


class StepExecutable(NativeExecutable):
    """See :class:`~fastnn.backends.base.Executable`."""

    predictor, train_epochs = Executable.predictor, Executable.train_epochs

    def train(self, x, y, order, batch_size, totals=None, learning_rates=None, weights=None, outputs=None):
        totals, bad = self._totals(totals), -1
        for number, first in enumerate(range(0, len(order), batch_size)):
            rows = np.asarray(order[first : first + batch_size])
            if learning_rates is not None:
                self.learning_rate = float(learning_rates[number])
            self.run("forward", x[rows], some_rows(y, rows), weights=some_rows(weights, rows))
            if outputs is not None:
                outputs[first : first + batch_size] = self.get(self.program.buffers[self.program.output].name)
            self.run("backward")
            self.run("update")
            self.step += 1
            batch = self._batch_totals()
            totals += batch
            if bad < 0 and not np.isfinite(batch[0]):
                bad = number
        return totals, bad

    def evaluate(self, x, y, batch_size, totals=None, weights=None, outputs=None):
        totals = self._totals(totals)
        for first in range(0, len(x), batch_size):
            rows = slice(first, first + batch_size)
            self.run("evaluate", x[rows], some_rows(y, rows), weights=some_rows(weights, rows))
            if outputs is not None:
                outputs[rows] = self.get(self.program.buffers[self.program.output].name)
            totals += self._batch_totals()
            self.passed += self._rows
        return totals

    def predict(self, x, batch_size):
        output = self.program.buffers[self.program.output]
        out = np.empty((len(x), output.shape[1]), self.dtype)
        for first in range(0, len(x), batch_size):
            self.run("predict", x[first : first + batch_size])
            out[first : first + batch_size] = self.get(output.name)
            self.passed += self._rows
        return out

    def run(self, section, x=None, y=None, start=0, stop=None, weights=None):
        super().run(section, x, y, 0, 0, weights)  # loads the batch
        ops = self.program.sections.get(section, ())
        native = self._starts[SECTIONS.index(section)]
        start, stop, _ = slice(start, stop).indices(len(ops))
        for position, op in enumerate(ops[:stop]):
            if position >= start and op.is_due(self.step):
                if op.kind.native:
                    with self._lock:
                        self._native.run_ops(self._rows, native, native + 1)
                else:
                    self._run_in_python(op, section)
            native += op.kind.native

    def _run_in_python(self, op, section):
        buffers = self.program.buffers
        inputs = [None if i is None else self.get(buffers[i].name) for i in op.inputs]
        state = StepState(self.step // op.every, self.seed, self.learning_rate, self._rows, self.dtype.name)
        if section in INFERENCE:
            state = state.at_inference(self.pass_number, self.passed)
        results = op.kind.compute(state, *inputs, **op.attributes)
        for i, result in zip(op.outputs, results if isinstance(results, tuple) else (results,), strict=True):
            if i is not None:
                with self._lock:
                    self._import(i, np.ascontiguousarray(result, self.dtype), self._rows)

    def _batch_totals(self):
        """Sums of the values, one number after the other, as in C."""
        values = (self.get(self.program.buffers[i].name).astype(np.float64) for i in self.program.values())
        return np.array([np.cumsum(value)[-1] for value in values])
