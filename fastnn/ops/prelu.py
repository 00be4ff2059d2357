"""The parametric rectifier, whose slope below 0 is learnt for each unit.

Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers" (2015), section 2.1. With y = x where x > 0, else a x:

    dL/dx[b, n] = dL/dy[b, n]  where x > 0, else a[n] dL/dy[b, n]
    dL/da[n]    = sum_b x[b, n] dL/dy[b, n]  over the rows where x <= 0
"""

import numpy as np

from .kind import OpKind


class PRelu(OpKind):
    """y = x where x > 0, else alpha x."""

    name = "prelu"
    signature = "BN <- BN, N"
    results = ("a",)

    def compute(self, step, x, alpha):
        return np.where(x > 0, x, alpha * x)

    def backward(self, builder, op, dy):
        x, alpha = op.inputs
        if builder.needs_gradient(x):
            builder.add_gradient(x, builder.emit("prelu_dx", dy, x, alpha, name=builder.gradient_name(x)))
        builder.add_gradient(alpha, builder.emit("prelu_dalpha", dy, x, name=builder.gradient_name(alpha)))


class PReluDX(OpKind):
    """dx = dy where x > 0, else alpha dy."""

    name = "prelu_dx"
    signature = "BN <- BN, BN, N"

    def compute(self, step, dy, x, alpha):
        return np.where(x > 0, dy, alpha * dy)


class PReluDAlpha(OpKind):
    """dalpha = sum over the rows of x dy where x <= 0."""

    name = "prelu_dalpha"
    signature = "N <- BN, BN"

    def compute(self, step, dy, x):
        return np.where(x > 0, np.zeros_like(dy), x * dy).sum(axis=0)
