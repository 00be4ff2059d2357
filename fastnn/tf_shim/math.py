"""``tf.math``: functions of elements, and sums over axes. On symbolic tensors they are those of ``keras.ops``."""

import numpy as np

from .. import activations as _activations
from .. import tensor as tensors
from ..symbolic import functions as ops
from ..symbolic.applying import is_symbolic
from ..tensor import apply, plain, tensor
from .array_ops import _tensor, argmax, argmin
from .dispatch import symbolic

__all__ = [
    "add_n", "argmax", "argmin", "confusion_matrix", "count_nonzero", "cumsum", "l2_normalize", "log_sigmoid",
    "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod",
    "reduce_std", "reduce_sum", "reduce_variance", "rsqrt", "sigmoid", "softplus", "squared_difference", "top_k",
]  # fmt: skip


def _elementwise(name, compute=None):
    compute = compute or getattr(np, name)
    written_down = getattr(ops, name, None) or _refused(name)

    @symbolic(lambda *operands: written_down(*operands))
    def one(x, name=None):
        return apply(compute, _tensor(x))

    @symbolic(lambda *operands: written_down(*operands))
    def two(x, y, name=None):
        return apply(compute, *tensors.same_type(x, y))

    function = two if compute.nin == 2 else one
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"NumPy's ``{compute.__name__}`` of each element."
    __all__.append(name)
    return function


def _refused(name):
    def refuse(*operands):
        raise NotImplementedError(
            f"tf.{name} is not there for symbolic tensors, as in a model's call; there are "
            f"{', '.join(sorted(ops.public_names()))} of keras.ops"
        )

    return refuse


abs = _elementwise("abs")
add = _elementwise("add")
ceil = _elementwise("ceil")
cos = _elementwise("cos")
divide = _elementwise("divide")
equal = _elementwise("equal")
exp = _elementwise("exp")
expm1 = _elementwise("expm1")
floor = _elementwise("floor")
greater = _elementwise("greater")
greater_equal = _elementwise("greater_equal")
is_nan = _elementwise("is_nan", np.isnan)
less = _elementwise("less")
less_equal = _elementwise("less_equal")
log = _elementwise("log")
log1p = _elementwise("log1p")
logical_and = _elementwise("logical_and")
logical_not = _elementwise("logical_not")
logical_or = _elementwise("logical_or")
maximum = _elementwise("maximum")
minimum = _elementwise("minimum")
mod = _elementwise("mod")
multiply = _elementwise("multiply")
negative = _elementwise("negative")
not_equal = _elementwise("not_equal")
pow = _elementwise("pow", np.power)
round = _elementwise("round", np.rint)
sign = _elementwise("sign")
sin = _elementwise("sin")
sqrt = _elementwise("sqrt")
square = _elementwise("square")
subtract = _elementwise("subtract")
tanh = _elementwise("tanh")


def squared_difference(x, y, name=None):
    """(x - y)^2 of each element."""
    return square(subtract(x, y))


def rsqrt(x, name=None):
    """1 / sqrt(x)."""
    return divide(1.0, sqrt(x))


def add_n(inputs, name=None):
    """The sum of several arrays of one shape."""
    total, *others = inputs
    for other in others:
        total = add(total, other)
    return total


def sigmoid(x, name=None):
    """1 / (1 + exp(-x)), without overflow."""
    return _activations.sigmoid(_real(x))


def softplus(features, name=None):
    """log(1 + exp(x)), without overflow."""
    return _activations.softplus(_real(features))


def log_sigmoid(x, name=None):
    """log(sigmoid(x)), without overflow."""
    return _activations.log_sigmoid(_real(x))


def _real(x):
    return x if is_symbolic(x) else _tensor(x)


def _reduction(name, compute, written_down=None):
    written_down = written_down or _refused(name)

    @symbolic(lambda x, axis, keepdims: written_down(x, axis, keepdims))
    def function(input_tensor, axis=None, keepdims=False, name=None):
        x = _tensor(input_tensor)
        y = apply(compute, x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)
        # TensorFlow keeps the type: the mean of integers is an integer.
        return y if y.dtype.kind == "b" or y.dtype == x.dtype else apply(tensors.cast, y, dtype=x.dtype)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"NumPy's ``{compute.__name__}`` over ``axis``, by default over all elements; the type stays."
    return function


reduce_all = _reduction("reduce_all", np.all)
reduce_any = _reduction("reduce_any", np.any)
reduce_max = _reduction("reduce_max", np.max, getattr(ops, "max", None))
reduce_mean = _reduction("reduce_mean", np.mean, ops.mean)
reduce_min = _reduction("reduce_min", np.min, getattr(ops, "min", None))
reduce_prod = _reduction("reduce_prod", np.prod)
reduce_sum = _reduction("reduce_sum", np.sum, ops.sum)


def reduce_variance(input_tensor, axis=None, keepdims=False, name=None):
    """The mean squared distance from the mean over ``axis``, by default over all elements."""
    difference = subtract(input_tensor, reduce_mean(input_tensor, axis, True))
    return reduce_mean(square(difference), axis, keepdims)


def reduce_std(input_tensor, axis=None, keepdims=False, name=None):
    """The square root of ``reduce_variance``."""
    return sqrt(reduce_variance(input_tensor, axis, keepdims))


def reduce_logsumexp(input_tensor, axis=None, keepdims=False, name=None):
    """log(sum(exp(x))), without overflow."""
    most = tensor(np.max(plain(input_tensor), axis=axis, keepdims=True))
    total = reduce_sum(exp(subtract(input_tensor, most)), axis, True)
    result = add(log(total), most)
    return result if keepdims else apply(np.squeeze, result, axis)


def l2_normalize(x, axis=None, epsilon=1e-12, name=None):
    """``x`` divided by its Euclidean norm."""
    return multiply(x, rsqrt(maximum(reduce_sum(square(x), axis, True), epsilon)))


def cumsum(x, axis=0, name=None):
    """Sums of the elements up to each place."""
    return apply(np.cumsum, _tensor(x), axis=axis)


def count_nonzero(input, axis=None, keepdims=False, dtype=np.int64, name=None):
    """Number of the elements that are not 0."""
    return tensor(np.asarray(np.count_nonzero(plain(input), axis, keepdims=keepdims)).astype(dtype))


def top_k(input, k=1, sorted=True, name=None):
    """The ``k`` largest elements of each row and their places."""
    places = np.argsort(-np.asarray(input), axis=-1, kind="stable")[..., :k]
    return tensor(np.take_along_axis(np.asarray(input), places, -1)), tensor(places.astype(np.int32))


def confusion_matrix(labels, predictions, num_classes=None, weights=None, dtype=np.int32, name=None):
    """How often each class (rows) was taken for each class (columns)."""
    labels, predictions = np.asarray(labels).reshape(-1), np.asarray(predictions).reshape(-1)
    count = num_classes or int(max(labels.max(), predictions.max())) + 1
    matrix = np.zeros((count, count), dtype)
    np.add.at(matrix, (labels.astype(int), predictions.astype(int)), 1 if weights is None else weights)
    return tensor(matrix)
