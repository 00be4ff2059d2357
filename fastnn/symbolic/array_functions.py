"""Functions under the names of ``keras.ops`` that are there for arrays and tensors, not for symbolic ones."""

import numpy as np

from ..config import floatx
from ..tensor import plain
from . import functions as ops
from .applying import apply, is_integer, is_symbolic

__all__ = [
    "all", "any", "arange", "argmax", "argmin", "argsort", "ceil", "cos", "count_nonzero", "cumsum", "expm1", "eye",
    "floor", "full", "isfinite", "isinf", "isnan", "linspace", "logsumexp", "max", "min", "mod", "norm", "one_hot",
    "ones", "prod", "repeat", "round", "sign", "sin", "sort", "split", "stack", "std", "take",
    "tile", "top_k", "unstack", "var", "zeros",
]  # fmt: skip


def _of_arrays(name, function=None):
    function = function or getattr(np, name)

    def on_arrays(*inputs, **options):
        _refuse_symbols(name, inputs)
        return ops.compute_now(function, *inputs, **options)

    on_arrays.__name__ = on_arrays.__qualname__ = name
    on_arrays.__doc__ = f"NumPy's ``{function.__name__}``; for arrays only."
    return on_arrays


def _refuse_symbols(name, inputs):
    if is_symbolic(*inputs):
        raise NotImplementedError(
            f"{name} of symbolic tensors is not supported; they have {', '.join(sorted(ops.public_names()))} and the "
            "activation functions"
        )


all = _of_arrays("all")
any = _of_arrays("any")
argmax = _of_arrays("argmax")
argmin = _of_arrays("argmin")
argsort = _of_arrays("argsort")
ceil = _of_arrays("ceil")
cos = _of_arrays("cos")
count_nonzero = _of_arrays("count_nonzero")
cumsum = _of_arrays("cumsum")
expm1 = _of_arrays("expm1")
floor = _of_arrays("floor")
isfinite = _of_arrays("isfinite")
isinf = _of_arrays("isinf")
isnan = _of_arrays("isnan")
max = _of_arrays("max")
min = _of_arrays("min")
mod = _of_arrays("mod")
prod = _of_arrays("prod")
repeat = _of_arrays("repeat")
round = _of_arrays("round", np.rint)
sign = _of_arrays("sign")
sin = _of_arrays("sin")
sort = _of_arrays("sort")
tile = _of_arrays("tile")
_take = _of_arrays("take")
_stack = _of_arrays("stack")

arange, eye, linspace = np.arange, np.eye, np.linspace


def take(x, indices, axis=0):
    """The slices with these numbers."""
    return _take(x, plain(indices), axis=axis)


def stack(x, axis=0):
    """Arrays along a new axis."""
    return _stack(list(x), axis=axis)


def unstack(x, num=None, axis=0):
    """The list of what lies along an axis."""
    _refuse_symbols("unstack", [x])
    return [ops.get_item(x, (*[slice(None)] * (axis % np.ndim(x)), i)) for i in range(np.shape(x)[axis])]


def split(x, indices_or_sections, axis=0):
    """The parts of an array, by their number or by where they begin."""
    _refuse_symbols("split", [x])
    ends = np.cumsum([len(part) for part in np.split(np.arange(np.shape(x)[axis]), indices_or_sections)]).tolist()
    before = [slice(None)] * (axis % np.ndim(x))
    return [ops.get_item(x, (*before, slice(a, b))) for a, b in zip([0, *ends], ends, strict=False)]


def var(x, axis=None, keepdims=False):
    """The mean squared distance from the mean."""
    return ops.mean(ops.square(ops.subtract(x, ops.mean(x, axis=axis, keepdims=True))), axis=axis, keepdims=keepdims)


def std(x, axis=None, keepdims=False):
    """The root of ``var``."""
    return ops.sqrt(var(x, axis, keepdims))


def norm(x, ord=None, axis=None, keepdims=False):
    """The Euclidean norm."""
    if ord not in (None, 2, "euclidean", "fro"):
        raise NotImplementedError(f"norm: expected ord=None, the Euclidean norm, got {ord!r}")
    return ops.sqrt(ops.sum(ops.square(x), axis=axis, keepdims=keepdims))


def logsumexp(x, axis=None, keepdims=False):
    """log(sum(exp(x))), without overflow."""
    most = np.max(plain(x), axis=axis, keepdims=True)
    result = ops.add(ops.log(ops.sum(ops.exp(ops.subtract(x, most)), axis=axis, keepdims=True)), most)
    return result if keepdims else ops.squeeze(result, axis)


def top_k(x, k, sorted=True):
    """The ``k`` largest elements of each row and their places."""
    places = np.argsort(-plain(x), axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(plain(x), places, -1), places.astype(np.int32)


def one_hot(x, num_classes, axis=-1, dtype=None):
    """One-hot rows; of symbolic tensors those of class numbers, as a loss may get for targets."""
    if is_integer(x) and axis in (-1, 1):
        return apply("OneHot", [x], (None, num_classes), lambda b, y: b.emit("one_hot", y, count=num_classes))
    _refuse_symbols("one_hot", [x])
    hot = np.asarray(x)[..., np.newaxis] == np.arange(num_classes)
    return np.moveaxis(hot.astype(dtype or floatx()), -1, axis)


def zeros(shape, dtype=None):
    """An array of zeros."""
    return np.zeros(shape, dtype or floatx())


def ones(shape, dtype=None):
    """An array of ones."""
    return np.ones(shape, dtype or floatx())


def full(shape, fill_value, dtype=None):
    """An array full of one value."""
    return np.full(shape, fill_value, dtype or floatx())
