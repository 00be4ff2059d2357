"""What takes all rows of a batch together: sums and means down the columns, and their way back to the rows.

Only losses, metrics and batch normalisation in training may have such operations: what a net predicts for a row must
not depend on the rows beside it.
"""

import numpy as np

from .kind import OpKind


class _OfRows(OpKind):
    signature = "N <- BN"
    back: str

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            builder.add_gradient(x, builder.emit(self.back, dy, name=builder.gradient_name(x)))


class BatchSum(_OfRows):
    """y = sum of the rows of X, each column in ascending order; each row has the gradient of y."""

    name = "batch_sum"
    back = "repeat_row"

    def compute(self, step, x):
        return x.sum(axis=0)


class BatchMean(_OfRows):
    """y = sum of the rows of X, divided by their number B; each row has the gradient of y, divided by B."""

    name = "batch_mean"
    back = "batch_share"

    def compute(self, step, x):
        return x.sum(axis=0) / x.dtype.type(len(x))


class BatchShare(_OfRows):
    """Y[b] = v / B for each row b; the gradient of v is the mean of the rows."""

    name = "batch_share"
    signature = "BN <- N"
    back = "batch_mean"

    def compute(self, step, v):
        return np.repeat((v / v.dtype.type(step.rows))[np.newaxis], step.rows, axis=0)


class BatchValue(OpKind):
    """value = x in the first row, 0 in the others, so that the sum over all rows has each batch once; x = 1 if left
    out, which counts the batches.
    """

    name = "batch_value"
    signature = "B <- S?"
    results = ("value",)

    def compute(self, step, x=None):
        value = np.zeros(step.rows, step.dtype)
        value[0] = 1 if x is None else x[0]
        return value


class Total(OpKind):
    """y = the sum of all elements of a weight, or of what is made of weights, added up in double."""

    name = "total"
    signature = "S <- *"

    def compute(self, step, w):
        return np.array([w.sum(dtype=np.promote_types(w.dtype, np.float64))]).astype(w.dtype)

    def backward(self, builder, op, dy):
        (w,) = op.inputs
        if builder.needs_gradient(w):
            builder.add_gradient(w, builder.emit("total_grad", dy, w, name=builder.gradient_name(w)))


class TotalGradient(OpKind):
    """dw = dy in each element."""

    name = "total_grad"
    signature = "* <- S, *"

    def compute(self, step, dy, w):
        return np.full_like(w, dy[0])
