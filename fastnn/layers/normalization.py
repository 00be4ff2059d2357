"""Normalization of data: each feature gets mean 0 and variance 1, by numbers taken from the data beforehand."""

import math

import numpy as np

from .. import initializers
from ..checks import check_bool, check_int
from ..symbolic.applying import Constant
from ..tensor import tensor
from .base import Layer

EPSILON = 1e-7
"""Standard deviations below it count as this one, as ``keras.config.epsilon()`` has it."""


class Normalization(Layer):
    """y = (x - mean) / max(sqrt(variance), 1e-7); with ``invert`` the other way round.

    Mean and variance are given, or taken from data by ``adapt`` before the model is trained; nothing is learnt. Where
    they are taken, the weights are mean, variance and count (which Keras keeps for its old files; always 0).

    Parameters
    ----------
    axis : int, sequence of int, or None
        Axes that have a mean and variance for each of their positions; None for one of each altogether.
    mean, variance : float or array-like, optional
        Both or none.
    invert : bool
    name, trainable, input_shape
        As for every layer.

    Example
    -------
    >>> layer = Normalization()
    >>> layer.adapt(np.array([[0.0, 10.0], [2.0, 30.0]]))
    >>> layer(np.array([[1.0, 40.0]], "float32")).tolist()
    [[0.0, 2.0]]
    """

    def __init__(
        self, axis=-1, mean=None, variance=None, invert=False, *, name=None, trainable=True, input_shape=None
    ):
        several = () if axis is None else axis if isinstance(axis, (list, tuple)) else (axis,)
        self.axis = tuple(check_int(one, "Normalization: axis", -9) for one in several)
        if (mean is None) != (variance is None):
            raise ValueError(
                "When setting values directly, both `mean` and `variance` must be set. Received: "
                f"mean={mean} and variance={variance}"
            )
        self.input_mean, self.input_variance = (_numbers(value) for value in (mean, variance))
        if np.shape(self.input_mean) != np.shape(self.input_variance):
            raise ValueError(
                "When setting values directly, `mean` and `variance` must have the same shape. Received: mean shape "
                f"{np.shape(mean)} and variance shape {np.shape(variance)}"
            )
        self.invert = check_bool(invert, "Normalization: invert")
        self._rows = {}
        super().__init__(name, trainable, input_shape)

    def _kept(self, shape):
        """Axes that have numbers of their own, in ascending order."""
        kept = sorted({axis + len(shape) if axis < 0 else axis for axis in self.axis})
        if kept and not 1 <= kept[0] <= kept[-1] < len(shape):
            raise ValueError(
                f"{self}: axis={self.axis} does not fit to inputs of shape {shape}; 0 is that of the rows, "
                "whose number is not known"
            )
        return kept

    def compute_output_shape(self, input_shape):
        self._kept(input_shape)
        return input_shape

    def add_parameters(self, input_shape):
        sizes = tuple(input_shape[axis] for axis in self._kept(input_shape))
        if self.input_mean is None:
            for name, shape, value in (("mean", sizes, "zeros"), ("variance", sizes, "ones"), ("count", (), "zeros")):
                self.add_parameter(name, shape, initializers.get(value), trainable=False)
        else:
            try:
                np.broadcast_to(self.input_mean, sizes)
            except ValueError:
                raise ValueError(
                    f"{self}: mean and variance have the shape {self.input_mean.shape}, expected {sizes} for inputs of "
                    f"shape {input_shape} and axis={self.axis}"
                ) from None

        shape = (math.prod(input_shape[1:]),)
        self._rows = {name: _Row(self, name, shape) for name in ("mean", "variance", "deviation", "zeros", "ones")}

    def value_of(self, name):
        """The mean or the variance, with sizes of 1 where an axis has none of its own: (1, ...)."""
        if not self.built:
            return None
        given = {"mean": self.input_mean, "variance": self.input_variance}[name]
        shape, kept = self.input_shape, self._kept(self.input_shape)
        values = given if given is not None else self.parameters[name].value
        values = np.broadcast_to(values, tuple(shape[axis] for axis in kept))
        return values.reshape([shape[axis] if axis in kept else 1 for axis in range(len(shape))])

    @property
    def mean(self):
        """The mean, (1, ...); None until the layer is built."""
        return None if not self.built else tensor(self.value_of("mean").astype(self.dtype))

    @property
    def variance(self):
        """The variance, (1, ...); None until the layer is built."""
        return None if not self.built else tensor(self.value_of("variance").astype(self.dtype))

    @mean.setter
    def mean(self, parameter):
        """What ``add_parameter`` does with a weight of this name."""

    variance = variance.setter(mean.fset)

    def adapt(self, data):
        """Take mean and variance from data, instead of those of an earlier ``adapt``.

        Parameters
        ----------
        data : array-like (n, ...), or iterable of batches
            Batches (a ``Dataset``, a ``Sequence``, a generator, a list of arrays) may be tuples, whose first entry
            counts. One number a row may come as (n,).

        Raises
        ------
        ValueError
            If mean and variance were given, there is no data, or it does not fit to what the layer is built for.
        """
        if self.input_mean is not None:
            raise ValueError(f"{self}: adapt cannot be called where mean and variance were given")
        count, mean, squares = 0, 0.0, 0.0
        for batch in batches_of(data):
            if not self.built:
                self.build((None, *batch.shape[1:]))
            if batch.shape[1:] != self.input_shape[1:]:
                raise ValueError(f"{self}: adapt expected rows of shape {self.input_shape[1:]}, got {batch.shape[1:]}")
            kept = self._kept(batch.shape)
            over = tuple(axis for axis in range(batch.ndim) if axis not in kept)
            own, size = batch.mean(axis=over), math.prod(batch.shape[axis] for axis in over)
            # Sums of squared distances from the mean; Chan, Golub, LeVeque, "Updating formulae" (1979).
            squares = squares + batch.var(axis=over) * size + np.square(own - mean) * (count * size / (count + size))
            mean, count = mean + (own - mean) * (size / (count + size)), count + size
        if not count:
            raise ValueError(f"{self}: adapt got no data")
        self.parameters["mean"].value, self.parameters["variance"].value = mean, squares / count

    def emit(self, builder, x):
        rows = {name: row.emit(builder) for name, row in self._rows.items() if self._reads(name)}
        if self.invert:
            inputs = rows["deviation"], rows["mean"], rows["zeros"], rows["ones"]
        else:
            inputs = None, None, rows["mean"], rows["variance"]
        return builder.emit("batch_norm_inference", x, *inputs, epsilon=0.0)

    def _reads(self, name):
        return name == "mean" or (name == "variance") != self.invert

    def get_config(self):
        given = {"mean": self.input_mean, "variance": self.input_variance}
        given = {name: None if value is None else value.tolist() for name, value in given.items()}
        return {**super().get_config(), "axis": self.axis, "invert": self.invert, **given}


class _Row(Constant):
    """Numbers of one row that follow from the layer's mean and variance, as they are at the time."""

    def __init__(self, layer, name, shape):
        self.layer, self.name, self.shape = layer, name, shape

    @property
    def version(self):
        return sum(parameter.version for parameter in self.layer.parameters.values())

    @property
    def value(self):
        if self.name in ("zeros", "ones"):
            return np.full(self.shape, float(self.name == "ones"))
        values = self.layer.value_of("mean" if self.name == "mean" else "variance")
        if self.name != "mean":
            values = np.maximum(values, EPSILON * EPSILON)
        values = np.sqrt(values) if self.name == "deviation" else values
        return np.broadcast_to(values, (1, *self.layer.input_shape[1:])).reshape(self.shape)

    def emit(self, builder):
        return builder.parameter(f"{self.layer.name}/{self.name}", self.shape, trainable=False, key=self)


def _numbers(value):
    return None if value is None else np.asarray(value, np.float64)


def batches_of(data):
    """The batches of data as arrays of float64 (n, ...), one for an array; TypeError for what is neither."""
    if hasattr(data, "num_batches"):  # a Sequence
        data = map(data.__getitem__, range(data.num_batches))
    elif not hasattr(data, "__iter__"):
        raise TypeError(f"adapt expected an array or an iterable of batches, got {type(data).__name__}")
    elif hasattr(data, "__array__") or (isinstance(data, (list, tuple)) and not any(map(_is_batch, data))):
        data = [data]
    for batch in data:
        array = np.asarray(batch[0] if isinstance(batch, tuple) else batch, np.float64)
        if array.size:
            yield array.reshape(-1, 1) if array.ndim < 2 else array


def _is_batch(item):
    return hasattr(item, "shape") or (isinstance(item, tuple) and any(hasattr(part, "shape") for part in item))
