"""Making, shaping and searching arrays, under TensorFlow's names and with its argument order.

Some names hide Python's own, as they do there.
"""

import numpy as np

from .tensor import Tensor, plain, tensor


class Variable(Tensor):
    """An array that can be assigned to in place."""

    def __new__(cls, initial_value=None, trainable=True, name=None, dtype=None, shape=None):
        return np.array(tensor(initial_value, dtype)).view(cls)

    def assign(self, value):
        """Set the whole array; ValueError where the shape differs."""
        value = np.asarray(value)
        if value.shape != self.shape:
            raise ValueError(f"assign: expected an array of shape {self.shape}, got {value.shape}")
        np.asarray(self)[...] = value
        return self

    def assign_add(self, delta):
        """Add to the array in place."""
        return self.assign(np.asarray(self) + delta)

    def assign_sub(self, delta):
        """Subtract from the array in place."""
        return self.assign(np.asarray(self) - delta)


def constant(value, dtype=None, shape=None, name="Const"):
    """The value as a tensor, reshaped or spread to ``shape`` where one is given."""
    array = tensor(value, dtype)
    if shape is None:
        return array
    return tensor(np.full(shape, array) if array.size == 1 else array.reshape(shape))


def convert_to_tensor(value, dtype=None, dtype_hint=None, name=None):
    """The value as a tensor."""
    return tensor(value, dtype)


def cast(x, dtype, name=None):
    """``x`` as numbers of another type."""
    return tensor(plain(x).astype(dtype))


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


def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """The elements, kept within limits."""
    return tensor(np.clip(plain(t), clip_value_min, clip_value_max))


def concat(values, axis, name="concat"):
    """Arrays one after another along an axis."""
    return tensor(np.concatenate([plain(value) for value in values], axis))


def stack(values, axis=0, name="stack"):
    """Arrays along a new axis."""
    return tensor(np.stack([plain(value) for value in values], axis))


def unstack(value, num=None, axis=0, name="unstack"):
    """The list of what lies along an axis."""
    return [tensor(part) for part in np.moveaxis(plain(value), axis, 0)]


def split(value, num_or_size_splits, axis=0, num=None, name="split"):
    """The array in so many equal parts, or in parts of these sizes."""
    if not isinstance(num_or_size_splits, int):
        num_or_size_splits = np.cumsum(num_or_size_splits)[:-1]
    return [tensor(part) for part in np.split(plain(value), num_or_size_splits, axis)]


def matmul(a, b, transpose_a=False, transpose_b=False, name=None):
    """The product of matrices."""
    a, b = plain(a), plain(b)
    return tensor(np.matmul(a.swapaxes(-1, -2) if transpose_a else a, b.swapaxes(-1, -2) if transpose_b else b))


def where(condition, x=None, y=None, name=None):
    """``x`` where the condition holds, else ``y``; with the condition alone, the places where it holds."""
    return tensor(np.argwhere(condition) if x is None else np.where(condition, plain(x), plain(y)))


def range(start, limit=None, delta=1, dtype=None, name="range"):
    """The numbers from ``start`` (0 where only one is given) to below ``limit``."""
    numbers = np.arange(start, dtype=dtype) if limit is None else np.arange(start, limit, delta, dtype)
    return tensor(numbers.astype(np.int32) if dtype is None and numbers.dtype.kind == "i" else numbers)


def linspace(start, stop, num, name=None, axis=0):
    """Numbers at equal distances, both ends included."""
    return tensor(np.linspace(start, stop, num, dtype=np.result_type(start, np.float32), axis=axis))


def gather(params, indices, axis=0, name=None):
    """The slices with these numbers."""
    return tensor(np.take(plain(params), indices, axis))


def shape(input, out_type=np.int32, name=None):
    """The shape as a tensor."""
    return tensor(np.array(np.shape(input), out_type))


def size(input, out_type=np.int32, name=None):
    """The number of elements."""
    return tensor(out_type(np.size(input)))


def rank(input, name=None):
    """The number of axes."""
    return tensor(np.int32(np.ndim(input)))


def fill(dims, value, name=None):
    """An array full of one value."""
    return tensor(np.full(dims, tensor(value)))


def zeros(shape, dtype=np.float32, name=None):
    """An array of zeros."""
    return tensor(np.zeros(shape, dtype))


def ones(shape, dtype=np.float32, name=None):
    """An array of ones."""
    return tensor(np.ones(shape, dtype))


def zeros_like(input, dtype=None, name=None):
    """Zeros in the shape of another array."""
    return tensor(np.zeros_like(plain(input), dtype))


def ones_like(input, dtype=None, name=None):
    """Ones in the shape of another array."""
    return tensor(np.ones_like(plain(input), dtype))


def eye(num_rows, num_columns=None, dtype=np.float32, name=None):
    """The unit matrix."""
    return tensor(np.eye(num_rows, num_columns, dtype=dtype))


def reshape(tensor, shape, name=None):
    """The elements in another shape."""
    return np.reshape(plain(tensor), tuple(np.asarray(shape).tolist())).view(Tensor)


def transpose(a, perm=None, conjugate=False, name="transpose"):
    """The axes in another order, by default reversed."""
    return tensor(np.transpose(plain(a), perm))


def expand_dims(input, axis, name=None):
    """The array with a new axis of length 1."""
    return tensor(np.expand_dims(plain(input), axis))


def squeeze(input, axis=None, name=None):
    """The array without axes of length 1."""
    return tensor(np.squeeze(plain(input), None if axis is None else tuple(np.atleast_1d(axis).tolist())))


def tile(input, multiples, name=None):
    """The array repeated along each axis."""
    return tensor(np.tile(plain(input), multiples))


def sort(values, axis=-1, direction="ASCENDING", name=None):
    """The elements in order along an axis."""
    ascending = np.sort(plain(values), axis)
    return tensor(ascending if direction == "ASCENDING" else np.flip(ascending, axis))


def argsort(values, axis=-1, direction="ASCENDING", stable=True, name=None):
    """Places of the elements in order along an axis; of equal ones, the first comes first."""
    values = plain(values)
    return tensor(np.argsort(values if direction == "ASCENDING" else -values, axis, kind="stable").astype(np.int32))


def tensordot(a, b, axes, name=None):
    """Sums of products over these axes."""
    return tensor(np.tensordot(plain(a), plain(b), axes))
