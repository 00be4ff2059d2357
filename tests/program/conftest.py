"""The smallest program that trains, to be spoilt by the tests."""

import pytest

from fastnn.ops import KINDS, ROWS
from fastnn.program import Buffer, Op, Program


class Draft:
    """Buffers and ops that can still be changed; ``build`` makes the Program.

    y = x w + b, squared error, gradients of w and b, a momentum step of w.
    """

    def __init__(self):
        self.buffers = [
            Buffer("x", (ROWS, 3), "input"),
            Buffer("target", (ROWS, 2), "target"),
            Buffer("w", (3, 2), "parameter"),
            Buffer("b", (2,), "parameter"),
            Buffer("y", (ROWS, 2), "activation"),
            Buffer("loss", (ROWS,), "value"),
            Buffer("dy", (ROWS, 2), "delta"),
            Buffer("dw", (3, 2), "gradient"),
            Buffer("db", (2,), "gradient"),
            Buffer("w/m", (3, 2), "slot"),
            Buffer("labels", (ROWS,), "activation", True),
        ]
        dense = self.op("dense", ["y"], ["x", "w", "b"])
        self.sections = {
            "predict": [dense],
            "evaluate": [dense, self.op("mean_squared_error", ["loss", None], ["y", "target"])],
            "forward": [dense, self.op("mean_squared_error", ["loss", "dy"], ["y", "target"])],
            "backward": [self.op("dense_dw", ["dw"], ["x", "dy"]), self.op("dense_db", ["db"], ["dy"])],
            "update": [self.op("sgd_momentum", ["w", "w/m"], ["w", "w/m", "dw"], momentum=0.9)],
        }
        self.ends = {"input": 0, "output": 4, "targets": (1,)}

    def number(self, name):
        """Index of the buffer called ``name``; None and numbers are as they are."""
        names = [buffer.name for buffer in self.buffers]
        return names.index(name) if isinstance(name, str) else name

    def op(self, kind, outputs, inputs, **attributes):
        outputs, inputs = (tuple(map(self.number, names)) for names in (outputs, inputs))
        return Op(KINDS[kind], outputs, inputs, attributes)

    def change(self, name, **fields):
        """Change fields of a buffer."""
        self.buffers[self.number(name)] = self.buffers[self.number(name)]._replace(**fields)

    def build(self):
        sections = {name: tuple(ops) for name, ops in self.sections.items()}
        return Program(tuple(self.buffers), sections, **self.ends)


@pytest.fixture
def draft():
    """A new :class:`Draft`."""
    return Draft()
