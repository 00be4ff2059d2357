"""Penalties on weights and activations, with Keras' names. The mathematics stands in ``fastnn.ops.penalties``.

The penalty of an array a is l1 sum(abs(a)) + l2 sum(a^2). It counts in the loss that is shown and stored.
"""

import numpy as np

from .checks import check_real
from .ops.own import OwnPenalty, OwnPenaltyGradient
from .registry import look_up
from .tensor import apply, is_tensor


class Regularizer:
    """Base of the regularizers.

    Attributes
    ----------
    l1, l2 : float
        Of sum(abs(a)) and of sum(a^2).
    """

    l1 = l2 = 0.0

    def __call__(self, x):
        """The penalty of an array, as a number; of a tensor or weight, as a tensor; in a ``call``, a symbolic one."""
        from .symbolic.applying import is_symbolic

        if is_symbolic(x):
            from .symbolic import functions as ops

            return self.l1 * ops.sum(ops.absolute(x)) + self.l2 * ops.sum(ops.square(x))
        if is_tensor(x):
            size = apply(np.sum, apply(np.abs, x)) * self.l1 if self.l1 else 0.0
            return size + apply(np.sum, apply(np.square, x)) * self.l2
        x = np.asarray(x, np.float64)
        return float(self.l1 * np.abs(x).sum() + self.l2 * np.square(x).sum())

    def penalise(self, builder, parameter):
        """Let a program add the penalty of a parameter to its loss."""
        if type(self).__call__ is not Regularizer.__call__:
            builder.penalise_by(parameter, OwnPenalty(self), OwnPenaltyGradient(self))
        else:
            builder.penalise(parameter, self.l1, self.l2)

    def get_config(self):
        """The arguments that make a regularizer like this one."""
        raise NotImplementedError(f"{type(self).__name__} does not define get_config()")

    @classmethod
    def from_config(cls, config):
        """A regularizer from what ``get_config`` returned."""
        return cls(**config)


    def penalise_rows(self, builder, buffer):
        """Let a program add the mean penalty of the rows of an activation to its loss."""
        if type(self).__call__ is not Regularizer.__call__:
            raise NotImplementedError(
                f"activity_regularizer {self!r}: for activations there are L1, L2 and L1L2; a function of your own can "
                "be a kernel_regularizer or bias_regularizer"
            )
        builder.penalise(buffer, self.l1, self.l2)


class OwnRegularizer(Regularizer):
    """A function of one's own, of a tensor; its program runs in step mode."""

    def __init__(self, function):
        self.function = function

    def __call__(self, x):
        return self.function(x)

    def __repr__(self):
        return getattr(self.function, "__name__", repr(self.function))


class L1L2(Regularizer):
    """l1 sum(abs(a)) + l2 sum(a^2)."""

    def __init__(self, l1=0.0, l2=0.0):
        # None means 0, as in Keras.
        self.l1 = 0.0 if l1 is None else check_real(l1, "L1L2: l1", 0)
        self.l2 = 0.0 if l2 is None else check_real(l2, "L1L2: l2", 0)

    def get_config(self):
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """l1 sum(abs(a))."""

    def __init__(self, l1=0.01):
        self.l1 = 0.01 if l1 is None else check_real(l1, "L1: l1", 0)

    def get_config(self):
        return {"l1": self.l1}


class L2(Regularizer):
    """l2 sum(a^2), without the factor 1/2: its gradient is 2 l2 a."""

    def __init__(self, l2=0.01):
        self.l2 = 0.01 if l2 is None else check_real(l2, "L2: l2", 0)

    def get_config(self):
        return {"l2": self.l2}


l1, l2, l1_l2 = L1, L2, L1L2

KNOWN = {"l1": L1, "l2": L2, "l1_l2": L1L2, "l1l2": L1L2, "L1": L1, "L2": L2, "L1L2": L1L2}

__all__ = ["L1", "L1L2", "L2", "Regularizer", "deserialize", "get", "l1", "l1_l2", "l2", "serialize"]


def get(identifier):
    """The regularizer called ``identifier``; None stays None, a regularizer is returned as it is.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name, a regularizer nor a function.
    """
    if callable(identifier) and not isinstance(identifier, (type, Regularizer)):
        return OwnRegularizer(identifier)
    return None if identifier is None else look_up(identifier, KNOWN, Regularizer, "regularizer")


def serialize(regularizer):
    """``{"class_name": ..., "config": ...}``, from which ``get`` makes the regularizer again; None for None."""
    if regularizer is None:
        return None
    if isinstance(regularizer, OwnRegularizer):
        return repr(regularizer)
    return {"class_name": type(regularizer).__name__, "config": regularizer.get_config()}


def deserialize(config, custom_objects=None):
    """The regularizer that ``serialize`` told of."""
    name = config.get("class_name") if isinstance(config, dict) else config
    if custom_objects and name in custom_objects:
        if not isinstance(custom_objects[name], type):
            return get(custom_objects[name])
        return custom_objects[name](**(config.get("config", {}) if isinstance(config, dict) else {}))
    return get(config)
