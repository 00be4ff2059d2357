"""Axes within a row, of which a program knows nothing: moved, joined, repeated and added up by ops on flat rows.

``shape`` is that of one row, without the rows of the batch; axes count from 0 within it.
"""

from math import prod


def permute(builder, x, shape, order):
    """The axes of ``x`` in another order: axis i of the result is axis ``order[i]``."""
    axes = list(range(len(shape)))
    for place, axis in enumerate(order):
        at = axes.index(axis)
        first = prod(shape[i] for i in axes[place:at])
        if first > 1 and shape[axis] > 1:
            inner = prod(shape[i] for i in axes[at + 1 :])
            x = builder.emit("swap_axes", x, first=first, second=shape[axis], inner=inner)
        axes.insert(place, axes.pop(at))
    return x


def concatenate(builder, parts, shapes, axis):
    """The parts one behind the other along an axis; ``shapes`` are those of each."""
    outer = prod(shapes[0][:axis])
    parts = [permute(builder, x, (outer, prod(shape[axis:])), (1, 0)) for x, shape in zip(parts, shapes, strict=True)]
    y = parts[0]
    for part in parts[1:]:
        y = builder.emit("concatenate", y, part)
    return permute(builder, y, (builder.buffer(y).shape[1] // outer, outer), (1, 0))


def widen(builder, x, shape, wanted):
    """``x`` with each axis of size 1 repeated as often as ``wanted`` has it; axes that are missing come first."""
    shape = [*(1,) * (len(wanted) - len(shape)), *shape]
    if prod(shape) == 1 < prod(wanted):
        return builder.emit("spread", x, count=prod(wanted))
    for axis in reversed(range(len(shape))):
        if shape[axis] < wanted[axis]:
            x = builder.emit("repeat_axis", x, count=wanted[axis], inner=prod(wanted[axis + 1 :]))
    return x


def add_up(builder, x, shape, axis):
    """The sum over one axis, which is then gone."""
    if prod(shape) == shape[axis]:
        return builder.emit("row_sum", x)
    return builder.emit("sum_axis", x, count=shape[axis], inner=prod(shape[axis + 1 :]))


def joined(shape, axes):
    """The shape with neighbours that are all among ``axes``, or all not, as one; and which are then the axes."""
    sizes, among = [], []
    for axis, size in enumerate(shape):
        if among and among[-1] == (axis in axes):
            sizes[-1] *= size
        else:
            sizes.append(size)
            among.append(axis in axes)
    return sizes, [axis for axis, is_one in enumerate(among) if is_one]


def ones_at(shape, axes):
    """The shape with size 1 at these axes."""
    return [1 if axis in axes else size for axis, size in enumerate(shape)]


def mean(builder, x, shape, axes):
    """The mean along some axes, with size 1 where these were."""
    y, left = x, list(shape)
    for axis in axes:
        y, left[axis] = add_up(builder, y, left, axis), 1
    return builder.emit("scale", y, factor=1 / prod(shape[axis] for axis in axes))


def softmax(builder, x, shape, axes):
    """exp(x) divided by its sum along some axes.

    What is largest is subtracted first; the result does not depend on it, so nothing is learnt through it.
    """
    largest, left = x, list(shape)
    for axis in axes:
        largest = builder.emit("max_axis", largest, count=left[axis], inner=prod(left[axis + 1 :]))
        left[axis] = 1
    builder.stop_gradient(largest)
    e = builder.emit("exp", builder.emit("subtract", x, widen(builder, largest, left, shape)))
    total, left = e, list(shape)
    for axis in axes:
        total, left[axis] = add_up(builder, total, left, axis), 1
    return builder.emit("divide", e, widen(builder, total, left, shape))


def norm(builder, x, shape, axes, epsilon):
    """The length of ``x`` along some axes, at least ``epsilon``, with size 1 where these axes were."""
    y, left = builder.emit("multiply", x, x), list(shape)
    for axis in axes:
        y, left[axis] = add_up(builder, y, left, axis), 1
    least = {"slope": 1.0, "offset": 0.0, "low": epsilon * epsilon, "high": float("inf")}
    return builder.emit("sqrt", builder.emit("clipped_line", y, **least))


def normalise(builder, x, shape, axes, epsilon):
    """``x`` divided by its length along some axes, which counts as ``epsilon`` where it is less."""
    length = norm(builder, x, shape, axes, epsilon)
    return builder.emit("divide", x, widen(builder, length, ones_at(shape, axes), shape))
