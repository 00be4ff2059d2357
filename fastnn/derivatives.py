"""Derivatives of NumPy's functions, for gradient tapes: how a gradient of the result is carried back.

A derivative is a function ``(dy, y, *arguments, **options)`` that returns the gradient of each argument, None for one
that has none; ``dy`` is that of the result ``y``. It computes with tensors, so that it can be differentiated itself.
Source of the formulas: A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd edition, chapter 3.
"""

import numpy as np

from .tensor import apply, cast, get_item, tensor

_FLAT = {
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.logical_and, np.logical_or,
    np.logical_not, np.bitwise_and, np.bitwise_or, np.invert, np.isnan, np.isfinite, np.isinf, np.all, np.any,
    np.argmax, np.argmin, np.argsort, np.sign, np.rint, np.floor, np.ceil, np.floor_divide, np.zeros_like,
    np.ones_like, np.argwhere, np.count_nonzero,
}  # fmt: skip
"""Functions that are constant almost everywhere, so that nothing is carried back."""


def derivative(function):
    """The derivative of a function; NotImplementedError where there is none."""
    if function in _FLAT or getattr(function, "is_flat", False):
        return lambda dy, y, *arguments, **options: [None] * len(_leaves(arguments))
    if function not in DERIVATIVES:
        raise NotImplementedError(
            f"GradientTape: the derivative of {function.__name__!r} is not there; there are those of "
            f"{', '.join(sorted(f.__name__ for f in DERIVATIVES))}"
        )
    return DERIVATIVES[function]


# --- Functions that derivatives need ---


def scatter(dy, index, shape):
    """Zeros of this shape with ``dy`` added at ``index``: what carries back through ``x[index]``."""
    result = np.zeros(shape, dy.dtype)
    np.add.at(result, index, dy)
    return result


def sum_to(dy, like):
    """``dy`` added up over the axes along which ``like`` was repeated to get its shape."""
    shape = np.shape(like)
    if dy.shape != shape:
        more = dy.ndim - len(shape)
        axes = (*range(more), *(more + i for i, n in enumerate(shape) if n == 1 and dy.shape[more + i] != 1))
        dy = apply(np.reshape, apply(np.sum, dy, axis=axes), shape)
    return dy if not hasattr(like, "dtype") or like.dtype == dy.dtype else apply(cast, dy, dtype=like.dtype)


def _over(dy, x, axis, keepdims):
    """The gradient of a sum over ``axis``, spread over the elements."""
    shape = np.shape(x)
    if not keepdims and axis is not None:
        axes = {a % len(shape) for a in (axis if isinstance(axis, (tuple, list)) else [axis])}
        dy = apply(np.reshape, dy, tuple(1 if i in axes else n for i, n in enumerate(shape)))
    return apply(np.broadcast_to, dy, shape)


def _ones(condition, like):
    return tensor(np.asarray(condition).astype(like.dtype))


# --- Derivatives ---


def _add(dy, y, a, b):
    return sum_to(dy, a), sum_to(dy, b)


def _subtract(dy, y, a, b):
    return sum_to(dy, a), sum_to(-dy, b)


def _multiply(dy, y, a, b):
    return sum_to(dy * b, a), sum_to(dy * a, b)


def _divide(dy, y, a, b):
    return sum_to(dy / b, a), sum_to(-dy * y / b, b)


def _power(dy, y, a, b):
    return sum_to(dy * b * apply(np.power, a, b - 1), a), sum_to(dy * y * _log_of_positive(a), b)


def _log_of_positive(a):
    return apply(np.log, apply(np.where, tensor(np.asarray(a) > 0), a, tensor(np.ones(np.shape(a), a.dtype))))


def _maximum(dy, y, a, b):
    first = _ones(np.asarray(a) >= np.asarray(b), dy)
    return sum_to(dy * first, a), sum_to(dy * (1 - first), b)


def _minimum(dy, y, a, b):
    first = _ones(np.asarray(a) <= np.asarray(b), dy)
    return sum_to(dy * first, a), sum_to(dy * (1 - first), b)


def _matmul(dy, y, a, b):
    return sum_to(dy @ _swapped(b), a), sum_to(_swapped(a) @ dy, b)


def _swapped(x):
    axes = list(range(np.ndim(x)))
    axes[-2:] = axes[:-3:-1]
    return apply(np.transpose, x, axes)


def _where(dy, y, condition, a, b):
    first = _ones(np.asarray(condition), dy)
    return None, sum_to(dy * first, a), sum_to(dy * (1 - first), b)


def _clip(dy, y, x, low, high):
    inside = (np.asarray(x) >= np.asarray(low)) & (np.asarray(x) <= np.asarray(high))
    return sum_to(dy * _ones(inside, dy), x), None, None


def _sum(dy, y, x, axis=None, keepdims=False):
    return [_over(dy, x, axis, keepdims)]


def _mean(dy, y, x, axis=None, keepdims=False):
    return [_over(dy, x, axis, keepdims) * (y.size / max(np.size(x), 1))]


def _extreme(dy, y, x, axis=None, keepdims=False):
    chosen = _ones(np.asarray(x) == np.asarray(_over(y, x, axis, keepdims)), dy)
    shares = chosen / _over(apply(np.sum, chosen, axis=axis, keepdims=keepdims), x, axis, keepdims)
    return [_over(dy, x, axis, keepdims) * shares]


def _cumsum(dy, y, x, axis=0):
    backwards = tuple(slice(None, None, -1 if i == axis % dy.ndim else 1) for i in range(dy.ndim))
    return [apply(np.cumsum, dy[backwards], axis=axis)[backwards]]


def _reshape(dy, y, x, *shape):
    return [apply(np.reshape, dy, np.shape(x)), *[None] * len(_leaves(shape))]


def _transpose(dy, y, x, axes=None):
    back = None if axes is None else np.argsort(axes).tolist()
    return [apply(np.transpose, dy, back), *([] if axes is None else [None] * len(_leaves(axes)))]


def _broadcast_to(dy, y, x, shape):
    return [sum_to(dy, x), *[None] * len(shape)]


def _concatenate(dy, y, arrays, axis=0):
    ends = np.cumsum([np.shape(x)[axis] for x in arrays])
    axis %= dy.ndim
    return [dy[(*[slice(None)] * axis, slice(end - np.shape(x)[axis], end))]
            for x, end in zip(arrays, ends, strict=True)]  # fmt: skip


def _stack(dy, y, arrays, axis=0):
    axis %= dy.ndim
    return [dy[(*[slice(None)] * axis, i)] for i in range(len(arrays))]


def _get_item(dy, y, x, index):
    return [apply(scatter, dy, index=index, shape=np.shape(x)), *[None] * len(_leaves(index))]


def _scatter(dy, y, x, index, shape):
    return [dy[index]]


def _take(dy, y, x, indices, axis=0):
    index = (*[slice(None)] * (axis % np.ndim(x)), np.asarray(indices))
    return [apply(scatter, dy, index=index, shape=np.shape(x)), *[None] * len(_leaves(indices))]


def _leaves(structure):
    from .tape import leaves

    return leaves(structure)


DERIVATIVES = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.true_divide: _divide,
    np.power: _power,
    np.maximum: _maximum,
    np.minimum: _minimum,
    np.matmul: _matmul,
    np.where: _where,
    np.clip: _clip,
    np.negative: lambda dy, y, x: [-dy],
    np.abs: lambda dy, y, x: [dy * apply(np.sign, x)],
    np.square: lambda dy, y, x: [dy * 2 * x],
    np.sqrt: lambda dy, y, x: [dy / (2 * y)],
    np.exp: lambda dy, y, x: [dy * y],
    np.expm1: lambda dy, y, x: [dy * (y + 1)],
    np.log: lambda dy, y, x: [dy / x],
    np.log1p: lambda dy, y, x: [dy / (1 + x)],
    np.sin: lambda dy, y, x: [dy * apply(np.cos, x)],
    np.cos: lambda dy, y, x: [-dy * apply(np.sin, x)],
    np.tanh: lambda dy, y, x: [dy * (1 - y * y)],
    np.sum: _sum,
    np.mean: _mean,
    np.max: _extreme,
    np.min: _extreme,
    np.cumsum: _cumsum,
    np.reshape: _reshape,
    np.expand_dims: _reshape,
    np.squeeze: _reshape,
    np.transpose: _transpose,
    np.broadcast_to: _broadcast_to,
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.take: _take,
    np.array: lambda dy, y, x: [dy],
    get_item: _get_item,
    scatter: _scatter,
    cast: lambda dy, y, x, dtype: [apply(cast, dy, dtype=x.dtype)],
}
