"""Layers that make columns of 0 and 1 out of class numbers, and class numbers out of numbers."""

import math
from itertools import pairwise

import numpy as np

from .. import axes
from ..checks import check_default, check_int, check_real
from ..symbolic.applying import Constant
from .base import Layer
from .normalization import batches_of

MODES = ("multi_hot", "one_hot", "count")


class CategoryEncoding(Layer):
    """Class numbers 0 .. num_tokens - 1 as columns; other numbers leave all columns 0.

    Parameters
    ----------
    num_tokens : int
    output_mode : {"multi_hot", "one_hot", "count"}
        For each row, or each part of it along the last axis: 1 for the numbers that are there; how often they are
        there; with "one_hot" for each number columns of its own, where a last axis of size 1 goes.
    sparse : bool
        Only False: results are dense.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(
        self, num_tokens=None, output_mode="multi_hot", sparse=False, *, name=None, trainable=True, input_shape=None
    ):
        check_default("CategoryEncoding", sparse=(sparse, False))
        self.num_tokens = check_int(num_tokens, "CategoryEncoding: num_tokens", 1)
        self.output_mode = check_mode(output_mode, "CategoryEncoding", MODES)
        super().__init__(name, trainable, input_shape)

    def compute_output_shape(self, input_shape):
        return encoded_shape(self, input_shape, self.output_mode, self.num_tokens)

    def emit(self, builder, x):
        return encode(builder, x, self.input_shape, self.output_mode, self.num_tokens)

    def get_config(self):
        return {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}


class Discretization(Layer):
    """The number of the bin in which each number lies: how many of the boundaries it is not below.

    Parameters
    ----------
    bin_boundaries : sequence of float, optional
        Ascending; n of them make n + 1 bins.
    num_bins : int, optional
        Instead of boundaries, which ``adapt`` then takes from data, with about as much of it in each bin.
    epsilon : float
        How exact quantiles are, as a part of the data.
    output_mode : {"int", "one_hot", "multi_hot", "count"}
        "int" gives the numbers of the bins, the others encode them like ``CategoryEncoding``.
    sparse : bool
        Only False.
    name, trainable, input_shape
        As for every layer.
    """

    def __init__(
        self,
        bin_boundaries=None,
        num_bins=None,
        epsilon=0.01,
        output_mode="int",
        sparse=False,
        *,
        name=None,
        trainable=True,
        input_shape=None,
    ):
        check_default("Discretization", sparse=(sparse, False))
        if (num_bins is None) == (bin_boundaries is None):
            raise ValueError(
                "Discretization: give bin_boundaries, or num_bins for adapt, one of the two; got "
                f"bin_boundaries={bin_boundaries!r} and num_bins={num_bins!r}"
            )
        self.num_bins = None if num_bins is None else check_int(num_bins, "Discretization: num_bins", 2)
        self.epsilon = check_real(epsilon, "Discretization: epsilon", 0, 1)
        if self.epsilon == 0:
            raise ValueError(f"Discretization: epsilon must be above 0, got {epsilon!r}")
        self.output_mode = check_mode(output_mode, "Discretization", ("int", *MODES))
        self.bin_boundaries = None if bin_boundaries is None else self._checked(bin_boundaries)
        self._row = _Boundaries(self)
        super().__init__(name, trainable, input_shape)

    def _checked(self, boundaries):
        found = [float(value) for value in boundaries]
        if not found or not all(a < b for a, b in pairwise(found)):
            raise ValueError(f"Discretization: bin_boundaries must be ascending numbers, got {boundaries!r}")
        return found

    @property
    def depth(self):
        """Number of bins."""
        return self.num_bins if self.num_bins is not None else len(self.bin_boundaries) + 1

    def adapt(self, data, steps=None):
        """Take the boundaries from data: quantiles.

        Parameters
        ----------
        data : array-like, or iterable of batches
        steps : int, optional
            Number of batches to take.
        """
        if self.num_bins is None:
            raise ValueError(
                "Cannot adapt a Discretization layer that has been initialized with `bin_boundaries`, use `num_bins` "
                "instead."
            )
        summary = np.zeros((2, 0), "float32")
        for number, batch in enumerate(batches_of(data)):
            if steps is not None and number >= steps:
                break
            summary = _merged(_summary(batch.astype("float32"), self.epsilon), summary, self.epsilon)
        if not summary.size:
            raise ValueError(f"{self}: adapt got no data")
        self.bin_boundaries = _compressed(summary, 1.0 / self.num_bins)[0, :-1].tolist()
        self._row.version += 1

    def compute_output_shape(self, input_shape):
        if self.output_mode == "int":
            return input_shape
        return encoded_shape(self, input_shape, self.output_mode, self.depth)

    def emit(self, builder, x):
        size, count = math.prod(self.input_shape[1:]), self.depth - 1
        row = builder.emit("repeat_row", self._row.emit(builder))
        whole = (size, count)
        above = builder.emit(
            "greater_equal",
            axes.widen(builder, x, (size, 1), whole),
            axes.widen(builder, row, (1, count), whole),
        )
        bins = axes.add_up(builder, above, whole, 1)
        if self.output_mode == "int":
            return bins
        return encode(builder, bins, self.input_shape, self.output_mode, self.depth)

    def get_config(self):
        names = ("bin_boundaries", "num_bins", "epsilon", "output_mode")
        config = {**super().get_config(), **{name: getattr(self, name) for name in names}, "sparse": False}
        del config["trainable"]  # which Keras' does not take
        return config

    @classmethod
    def from_config(cls, config):
        """A layer from what ``get_config`` returned; after ``adapt`` it has boundaries and their number."""
        if config.get("num_bins") is None or config.get("bin_boundaries") is None:
            return cls(**config)
        layer = cls(**{name: value for name, value in config.items() if name != "bin_boundaries"})
        layer.bin_boundaries = layer._checked(config["bin_boundaries"])
        return layer


class _Boundaries(Constant):
    """The boundaries as they are at the time; missing ones, where quantiles are equal, are infinite."""

    def __init__(self, layer):
        self.layer, self.version = layer, 0

    @property
    def shape(self):
        return (self.layer.depth - 1,)

    @property
    def value(self):
        found = self.layer.bin_boundaries
        if found is None:
            raise ValueError(
                "You need to either pass the `bin_boundaries` argument at construction time or call `adapt(dataset)` "
                "before you can start using the `Discretization` layer."
            )
        return np.array(found + [np.inf] * (self.shape[0] - len(found)))

    def emit(self, builder):
        return builder.parameter(f"{self.layer.name}/boundaries", self.shape, trainable=False, key=self)


def check_mode(mode, owner, modes):
    """``mode``, "multi_hot" for its old name "binary"; ValueError where it is not one of ``modes``."""
    mode = "multi_hot" if mode == "binary" else mode
    if mode not in modes:
        raise ValueError(f"{owner}: output_mode must be one of {', '.join(map(repr, modes))}, got {mode!r}")
    return mode


def encoded_shape(layer, shape, mode, count):
    """Shape of class numbers of this shape, encoded in ``count`` columns."""
    if mode == "one_hot":
        return (*(shape[:-1] if shape[-1] == 1 else shape), count)
    if len(shape) > 2:
        raise ValueError(f"{layer}: {mode!r} expected inputs of shape (None, n), got {shape}; use 'one_hot' or Flatten")
    return (*shape[:-1], count)


def encode(builder, x, shape, mode, count):
    """Append the ops that encode class numbers."""
    if mode != "one_hot":
        return builder.emit("count_tokens", x, count=count, most=1 if mode == "multi_hot" else math.inf)
    whole = (math.prod(shape[1:]), count)
    row = builder.emit("repeat_row", Constant(np.arange(count)).emit(builder))
    return builder.emit(
        "equal",
        axes.widen(builder, x, (whole[0], 1), whole),
        axes.widen(builder, row, (1, count), whole),
    )


# Quantiles of data that comes in batches, as Keras estimates them: values and how many numbers each stands for.


def _summary(values, epsilon):
    values = np.sort(values.ravel())
    step = max(values.size * epsilon, 1)
    found = values[int(step - 1) :: int(step)]
    return np.stack([found, np.full_like(found, step)])


def _merged(one, other, epsilon):
    both = np.concatenate([one, other], axis=1)
    return _compressed(both[:, np.argsort(both[0])], epsilon)


def _compressed(summary, epsilon):
    if summary.shape[1] * epsilon < 1:
        return summary
    parts = epsilon + np.arange(0.0, 1.0, epsilon)
    counts = summary[1].cumsum()
    shares = counts / counts[-1]
    values, totals = np.interp(parts, shares, summary[0]), np.interp(parts, shares, counts)
    return np.stack([values, np.diff(totals, prepend=0)]).astype("float32")
