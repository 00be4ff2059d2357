"""What an optimizer remembers: where its arrays lie, and Keras' names and order of them."""

import math

import numpy as np

AVERAGE, ACCUMULATOR = "average", "gradient_accumulator"
"""Slots that any optimizer may have; Keras makes them first."""

_GROUPED = {
    "RMSprop": (("velocity",), ("momentum",), ("average_gradient",)),
    "Adam": (("momentum", "velocity"), ("velocity_hat",)),
    "AdamW": (("momentum", "velocity"), ("velocity_hat",)),
}
"""Slots as Keras makes them: group after group; within a group, parameter after parameter. Else all are one group."""


class State:
    """The optimizer's arrays in an executable.

    Parameters
    ----------
    executable : fastnn.backends.base.Executable
        Its ``step`` is the number of batches so far.
    names : dict of variable to str
        What each trained variable is called in the program.
    """

    def __init__(self, executable, names):
        self.executable, self.names = executable, names

    def get(self, variable, slot):
        """The array ``slot`` of a variable, in the variable's shape."""
        array = self.executable.get(f"{self.names[variable]}/{slot}")
        return array.reshape(getattr(variable, "shape", array.shape))

    def set(self, variable, slot, value):
        """Set the array ``slot`` of a variable."""
        name = f"{self.names[variable]}/{slot}"
        program = self.executable.program
        self.executable.set(name, np.reshape(value, program.buffers[program.index(name)].shape))

    def take_over(self, other, slots):
        """Go on where another state has stopped, as far as it is of the same variables."""
        self.executable.step = other.executable.step
        for variable in set(self.names) & set(other.names):
            for slot in slots:
                self.set(variable, slot, other.get(variable, slot))


def slot_groups(optimizer):
    """The names of the optimizer's slots, in the groups in which Keras makes them."""
    groups = [(slot,) for slot in optimizer.common_slots]
    groups += _GROUPED.get(type(optimizer).__name__, (tuple(optimizer.slots),))
    groups = [tuple(slot for slot in group if slot in optimizer.all_slots) for group in groups]
    return [group for group in groups if group]


class OptimizerVariable:
    """One of ``optimizer.variables``: a number or an array that the optimizer keeps.

    Attributes
    ----------
    name, path : str
    shape : tuple of int
    dtype : numpy.dtype
    """

    trainable = False

    def __init__(self, optimizer, name, read, write):
        self.name, self.path = name, f"{optimizer.name}/{name}"
        self._read, self._write = read, write

    @property
    def value(self):
        """A copy of the current value."""
        return self._read()

    def numpy(self):
        """A copy of the current value."""
        return self._read()

    def assign(self, value):
        """Set the value; ValueError for one of another shape."""
        value = np.asarray(value)
        if value.shape != self.shape:
            raise ValueError(f"{self.path}: expected an array of shape {self.shape}, got {value.shape}")
        self._write(value)

    shape = property(lambda self: self._read().shape)
    dtype = property(lambda self: self._read().dtype)

    def __array__(self, dtype=None, copy=None):
        return self.value if dtype is None else self.value.astype(dtype)

    def __repr__(self):
        return f"<OptimizerVariable {self.path}, shape {self.shape}, {self.dtype}>"


def variables_of(optimizer, prefix=""):
    """Keras' variables of an optimizer, in its order: the number of batches, the learning rate, then the slots."""
    state = optimizer.state

    def set_rate(value):
        # It was held in the type of the weights, which a number given as 0.1 need not be.
        if not math.isclose(float(value), optimizer.learning_rate, rel_tol=1e-6):
            optimizer.learning_rate = float(value)

    def set_step(value):
        state.executable.step = int(value)

    dtype = np.float32 if state is None else state.executable.dtype
    found = [
        OptimizerVariable(optimizer, "iteration", lambda: np.array(optimizer.batches, np.int64), set_step)
    ]
    if not optimizer.scheduled:
        rate = OptimizerVariable(
            optimizer, "learning_rate", lambda: np.array(float(optimizer.learning_rate), dtype), set_rate
        )
        found.append(rate)
    for group in slot_groups(optimizer) if state is not None else ():
        for variable in state.names:
            for slot in group:
                found.append(_slot(optimizer, variable, slot, prefix))
    return found


def _slot(optimizer, variable, slot, prefix):
    state = optimizer.state
    path = getattr(variable, "path", state.names[variable])
    name = f"{prefix}{path.replace('/', '_')}_{slot}"
    return OptimizerVariable(
        optimizer, name, lambda: state.get(variable, slot), lambda value: state.set(variable, slot, value)
    )
