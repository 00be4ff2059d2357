"""Axes as layers are given them: within a shape that begins with the rows of the batch."""

from ..checks import check_int


def axis_of(layer, axis, shape):
    """``axis`` counted from 0, which is that of the rows and not taken; ValueError where there is none such."""
    found = axis + len(shape) if axis < 0 else axis
    if not 1 <= found < len(shape):
        raise ValueError(f"{layer}: axis={axis} does not fit to inputs of shape {shape}; 0 is that of the rows")
    return found


def check_axes(axis, owner):
    """An axis, or a sequence of such, as a list of integers."""
    several = axis if isinstance(axis, (list, tuple)) else (axis,)
    if not several:
        raise ValueError(f"{owner}: axis must be an integer, or a sequence of at least one, got {axis!r}")
    return [check_int(one, f"{owner}: axis", -9) for one in several]


def along(layer, input_shape):
    """The axes of the layer within a row, counted from 0, in ascending order; ValueError where there is none such."""
    return sorted({axis_of(layer, axis, input_shape) - 1 for axis in layer.axes})
