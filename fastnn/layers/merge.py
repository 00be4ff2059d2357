"""Layers that join several tensors: element by element, or side by side."""

import math

from .. import axes
from ..checks import check_bool, check_int
from .axes import axis_of
from .base import Layer
from .calling import is_shape


class Merge(Layer):
    """Base of the layers that join tensors element by element; ``kind`` is the op that joins two.

    The tensors have one shape, but an axis of size 1 fits to any size, and an axis that is missing counts as such:
    (None, 1) and (None, 3) give (None, 3), as do (None, 3) and (None, 2, 1) give (None, 2, 3).

    Parameters
    ----------
    name, trainable
        As for every layer.

    Raises
    ------
    ValueError
        When it is called on something else than a list of at least two tensors, or on shapes that do not fit.
    """

    kind: str

    def __init__(self, *, name=None, trainable=True):
        super().__init__(name, trainable)

    def compute_output_shape(self, input_shape):
        shapes = [shape[1:] for shape in several(self, input_shape)]
        rank = max(map(len, shapes))
        full = [(1,) * (rank - len(shape)) + shape for shape in shapes]
        wanted = tuple(map(max, zip(*full, strict=True)))
        if any(size not in (1, most) for shape in full for size, most in zip(shape, wanted, strict=True)):
            raise ValueError(f"{self}: expected inputs of one shape, or with sizes of 1, got {input_shape}")
        return (None, *wanted)

    def emit(self, builder, x):
        wanted = self.compute_output_shape(self.input_shape)[1:]
        wide = [axes.widen(builder, part, shape[1:], wanted) for part, shape in zip(x, self.input_shape, strict=True)]
        y = wide[0]
        for part in wide[1:]:
            y = builder.emit(self.kind, y, part)
        return y


class Add(Merge):
    """The sum of the inputs."""

    kind = "add"


class Subtract(Merge):
    """The first of two inputs minus the second."""

    kind = "subtract"

    def compute_output_shape(self, input_shape):
        if len(several(self, input_shape)) != 2:
            raise ValueError(f"{self}: expected exactly 2 inputs, got {len(input_shape)}")
        return super().compute_output_shape(input_shape)


class Multiply(Merge):
    """The product of the inputs, element by element."""

    kind = "multiply"


class Average(Merge):
    """The mean of the inputs, element by element."""

    kind = "add"

    def emit(self, builder, x):
        return builder.emit("scale", super().emit(builder, x), factor=1 / len(x))


class Maximum(Merge):
    """The largest of the inputs, element by element; where some are equal, the gradient is that of the first."""

    kind = "maximum"


class Minimum(Merge):
    """The smallest of the inputs, element by element; where some are equal, the gradient is that of the first."""

    kind = "minimum"


class Concatenate(Layer):
    """The inputs side by side.

    Parameters
    ----------
    axis : int
        Any but that of the rows, 0.
    name, trainable
        As for every layer.
    """

    def __init__(self, axis=-1, *, name=None, trainable=True):
        self.axis = check_int(axis, "Concatenate: axis", -9)
        super().__init__(name, trainable)

    def compute_output_shape(self, input_shape):
        shapes = several(self, input_shape)
        axis = axis_of(self, self.axis, shapes[0])
        around = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
        if len(around) > 1 or any(len(shape) != len(shapes[0]) for shape in shapes):
            raise ValueError(f"{self}: expected inputs that differ in axis {axis} at most, got {shapes}")
        return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])

    def emit(self, builder, x):
        shapes = [shape[1:] for shape in self.input_shape]
        return axes.concatenate(builder, x, shapes, axis_of(self, self.axis, self.input_shape[0]) - 1)

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}


class Dot(Layer):
    """The dot product of two inputs along an axis of each, row by row: of (None, n) and (None, n) it is (None, 1).

    Of (None, a, n) and (None, n, b) along (2, 1) it is (None, a, b), the product of two matrices for each row.

    Parameters
    ----------
    axes : int or pair of int
        That of both inputs, or of each; not 0.
    normalize : bool
        Whether to divide each input by its length along the axis first, so that the result is the cosine.
    name, trainable
        As for every layer.
    """

    def __init__(self, axes, normalize=False, *, name=None, trainable=True):
        pair = axes if isinstance(axes, (list, tuple)) else (axes, axes)
        if len(pair) != 2:
            raise ValueError(f"Dot: axes must be an integer or two of them, got {axes!r}")
        self.pair = tuple(check_int(axis, "Dot: axes", -9) for axis in pair)
        self.axes, self.normalize = axes, check_bool(normalize, "Dot: normalize")
        super().__init__(name, trainable)

    def compute_output_shape(self, input_shape):
        shapes = several(self, input_shape)
        if len(shapes) != 2:
            raise ValueError(f"{self}: expected exactly 2 inputs, got {shapes}")
        (a, b), (i, j) = shapes, self._axes(shapes)
        if a[i] != b[j]:
            raise ValueError(f"{self}: expected one size along axes {i} and {j}, got {a} and {b}")
        left = (*a[1:i], *a[i + 1 :], *b[1:j], *b[j + 1 :])
        return (None, *(left or (1,)))

    def _axes(self, shapes):
        return [axis_of(self, axis, shape) for axis, shape in zip(self.pair, shapes, strict=True)]

    def emit(self, builder, x):
        sizes, (i, j) = [shape[1:] for shape in self.input_shape], self._axes(self.input_shape)
        if self.normalize:
            x = [
                axes.normalise(builder, part, shape, (axis - 1,), NORM_EPSILON)
                for part, shape, axis in zip(x, sizes, (i, j), strict=True)
            ]
        # The first becomes (p, n, 1), the second (1, n, q); their product is added up over n.
        n, orders = sizes[0][i - 1], ([], [])
        for order, shape, axis in zip(orders, sizes, (i, j), strict=True):
            order += [other for other in range(len(shape)) if other != axis - 1]
        p, q = (math.prod(shape[other] for other in order) for shape, order in zip(sizes, orders, strict=True))
        left = axes.permute(builder, x[0], sizes[0], [*orders[0], i - 1])
        right = axes.permute(builder, x[1], sizes[1], [j - 1, *orders[1]])
        whole = (p, n, q)
        product = builder.emit(
            "multiply", axes.widen(builder, left, (p, n, 1), whole), axes.widen(builder, right, (1, n, q), whole)
        )
        return axes.add_up(builder, product, whole, 1)

    def get_config(self):
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


NORM_EPSILON = 1e-7
"""Lengths below it count as this one, as ``keras.ops.normalize`` has it."""


def several(layer, shapes):
    """The shapes as a list of at least two; ValueError for anything else."""
    if is_shape(shapes) or isinstance(shapes, dict) or len(shapes) < 2:
        raise ValueError(f"{layer}: expected a list of at least 2 inputs, got {shapes}")
    return [tuple(shape) for shape in shapes]


def add(inputs, **options):
    """The sum of the tensors of a list; see :class:`Add`."""
    return Add(**options)(inputs)


def subtract(inputs, **options):
    """The difference of two tensors; see :class:`Subtract`."""
    return Subtract(**options)(inputs)


def multiply(inputs, **options):
    """The product of the tensors of a list; see :class:`Multiply`."""
    return Multiply(**options)(inputs)


def average(inputs, **options):
    """The mean of the tensors of a list; see :class:`Average`."""
    return Average(**options)(inputs)


def maximum(inputs, **options):
    """The largest of the tensors of a list; see :class:`Maximum`."""
    return Maximum(**options)(inputs)


def minimum(inputs, **options):
    """The smallest of the tensors of a list; see :class:`Minimum`."""
    return Minimum(**options)(inputs)


def concatenate(inputs, axis=-1, **options):
    """The tensors of a list side by side; see :class:`Concatenate`."""
    return Concatenate(axis=axis, **options)(inputs)


def dot(inputs, axes=-1, **options):
    """The dot product of two tensors; see :class:`Dot`."""
    return Dot(axes=axes, **options)(inputs)
