"""How a function is applied to symbolic tensors: operands are brought to one shape, and the call becomes a node."""

import numpy as np

from ..config import floatx
from ..naming import next_name
from .tensor import KerasTensor, Node, Operation, any_symbolic, flatten, trace_mode


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

    def emit_node(self, builder, node, buffers):
        return [self._emit(builder, *buffers)]


class BatchMean(KerasTensor):
    """A single number: the mean over the rows of the batch of one value a row."""

    def __init__(self):
        super().__init__(())


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
    return any_symbolic(leaves) or (trace_mode() is not None and any(hasattr(x, "symbol") for x in leaves))


def as_tensor(x):
    """Symbolic tensor for a tensor, a parameter, or an array."""
    if isinstance(x, KerasTensor):
        return x
    if hasattr(x, "symbol"):
        return x.symbol()
    constant = Constant(x)
    return KerasTensor(constant.shape, parameter=constant)


def is_number(x):
    return not isinstance(x, KerasTensor) and not hasattr(x, "symbol") and np.ndim(x) == 0


def apply(class_name, inputs, shape, emit):
    output = shape if isinstance(shape, KerasTensor) else KerasTensor(shape)
    Node(Function(class_name, emit), tuple(inputs), {}, [output])
    return output


def elementwise(class_name, kind, *inputs, **attributes):
    """One op on tensors of one shape."""
    output = BatchMean() if isinstance(inputs[0], BatchMean) else inputs[0].shape
    return apply(class_name, inputs, output, lambda b, *buffers: b.emit(kind, *buffers, **attributes))


def columns_of(shape):
    return int(np.prod(shape[1:]))


def fit(class_name, *inputs):
    """The inputs as tensors of one shape: a vector becomes rows, a column as many as there are."""
    tensors = [as_tensor(x) for x in inputs]
    if any(isinstance(x, BatchMean) for x in tensors):
        if not all(isinstance(x, BatchMean) for x in tensors):
            raise ValueError(f"{class_name}: a mean over the batch cannot be joined with rows; give the mean axis=-1")
        return tensors
    shapes = {x.shape for x in tensors}
    if len(shapes) == 1:
        return tensors
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
        if x.parameter is None or x.ndim > 1 or x.shape not in ((), (1,), shape[-1:]):
            return None
        if len(shape) > 2 and x.shape == shape[-1:] != (1,):
            return None
        x = apply("RepeatRow", [x], (None, *(x.shape or (1,))), lambda b, v: b.emit("repeat_row", v))
    if x.shape != shape and x.shape == (None, 1):
        count = columns_of(shape)
        x = apply("Spread", [x], shape, lambda b, v: b.emit("spread", v, count=count))
    return x if x.shape == shape else None
