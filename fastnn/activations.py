"""Activation functions by name. The mathematics of each stands in ``fastnn.ops.activations``."""

from dataclasses import dataclass

import numpy as np

from .config import floatx
from .ops import KINDS, StepState


@dataclass(frozen=True)
class ActivationFunction:
    """Name of an activation and the op that computes it; None for the identity.

    ``elementwise`` is False where a whole row counts (softmax), so that the rows must not have further axes.
    """

    name: str
    op: str | None
    elementwise: bool = True

    def emit(self, builder, x):
        """Append the op to the program; return its output buffer."""
        return x if self.op is None else builder.emit(self.op, x)

    def __call__(self, x):
        """The activation of a symbolic tensor, or of an array."""
        if hasattr(x, "_keras_history"):
            from .symbolic.functions import activation

            return activation(self, x)
        x = np.asarray(x, floatx())
        if self.op is None:
            return x
        return KINDS[self.op].compute(StepState(), x.reshape(-1, x.shape[-1] if x.ndim else 1)).reshape(x.shape)


linear = ActivationFunction("linear", None)
relu = ActivationFunction("relu", "relu")
sigmoid = ActivationFunction("sigmoid", "sigmoid")
tanh = ActivationFunction("tanh", "tanh")
softmax = ActivationFunction("softmax", "softmax", elementwise=False)

KNOWN = {f.name: f for f in (linear, relu, sigmoid, tanh, softmax)}


def get(identifier):
    """The activation called ``identifier``; None means linear, and an activation is returned as it is.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything else, such as a function of one's own.
    """
    if identifier is None:
        return linear
    if isinstance(identifier, ActivationFunction):
        return identifier
    if not isinstance(identifier, str):
        raise TypeError(
            f"an activation is given by name, one of {', '.join(sorted(KNOWN))}; got {identifier!r}"
        )
    if identifier not in KNOWN:
        raise ValueError(f"unknown activation {identifier!r}; known are: {', '.join(sorted(KNOWN))}")
    return KNOWN[identifier]


def logits(builder, buffer, activation):
    """What ``activation`` was applied to where it made ``buffer``, else None.

    Losses that take logarithm and exponential together read the logits, where nothing has been rounded to 0
    or 1.
    """
    source = builder.source(buffer)
    return source.inputs[0] if source is not None and source.kind.name == activation.op else None
