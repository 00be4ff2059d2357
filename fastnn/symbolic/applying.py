"""How a function is applied to symbolic tensors: operands are brought to one shape, and the call becomes a node.

Besides tensors with rows there are vectors and single numbers: parameters, and in losses and metrics what was added up
over the rows of the batch.
"""

import numpy as np

from ..config import floatx
from ..naming import next_name
from .tensor import KerasTensor, Node, Operation, any_symbolic, flatten, sees_batches, trace_mode


class Function(Operation):
    """A function that was called on symbolic tensors.

    Parameters
    ----------
    class_name : str
        What Keras calls it.
    emit : callable
        ``emit(builder, *buffers)`` appends its ops and returns the buffer of the result.
    """

    def __init__(self, class_name, emit):
        self.class_name, self.name, self._emit = class_name, next_name(f"Function{class_name}"), emit
        self.refused_in_outputs = None  # why no layer may return what depends on it

    def emit_node(self, builder, node, buffers):
        return [self._emit(builder, *buffers)]


class Constant:
    """Numbers in a program that belong to no layer and are not trained."""

    version = 0

    def __init__(self, value):
        self.value = np.asarray(value, floatx())
        self.shape = self.value.shape

    def emit(self, builder):
        return builder.parameter("constant", self.shape, trainable=False, key=self)

    def move_to(self, executable, name):
        """Nothing changes a constant."""


def is_symbolic(*inputs):
    leaves = flatten(inputs)
    found = any_symbolic(leaves) or (trace_mode() is not None and any(hasattr(x, "symbol") for x in leaves))
    if found and any(hasattr(x, "assign") and not hasattr(x, "symbol") for x in leaves):
        raise NotImplementedError(
            "a variable cannot be joined with symbolic tensors, as its value may change; in a layer use add_weight"
        )
    return found


def as_tensor(x):
    """Symbolic tensor of real numbers for a tensor, a parameter, or an array."""
    if isinstance(x, KerasTensor):
        return apply("Cast", [x], x.shape, lambda b, y: b.emit("class_number", y)) if is_integer(x) else x
    if hasattr(x, "symbol"):
        return x.symbol()
    constant = Constant(x)
    return KerasTensor(constant.shape, parameter=constant)


def is_integer(x):
    """Whether it stands for class numbers, one a row, as a loss or metric may get for targets."""
    return isinstance(x, KerasTensor) and x.dtype == "int32"


_WHOLE = {"Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual", "LogicalAnd", "LogicalOr", "LogicalNot"}


def is_whole(x):
    """Whether all its numbers are whole, as those of comparisons are."""
    return is_integer(x) or getattr(x.node and x.node.operation, "class_name", None) in _WHOLE


def is_number(x):
    return not isinstance(x, KerasTensor) and not hasattr(x, "symbol") and np.ndim(x) == 0


def apply(class_name, inputs, shape, emit):
    output = KerasTensor(shape)
    Node(Function(class_name, emit), tuple(inputs), {}, [output])
    return output


def elementwise(class_name, kind, *inputs, **attributes):
    """One op on tensors of one shape."""
    return apply(class_name, inputs, inputs[0].shape, lambda b, *buffers: b.emit(kind, *buffers, **attributes))


def columns_of(shape):
    return int(np.prod(shape[1:]))


def fit(class_name, *inputs):
    """The inputs as tensors of one shape: a vector becomes rows, a column as many as there are."""
    tensors = [as_tensor(x) for x in inputs]
    shapes = {x.shape for x in tensors}
    if len(shapes) == 1:
        return tensors
    if shapes == {(), (1,)}:
        return [x if x.shape == () else apply("Reshape", [x], (), lambda b, y: y) for x in tensors]
    with_rows = [x for x in tensors if x.has_rows]
    if with_rows:
        widest = max(with_rows, key=lambda x: (x.ndim, columns_of(x.shape)))
        fitted = [as_rows(x, widest.shape) for x in tensors]
        if all(x is not None for x in fitted):
            return fitted
    raise ValueError(
        f"{class_name}: tensors of the shapes {', '.join(str(x.shape) for x in tensors)} do not fit together; expected "
        "one shape, a vector with a number for each column, or one column"
    )


def as_rows(x, shape):
    """``x`` with this shape, or None where it does not fit."""
    if x.shape == shape:
        return x
    if not x.has_rows:
        if x.ndim > 1 or x.shape not in ((), (1,), shape[-1:]):
            return None
        if len(shape) > 2 and x.shape == shape[-1:] != (1,):
            return None
        x = apply("RepeatRow", [x], (None, *(x.shape or (1,))), lambda b, v: b.emit("repeat_row", v))
    if x.shape != shape and x.shape == (None, 1):
        count = columns_of(shape)
        x = apply("Spread", [x], shape, lambda b, v: b.emit("spread", v, count=count))
    return x if x.shape == shape else None


def reduce(class_name, x, axis, keepdims, mean):
    """The sum over all axes but the rows; for what sees batches also over the rows, alone or with all others.

    With ``mean`` divided by the number of elements that were added up. Of weights, over all axes.
    """
    x = as_tensor(x)
    if x.shape == ():
        return x
    columns, count = set(range(1, x.ndim)), columns_of(x.shape)
    given = range(x.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else [axis]
    axes = {a % x.ndim for a in given}
    if not x.has_rows and axes == {0, *columns} and not keepdims:
        size = int(np.prod(x.shape))
        x = apply(class_name, [x], (), lambda b, w: b.emit("total", w))
        return elementwise("Divide", "scale", x, factor=1 / size) if mean else x
    if not x.has_rows or axes - {0} not in (set(), columns) or (keepdims and 0 in axes):
        raise NotImplementedError(
            f"{class_name}: symbolic tensors are added up over all axes but the rows, axis=-1; got axis={axis} of "
            f"{x.shape}"
        )
    refused = (
        f"{class_name}: only losses and metrics can add up over the whole batch, as predictions must not depend on "
        f"the rows beside them; give axis=-1, got axis={axis} of {x.shape}"
    )
    if 0 in axes and not sees_batches():
        raise NotImplementedError(refused)
    if axes - {0}:
        ones = (1,) * (x.ndim - 1) if keepdims else ()
        x = apply(class_name, [x], (None, *ones), lambda b, y: b.emit("row_sum", y))
        if mean and count > 1:
            x = elementwise("Divide", "scale", x, factor=1 / count)
    if 0 in axes:
        kind = "batch_mean" if mean else "batch_sum"
        x = apply(class_name, [x], x.shape[1:], lambda b, y: b.emit(kind, y))
        x.node.operation.refused_in_outputs = refused
    return x


def as_rows_of_loss(x):
    """A loss that is added in a ``call``, (None, 1): the sum of all elements, as Keras takes it, in each row."""
    x = as_tensor(x)
    x = reduce("Sum", x, None, False, mean=False)
    return apply("RepeatRow", [x], (None, 1), lambda b, v: b.emit("repeat_row", v))
