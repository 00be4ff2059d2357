"""What all metrics have in common: Keras' way to update, read and reset them."""

import numpy as np

from ..config import floatx
from ..eager import same_rank
from ..naming import next_name
from ..tensor import tensor
from .state import State


class Metric:
    """Base of the metrics.

    A subclass defines ``update_state`` and ``result``, and makes its numbers with ``add_variable``. While a model is
    trained such a metric is handed the outputs; only a :class:`RowMetric` is computed natively.

    Parameters
    ----------
    dtype : str, optional
        Of the result; by default ``config.floatx()``. Sums are kept in float64.
    name : str, optional
        The key in the logs.

    Attributes
    ----------
    integer_target : bool or None
        Form of the targets, as for losses; None where the metric takes either.
    direction : "up", "down" or None
        Whether large or small values are good, for callbacks with ``mode="auto"``; None if not known.
    takes_slices : bool
        Whether many batches may be handed over in one update, as nothing but the rows counts, and sums are exact.
    """

    integer_target = None
    direction = None
    takes_slices = False

    def __init__(self, dtype=None, name=None):
        self.name = name or next_name(type(self).__name__)
        self.dtype = str(np.dtype(dtype or floatx()))
        self.variables = []

    @property
    def by_row(self):
        """Whether a model's program computes the metric, as a mean of one number a row."""
        return False

    def add_variable(self, shape=(), initializer="zeros", dtype=None, name=None):
        """Numbers that are kept between updates, at first 0: an array with ``assign`` and ``assign_add``."""
        if initializer not in ("zeros", None) and type(initializer).__name__ != "Zeros":
            raise ValueError(f"{type(self).__name__}: a metric's variables start from 0, got {initializer!r}")
        state = State(shape, name)
        self.variables.append(state)
        return state

    add_weight = add_variable

    def update_state(self, *args, **kwargs):
        """Take more data into account."""
        raise NotImplementedError(f"metric {self.name!r}: {type(self).__name__} has to define update_state")

    def result(self):
        """The metric of all data since the last reset."""
        raise NotImplementedError(f"metric {self.name!r}: {type(self).__name__} has to define result")

    def reset_state(self):
        """Forget all data."""
        for variable in self.variables:
            variable.assign(0)

    def reset_states(self):
        """Keras 2's name of ``reset_state``."""
        self.reset_state()

    def __call__(self, *args, **kwargs):
        self.update_state(*args, **kwargs)
        return self.result()

    def cast(self, value):
        """A result in the metric's type."""
        return tensor(np.asarray(value, self.dtype))

    def get_config(self):
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"

    def check_target(self, loss):
        """Raise ValueError unless the metric takes targets of the form that the loss takes."""
        if loss.integer_target is not None and self.integer_target not in (None, loss.integer_target):
            wanted, given = ("class numbers", "one column for each output")[:: 1 if self.integer_target else -1]
            raise ValueError(
                f"metric {self.name!r} takes {wanted} as targets, but the loss {loss.name!r} takes {given}; "
                "metric 'accuracy' fits either"
            )


def weigh(values, weights, reduce):
    """One value for each sample and its weight, by Keras' rule ``reduce_to_samplewise_values``.

    Parameters
    ----------
    values : array (n, ...)
        What further axes hold is joined by ``reduce`` (np.mean or np.sum).
    weights : array-like (n, ...) or None

    Returns
    -------
    values, weights : arrays (n); weights None where there are none
    """
    values = np.asarray(values, np.float64)
    if weights is not None:
        values, weights = same_rank(values, np.asarray(weights, np.float64))
        if values.ndim > weights.ndim:
            values = reduce(values, axis=tuple(range(weights.ndim, values.ndim)))
        weights = np.broadcast_to(weights, values.shape)
        values = values * weights
        if weights.ndim > 1:
            weights = reduce(weights, axis=tuple(range(1, weights.ndim)))
    if values.ndim > 1:
        values = reduce(values, axis=tuple(range(1, values.ndim)))
    return values, weights
