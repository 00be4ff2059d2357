"""The numbers that a metric keeps between updates."""

import numpy as np

from ..tensor import tensor


class State(np.ndarray):
    """An array with the methods of a Keras variable, in float64; what is computed from it is a tensor."""

    added = None
    """While an update is written down (``traced.py``): the list of what it adds."""

    def __new__(cls, shape, name):
        state = np.zeros(shape).view(cls)
        state.name = name
        return state

    def __array_finalize__(self, origin):
        self.name = getattr(origin, "name", None)

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return tensor(np.asarray(array))

    def __getitem__(self, key):
        return np.asarray(self)[key]

    def assign(self, value):
        """Take other values of the same shape."""
        if self.added is not None:
            raise NotImplementedError("update_state assigns to a variable: only what it adds is written down")
        np.asarray(self)[...] = value
        return self

    def assign_add(self, value):
        """Add to the values."""
        if self.added is not None:
            self.added.append(value)
            return self
        return self.assign(np.asarray(self) + value)

    def numpy(self):
        """The values as a plain array."""
        return np.array(self)

    @property
    def value(self):
        return np.asarray(self)
