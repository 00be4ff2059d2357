"""Steps on gradients that were worked out by hand, in a training loop of one's own."""

import warnings

import numpy as np

from .. import runtime
from ..builder import ProgramBuilder
from .state import State


class ArrayKey:
    """A NumPy array as a variable: two are the same where the array is."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def __eq__(self, other):
        return isinstance(other, ArrayKey) and other.array is self.array

    def __hash__(self):
        return id(self.array)

    @property
    def value(self):
        return self.array

    @value.setter
    def value(self, value):
        self.array[...] = value


def as_variable(thing):
    """What may be trained: a weight of a model, or an array of floats that is changed in place."""
    if isinstance(thing, np.ndarray):
        if thing.dtype.name not in ("float32", "float64") or not thing.flags.writeable or not thing.size:
            raise TypeError(
                "an array that an optimizer changes in place must hold float32 or float64 numbers and be writeable, "
                f"got {thing.dtype} of shape {thing.shape}"
            )
        return ArrayKey(thing)
    if hasattr(thing, "path") and hasattr(thing, "version"):
        return thing
    raise TypeError(
        "expected weights of a model or layer (model.trainable_variables), or NumPy arrays of floats, which are "
        f"changed in place; got {type(thing).__name__}"
    )


def _flat_shape(shape):
    return shape if len(shape) in (1, 2) else (int(np.prod(shape[:-1])), shape[-1]) if shape else (1,)


class ByHand:
    """The optimizer's ops alone, on variables whose gradients are given.

    Parameters
    ----------
    optimizer : Optimizer
    variables : list
        See :func:`as_variable`.
    """

    def __init__(self, optimizer, variables):
        types = {np.dtype(variable.value.dtype) for variable in variables}
        if len(types) > 1:
            raise TypeError(f"all variables of an optimizer must be of one type, got {', '.join(map(str, types))}")
        self._optimizer, self.variables = optimizer, variables
        builder, names, keys = ProgramBuilder(), {}, {}
        x = builder.input(1)
        for number, variable in enumerate(variables):
            shape = _flat_shape(variable.shape)
            index = builder.parameter(getattr(variable, "path", f"variable_{number}"), shape, key=variable)
            builder.add_gradient(index, builder.parameter(f"gradient {number}", shape, trainable=False))
            names[variable], keys[variable] = builder.buffer(index).name, f"gradient {number}"
        optimizer.emit(builder)
        executable = runtime.load(builder.build(x), types.pop())
        self.state, self._gradients = State(executable, names), keys

    def apply(self, gradients, variables):
        """Take one step; variables that have no gradient stay as they are."""
        executable, optimizer = self.state.executable, self._optimizer
        given = dict(zip(variables, gradients, strict=True))
        for variable in self.variables:
            shape = _flat_shape(variable.shape)
            executable.set(self.state.names[variable], np.reshape(variable.value, shape))
            gradient = given.get(variable)
            executable.set(self._gradients[variable], 0 if gradient is None else np.reshape(gradient, shape))
        absent = [variable for variable in self.variables if given.get(variable) is None]
        kept = [(v, slot, self.state.get(v, slot)) for v in absent for slot in optimizer.all_slots]
        executable.learning_rate = float(optimizer.learning_rates(executable.step, 1)[0])
        executable.run("update")
        executable.step += 1
        for variable in self.variables:
            if variable not in absent:
                variable.value = executable.get(self.state.names[variable]).reshape(variable.shape)
        for variable, slot, value in kept:
            self.state.set(variable, slot, value)


def check_gradients(gradients, variables):
    """Arrays of the variables' shapes, None where there is no gradient.

    Raises
    ------
    ValueError
        For a gradient of another shape, or none at all.
    """
    checked = []
    for gradient, variable in zip(gradients, variables, strict=True):
        name = getattr(variable, "path", "an array")
        gradient = None if gradient is None else np.asarray(gradient)
        if gradient is not None and gradient.shape != tuple(variable.shape):
            raise ValueError(
                f"the gradient of {name} has shape {gradient.shape}, expected {tuple(variable.shape)}, as the variable"
            )
        checked.append(gradient)
    missing = [getattr(v, "path", "an array") for g, v in zip(checked, variables, strict=True) if g is None]
    if len(missing) == len(checked):
        raise ValueError("No gradients provided for any variable.")
    if missing:
        warnings.warn(
            f"Gradients do not exist for variables {missing} when minimizing the loss. If using `model.compile()`, did "
            "you forget to provide a `loss` argument?",
            stacklevel=4,
        )
    return checked
