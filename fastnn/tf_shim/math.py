"""``tf.math``: functions of elements, and sums over axes."""

import numpy as np

from .array_ops import argmax, argmin
from .tensor import plain, tensor

__all__ = [
    "argmax", "argmin", "confusion_matrix", "count_nonzero", "log1p", "log", "log_sigmoid", "pow", "reduce_all",
    "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_std",
    "reduce_sum", "reduce_variance", "sigmoid", "softplus", "top_k",
]  # fmt: skip


def _elementwise(name, compute=None):
    compute = compute or getattr(np, name)

    def function(*arrays, name=None):
        # As in TensorFlow, a Python number takes the type of the array beside it.
        typed = any(hasattr(array, "dtype") for array in arrays)
        operands = [a if typed and isinstance(a, (int, float)) else plain(a) for a in arrays]
        with np.errstate(all="ignore"):
            return tensor(compute(*operands))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"NumPy's ``{getattr(compute, '__name__', name)}`` of each element."
    __all__.append(name)
    return function


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
squared_difference = _elementwise("squared_difference", lambda x, y: np.square(x - y))
subtract = _elementwise("subtract")
tanh = _elementwise("tanh")


def sigmoid(x, name=None):
    """1 / (1 + exp(-x)), without overflow."""
    x = plain(x)
    e = np.exp(-np.abs(x))
    return tensor(np.where(x >= 0, 1 / (1 + e), e / (1 + e)))


def softplus(features, name=None):
    """log(1 + exp(x)), without overflow."""
    return tensor(np.logaddexp(plain(features), np.float32(0)))


def log_sigmoid(x, name=None):
    """log(sigmoid(x)), without overflow."""
    return tensor(-np.asarray(softplus(-plain(x))))


def _reduction(name, compute):
    def function(input_tensor, axis=None, keepdims=False, name=None):
        array = plain(input_tensor)
        axis = tuple(axis) if isinstance(axis, list) else axis
        result = compute(array, axis=axis, keepdims=keepdims)
        # TensorFlow keeps the type: the mean of integers is an integer.
        return tensor(result if result.dtype.kind == "b" else result.astype(array.dtype))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"NumPy's ``{compute.__name__}`` over ``axis``, by default over all elements; the type stays."
    return function


reduce_all = _reduction("reduce_all", np.all)
reduce_any = _reduction("reduce_any", np.any)
reduce_max = _reduction("reduce_max", np.max)
reduce_mean = _reduction("reduce_mean", np.mean)
reduce_min = _reduction("reduce_min", np.min)
reduce_prod = _reduction("reduce_prod", np.prod)
reduce_std = _reduction("reduce_std", np.std)
reduce_sum = _reduction("reduce_sum", np.sum)
reduce_variance = _reduction("reduce_variance", np.var)


def reduce_logsumexp(input_tensor, axis=None, keepdims=False, name=None):
    """log(sum(exp(x))), without overflow."""
    x = plain(input_tensor)
    return tensor(np.logaddexp.reduce(x.reshape(-1) if axis is None else x, axis or 0, keepdims=keepdims))


def cumsum(x, axis=0, name=None):
    """Sums of the elements up to each place."""
    return tensor(np.cumsum(x, axis))


def count_nonzero(input, axis=None, keepdims=False, dtype=np.int64, name=None):
    """Number of the elements that are not 0."""
    return tensor(np.asarray(np.count_nonzero(input, axis, keepdims=keepdims)).astype(dtype))


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


