"""Layers that arrange the numbers of a row anew, or scale them to one length: no parameters, nothing learnt."""

from .. import axes
from ..checks import check_int
from .axes import along, check_axes
from .base import Layer


class Permute(Layer):
    """The axes of each row in another order.

    Parameters
    ----------
    dims : tuple of int
        Axis i of the result is axis ``dims[i - 1]`` of the input; axes count from 1, as 0 is that of the rows.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, dims, *, name=None, trainable=True, input_shape=None):
        self.dims = tuple(check_int(axis, "Permute: each of dims", 1) for axis in dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                "Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be "
                f"consecutive and start from 1. Received dims={dims}"
            )
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        if len(input_shape) != len(self.dims) + 1:
            raise ValueError(f"{self}: dims={self.dims} expects {len(self.dims)} axes in a row, got {input_shape}")
        return (None, *(input_shape[axis] for axis in self.dims))

    def emit(self, builder, x):
        return axes.permute(builder, x, self.input_shape[1:], [axis - 1 for axis in self.dims])

    def get_config(self):
        return {**super().get_config(), "dims": self.dims}


class RepeatVector(Layer):
    """(None, m) becomes (None, n, m), each row ``n`` times.

    Parameters
    ----------
    n : int
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, n, *, name=None, trainable=True, input_shape=None):
        self.n = check_int(n, "RepeatVector: n", 1)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(f"{self}: expected inputs of shape (None, m), got {input_shape}")
        return (None, self.n, input_shape[1])

    def emit(self, builder, x):
        return axes.widen(builder, x, (1, *self.input_shape[1:]), (self.n, *self.input_shape[1:]))

    def get_config(self):
        return {**super().get_config(), "n": self.n}


class UnitNormalization(Layer):
    """y = x / max(sqrt(sum x^2), 1e-12), the sum over some axes of each row.

    Parameters
    ----------
    axis : int or sequence of int
        Not 0, that of the rows.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(self, axis=-1, *, name=None, trainable=True, input_shape=None):
        self.axes = check_axes(axis, "UnitNormalization")
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else axis
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        along(self, input_shape)
        return input_shape

    def emit(self, builder, x):
        return axes.normalise(builder, x, self.input_shape[1:], along(self, self.input_shape), 1e-12)

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}
