"""Making, shaping and searching arrays, under TensorFlow's names and with its argument order.

Some names hide Python's own, as they do there. Those that a model's ``call`` or a loss may need take symbolic tensors
too.
"""

import numpy as np

from .. import tensor as tensors
from ..symbolic import functions as ops
from ..tensor import Variable, apply, plain, tensor
from .dispatch import symbolic


def constant(value, dtype=None, shape=None, name="Const"):
    """The value as a tensor, reshaped or spread to ``shape`` where one is given."""
    array = tensor(value, dtype)
    if shape is None:
        return array
    return tensor(np.full(shape, array) if array.size == 1 else np.reshape(array, shape))


@symbolic(lambda value, *_: value)
def convert_to_tensor(value, dtype=None, dtype_hint=None, name=None):
    """The value as a tensor."""
    if isinstance(value, Variable) or hasattr(value, "symbol"):
        return apply(np.array, value)
    return tensor(value, dtype)


@symbolic(lambda x: x)
def identity(input, name=None):
    """The value as a tensor."""
    return apply(np.array, tensor(input))


@symbolic(ops.cast)
def cast(x, dtype, name=None):
    """``x`` as numbers of another type."""
    return apply(tensors.cast, _tensor(x), dtype=dtype)


@symbolic(ops.stop_gradient)
def stop_gradient(input, name=None):
    """The value, of which gradient tapes know nothing."""
    return tensor(np.array(plain(input)))


@symbolic(lambda indices, depth, on_value, off_value, axis, dtype: ops.one_hot(indices, depth, axis))
def one_hot(indices, depth, on_value=1, off_value=0, axis=-1, dtype=None, name=None):
    """One-hot rows; an index outside of 0 .. depth - 1 gives a row of ``off_value``."""
    indices = np.asarray(indices)
    hot = np.arange(depth) == indices[..., np.newaxis]
    dtype = dtype or np.result_type(np.float32 if isinstance(on_value, int) else np.asarray(on_value).dtype)
    return tensor(np.moveaxis(np.where(hot, on_value, off_value).astype(dtype), -1, axis))


def argmax(input, axis=None, output_type=np.int64, name=None):
    """Place of the largest element along an axis, the first by default."""
    return tensor(np.argmax(plain(input), 0 if axis is None else axis).astype(output_type))


def argmin(input, axis=None, output_type=np.int64, name=None):
    """Place of the smallest element along an axis, the first by default."""
    return tensor(np.argmin(plain(input), 0 if axis is None else axis).astype(output_type))


@symbolic(ops.clip)
def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """The elements, kept within limits."""
    t = _tensor(t)
    return apply(np.clip, t, t.dtype.type(clip_value_min), t.dtype.type(clip_value_max))


@symbolic(ops.concatenate)
def concat(values, axis, name="concat"):
    """Arrays one after another along an axis."""
    return apply(np.concatenate, [_tensor(value) for value in values], axis=axis)


def stack(values, axis=0, name="stack"):
    """Arrays along a new axis."""
    return apply(np.stack, [_tensor(value) for value in values], axis=axis)


def unstack(value, num=None, axis=0, name="unstack"):
    """The list of what lies along an axis."""
    value = _tensor(value)
    before = [slice(None)] * (axis % value.ndim)
    return [value[(*before, i)] for i in np.arange(value.shape[axis]).tolist()]


def split(value, num_or_size_splits, axis=0, num=None, name="split"):
    """The array in so many equal parts, or in parts of these sizes."""
    value = _tensor(value)
    sizes = num_or_size_splits
    if isinstance(sizes, int):
        if value.shape[axis] % sizes:
            raise ValueError(f"split: an axis of size {value.shape[axis]} has no {sizes} equal parts")
        sizes = [value.shape[axis] // sizes] * sizes
    before, ends = [slice(None)] * (axis % value.ndim), np.cumsum(sizes).tolist()
    return [value[(*before, slice(end - size, end))] for size, end in zip(sizes, ends, strict=True)]


@symbolic(ops.matmul)
def matmul(a, b, transpose_a=False, transpose_b=False, name=None):
    """The product of matrices."""
    a, b = (_swapped(x) if swap else x for x, swap in ((a, transpose_a), (b, transpose_b)))
    return tensors.binary(np.matmul, a, b)


@symbolic(ops.where)
def where(condition, x=None, y=None, name=None):
    """``x`` where the condition holds, else ``y``; with the condition alone, the places where it holds."""
    if x is None:
        return tensor(np.argwhere(np.asarray(condition)))
    x, y = tensors.same_type(x, y)
    return apply(np.where, condition, x, y)


def range(start, limit=None, delta=1, dtype=None, name="range"):
    """The numbers from ``start`` (0 where only one is given) to below ``limit``."""
    numbers = np.arange(start, dtype=dtype) if limit is None else np.arange(start, limit, delta, dtype)
    if dtype is None:
        dtype = {"i": np.int32, "f": np.float32}[numbers.dtype.kind]
    return tensor(numbers.astype(dtype))


def linspace(start, stop, num, name=None, axis=0):
    """Numbers at equal distances, both ends included."""
    return tensor(np.linspace(start, stop, num, dtype=np.result_type(start, np.float32), axis=axis))


def gather(params, indices, axis=0, name=None):
    """The slices with these numbers."""
    return apply(np.take, _tensor(params), plain(indices), axis=axis)


@symbolic(lambda input, *_: ops.shape(input))
def shape(input, out_type=np.int32, name=None):
    """The shape as a tensor."""
    return tensor(np.array(np.shape(input), out_type))


@symbolic(lambda input, *_: ops.sum(ops.ones_like(input)))
def size(input, out_type=np.int32, name=None):
    """The number of elements."""
    return tensor(out_type(np.size(input)))


@symbolic(lambda input: input.ndim)
def rank(input, name=None):
    """The number of axes."""
    return tensor(np.int32(np.ndim(input)))


def fill(dims, value, name=None):
    """An array full of one value."""
    return tensor(np.full(_sizes(dims), plain(value)))


def zeros(shape, dtype=np.float32, name=None):
    """An array of zeros."""
    return tensor(np.zeros(_sizes(shape), dtype))


def ones(shape, dtype=np.float32, name=None):
    """An array of ones."""
    return tensor(np.ones(_sizes(shape), dtype))


@symbolic(lambda input, dtype: ops.zeros_like(input))
def zeros_like(input, dtype=None, name=None):
    """Zeros in the shape of another array."""
    return tensor(np.zeros_like(plain(input), dtype))


@symbolic(lambda input, dtype: ops.ones_like(input))
def ones_like(input, dtype=None, name=None):
    """Ones in the shape of another array."""
    return tensor(np.ones_like(plain(input), dtype))


def eye(num_rows, num_columns=None, dtype=np.float32, name=None):
    """The unit matrix."""
    return tensor(np.eye(num_rows, num_columns, dtype=dtype))


@symbolic(ops.reshape)
def reshape(tensor, shape, name=None):
    """The elements in another shape."""
    return apply(np.reshape, _tensor(tensor), _sizes(shape))


@symbolic(lambda a, perm, conjugate: ops.transpose(a, perm))
def transpose(a, perm=None, conjugate=False, name="transpose"):
    """The axes in another order, by default reversed."""
    return apply(np.transpose, _tensor(a), perm)


@symbolic(ops.expand_dims)
def expand_dims(input, axis, name=None):
    """The array with a new axis of length 1."""
    return apply(np.expand_dims, _tensor(input), axis)


@symbolic(ops.squeeze)
def squeeze(input, axis=None, name=None):
    """The array without axes of length 1."""
    return apply(np.squeeze, _tensor(input), None if axis is None else tuple(np.atleast_1d(axis).tolist()))


def broadcast_to(input, shape, name=None):
    """The array repeated to get this shape."""
    return apply(np.broadcast_to, _tensor(input), _sizes(shape))


def tile(input, multiples, name=None):
    """The array repeated along each axis."""
    return apply(np.tile, _tensor(input), _sizes(multiples))


def sort(values, axis=-1, direction="ASCENDING", name=None):
    """The elements in order along an axis."""
    return apply(_sort, _tensor(values), axis=axis, direction=direction)


def _sort(values, axis, direction):
    ascending = np.sort(values, axis)
    return ascending if direction == "ASCENDING" else np.flip(ascending, axis)


def argsort(values, axis=-1, direction="ASCENDING", stable=True, name=None):
    """Places of the elements in order along an axis; of equal ones, the first comes first."""
    values = plain(values)
    return tensor(np.argsort(values if direction == "ASCENDING" else -values, axis, kind="stable").astype(np.int32))


def tensordot(a, b, axes, name=None):
    """Sums of products over these axes."""
    return apply(np.tensordot, _tensor(a), _tensor(b), axes=axes)


def _tensor(x):
    """``x`` as tapes know it: variables and weights of layers stay what they are."""
    return x if tensors.is_tensor(x) else tensor(x)


def _sizes(shape):
    return tuple(np.atleast_1d(np.asarray(shape)).astype(int).tolist())


def _swapped(x):
    axes = list(np.arange(np.ndim(x)).tolist())
    return apply(np.transpose, _tensor(x), [*axes[:-2], *axes[:-3:-1]])
