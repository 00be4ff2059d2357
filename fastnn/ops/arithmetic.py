"""Arithmetic element by element, on two arrays of one shape or on an array and a number.

``*`` is any shape: rows of the batch as well as parameters. Comparisons give 1 and 0 and have no gradient. Gradients
are the usual rules of calculus; where two operands are equal, maximum and minimum give the gradient to the first, as
TensorFlow does.
"""

import numpy as np

from .kind import OpKind


def _give(builder, x, dx_of):
    """Let ``x`` have the gradient that ``dx_of(name)`` emits, where one is wanted."""
    if builder.needs_gradient(x):
        builder.add_gradient(x, dx_of(builder.gradient_name(x)))


class Binary(OpKind):
    signature = "* <- *, *"


class Unary(OpKind):
    signature = "* <- *"


class Add(Binary):
    """y = a + b."""

    name = "add"

    def compute(self, step, a, b):
        return a + b

    def backward(self, builder, op, dy):
        for x in op.inputs:
            _give(builder, x, lambda name: dy)


class Subtract(Binary):
    """y = a - b."""

    name = "subtract"

    def compute(self, step, a, b):
        return a - b

    def backward(self, builder, op, dy):
        a, b = op.inputs
        _give(builder, a, lambda name: dy)
        _give(builder, b, lambda name: builder.emit("scale", dy, factor=-1, name=name))


class Multiply(Binary):
    """y = a b;  da = dy b, db = dy a."""

    name = "multiply"

    def compute(self, step, a, b):
        return a * b

    def backward(self, builder, op, dy):
        a, b = op.inputs
        _give(builder, a, lambda name: builder.emit("multiply", dy, b, name=name))
        _give(builder, b, lambda name: builder.emit("multiply", dy, a, name=name))


class Divide(Binary):
    """y = a / b;  da = dy / b, db = -(dy / b) y."""

    name = "divide"

    def compute(self, step, a, b):
        return a / b

    def backward(self, builder, op, dy):
        (a, b), y = op.inputs, op.outputs[0]
        part = builder.emit("divide", dy, b)
        _give(builder, a, lambda name: part)
        if builder.needs_gradient(b):
            product = builder.emit("multiply", part, y)
            _give(builder, b, lambda name: builder.emit("scale", product, factor=-1, name=name))


class _Extreme(Binary):
    def _share(self, builder, op, dy, first_wins):
        a, b = op.inputs
        _give(builder, a, lambda name: builder.emit("mask", dy, first_wins, name=name))
        _give(builder, b, lambda name: builder.emit("mask_not", dy, first_wins, name=name))


class Maximum(_Extreme):
    """y = the larger of a and b; NaN where one of them is NaN."""

    name = "maximum"

    def compute(self, step, a, b):
        return np.maximum(a, b)

    def backward(self, builder, op, dy):
        self._share(builder, op, dy, builder.emit("greater_equal", *op.inputs))


class Minimum(_Extreme):
    """y = the smaller of a and b; NaN where one of them is NaN."""

    name = "minimum"

    def compute(self, step, a, b):
        return np.minimum(a, b)

    def backward(self, builder, op, dy):
        self._share(builder, op, dy, builder.emit("greater_equal", *op.inputs[::-1]))


class _Comparison(Binary):
    def backward(self, builder, op, dy):
        """A step function: its derivative is 0 wherever it has one."""


class Greater(_Comparison):
    """y = 1 where a > b, else 0."""

    name = "greater"

    def compute(self, step, a, b):
        return (a > b).astype(a.dtype)


class GreaterEqual(_Comparison):
    """y = 1 where a >= b, else 0."""

    name = "greater_equal"

    def compute(self, step, a, b):
        return (a >= b).astype(a.dtype)


class Equal(_Comparison):
    """y = 1 where a = b, else 0."""

    name = "equal"

    def compute(self, step, a, b):
        return (a == b).astype(a.dtype)


class Where(OpKind):
    """y = a where c is not 0, else b."""

    name = "where"
    signature = "* <- *, *, *"

    def compute(self, step, c, a, b):
        return np.where(c != 0, a, b)

    def backward(self, builder, op, dy):
        c, a, b = op.inputs
        _give(builder, a, lambda name: builder.emit("mask", dy, c, name=name))
        _give(builder, b, lambda name: builder.emit("mask_not", dy, c, name=name))


class Mask(Binary):
    """y = x where c is not 0, else 0;  dx = dy there."""

    name = "mask"

    def compute(self, step, x, c):
        return np.where(c != 0, x, np.zeros_like(x))

    def backward(self, builder, op, dy):
        x, c = op.inputs
        _give(builder, x, lambda name: builder.emit("mask", dy, c, name=name))


class MaskNot(Binary):
    """y = x where c is 0, else 0;  dx = dy there."""

    name = "mask_not"

    def compute(self, step, x, c):
        return np.where(c == 0, x, np.zeros_like(x))

    def backward(self, builder, op, dy):
        x, c = op.inputs
        _give(builder, x, lambda name: builder.emit("mask_not", dy, c, name=name))


class Scale(Unary):
    """y = factor x;  dx = factor dy."""

    name = "scale"
    attributes = ("factor",)

    def compute(self, step, x, factor):
        return x * x.dtype.type(factor)

    def backward(self, builder, op, dy):
        _give(builder, op.inputs[0], lambda name: builder.emit("scale", dy, name=name, **op.attributes))


class Shift(Unary):
    """y = x + offset;  dx = dy."""

    name = "shift"
    attributes = ("offset",)

    def compute(self, step, x, offset):
        return x + x.dtype.type(offset)

    def backward(self, builder, op, dy):
        _give(builder, op.inputs[0], lambda name: dy)


class Absolute(Unary):
    """y = abs x."""

    name = "absolute"

    def compute(self, step, x):
        return np.abs(x)

    def backward(self, builder, op, dy):
        _give(builder, op.inputs[0], lambda name: builder.emit("absolute_grad", dy, op.inputs[0], name=name))


class AbsoluteGradient(Binary):
    """dx = dy sign(x); 0 at x = 0."""

    name = "absolute_grad"

    def compute(self, step, dy, x):
        return np.where(x > 0, dy, np.where(x < 0, -dy, np.zeros_like(dy)))


class SquareRoot(Unary):
    """y = sqrt x;  dx = dy / 2y."""

    name = "sqrt"

    def compute(self, step, x):
        return np.sqrt(x)

    def backward(self, builder, op, dy):
        def emit(name):
            return builder.emit("scale", builder.emit("divide", dy, op.outputs[0]), factor=0.5, name=name)

        _give(builder, op.inputs[0], emit)


class Exponential(Unary):
    """y = exp x;  dx = dy y."""

    name = "exp"

    def compute(self, step, x):
        return np.exp(x)

    def backward(self, builder, op, dy):
        _give(builder, op.inputs[0], lambda name: builder.emit("multiply", dy, op.outputs[0], name=name))


class Logarithm(Unary):
    """y = log x;  dx = dy / x. Denormal x count as 0."""

    name = "log"

    def compute(self, step, x):
        tiny = np.finfo(x.dtype).tiny
        return np.log(np.where(np.abs(x) < tiny, np.zeros_like(x), x))

    def backward(self, builder, op, dy):
        _give(builder, op.inputs[0], lambda name: builder.emit("divide", dy, op.inputs[0], name=name))
