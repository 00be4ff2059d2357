"""Axes within a row: swapping two, repeating along a new one, adding up along one, its largest numbers.

In a program a row is flat; these operations see it as (..., inner) with as many axes as they need. Each gradient is
the operation that undoes the copying: a swap back, repeating and adding up the one of the other.
"""

import numpy as np

from .kind import OpKind


def _whole(attributes, size, *names):
    """The attributes called so as whole numbers; ValueError unless their product divides ``size``."""
    numbers = [int(attributes[name]) for name in names]
    if min(numbers) < 1 or size % int(np.prod(numbers)):
        named = ", ".join(f"{name} = {attributes[name]:g}" for name in names)
        raise ValueError(f"cannot divide {size} columns by {named}")
    return numbers


class SwapAxes(OpKind):
    """Y (B, ..., second, first, inner) = X (B, ..., first, second, inner) with two axes swapped."""

    name = "swap_axes"
    signature = "BN <- BN"
    attributes = ("first", "second", "inner")

    def free_sizes(self, sizes, attributes):
        _whole(attributes, sizes["N"], "first", "second", "inner")
        return {}

    def compute(self, step, x, first, second, inner):
        return x.reshape(len(x), -1, int(first), int(second), int(inner)).swapaxes(2, 3).reshape(x.shape)

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            back = {**op.attributes, "first": op.attributes["second"], "second": op.attributes["first"]}
            builder.add_gradient(x, builder.emit("swap_axes", dy, name=builder.gradient_name(x), **back))


class RepeatAxis(OpKind):
    """Y (B, ..., count, inner) = X (B, ..., inner), ``count`` times."""

    name = "repeat_axis"
    signature = "BT <- BN"
    attributes = ("count", "inner")

    def free_sizes(self, sizes, attributes):
        _whole(attributes, sizes["N"], "inner")
        return {"T": sizes["N"] * int(attributes["count"])}

    def compute(self, step, x, count, inner):
        parts = x.reshape(len(x), -1, 1, int(inner))
        return np.repeat(parts, int(count), axis=2).reshape(len(x), -1)

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            builder.add_gradient(x, builder.emit("sum_axis", dy, name=builder.gradient_name(x), **op.attributes))


class AlongAxis(OpKind):
    """Y (B, ..., inner) = what ``reduce`` makes of X (B, ..., count, inner) along the axis."""

    signature = "BN <- BT"
    attributes = ("count", "inner")

    def free_sizes(self, sizes, attributes):
        count, _ = _whole(attributes, sizes["T"], "count", "inner")
        return {"N": sizes["T"] // count}

    def compute(self, step, x, count, inner):
        return self.reduce(x.reshape(len(x), -1, int(count), int(inner)), axis=2).reshape(len(x), -1)


class SumAxis(AlongAxis):
    """Y (B, ..., inner) = the sum over the axis of X (B, ..., count, inner), in ascending order."""

    name = "sum_axis"
    reduce = staticmethod(np.sum)

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            builder.add_gradient(x, builder.emit("repeat_axis", dy, name=builder.gradient_name(x), **op.attributes))


class MaxAxis(AlongAxis):
    """Y (B, ..., inner) = the largest along the axis of X (B, ..., count, inner); nothing is learnt through it."""

    name = "max_axis"
    reduce = staticmethod(np.max)
