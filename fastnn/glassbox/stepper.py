"""One training step, op by op."""

import numpy as np

from .notation import formula, html_table, layer_of, names, shape_text, training_ops


class OpView:
    """One op that has just run.

    Attributes
    ----------
    section : {"forward", "backward", "update"}
    number, count : int
        Position in the step, from 1, and number of all ops.
    kind, layer : str
    formula : str
        With the notes' names.
    outputs : dict of str to numpy.ndarray
        What the op wrote, copies.
    """

    def __init__(self, section, number, count, op, names_of, executable):
        buffers = executable.program.buffers
        written = [i for i in op.outputs if i is not None]
        self.section, self.number, self.count, self.kind = section, number, count, op.kind.name
        self.layer = next((layer for i in written if (layer := layer_of(buffers[i]))), "")
        self.formula = formula(op, names_of)
        self.outputs = {names_of[i]: executable.get(buffers[i].name) for i in written}

    @property
    def title(self):
        layer = f" of {self.layer}" if self.layer else ""
        return f"{self.section} {self.number}/{self.count}: {self.kind}{layer}"

    def __str__(self):
        arrays = [
            f"{name} {shape_text(array.shape)}\n{np.array2string(array, precision=4, threshold=40, edgeitems=2)}"
            for name, array in self.outputs.items()
        ]
        return "\n".join([self.title, f"    {self.formula}", *arrays])

    __repr__ = __str__

    def _repr_html_(self):
        rows = [
            (name, shape_text(array.shape), np.array2string(array, precision=4, threshold=12, edgeitems=2))
            for name, array in self.outputs.items()
        ]
        return html_table(("name", "shape", "numbers"), rows, f"{self.title}:  {self.formula}")


class Stepper:
    """Goes through one training step: each ``next()`` runs one op and returns an :class:`OpView` of it.

    Made by ``Trainer.step(x, y)`` or ``model.step(x, y)``. It works on a copy: the model does not learn from it.

    Parameters
    ----------
    executable : fastnn.backends.base.Executable
        Of a program that trains, without fused ops.
    rows : (x, y, weights or None)
    """

    def __init__(self, executable, rows):
        self._executable, self._rows = executable, rows
        self._names = names(executable.program)
        self._ops = training_ops(executable.program)
        self._next = 0

    def __iter__(self):
        return self

    def __len__(self):
        return len(self._ops)

    def __next__(self):
        if self._next == len(self._ops):
            raise StopIteration
        section, op = self._ops[self._next]
        position = self._next - [name for name, _ in self._ops].index(section)
        x, y, weights = self._rows if self._next == 0 else (None, None, None)
        self._executable.run(section, x, y, position, position + 1, weights=weights)
        self._next += 1
        return OpView(section, self._next, len(self._ops), op, self._names, self._executable)

    def __getitem__(self, name):
        """The array with the notes' name, as it is now."""
        if name not in self._names:
            raise KeyError(f"no {name!r} in this step; there are {', '.join(self._names)}")
        return self._executable.get(self._executable.program.buffers[self._names.index(name)].name)
