"""A model as data: buffers, ops, and the order in which they run.

Design
------
a. A :class:`Program` is frozen and checked once, at construction; whoever runs it may then trust it. It is made by a
   :class:`fastnn.builder.ProgramBuilder`.
b. Rows of the batch are a run argument (``ROWS`` in the shapes), so a short last batch needs no second program.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from .ops import ROWS, OpKind

ROLES = ("input", "target", "weight", "parameter", "slot", "gradient", "activation", "delta", "value")
"""What a buffer is for. parameter and slot live as long as the model, the others for one batch; "gradient" is of a
parameter, "delta" of an activation; a "value" has one number a row, which the run adds up (losses, metrics). A "weight"
says how much each row counts in the loss."""

PERSISTENT = ("parameter", "slot")

SECTIONS = ("predict", "evaluate", "forward", "backward", "update")
"""Lists of ops. A training step runs forward, backward, update; prediction and evaluation have their own lists,
which leave dropout out."""


INFERENCE = ("predict", "evaluate")


class Listing(str):
    """Text in columns, which a notebook shows as such."""

    __slots__ = ()

    def _repr_html_(self):
        return f"<pre>{self.replace('&', '&amp;').replace('<', '&lt;')}</pre>"


class ProgramError(ValueError):
    """A program that cannot run: says which op, what was expected and what came."""


class Buffer(NamedTuple):
    """A named array. ``shape[0]`` is ``ROWS`` where it has one row per sample of the batch.

    ``initial`` is the number that all elements of a slot start from.
    """

    name: str
    shape: tuple[int, ...]
    role: str
    integer: bool = False
    initial: float = 0.0

    def __str__(self):
        dims = ", ".join("B" if n == ROWS else str(n) for n in self.shape)
        return f"{self.name}({dims})"


class Op(NamedTuple):
    """One operation on buffers, given by index; None stands for an optional operand that is left out.

    With ``every`` above 1 it runs only in every so many-th training step, and counts the steps in these.
    """

    kind: OpKind
    outputs: tuple[int | None, ...]
    inputs: tuple[int | None, ...]
    attributes: Mapping = MappingProxyType({})
    every: int = 1

    def is_due(self, step):
        """Whether it runs in a training step, counted from 0."""
        return (step + 1) % self.every == 0


@dataclass(frozen=True)
class Program:
    """Buffers and the op lists over them (:data:`SECTIONS`). Raises ProgramError if it could not run.

    ``output`` is the buffer that prediction returns; ``input``, ``targets`` and ``weights`` are fed from the data.
    There is a target for each loss, none in a program that only predicts, and where rows are weighted, as many weights.
    """

    buffers: tuple[Buffer, ...]
    sections: dict[str, tuple[Op, ...]]
    input: int
    output: int
    targets: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()

    def __post_init__(self):
        check(self)

    def index(self, name):
        """Index of the buffer called ``name``."""
        for i, buffer in enumerate(self.buffers):
            if buffer.name == name:
                return i
        raise KeyError(f"no buffer called {name!r}; there are {[b.name for b in self.buffers]}")

    def with_role(self, *roles):
        """Indices of the buffers that have one of these roles, in order."""
        return [i for i, buffer in enumerate(self.buffers) if buffer.role in roles]

    def draws(self, section):
        """Whether ops of a section draw random numbers."""
        return any("stream" in op.kind.attributes for op in self.sections[section])

    def values(self):
        """Indices of the "value" buffers, in order: the loss first, then the metrics."""
        return list(self._values)

    @cached_property
    def _values(self):
        return tuple(self.with_role("value"))

    def disassemble(self, *sections):
        """The program as text, one op a line, with the names and shapes of its operands."""
        lines = []
        for section in sections or ("forward", "backward", "update"):
            lines.append(f"{section}:")
            lines += ["    " + self._line(op) for op in self.sections[section]]
        return Listing("\n".join(lines))

    def _line(self, op):
        outputs = ", ".join(str(self.buffers[i]) for i in op.outputs if i is not None)
        changed = op.inputs[: op.kind.in_place]  # not named twice
        inputs = ", ".join(str(self.buffers[i]) for i in op.inputs if i is not None and i not in changed)
        attributes = "".join(f" {name}={value:g}" for name, value in op.attributes.items())
        attributes += f" every={op.every}" if op.every > 1 else ""
        return f"{op.kind.name:<32} {outputs} <- {inputs}{attributes}"


def check(program):
    """Refuse a program that could not run.

    Checked for each op: signature and shapes, integer or real operands, attributes, that inputs have been written
    before they are read, that outputs share memory with inputs only in place, and that data is never overwritten.
    """
    for name in program.sections:
        if name not in SECTIONS:
            raise ProgramError(f"unknown section {name!r}; expected one of {SECTIONS}")
    for buffer in program.buffers:
        _check_buffer(buffer)
    _check_end(program, "input", program.input, "input", 2)
    _check_end(program, "output", program.output, None, 2)
    for index in program.targets:
        _check_end(program, "target", index, "target", None)
    for index in program.weights:
        _check_end(program, "weight", index, "weight", 1)
    given = set(program.with_role("input", "target", "weight", *PERSISTENT))
    train = [("train", name) for name in ("forward", "backward", "update")]
    for runs in ([("predict", "predict")], [("evaluate", "evaluate")], train):
        written = set(given)
        for _, name in runs:
            for position, op in enumerate(program.sections.get(name, ())):
                try:
                    _check_op(program, op, written)
                except ValueError as error:
                    raise ProgramError(f"{name}[{position}] {op.kind.name}: {error}") from None


def _check_buffer(buffer):
    sizes = buffer.shape[1:] if buffer.shape[:1] == (ROWS,) else buffer.shape
    if buffer.role not in ROLES:
        raise ProgramError(f"buffer {buffer} has the role {buffer.role!r}; expected one of {ROLES}")
    if len(buffer.shape) not in (1, 2) or any(n < 1 for n in sizes):
        raise ProgramError(f"buffer {buffer} must have one or two dimensions, none of them 0")
    if buffer.role == "value" and (buffer.shape != (ROWS,) or buffer.integer):
        raise ProgramError(f"buffer {buffer} is a value and must have the shape (B) of real numbers")


def _check_end(program, name, index, role, rank):
    """Where the data goes in and where predictions come out."""
    if index is None or not 0 <= index < len(program.buffers):
        raise ProgramError(f"{name} is buffer {index}, but there are {len(program.buffers)} buffers")
    buffer = program.buffers[index]
    if role and buffer.role != role:
        raise ProgramError(f"{name} is {buffer}, whose role is {buffer.role!r}; expected {role!r}")
    if buffer.shape[0] != ROWS or (rank and (len(buffer.shape) != rank or buffer.integer)):
        shape = "(B)" if rank == 1 else "(B, columns)"
        raise ProgramError(f"{name} is {buffer}; expected one row of real numbers for each sample, {shape}")


def _check_op(program, op, written):
    rule, buffers = op.kind.rule, program.buffers
    for side, operands, indices in (("output", rule.outputs, op.outputs), ("input", rule.inputs, op.inputs)):
        if len(indices) != len(operands):
            raise ValueError(f"takes {len(operands)} {side}s ({op.kind.signature}), got {len(indices)}")
        for operand, i in zip(operands, indices, strict=True):
            if i is None:
                continue
            if not 0 <= i < len(buffers):
                raise ValueError(f"{side} {operand} is buffer {i}, but there are {len(buffers)} buffers")
            if buffers[i].integer != operand.integer:
                raise ValueError(f"{side} {operand} is {buffers[i]}, which holds the wrong type of number")
    indices = op.outputs + op.inputs
    sizes = rule.bind([None if i is None else buffers[i].shape for i in indices], rule.outputs + rule.inputs)
    if set(op.attributes) != set(op.kind.attributes):
        raise ValueError(f"takes the attributes {op.kind.attributes}, got {tuple(op.attributes)}")
    if not (isinstance(op.every, int) and 1 <= op.every < 2**31):
        raise ValueError(f"runs in every so many-th step, a number of at least 1, got {op.every!r}")
    for letter, size in op.kind.free_sizes(sizes, op.attributes).items():
        if sizes[letter] != size:
            raise ValueError(f"gives {letter} = {size}, but its output has {sizes[letter]}")
    for i in op.inputs:
        if i is not None and i not in written:
            raise ValueError(f"reads {buffers[i]} before anything has written it")
    for position, i in enumerate(op.outputs):
        if i is None:
            continue
        if buffers[i].role in ("input", "target", "weight"):
            raise ValueError(f"writes to {buffers[i]}, which holds the data")
        in_place = position < op.kind.in_place
        if in_place and i != op.inputs[position]:
            raise ValueError(f"works in place: output {position} must be its input {position}")
        if indices.count(i) > 1 + in_place:
            raise ValueError(f"output {buffers[i]} is another operand too, but is not changed in place")
        written.add(i)
