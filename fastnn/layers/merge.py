"""Layers that join several tensors: element by element, or side by side."""

import math

from ..checks import check_int
from .base import Layer
from .calling import is_shape


class Merge(Layer):
    """Base of the layers that join tensors element by element; ``kind`` is the op that joins two.

    The tensors have one shape. A tensor with one column, (None, 1), fits to any number of columns.

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
        shapes = several(self, input_shape)
        widest = max(shapes, key=lambda shape: math.prod(shape[1:]))
        if any(shape not in (widest, (None, 1)) or len(shape) != len(widest) for shape in shapes):
            raise ValueError(f"{self}: expected inputs of one shape, or of one column, got {shapes}")
        return widest

    def emit(self, builder, x):
        columns = max(builder.buffer(part).shape[1] for part in x)
        wide = [
            part if builder.buffer(part).shape[1] == columns else builder.emit("spread", part, count=columns)
            for part in x
        ]
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
        The last axis, or for inputs of more axes the first after the rows.
    name, trainable
        As for every layer.
    """

    def __init__(self, axis=-1, *, name=None, trainable=True):
        self.axis = check_int(axis, "Concatenate: axis", -9)
        super().__init__(name, trainable)

    def compute_output_shape(self, input_shape):
        shapes = several(self, input_shape)
        rank = len(shapes[0])
        axis = self.axis + rank if self.axis < 0 else self.axis
        if not 1 <= axis < rank:
            raise ValueError(f"{self}: axis={self.axis} does not fit to inputs of shape {shapes[0]}")
        if any((*shape[:axis], *shape[axis + 1 :]) != (*shapes[0][:axis], *shapes[0][axis + 1 :]) for shape in shapes):
            raise ValueError(f"{self}: expected inputs that differ in axis {axis} at most, got {shapes}")
        if axis != 1:
            raise NotImplementedError(
                f"{self}: inputs of shape {shapes[0]} can be joined along axis 1 only, got axis={self.axis}; "
                "put Flatten layers before it"
            )
        return (None, sum(shape[1] for shape in shapes), *shapes[0][2:])

    def emit(self, builder, x):
        y = x[0]
        for part in x[1:]:
            y = builder.emit("concatenate", y, part)
        return y

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}


class Dot(Layer):
    """The dot product of two inputs (None, n), row by row: (None, 1).

    Parameters
    ----------
    axes : int or pair of int
        1 or -1, as there is one axis after the rows.
    normalize : bool
        Only False: divide by the lengths with ``keras.ops`` where the cosine is wanted.
    name, trainable
        As for every layer.
    """

    def __init__(self, axes, normalize=False, *, name=None, trainable=True):
        if normalize:
            raise NotImplementedError("Dot: normalize=True is not supported; the cosine can be made with keras.ops")
        if axes not in (1, -1, (1, 1), [1, 1], (-1, -1), [-1, -1]):
            raise ValueError(f"Dot: axes must be 1 or -1, the axis after the rows, got {axes!r}")
        self.axes, self.normalize = axes, False
        super().__init__(name, trainable)

    def compute_output_shape(self, input_shape):
        shapes = several(self, input_shape)
        if len(shapes) != 2 or shapes[0] != shapes[1] or len(shapes[0]) != 2:
            raise ValueError(f"{self}: expected two inputs of one shape (None, n), got {shapes}")
        return (None, 1)

    def emit(self, builder, x):
        return builder.emit("row_sum", builder.emit("multiply", *x))

    def get_config(self):
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


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
