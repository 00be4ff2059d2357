"""The numbers that a metric keeps between updates."""

import numpy as np

from ..tensor import tensor


class State(np.ndarray):
    """An array with the methods of a Keras variable, in float64; what is computed from it is a tensor."""

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
        np.asarray(self)[...] = value
        return self

    def assign_add(self, value):
        """Add to the values."""
        return self.assign(np.asarray(self) + value)

    def numpy(self):
        """The values as a plain array."""
        return np.array(self)

    @property
    def value(self):
        return np.asarray(self)
