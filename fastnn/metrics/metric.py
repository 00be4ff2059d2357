"""What all metrics have in common: Keras' way to update, read and reset them."""

import numpy as np

from .. import initializers
from ..config import floatx
from ..eager import same_rank
from ..naming import next_name
from ..tensor import tensor
from .state import State
from .traced import TracedUpdate


class Metric:
    """Base of the metrics.

    A subclass defines ``update_state`` and ``result``, and makes its numbers with ``add_variable``. While a model is
    trained such a metric is computed natively where it is a :class:`RowMetric`, or where all that its ``update_state``
    does can be written down as sums that it adds to variables; else it is handed the outputs.

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
    reason : str or None
        Why a program does not compute it.
    """

    integer_target = None
    direction = None
    takes_slices = False
    _traced = None
    reason = "it needs more than one number a row"

    def __init__(self, dtype=None, name=None):
        self.name = name or next_name(type(self).__name__)
        self.dtype = str(np.dtype(dtype or floatx()))
        self.variables = []

    @property
    def by_row(self):
        """Whether a model's program computes the metric, from sums of numbers of the rows or batches."""
        return self._traced is not None and self._traced.reason is None

    @property
    def by_batch(self):
        """Whether it is a mean of one number a batch, each of which counts alike."""
        return False

    def fit_to(self, builder, output, target, weight=None):
        """Find out whether a program with these buffers can compute the metric; its :meth:`emit` is then next."""
        self._traced = None
        if not type(self).update_state.__module__.startswith(__package__):
            self.reason = "rows have weights"
            if weight is None and self.variables:
                self._traced = TracedUpdate(self, builder, target, output)
                self.reason = self._traced.reason

    def emit(self, builder, output, target, weight=None, name=None):
        """Append the metric to the program, by ``name`` if given; ``weight`` is the buffer of the rows' weights."""
        self._traced.emit(builder, name or self.name)

    @property
    def sums_of_program(self):
        """How many sums a program computes of it."""
        return len(self.variables) if self._traced is not None else 1

    def from_sums(self, sums, count):
        """The metric, from the sums that a program has computed over an epoch, of so many rows or batches."""
        if self._traced is None:
            return self.finish(sums[0] / count if count else 0.0)
        self.reset_state()
        for variable, added in zip(self.variables, sums, strict=True):
            variable.assign_add(added)
        return self.result()

    def finish(self, mean):
        """The metric, from the mean that a program has computed."""
        return mean

    def add_variable(self, shape=(), initializer="zeros", dtype=None, aggregation="sum", name=None):
        """Numbers that are kept between updates: an array with ``assign`` and ``assign_add``.

        Parameters
        ----------
        shape : tuple of int
        initializer : str or Initializer, optional
            What they start from; by default 0, which ``reset_state`` sets all variables to.
        dtype, aggregation
            Accepted: sums are kept in float64, on one machine.
        name : str, optional
        """
        shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
        state = State(shape, name)
        if initializer is not None:
            state.assign(initializers.get(initializer)(shape, "float64"))
        self.variables.append(state)
        return state

    def add_weight(self, shape=(), initializer=None, dtype=None, name=None):
        """As ``add_variable``; the name may come first, as in older Keras."""
        if isinstance(shape, str):
            shape, name = (), shape
        return self.add_variable(shape, initializer, dtype, name=name)

    def take(self, y_true, y_pred, sample_weight=None):
        """``update_state``, with weights only where there are some, as a metric of one's own may take none."""
        if sample_weight is None:
            self.update_state(y_true, y_pred)
        else:
            self.update_state(y_true, y_pred, sample_weight=sample_weight)

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
        result = self.result()
        return result if isinstance(result, dict) else self.cast(result)

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
