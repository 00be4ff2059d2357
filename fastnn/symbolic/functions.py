"""Functions on tensors under the names of ``keras.ops``: on symbolic tensors they become ops, on arrays NumPy computes.

Sums and means of symbolic tensors run over the last axis; in losses and metrics over the rows of the batch too.
"""

import numpy as np

from .. import activations
from ..config import floatx
from ..tensor import apply as apply_now
from ..tensor import binary, is_tensor
from ..tensor import cast as cast_now
from ..tensor import get_item as get_item_now
from .applying import (
    Function,
    apply,
    as_tensor,
    columns_of,
    elementwise,
    fit,
    is_integer,
    is_number,
    is_symbolic,
    is_whole,
    reduce,
)
from .recording import KNOWN, KerasOp, is_remembered, recorded
from .tensor import KerasTensor, flatten

# --- Two arguments ---


def _binary(name, class_name, kind, with_number=None, numpy_function=None):
    numpy_function = numpy_function or getattr(np, name)

    def function(x1, x2):
        if not is_symbolic(x1, x2):
            return compute_now(numpy_function, x1, x2)
        if with_number is not None:
            if is_number(x2) and (found := with_number(as_tensor(x1), float(x2), False)) is not None:
                return found
            if is_number(x1) and (found := with_number(as_tensor(x2), float(x1), True)) is not None:
                return found
        return elementwise(class_name, kind, *fit(class_name, *_numbers_as_constants(x1, x2)))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"``{name}`` of two tensors, element by element."
    return recorded("numpy", "".join(part.capitalize() for part in name.split("_")))(function)


def _numbers_as_constants(*inputs):
    return [np.array([x], floatx()) if is_number(x) else x for x in inputs]


def _add_number(x, number, swapped):
    return elementwise("Add", "shift", x, offset=number)


def _subtract_number(x, number, swapped):
    if swapped:
        return elementwise("Add", "shift", negative(x), offset=number)
    return elementwise("Subtract", "shift", x, offset=-number)


def _multiply_number(x, number, swapped):
    return elementwise("Multiply", "scale", x, factor=number)


def _divide_number(x, number, swapped):
    return None if swapped or number == 0 else elementwise("Divide", "scale", x, factor=1 / number)


def _maximum_number(x, number, swapped):
    return elementwise("Maximum", "relu", x) if number == 0 and x.has_rows else None


def _as_numbers(function):
    def compare(a, b):
        return function(a, b).astype(floatx())

    compare.is_flat = True  # for gradient tapes
    return compare


add = _binary("add", "Add", "add", _add_number)
subtract = _binary("subtract", "Subtract", "subtract", _subtract_number)
multiply = _binary("multiply", "Multiply", "multiply", _multiply_number)
divide = _binary("divide", "Divide", "divide", _divide_number)
true_divide = _binary("true_divide", "Divide", "divide", _divide_number)
maximum = _binary("maximum", "Maximum", "maximum", _maximum_number)
minimum = _binary("minimum", "Minimum", "minimum")
greater = _binary("greater", "Greater", "greater", None, _as_numbers(np.greater))
greater_equal = _binary("greater_equal", "GreaterEqual", "greater_equal", None, _as_numbers(np.greater_equal))
equal = _binary("equal", "Equal", "equal", None, _as_numbers(np.equal))
logical_and = _binary("logical_and", "LogicalAnd", "multiply", None, _as_numbers(np.logical_and))
logical_or = _binary("logical_or", "LogicalOr", "maximum", None, _as_numbers(np.logical_or))


@recorded("numpy", "Less")
def less(x1, x2):
    """1 where x1 < x2, else 0."""
    return greater(x2, x1)


@recorded("numpy", "LessEqual")
def less_equal(x1, x2):
    """1 where x1 <= x2, else 0."""
    return greater_equal(x2, x1)


@recorded("numpy", "NotEqual")
def not_equal(x1, x2):
    """1 where x1 and x2 differ, else 0."""
    return logical_not(equal(x1, x2))


@recorded("numpy", "LogicalNot")
def logical_not(x):
    """1 where x is 0, else 0."""
    if not is_symbolic(x):
        return subtract(1.0, x)
    return elementwise("LogicalNot", "shift", negative(x), offset=1.0)


@recorded("numpy", "Where")
def where(condition, x1, x2):
    """x1 where the condition is not 0, else x2."""
    if not is_symbolic(condition, x1, x2):
        return compute_now(np.where, condition, x1, x2)
    return elementwise("Where", "where", *fit("Where", *_numbers_as_constants(condition, x1, x2)))


@recorded("numpy", "Matmul")
def matmul(x1, x2, transpose_a=False, transpose_b=False):
    """The product of rows (None, n) with a weight (n, m), or with a weight (m, n) that is transposed."""
    if not is_symbolic(x1, x2):
        swapped = [_swapped(x) if swap else x for x, swap in ((x1, transpose_a), (x2, transpose_b))]
        return compute_now(np.matmul, *swapped)
    x, w = as_tensor(x1), as_tensor(x2)
    if isinstance(w.node and w.node.operation, Function) and w.node.operation.class_name == "Transpose":
        (w,), transpose_b = w.node.inputs, not transpose_b
    shape = w.shape[::-1] if transpose_b else w.shape
    if transpose_a or not x.has_rows or x.ndim != 2 or w.has_rows or w.ndim != 2 or x.shape[1] != shape[0]:
        raise ValueError(
            f"matmul: expected rows (None, n) and a weight (n, m), got {x.shape} and {w.shape}; for the product of two "
            "tensors with rows use keras.layers.Dot or sum(x1 * x2, axis=-1)"
        )
    if transpose_b:
        return apply("Matmul", [x, w], (None, shape[1]), lambda b, y, v: b.emit("dense_dx", y, v))
    return apply("Matmul", [x, w], (None, shape[1]), lambda b, y, v: b.emit("dense", y, v, None))


dot = recorded("numpy", "Dot")(matmul)


@recorded("numpy", "Power")
def power(x1, x2):
    """x1 to the power x2: a whole number up to 16, 0.5 or -1 on symbolic tensors."""
    if not is_symbolic(x1, x2):
        return compute_now(np.power, x1, x2)
    if is_number(x2) and float(x2) == int(x2) and 1 <= x2 <= 16:
        y = x1
        for _ in range(int(x2) - 1):
            y = multiply(y, x1)
        return y
    if is_number(x2) and float(x2) == 0.5:
        return sqrt(x1)
    if is_number(x2) and float(x2) == -1:
        return divide(1.0, x1)
    raise NotImplementedError(f"power: of symbolic tensors the powers 1 .. 16, 0.5 and -1 are supported, got {x2!r}")


# --- One argument ---


def _unary(name, class_name, kind, numpy_function=None, **attributes):
    numpy_function = numpy_function or getattr(np, name)

    def function(x):
        if not is_symbolic(x):
            return compute_now(numpy_function, x)
        return elementwise(class_name, kind, as_tensor(x), **attributes)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"``{name}`` of each element."
    return recorded("numpy", class_name)(function)


negative = _unary("negative", "Negative", "scale", factor=-1)
absolute = abs = _unary("absolute", "Absolute", "absolute")
sqrt = _unary("sqrt", "Sqrt", "sqrt")
exp = _unary("exp", "Exp", "exp")
log = _unary("log", "Log", "log")


@recorded("numpy", "Square")
def square(x):
    """The square of each element."""
    return multiply(x, x)


@recorded("math", "Rsqrt")
def rsqrt(x):
    """1 / sqrt(x)."""
    return divide(1.0, sqrt(x))


@recorded("numpy", "Log1p")
def log1p(x):
    """log(1 + x)."""
    return log(add(x, 1.0)) if is_symbolic(x) else compute_now(np.log1p, x)


@recorded("numpy", "Clip", "x_min", "x_max")
def clip(x, x_min, x_max):
    """``x`` with nothing below ``x_min`` or above ``x_max``."""
    return minimum(maximum(x, x_min), x_max)


@recorded("numpy", "ZerosLike")
def zeros_like(x):
    """0 for each element."""
    return multiply(x, 0.0) if is_symbolic(x) else compute_now(np.zeros_like, x)


@recorded("numpy", "OnesLike")
def ones_like(x):
    """1 for each element."""
    return add(multiply(x, 0.0), 1.0) if is_symbolic(x) else compute_now(np.ones_like, x)


@recorded("core", "Cast", "dtype")
def cast(x, dtype):
    """``x`` in another type; symbolic tensors have one type of number."""
    if not is_symbolic(x):
        return compute_now(cast_now, x, dtype=dtype)
    if np.dtype(dtype).kind not in "iu":
        return as_tensor(x)
    if not is_whole(x):
        raise NotImplementedError(f"cast to {np.dtype(dtype)}: symbolic tensors hold reals, none is cut off; {x}")
    return x


@recorded("core", "ConvertToTensor", "dtype")
def convert_to_tensor(x, dtype=None):
    """``x`` as an array; a symbolic tensor stays one."""
    return x if is_symbolic(x) or (is_tensor(x) and dtype in (None, x.dtype)) else np.asarray(x, dtype)


def stop_gradient(x):
    """Not supported on symbolic tensors."""
    if is_symbolic(x):
        raise NotImplementedError("stop_gradient is not supported; freeze the layers below with trainable=False")
    return x


def shape(x):
    """The shape, with None for the rows of a symbolic tensor."""
    return x.shape if hasattr(x, "shape") else np.shape(x)


# --- Sums ---


@recorded("numpy", "Sum", "axis", "keepdims")
def sum(x, axis=None, keepdims=False):
    """The sum over the last axis; in losses and metrics also over the first or all axes."""
    if not is_symbolic(x):
        return compute_now(np.sum, x, axis=axis, keepdims=keepdims)
    return reduce("Sum", x, axis, keepdims, mean=False)


@recorded("numpy", "Mean", "axis", "keepdims")
def mean(x, axis=None, keepdims=False):
    """The mean over the last axis; in losses and metrics also over the first or all axes."""
    if not is_symbolic(x):
        return compute_now(np.mean, x, axis=axis, keepdims=keepdims)
    return reduce("Mean", x, axis, keepdims, mean=True)


# --- Shapes ---


@recorded("numpy", "Reshape", "newshape")
def reshape(x, newshape):
    """``x`` with other axes; of a symbolic tensor the rows stay rows."""
    if not is_symbolic(x):
        return compute_now(np.reshape, x, newshape)
    if is_integer(x) and tuple(newshape) == (-1,):
        return x
    x = as_tensor(x)
    sizes = list(newshape)[1:]
    columns = columns_of(x.shape)
    if -1 in sizes:
        rest = int(np.prod([n for n in sizes if n != -1]))
        sizes[sizes.index(-1)] = columns // rest
    if not x.has_rows or int(np.prod(sizes)) != columns or newshape[0] not in (-1, None):
        raise ValueError(f"reshape: {x.shape} cannot become {tuple(newshape)}; the rows are -1, the rest as many")
    return apply("Reshape", [x], (None, *sizes), lambda b, y: y)


@recorded("numpy", "Squeeze", "axis")
def squeeze(x, axis=None):
    """``x`` without an axis of size 1."""
    if not is_symbolic(x):
        return compute_now(np.squeeze, x, axis)
    x = x if is_integer(x) else as_tensor(x)
    sizes = list(x.shape)
    for a in [axis % x.ndim] if axis is not None else [i for i, n in enumerate(sizes) if n == 1][::-1]:
        if sizes[a] != 1:
            raise ValueError(f"squeeze: axis {a} of {x.shape} has not size 1")
        del sizes[a]
    return x if len(sizes) == x.ndim else apply("Squeeze", [x], sizes, lambda b, y: y)


@recorded("numpy", "ExpandDims", "axis")
def expand_dims(x, axis):
    """``x`` with another axis of size 1, which is not the first."""
    if not is_symbolic(x):
        return compute_now(np.expand_dims, x, axis)
    x = as_tensor(x)
    axis = axis % (x.ndim + 1)
    if axis == 0:
        raise ValueError("expand_dims: the first axis of a symbolic tensor are the rows")
    return apply("ExpandDims", [x], (*x.shape[:axis], 1, *x.shape[axis:]), lambda b, y: y)


@recorded("numpy", "Transpose", "axes")
def transpose(x, axes=None):
    """A weight with its axes swapped, for ``matmul``."""
    if not is_symbolic(x):
        return compute_now(np.transpose, x, axes)
    x = as_tensor(x)
    if x.has_rows or x.ndim != 2:
        raise NotImplementedError(f"transpose: of symbolic tensors only weights (n, m) are supported, got {x.shape}")

    def emit(builder, y):
        raise NotImplementedError("transpose: the result can be used in matmul only")

    return apply("Transpose", [x], x.shape[::-1], emit)


@recorded("numpy", "Concatenate", "axis")
def concatenate(xs, axis=-1):
    """Tensors side by side."""
    if not is_symbolic(*xs):
        return compute_now(np.concatenate, list(xs), axis=axis)
    tensors = [as_tensor(x) for x in xs]
    if axis not in (1, -1) or any(x.ndim != 2 or not x.has_rows for x in tensors):
        raise NotImplementedError(
            f"concatenate: symbolic tensors (None, n) are joined along axis -1, got axis={axis} of the shapes "
            f"{[x.shape for x in tensors]}"
        )
    y = tensors[0]
    for x in tensors[1:]:
        y = apply("Concatenate", [y, x], (None, y.shape[1] + x.shape[1]), lambda b, *two: b.emit("concatenate", *two))
    return y


@recorded("numpy", "GetItem")
def get_item(x, key):
    """Columns of a tensor: ``x[:, 2]``, ``x[:, 1:3]``."""
    if not isinstance(x, KerasTensor):
        return compute_now(get_item_now, x, key)
    keys = tuple(key) if isinstance(key, (tuple, list)) else (key,)
    if x.ndim != 2 or not x.has_rows or not keys or keys[0] not in (slice(None), Ellipsis) or len(keys) > 2:
        raise NotImplementedError(f"{x}: only columns can be taken of a symbolic tensor, as in x[:, 2] or x[:, 1:3]")
    if len(keys) == 1:
        return x
    if isinstance(keys[1], slice):
        first, stop, step = keys[1].indices(x.shape[1])
        if step != 1 or stop <= first:
            raise NotImplementedError(f"{x}: only neighbouring columns can be taken, got {keys[1]}")
        shape = (None, stop - first)
    else:
        first = range(x.shape[1])[keys[1]]
        stop, shape = first + 1, (None,)
    return apply("GetItem", [x], shape, lambda b, y: b.emit("columns", y, first=first, count=stop - first))


# --- Activations ---


def activation(function, x, kind, attributes, given):
    """An activation function on a symbolic tensor.

    Parameters
    ----------
    function : fastnn.activations.ActivationFunction
    x : KerasTensor
    kind : str or None
        Its op; None for the identity.
    attributes : dict
        Of the op.
    given : dict
        The function's arguments beside ``x``.
    """
    if not x.has_rows:
        raise NotImplementedError(f"{function.name}: expected a tensor with rows, got {x.shape}")
    class_name = activation_class(function.name)
    if not is_remembered(x):
        return apply(class_name, [x], x.shape, lambda b, y: y if kind is None else b.emit(kind, y, **attributes))
    if kind is None:
        return x
    if function.name == "relu":  # Keras has two
        plain = given == {"negative_slope": 0.0, "max_value": None, "threshold": 0.0}
        return KerasOp(function, "nn", "Relu", {})(x) if plain else KerasOp(function, "activations", "ReLU", given)(x)
    return KerasOp(function, "numpy" if function.name in _NUMPY else "nn", class_name, given)(x)


def activation_class(name):
    """What Keras calls the operation of an activation function."""
    return _NUMPY.get(name) or "".join(part.capitalize() for part in name.split("_"))


_NUMPY = {"tanh": "Tanh", "exponential": "Exp"}


def keras_op(module, class_name, config, name):
    """The operation that a file describes, or None for one that fastnn has not.

    ``module`` is the last part of Keras' module. Arguments that Keras has beyond ours count only where they are not
    None.
    """
    if (module, class_name) in KNOWN:
        function, kept = KNOWN[module, class_name]
    else:
        named = {activation_class(f.name): f for f in activations.KNOWN.values()}
        function = named.get("Relu" if class_name == "ReLU" and module == "activations" else class_name)
        if function is None or module not in ("nn", "numpy", "activations"):
            return None
        kept = function.own_arguments
    config = {key: value for key, value in config.items() if key in kept or value is not None}
    unknown = sorted(set(config) - set(kept))
    if unknown:
        raise ValueError(f"{class_name} has no argument {unknown[0][:80]!r}")
    return KerasOp(function, module, class_name, config, name)


def compute_now(function, *inputs, **options):
    """A function of NumPy on arrays: the result is a tensor where one of them is."""
    found = [is_tensor(x) for x in flatten(inputs)]
    if not any(found):
        return function(*[[np.asarray(y) for y in x] if isinstance(x, list) else x for x in inputs], **options)
    both = len(inputs) == 2 and len(found) == 2 and isinstance(function, np.ufunc)
    return binary(function, *inputs) if both else apply_now(function, *inputs, **options)


def _swapped(x):
    axes = list(range(np.ndim(x)))
    return compute_now(np.transpose, x, [*axes[:-2], *axes[:-3:-1]])


def __getattr__(name):
    from . import array_functions

    if name in activations.KNOWN:
        return activations.KNOWN[name]
    if name in array_functions.__all__:
        return getattr(array_functions, name)
    there_are = ", ".join(sorted([*public_names(), *array_functions.__all__]))
    raise AttributeError(f"keras.ops has no {name!r} here; there are {there_are} and the activation functions")


def public_names():
    """The functions of this module."""
    return [
        name
        for name, item in globals().items()
        if getattr(item, "__module__", None) == __name__ and not name.startswith("_")
        and name not in ("public_names", "activation", "activation_class", "keras_op", "compute_now")
    ]  # fmt: skip
