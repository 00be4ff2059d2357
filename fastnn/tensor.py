"""Tensors as scripts for TensorFlow know them: NumPy arrays with ``numpy()`` that print as TensorFlow's do.

Operators give tensors again, and open tapes (``fastnn.tape``) note what they computed; NumPy's own functions give
plain arrays, as with TensorFlow's tensors.
"""

import numpy as np

from . import tape


class Tensor(np.ndarray):
    """A NumPy array with ``numpy()``; arithmetic with it gives such arrays again."""

    def numpy(self):
        """The plain array, or the number where there is only one."""
        plain = np.asarray(self)
        return plain[()] if plain.ndim == 0 else plain

    def __getitem__(self, index):
        return apply(get_item, self, plain_index(index))

    def __iter__(self):
        if not self.ndim:
            raise TypeError("iteration over a tensor without axes")
        return (self[i] for i in range(len(self)))

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return getattr(ufunc, method)(*tape.map_leaves(_as_array, inputs), **tape.map_leaves(_as_array, options))

    def __array_function__(self, function, types, arguments, options):
        return function(*tape.map_leaves(_as_array, arguments), **tape.map_leaves(_as_array, options))

    def __add__(self, other):
        return binary(np.add, self, other)

    def __radd__(self, other):
        return binary(np.add, other, self)

    def __sub__(self, other):
        return binary(np.subtract, self, other)

    def __rsub__(self, other):
        return binary(np.subtract, other, self)

    def __mul__(self, other):
        return binary(np.multiply, self, other)

    def __rmul__(self, other):
        return binary(np.multiply, other, self)

    def __truediv__(self, other):
        return binary(np.true_divide, self, other)

    def __rtruediv__(self, other):
        return binary(np.true_divide, other, self)

    def __floordiv__(self, other):
        return binary(np.floor_divide, self, other)

    def __rfloordiv__(self, other):
        return binary(np.floor_divide, other, self)

    def __mod__(self, other):
        return binary(np.mod, self, other)

    def __pow__(self, other):
        return binary(np.power, self, other)

    def __rpow__(self, other):
        return binary(np.power, other, self)

    def __matmul__(self, other):
        return binary(np.matmul, self, other)

    def __rmatmul__(self, other):
        return binary(np.matmul, other, self)

    # A tensor does not change: x += 1 makes another one.
    __iadd__, __isub__, __imul__, __itruediv__ = __add__, __sub__, __mul__, __truediv__

    def __neg__(self):
        return apply(np.negative, self)

    def __abs__(self):
        return apply(np.abs, self)

    def __invert__(self):
        return apply(np.invert, self)

    def __and__(self, other):
        return binary(np.bitwise_and, self, other)

    def __or__(self, other):
        return binary(np.bitwise_or, self, other)

    def __eq__(self, other):
        return binary(np.equal, self, other)

    def __ne__(self, other):
        return binary(np.not_equal, self, other)

    def __lt__(self, other):
        return binary(np.less, self, other)

    def __le__(self, other):
        return binary(np.less_equal, self, other)

    def __gt__(self, other):
        return binary(np.greater, self, other)

    def __ge__(self, other):
        return binary(np.greater_equal, self, other)

    def __format__(self, specification):
        return format(self.numpy(), specification)

    def __str__(self):
        return f"tf.Tensor({_text(self, str)}, shape={self.shape}, dtype={self.dtype})"

    def __repr__(self):
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype}, numpy={_text(self, repr)}>"


class Variable(Tensor):
    """An array that can be assigned to, in the whole or in parts: ``v.assign(x)``, ``v[0].assign(x)``.

    Parameters
    ----------
    initial_value : array-like
    trainable : bool
        Whether gradient tapes watch it.
    name : str, optional
    dtype, shape
        Of the array; by default as ``initial_value`` has them.
    """

    is_variable = True
    """Whether gradient tapes look at ``trainable``."""

    def __new__(cls, initial_value=None, trainable=True, name=None, dtype=None, shape=None):
        value = initial_value() if callable(initial_value) else initial_value
        self = np.array(tensor(value, dtype)).view(cls)
        self.trainable, self.name = trainable, f"{name or 'Variable'}:0"
        if shape is not None and tuple(shape) != self.shape:
            raise ValueError(f"Variable: expected an array of shape {tuple(shape)}, got {self.shape}")
        return self

    def __array_finalize__(self, source):
        self.trainable, self.name = getattr(source, "trainable", True), getattr(source, "name", "Variable:0")

    def __getitem__(self, index):
        part = super().__getitem__(index)
        part.__class__ = VariablePart  # the same object, as tapes know it
        part.variable, part.index = self, plain_index(index)
        return part

    def assign(self, value):
        """Set the whole array; ValueError where the shape differs."""
        value = np.asarray(value)
        if value.shape != self.shape:
            raise ValueError(f"assign: expected an array of shape {self.shape}, got {value.shape}")
        np.asarray(self)[...] = value
        return self

    def assign_add(self, delta):
        """Add to the array in place."""
        return self.assign(np.asarray(self) + np.asarray(delta))

    def assign_sub(self, delta):
        """Subtract from the array in place."""
        return self.assign(np.asarray(self) - np.asarray(delta))

    def value(self):
        """The present value as a tensor."""
        return apply(np.array, self)

    read_value = value

    def numpy(self):
        """A copy of the array, or the number where there is only one."""
        return np.array(self)[()] if self.ndim == 0 else np.array(self)

    def __str__(self):
        return f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype}, numpy={_text(self, repr)}>"

    __repr__ = __str__


class VariablePart(Tensor):
    """A part of a variable, as it was when it was read; assigning to it changes the variable."""

    variable = index = None

    def assign(self, value):
        """Set this part of the variable."""
        np.asarray(self.variable)[self.index] = np.asarray(value)
        return self.variable


def tensor(values, dtype=None):
    """``values`` as a :class:`Tensor`; Python floats become float32 and integers int32, as in TensorFlow."""
    if isinstance(values, Tensor) and not isinstance(values, Variable) and dtype in (None, values.dtype):
        return values
    if dtype is None and not hasattr(values, "dtype"):
        found = np.asarray(values)
        if not _has_arrays(values):
            dtype = {"f": np.float32, "i": np.int32}.get(found.dtype.kind)
        values = found
    return np.asarray(values, dtype).view(Tensor)


def plain(values):
    """What :func:`tensor` gives, as a plain array."""
    return np.asarray(tensor(values))


def apply(function, *arguments, **options):
    """What a function of NumPy makes of arrays, as a tensor; open tapes note it.

    Parameters
    ----------
    function : callable
        A tape needs its derivative, from ``fastnn.derivatives``.
    *arguments
        Arrays, tensors, parameters, or lists of such; and what else the function takes.
    **options
        Not differentiated.
    """
    with np.errstate(all="ignore"):
        result = function(*tape.map_leaves(_as_array, arguments), **options)
    y = np.asarray(result).view(Tensor)
    if tape.recording():
        inputs = tape.leaves(arguments)

        def pull(dy):
            from .derivatives import derivative  # the module above

            return tape.leaves(derivative(function)(dy, y, *arguments, **options))

        tape.note(y, inputs, pull)
    return y


def binary(function, a, b):
    """``apply`` to two operands; where only one of them is a tensor, the other takes its type."""
    return apply(function, *same_type(a, b))


def same_type(a, b):
    """Two operands, of which one that is no tensor gets the type of the other."""
    return _of_type(a, b), _of_type(b, a)


def is_tensor(x):
    """Whether computing with ``x`` gives tensors: a tensor, variable, or parameter of a layer."""
    return isinstance(x, Tensor) or hasattr(x, "symbol")


def get_item(x, index):
    """``x[index]``."""
    return x[index]


def cast(x, dtype):
    """``x`` in another type."""
    return np.asarray(x).astype(dtype)


def plain_index(index):
    """An index without tensors in it."""
    return tape.map_leaves(lambda i: i.numpy() if isinstance(i, Tensor) else i, index) if index is not None else None


def _of_type(x, other):
    """``x`` for an operation with ``other``: what has no type, or is no tensor, gets that of the tensor or array."""
    if is_tensor(x):
        return x
    if not (is_tensor(other) or (hasattr(other, "dtype") and not hasattr(x, "dtype"))):
        return tensor(x)
    array = np.asarray(x)
    real = other.dtype.kind == "f" and array.dtype.kind in "fiub"
    whole = other.dtype.kind in "iu" and array.dtype.kind in "iu"
    return tensor(array, other.dtype if real or whole else None)


def _as_array(x):
    return np.asarray(x) if is_tensor(x) else x


def _text(values, form):
    array = np.asarray(values)
    text = str(array[()]) if not array.ndim else form(array)
    return f"\n{text}" if "\n" in text else text


def _has_arrays(values):
    """Whether a list holds arrays, whose type is kept."""
    if isinstance(values, (list, tuple)):
        return any(_has_arrays(value) for value in values[:1])
    return hasattr(values, "dtype")
