"""Columns of rows: taking some, putting some together, adding them up; and rows made of one row or of one column.

Nothing is computed here but sums; each gradient is the operation that undoes the other's copying.
"""

import numpy as np

from .kind import OpKind


class Columns(OpKind):
    """Y = the ``count`` columns of X from column ``first`` on."""

    name = "columns"
    signature = "BN <- BM"
    attributes = ("first", "count")

    def free_sizes(self, sizes, attributes):
        first, count = int(attributes["first"]), int(attributes["count"])
        if first < 0 or first + count > sizes["M"]:
            raise ValueError(f"takes columns {first} .. {first + count - 1} of {sizes['M']}")
        return {"N": count}

    def compute(self, step, x, first, count):
        return x[:, int(first) : int(first + count)].copy()

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            first, count = op.attributes["first"], builder.buffer(x).shape[1]
            dx = builder.emit("columns_grad", dy, first=first, count=count, name=builder.gradient_name(x))
            builder.add_gradient(x, dx)


class ColumnsGradient(OpKind):
    """dX = ``count`` columns of zeros, but dY from column ``first`` on."""

    name = "columns_grad"
    signature = "BM <- BN"
    attributes = ("first", "count")

    def free_sizes(self, sizes, attributes):
        first, count = int(attributes["first"]), int(attributes["count"])
        if first < 0 or first + sizes["N"] > count:
            raise ValueError(f"puts {sizes['N']} columns from column {first} on into {count}")
        return {"M": count}

    def compute(self, step, dy, first, count):
        dx = np.zeros((len(dy), int(count)), dy.dtype)
        dx[:, int(first) : int(first) + dy.shape[1]] = dy
        return dx


class Concatenate(OpKind):
    """Y = the columns of A, then those of B."""

    name = "concatenate"
    signature = "BM <- BN, BK"

    def free_sizes(self, sizes, attributes):
        return {"M": sizes["N"] + sizes["K"]}

    def compute(self, step, a, b):
        return np.concatenate([a, b], axis=1)

    def backward(self, builder, op, dy):
        first = 0
        for x in op.inputs:
            count = builder.buffer(x).shape[1]
            if builder.needs_gradient(x):
                dx = builder.emit("columns", dy, first=first, count=count, name=builder.gradient_name(x))
                builder.add_gradient(x, dx)
            first += count


class RepeatRow(OpKind):
    """Y[b] = v for each row b; the gradient of v is the sum of the rows."""

    name = "repeat_row"
    signature = "BN <- N"

    def compute(self, step, v):
        return np.repeat(v[np.newaxis], step.rows, axis=0)

    def backward(self, builder, op, dy):
        (v,) = op.inputs
        if builder.needs_gradient(v):
            builder.add_gradient(v, builder.emit("dense_db", dy, name=builder.gradient_name(v)))


class Spread(OpKind):
    """Y[b, j] = x[b] for each of ``count`` columns j; the gradient is the sum over the columns."""

    name = "spread"
    signature = "BN <- BS"
    attributes = ("count",)

    def free_sizes(self, sizes, attributes):
        return {"N": int(attributes["count"])}

    def compute(self, step, x, count):
        return np.repeat(x, int(count), axis=1)

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            builder.add_gradient(x, builder.emit("row_sum", dy, name=builder.gradient_name(x)))


class RowSum(OpKind):
    """y[b] = sum_j x[b, j]; the gradient is that of y in each column."""

    name = "row_sum"
    signature = "BS <- BN"

    def compute(self, step, x):
        return x.sum(axis=1, keepdims=True)

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            count = builder.buffer(x).shape[1]
            builder.add_gradient(x, builder.emit("spread", dy, count=count, name=builder.gradient_name(x)))
