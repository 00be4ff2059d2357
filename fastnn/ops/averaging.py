"""What happens to gradients before the optimizer's step, and to weights after it, besides clipping.

The loss's gradient may be scaled, and gradients of several batches be averaged before a step is taken; weights may be
averaged over the steps. Semantics as in Keras 3: ``step`` below counts batches, and ``steps`` of them make an update.
"""

import numpy as np

from .kind import OpKind
from .optimizers import flush_denormals


class DivideGradient(OpKind):
    """g <- g / divisor: undoes the scale of the loss.

    Source: Micikevicius et al., "Mixed precision training" (2018), section 3.2.
    """

    name = "divide_gradient"
    signature = "* <- *"
    attributes = ("divisor",)
    results = ("g",)
    in_place = 1

    def compute(self, step, g, divisor):
        return g / g.dtype.type(divisor)


class AccumulateGradient(OpKind):
    """s <- s + g."""

    name = "accumulate_gradient"
    signature = "* <- *, *"
    results = ("total",)
    in_place = 1

    def compute(self, step, s, g):
        return s + g


class MeanGradient(OpKind):
    """g <- s / count;  s <- 0, where s is the sum of so many gradients."""

    name = "mean_gradient"
    signature = "*, * <- *, *"
    attributes = ("count",)
    results = ("g", "total")
    in_place = 2

    def compute(self, step, g, s, count):
        return s / s.dtype.type(count), np.zeros_like(s)


class AverageWeight(OpKind):
    """a <- momentum a + (1 - momentum) w;  in the batches before the first update is complete, a <- w.

    Written so that the average of weights that stay neither shrinks nor grows.

    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992); the decaying form.
    """

    name = "average_weight"
    signature = "* <- *, *"
    attributes = ("momentum", "steps")
    results = ("a",)
    in_place = 1

    def compute(self, step, a, w, momentum, steps):
        rho = a.dtype.type(0 if step.step < steps else momentum)
        return flush_denormals(w + rho * (a - w))


class OverwriteWeight(OpKind):
    """w <- a in every ``frequency``-th update, else w stays."""

    name = "overwrite_weight"
    signature = "* <- *, *"
    attributes = ("frequency", "steps")
    results = ("w",)
    in_place = 1

    def compute(self, step, w, a, frequency, steps):
        return (w if (step.step // int(steps) + 1) % int(frequency) else a).copy()
