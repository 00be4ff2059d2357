"""The reference backend: a short loop that runs a program with the NumPy formulas of ``fastnn.ops``.

It may be slow and may not be clever; the native backend is judged by it.
"""

import numpy as np

from ..ops import StepState
from ..program import INFERENCE, PERSISTENT
from .base import Backend, Executable, feeds, some_rows


class ReferenceBackend(Backend):
    name = "reference"

    def load(self, program, dtype="float32", seed=0):
        return ReferenceExecutable(program, dtype, seed)


class ReferenceExecutable(Executable):
    def __init__(self, program, dtype, seed):
        self.program = program
        self.dtype = np.dtype(dtype)
        self.seed = seed
        self.step = self.pass_number = self.passed = 0
        self.learning_rate = 0.0
        self.threads = None
        self.arrays = [
            np.full(buffer.shape, buffer.initial, self.dtype) if buffer.role in PERSISTENT else None
            for buffer in program.buffers
        ]

    def get(self, name):
        array = self.arrays[self.program.index(name)]
        if array is None:
            raise ValueError(f"{name} has not been computed yet")
        return array.copy()

    def set(self, name, value):
        index = self.program.index(name)
        if self.program.buffers[index].role not in PERSISTENT:
            raise ValueError(f"{name} is computed; only parameters and slots can be set")
        self.arrays[index][...] = value

    def train(self, x, y, order, batch_size, totals=None, learning_rates=None, weights=None, outputs=None):
        totals, bad = self._no_totals() if totals is None else totals, -1
        for number, first in enumerate(range(0, len(order), batch_size)):
            rows = order[first : first + batch_size]
            if learning_rates is not None:
                self.learning_rate = float(learning_rates[number])
            self.run("forward", x[rows], some_rows(y, rows), weights=some_rows(weights, rows))
            if outputs is not None:
                outputs[first : first + batch_size] = self.arrays[self.program.output]
            self.run("backward")
            self.run("update")
            self.step += 1
            batch = self._batch_totals()
            totals += batch
            if bad < 0 and not np.isfinite(batch[0]):
                bad = number
        return totals, bad

    def evaluate(self, x, y, batch_size, totals=None, weights=None, outputs=None):
        totals = self._no_totals() if totals is None else totals
        for first in range(0, len(x), batch_size):
            rows = slice(first, first + batch_size)
            self.run("evaluate", x[rows], some_rows(y, rows), weights=some_rows(weights, rows))
            if outputs is not None:
                outputs[rows] = self.arrays[self.program.output]
            totals += self._batch_totals()
            self.passed += len(x[rows])
        return totals

    def predict(self, x, batch_size):
        columns = self.program.buffers[self.program.output].shape[1]
        out = np.empty((len(x), columns), self.dtype)
        for first in range(0, len(x), batch_size):
            self.run("predict", x[first : first + batch_size])
            out[first : first + batch_size] = self.arrays[self.program.output]
            self.passed += len(x[first : first + batch_size])
        return out

    def run(self, section, x=None, y=None, start=0, stop=None, weights=None):
        if x is not None:
            self.arrays[self.program.input] = np.asarray(x, self.dtype)
        for index, array in feeds(self, y, weights):
            self.arrays[index] = array
        fed = self.arrays[self.program.input]
        rows = 0 if fed is None else len(fed)
        state = StepState(self.step, self.seed, self.learning_rate, rows, self.dtype.name)
        at_inference = state.at_inference(self.pass_number, self.passed)
        for op in self.program.sections[section][start:stop]:
            if not op.is_due(self.step):
                continue
            state = state._replace(step=self.step // op.every)
            inputs = [None if i is None else self.arrays[i] for i in op.inputs]
            with np.errstate(all="ignore"):  # as in C; the trainer says where a loss stops being finite
                results = op.kind.compute(at_inference if section in INFERENCE else state, *inputs, **op.attributes)
            for i, result in zip(op.outputs, results if isinstance(results, tuple) else (results,), strict=True):
                if i is not None:
                    self.arrays[i] = result

    def _no_totals(self):
        return np.zeros(len(self.program.values()))

    def _batch_totals(self):
        return np.array([self.arrays[i].sum(dtype=np.float64) for i in self.program.values()])


