"""Bounds on gradients, applied before the optimizer's step: element by element, or by the Euclidean norm."""

import numpy as np

from .kind import OpKind


class ClipValue(OpKind):
    """g <- min(max(g, -c), c); NaN stays NaN."""

    name = "clip_value"
    signature = "* <- *"
    attributes = ("limit",)
    results = ("g",)
    in_place = 1

    def compute(self, step, g, limit):
        limit = g.dtype.type(limit)
        return np.clip(g, -limit, limit)


class SumSquares(OpKind):
    """s = sum of g^2, plus the sum so far of the gradients before this one.

    In double precision and in one fixed order: down each column, then over the columns, both ascending.
    """

    name = "sum_squares"
    signature = "S <- *, S?"
    results = ("squares",)

    def compute(self, step, g, so_far):
        wide = np.result_type(g, np.float64)
        columns = np.square(g.reshape(-1, g.shape[-1]), dtype=wide).sum(axis=0)
        start = np.zeros((), wide) if so_far is None else so_far[0].astype(wide)
        return np.add.accumulate(np.append(start, columns))[-1:].astype(g.dtype)


class ClipNorm(OpKind):
    """g <- g c / max(sqrt(s), c), where s is the sum of squares of all that is clipped together.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013).
    """

    name = "clip_norm"
    signature = "* <- *, S"
    attributes = ("limit",)
    results = ("g",)
    in_place = 1

    def compute(self, step, g, squares, limit):
        norm = np.sqrt(squares[0].astype(np.result_type(g, np.float64)))
        return g if norm <= limit else g * g.dtype.type(limit / norm)
