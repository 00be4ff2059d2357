"""What ``predict`` returns, as it grows batch by batch."""

import math

import numpy as np


class Predictions:
    """The outputs of a model for its rows.

    Parameters
    ----------
    model : Model
    shapes : tuple, or list of tuples
        Of its outputs, with None first.
    dtype : numpy.dtype
    rows : int, optional
        How many there will be at most. Where that is known they are held in memory only once.
    """

    def __init__(self, model, shapes, dtype, rows=None):
        self._model, self._rows = model, rows
        self._shapes = shapes if isinstance(shapes, list) else [shapes]
        self._ends = np.cumsum([math.prod(shape[1:]) for shape in self._shapes])
        self._whole = [np.empty((rows or 0, *shape[1:]), dtype) for shape in self._shapes]
        self._parts, self._done = [], 0

    def add(self, rows):
        """Append what a program gave, (n, columns of all outputs); return it as the model's outputs."""
        start, self._done = self._done, self._done + len(rows)
        parts = np.split(rows, self._ends[:-1], axis=1)
        if self._rows is None:
            shaped = zip(parts, self._shapes, strict=True)
            parts = [np.ascontiguousarray(part).reshape(len(rows), *shape[1:]) for part, shape in shaped]
            self._parts.append(parts)
        else:
            for whole, part in zip(self._whole, parts, strict=True):
                whole[start : self._done].reshape(len(rows), -1)[:] = part
            parts = [whole[start : self._done] for whole in self._whole]
        return self._model.as_outputs(parts)

    def result(self):
        """All rows so far."""
        if self._rows is None:
            return self._model.as_outputs([np.concatenate(parts) for parts in zip(*self._parts, strict=True)])
        return self._model.as_outputs([whole[: self._done] for whole in self._whole])
