"""Every intermediate of one training step, under the notes' names."""

from collections.abc import Mapping

import numpy as np

from ..ops import StepState
from .notation import formula, html_table, names, shape_text, text_table, training_ops


class Trace(Mapping):
    """All arrays of one training step by the notes' names: X, W1, b1, Z1, A1, ..., loss, dZ2, dW2, db2, dA1, ...

    ``trace["dW1"]`` is the array; printing the trace shows a table that reads like the notes. Made by
    ``model.trace(x, y)``.

    Parameters
    ----------
    executable : fastnn.backends.base.Executable
        Of a program that trains, without fused ops. Its forward and backward lists are run; no update is taken.
    rows : (x, y, weights or None)

    Attributes
    ----------
    formulas : dict of str to str
        How each array came about; "" for data and parameters.
    loss : float
        The mean of the rows' losses.
    """

    def __init__(self, executable, rows):
        program = executable.program
        x, y, weights = rows
        executable.run("forward", x, y, weights=weights)
        executable.run("backward")
        names_of = names(program)
        self.formulas, self._arrays = {}, {}
        self._add(program.input, names_of, executable)
        for section, op in training_ops(program):
            if section == "update":
                continue
            for index in op.inputs:
                if index is not None and names_of[index] not in self._arrays:
                    self._add(index, names_of, executable)
            text = formula(op, names_of)
            for index in op.outputs:
                if index is not None:
                    own = [part for part in text.split("; ") if part.startswith(f"{names_of[index]} =")]
                    self._add(index, names_of, executable, own[0] if own else text)
            if section == "forward":
                self._add_outputs(program, names_of)
        self.loss = float(np.mean(self._arrays["loss"], dtype=np.float64))

    def _add(self, index, names_of, executable, text=""):
        name = names_of[index]
        self._arrays[name] = executable.get(executable.program.buffers[index].name)
        self.formulas[name] = text

    def _add_outputs(self, program, names_of):
        """What only prediction computes: a softmax that training takes together with the loss."""
        for op in program.sections["predict"]:
            name, inputs = names_of[op.outputs[0]], [None if i is None else names_of[i] for i in op.inputs]
            trained = any(op.outputs[0] in other.outputs for other in program.sections["forward"])
            if trained or name in self._arrays or any(i not in (None, *self._arrays) for i in inputs):
                continue
            arrays = [None if i is None else self._arrays[i] for i in inputs]
            self._arrays[name] = op.kind.compute(StepState(), *arrays, **op.attributes)
            self.formulas[name] = formula(op, names_of)

    def __getitem__(self, name):
        if name not in self._arrays:
            raise KeyError(f"no {name!r} in this trace; there are {', '.join(self._arrays)}")
        return self._arrays[name]

    def __iter__(self):
        return iter(self._arrays)

    def __len__(self):
        return len(self._arrays)

    def _rows(self):
        for name, array in self._arrays.items():
            numbers = [f"{f(array):.4g}" if array.size else "" for f in (np.mean, np.min, np.max)]
            yield (name, self.formulas[name], shape_text(array.shape), *numbers)

    HEAD = ("name", "formula", "shape", "mean", "min", "max")

    def __str__(self):
        table = text_table(self.HEAD, self._rows(), right=(3, 4, 5))
        return f"One training step of {len(self['X'])} rows, loss {self.loss:.6g}\n\n{table}"

    __repr__ = __str__

    def _repr_html_(self):
        caption = f"One training step of {len(self['X'])} rows, loss {self.loss:.6g}"
        return html_table(self.HEAD, self._rows(), caption)
