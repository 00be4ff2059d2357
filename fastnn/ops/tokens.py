"""Numbers that name one of several kinds: counted, or written as columns of real numbers."""

import numpy as np

from .kind import OpKind


class CountTokens(OpKind):
    """y[b, t] = how many of x[b] lie in t .. t + 1 (below), at most ``most``; ``count`` is the number of columns t.

    ``most`` is whole or infinite. With whole numbers and ``most`` = 1 these are multi-hot rows. Numbers outside of
    0 .. count are left out. A step function: its derivative is 0 wherever it has one.
    """

    name = "count_tokens"
    signature = "BN <- BM"
    attributes = ("count", "most")

    def free_sizes(self, sizes, attributes):
        return {"N": int(attributes["count"])}

    def compute(self, step, x, count, most):
        rows, columns = np.nonzero((x >= 0) & (x < count))
        y = np.zeros((len(x), int(count)), x.dtype)
        np.add.at(y, (rows, x[rows, columns].astype(np.int64)), 1)
        return np.minimum(y, y.dtype.type(most))

    def backward(self, builder, op, dy):
        """Nothing is carried back."""


class OneHot(OpKind):
    """y[b, t] = 1 where t is the class number of row b, else 0; ``count`` is the number of columns t."""

    name = "one_hot"
    signature = "BN <- B:i"
    attributes = ("count",)

    def free_sizes(self, sizes, attributes):
        return {"N": int(attributes["count"])}

    def compute(self, step, labels, count):
        return (labels[:, np.newaxis] == np.arange(int(count))).astype(step.dtype)


class ClassNumber(OpKind):
    """y[b] = the class number of row b as a real number."""

    name = "class_number"
    signature = "BS <- B:i"

    def compute(self, step, labels):
        return labels[:, np.newaxis].astype(step.dtype)
