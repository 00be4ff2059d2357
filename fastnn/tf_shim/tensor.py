"""NumPy arrays that also have the few methods by which TensorFlow scripts leave TensorFlow."""

import numpy as np


class Tensor(np.ndarray):
    """A NumPy array with ``numpy()``; arithmetic with it gives such arrays again."""

    def numpy(self):
        """The plain array, or the number where there is only one."""
        plain = np.asarray(self)
        return plain[()] if plain.ndim == 0 else plain

    def __getitem__(self, index):
        return tensor(super().__getitem__(index))

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return tensor(array)


def tensor(values, dtype=None):
    """``values`` as a :class:`Tensor`; Python floats become float32 and integers int32, as in TensorFlow."""
    if dtype is None and not hasattr(values, "dtype"):
        found = np.asarray(values)
        if not _has_arrays(values):
            dtype = {"f": np.float32, "i": np.int32}.get(found.dtype.kind)
        values = found
    return np.asarray(values, dtype).view(Tensor)


def plain(values):
    """What :func:`tensor` gives, as a plain array."""
    return np.asarray(tensor(values))


def _has_arrays(values):
    """Whether a list holds arrays, whose type is kept."""
    if isinstance(values, (list, tuple)):
        return any(_has_arrays(value) for value in values[:1])
    return hasattr(values, "dtype")
