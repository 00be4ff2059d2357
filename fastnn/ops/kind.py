"""What an operation is: a name, a shape rule, a NumPy formula and its backward ops.

Each family of operations (``dense.py``, ``activations.py``, ...) subclasses :class:`OpKind` once per operation.
The same list of names, signatures and attributes stands in ``src_c/include/fnn_ops.def``; a test compares the two.
"""

import functools
import re
from typing import NamedTuple

INFERENCE_KEY = 0x696E666572656E63
"""Bits of the seed that are changed at inference, so that no step of training has the same random numbers."""

ROWS = -1
"""Stands in a shape for "one row per sample of the batch"; known only when the program runs."""


class Operand(NamedTuple):
    """One operand of a signature: letters for its dimensions, ``"*"`` for any shape."""

    dims: str
    integer: bool
    optional: bool

    def __str__(self):
        return self.dims + (":i" if self.integer else "") + ("?" if self.optional else "")


class Signature(NamedTuple):
    """Shape rule of an operation, such as ``"BO <- BI, IO, O?"``.

    Outputs stand left of the arrow, inputs right of it. Equal letters are equal sizes; ``B`` is always the rows of
    the batch and ``S`` always 1; ``*`` is any shape, the same for every ``*``; ``:i`` marks integers and ``?`` an
    operand that may be left out.
    """

    outputs: tuple[Operand, ...]
    inputs: tuple[Operand, ...]

    @classmethod
    @functools.cache
    def parse(cls, text):
        def operands(side):
            found = [re.fullmatch(r"(\*|[A-Z]+)(:i)?(\?)?", item.strip()) for item in side.split(",")]
            return tuple(Operand(m[1], bool(m[2]), bool(m[3])) for m in found)

        left, right = text.split("<-")
        return cls(operands(left), operands(right))

    def bind(self, shapes, operands):
        """Match ``shapes`` (None for an operand left out) to ``operands``; return ``{letter: size}``.

        Raises
        ------
        ValueError
            Where a shape does not fit, with what was expected and what came.
        """
        sizes = {"B": ROWS, "S": 1}
        for position, (shape, operand) in enumerate(zip(shapes, operands, strict=True)):
            if shape is None:
                if not operand.optional:
                    raise ValueError(f"operand {position} ({operand}) is missing")
            elif operand.dims == "*":
                if sizes.setdefault("*", shape) != shape:
                    raise ValueError(f"operand {position} has shape {shape}, expected {sizes['*']} like the others")
            else:
                expected = tuple(sizes.get(letter, letter) for letter in operand.dims)
                if len(shape) != len(expected) or any(
                    isinstance(want, int) and want != got for want, got in zip(expected, shape, strict=True)
                ):
                    raise ValueError(f"operand {position} has shape {shape}, expected ({operand}) = {expected}")
                sizes.update(zip(operand.dims, shape, strict=True))
        return sizes

    def output_shapes(self, input_shapes, free_sizes=None):
        """Shapes of the outputs that follow from the inputs' shapes.

        ``free_sizes`` takes the sizes that the inputs determine and returns those of the other letters.
        """
        sizes = self.bind(input_shapes, self.inputs)
        if free_sizes is not None:
            sizes |= free_sizes(sizes)
        return tuple(
            sizes["*"] if out.dims == "*" else tuple(sizes[letter] for letter in out.dims) for out in self.outputs
        )


class OpKind:
    """One operation. Subclasses set the class attributes and ``compute``; differentiable ones also ``backward``.

    Attributes
    ----------
    name : str
        The opcode, the same as in C.
    signature : str
        The shape rule; see :class:`Signature`.
    attributes : tuple of str
        Names of the numbers that go with an op (a dropout rate, ...), in the order in which C reads them.
    results : tuple of str
        Last part of the names that the builder gives to the outputs.
    identity_at_inference : bool
        True where prediction and evaluation leave the operation out (dropout).
    native : bool
        Whether there is a kernel for it; else it runs in step mode.
    at_inference : OpKind or None
        What takes its place in prediction and evaluation, with the same inputs and the first outputs.
    in_place : int
        How many of the first outputs are the first inputs, changed (the parameter and slots of an optimizer step).
    """

    name: str
    signature: str
    attributes: tuple[str, ...] = ()
    results: tuple[str, ...] = ("y",)
    identity_at_inference = False
    in_place = 0
    native = True
    at_inference = None

    def __init__(self):
        self.rule = Signature.parse(self.signature)

    def free_sizes(self, sizes, attributes):
        """Sizes of the letters of the outputs that no input has, ``{letter: size}``; ValueError if they cannot be."""
        return {}

    def output_shapes(self, input_shapes, attributes):
        """Shapes of the outputs for inputs of these shapes; ValueError where they do not fit."""
        return self.rule.output_shapes(input_shapes, lambda sizes: self.free_sizes(sizes, attributes))

    def compute(self, step, *inputs, **attributes):
        """Return the output (a tuple where there are several), computed with NumPy.

        ``step`` is a :class:`StepState`: what an operation may know about the training step besides its inputs.
        """
        raise NotImplementedError(self.name)

    def backward(self, builder, op, dy):
        """Emit the ops that carry the gradient ``dy`` of the output back to the inputs."""
        raise ValueError(f"operation {self.name!r} has no backward and cannot stand in a program that is trained")


class StepState(NamedTuple):
    """What operations may know about the training step that runs them."""

    step: int = 0
    """Number of training steps taken before this one; the t of the optimizers' papers is ``step + 1``."""
    seed: int = 0
    """64-bit key of every random number that the step draws."""
    learning_rate: float = 0.0
    rows: int = 0
    """Rows of the batch."""
    dtype: str = "float32"
    """Type of the real numbers."""
    first_row: int = 0
    """Number of the first row, of which its random numbers are a function."""

    def at_inference(self, number, passed):
        """The state in a pass over data at inference: ``number`` is that of the pass, ``passed`` its rows so far."""
        return self._replace(step=number, seed=self.seed ^ INFERENCE_KEY, first_row=passed)
