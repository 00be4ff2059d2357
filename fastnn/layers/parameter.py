"""The arrays of a layer that belong to the model, and how a layer of one's own makes them."""

import math

import numpy as np

from .. import constraints, initializers, regularizers
from ..checks import check_bool, check_default, check_int
from ..config import floatx
from ..symbolic import KerasTensor
from ..symbolic.tensor import Arithmetic


class Parameter(Arithmetic):
    """An array of a layer that belongs to the model.

    Parameters
    ----------
    name : str
        Name within the layer: "kernel".
    path : str
        Name within the model: "dense/kernel".
    value : numpy.ndarray
        Initial value.
    initializer : fastnn.initializers.Initializer
        What made it.
    trainable : bool
        Whether an optimizer may change it.

    Attributes
    ----------
    value : numpy.ndarray
        A copy of the current value. Assign to it to change it; a change of the copy itself changes nothing.
    version : int
        Grows whenever the value may have changed.
    """

    is_variable = True
    """Whether gradient tapes look at ``trainable``."""

    __array_priority__ = 1000  # array * parameter is ours to compute: a tape would not see NumPy do it

    def __init__(self, name, path, value, initializer, trainable=True):
        self.name = name
        self.path = path
        self.shape = value.shape
        self.dtype = value.dtype
        self.initializer = initializer
        self.trainable = trainable
        self.version = 0
        self.owner = None  # layer that may be frozen
        self.lent = None  # value in the program that is calling NumPy code of the layer
        self._value = value
        self.regularizer = self.constraint = None  # of the weight, where it is trained
        self.is_row = False  # whether a program has it as one row of numbers, whatever its axes
        self._holder = None  # executable with a newer value than ours, and the name it has there

    @property
    def value(self):
        if self.lent is not None:
            return self.lent.copy()
        if self._holder is not None:
            executable, name = self._holder
            self._value = executable.get(name).reshape(self.shape)
            self._holder = None
        return self._value.copy()

    @value.setter
    def value(self, value):
        self._value = self.check(value)
        self._holder = None
        self.version += 1

    assign = value.fset

    def assign_add(self, delta):
        """Add to the value."""
        self.value = self.value + np.asarray(delta)

    def assign_sub(self, delta):
        """Subtract from the value."""
        self.value = self.value - np.asarray(delta)

    def check(self, value):
        """A copy of ``value`` in the parameter's type; raise ValueError if it has another shape."""
        try:
            array = np.array(value, self.dtype, order="C")
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{self.path}: expected an array of numbers of shape {self.shape}; {error}"
            ) from None
        if array.shape != self.shape:
            raise ValueError(f"{self.path}: expected an array of shape {self.shape}, got {array.shape}")
        return array

    def move_to(self, executable, name):
        """From now on ``executable`` holds the newest value, in its buffer ``name``."""
        self._holder = executable, name
        self.version += 1

    def emit(self, builder):
        """The parameter's buffer in a program."""
        index = builder.parameter(self.path, self.flat_shape, self.is_trained, key=self)
        if self.is_trained and self.regularizer is not None:
            self.regularizer.penalise(builder, index)
        if self.is_trained and self.constraint is not None:
            if self.is_row and len(self.shape) > 1 and getattr(self.constraint, "op", None) != "non_negative":
                raise ValueError(
                    f"{self.path}: of a weight of shape {self.shape} in rows only NonNeg is supported as a "
                    f"constraint, got {type(self.constraint).__name__}"
                )
            self.constraint.constrain(builder, index)
        return index

    @property
    def flat_shape(self):
        """The shape in a program, where arrays have one or two axes."""
        if self.is_row:
            return (math.prod(self.shape),)
        if len(self.shape) in (1, 2):
            return self.shape
        return (math.prod(self.shape[:-1]), self.shape[-1]) if self.shape else (1,)

    def symbol(self):
        """A symbolic tensor that stands for the parameter."""
        return KerasTensor(self.shape, str(self.dtype), self.name, parameter=self)

    @property
    def is_trained(self):
        """Whether an optimizer may change it: neither the parameter nor its layer is frozen."""
        return self.trainable and (self.owner is None or self.owner.trainable)

    def numpy(self):
        """The current value, as in Keras."""
        return self.value

    def __array__(self, dtype=None, copy=None):
        return self.value if dtype is None else self.value.astype(dtype)

    def __repr__(self):
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self.value}>"


AGGREGATIONS = (None, "none", "mean", "sum", "only_first_replica")
"""How Keras joins the copies of a weight on several machines; here there is one."""


def check_dtype(dtype, owner):
    """Raise ValueError for another type than the one in which all layers compute."""
    name = getattr(dtype, "name", dtype)
    if name not in (None, floatx()) and getattr(name, "__name__", None) != floatx():
        raise ValueError(
            f"{owner}: dtype must be that of all layers, {floatx()!r}, got {name!r}; "
            "change it with fastnn.config.set_floatx before the model is made"
        )


def add_weight(
    layer,
    shape=None,
    initializer=None,
    dtype=None,
    trainable=True,
    autocast=True,
    regularizer=None,
    constraint=None,
    aggregation="none",
    overwrite_with_gradient=False,
    name=None,
):
    """Make a parameter of ``layer``.

    Parameters
    ----------
    layer : Layer
    shape : tuple of int
        One or two axes, where ``call`` uses it; () for a single number.
    initializer : str or Initializer, optional
        By default "glorot_uniform".
    dtype : str, optional
        Only that of all layers.
    trainable : bool
        Whether an optimizer may change it.
    autocast, aggregation
        Accepted: there is one type of number, and one machine.
    regularizer : str or Regularizer, optional
        A penalty that is added to the loss.
    constraint : str or Constraint, optional
        A limit that is kept after each update.
    overwrite_with_gradient : bool
        Only False.
    name : str, optional
        By default "variable".

    Returns
    -------
    Parameter
    """
    check_dtype(dtype, f"{layer}: add_weight")
    names = set(layer.parameters)
    name = name or "variable"
    if name in names:
        name = next(new for n in range(1, len(names) + 2) if (new := f"{name}_{n}") not in names)
    shape = () if shape is None else (shape,) if np.ndim(shape) == 0 else tuple(shape)
    shape = tuple(check_int(size, f"{layer}: add_weight: each size", 1) for size in shape)
    before = vars(layer).get(name, layer)
    if layer.dtype is None and not isinstance(getattr(type(layer), "dtype", None), property):
        layer.dtype = floatx()
    check_bool(autocast, f"{layer}: add_weight: autocast")
    if aggregation not in AGGREGATIONS:
        raise ValueError(f"{layer}: add_weight: aggregation must be one of {AGGREGATIONS}, got {aggregation!r}")
    check_default(f"{layer}: add_weight", overwrite_with_gradient=(overwrite_with_gradient, False))
    regularizer, constraint = regularizers.get(regularizer), constraints.get(constraint)
    initializer = initializers.get(initializer or "glorot_uniform")
    parameter = layer.add_parameter(name, shape, initializer, trainable)
    parameter.regularizer, parameter.constraint = regularizer, constraint
    if before is not layer:
        setattr(layer, name, before)  # the attribute of the layer that is called like the weight
    elif name == "variable":
        delattr(layer, name)
    return parameter
