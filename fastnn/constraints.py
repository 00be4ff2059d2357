"""Limits that weights keep after each update, with Keras' names. The mathematics: ``fastnn.ops.penalties``."""

import numpy as np

from .checks import check_default, check_real
from .ops import KINDS, StepState
from .ops.own import OwnConstraint
from .registry import look_up


class Constraint:
    """Base of the constraints.

    A subclass states the ``op`` that changes a weight in place, and its ``attributes``.
    """

    op: str = None
    attributes: dict

    def constrain(self, builder, parameter):
        """Let a program apply the constraint to a parameter after each update."""
        if self.op is None:
            builder.constrain(parameter, OwnConstraint(self))
        else:
            builder.constrain(parameter, self.op, **self.attributes)

    def __call__(self, w):
        """What the constraint makes of an array."""
        w = np.asarray(w)
        return KINDS[self.op].compute(StepState(), w if w.dtype.kind == "f" else w.astype(float), **self.attributes)

    def get_config(self):
        """The arguments that make a constraint like this one."""
        return {}

    @classmethod
    def from_config(cls, config):
        """A constraint from what ``get_config`` returned."""
        return cls(**config)


class OwnConstraintFunction(Constraint):
    """A function of one's own, of a tensor; its program runs in step mode."""

    def __init__(self, function):
        self.function = function

    def __call__(self, w):
        return self.function(w)

    def __repr__(self):
        return getattr(self.function, "__name__", repr(self.function))


class NonNeg(Constraint):
    """No weight is negative."""

    op = "non_negative"

    def __init__(self):
        self.attributes = {}


class _Norm(Constraint):
    """A limit of the norm of each unit's incoming weights: ``axis=0``, the only one yet."""

    op = "limit_norm"

    def _check_axis(self, axis):
        check_default(type(self).__name__, axis=(axis, 0))
        self.axis = 0


class MaxNorm(_Norm):
    """The norm of each unit's incoming weights does not exceed ``max_value``."""

    def __init__(self, max_value=2, axis=0):
        self.max_value = max_value
        high = check_real(max_value, "MaxNorm: max_value", 0)
        self._check_axis(axis)
        self.attributes = {"low": 0.0, "high": high, "rate": 1.0}

    def get_config(self):
        return {"max_value": self.max_value, "axis": self.axis}


class UnitNorm(_Norm):
    """The norm of each unit's incoming weights is 1."""

    def __init__(self, axis=0):
        self._check_axis(axis)
        self.attributes = {"low": 1.0, "high": 1.0, "rate": 1.0}

    def get_config(self):
        return {"axis": self.axis}


class MinMaxNorm(_Norm):
    """The norm of each unit's incoming weights goes by ``rate`` towards ``min_value`` .. ``max_value``."""

    def __init__(self, min_value=0.0, max_value=1.0, rate=1.0, axis=0):
        self.min_value = check_real(min_value, "MinMaxNorm: min_value", 0)
        self.max_value = check_real(max_value, "MinMaxNorm: max_value", self.min_value)
        self.rate = check_real(rate, "MinMaxNorm: rate", 0, 1)
        self._check_axis(axis)
        self.attributes = {"low": self.min_value, "high": self.max_value, "rate": self.rate}

    def get_config(self):
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm
maxnorm, nonneg, unitnorm = MaxNorm, NonNeg, UnitNorm  # as Keras 1 spells them

KNOWN = {"max_norm": MaxNorm, "non_neg": NonNeg, "unit_norm": UnitNorm, "min_max_norm": MinMaxNorm}

__all__ = [
    "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm", "maxnorm",
    "min_max_norm", "non_neg", "nonneg", "serialize", "unit_norm", "unitnorm",
]  # fmt: skip


def get(identifier):
    """The constraint called ``identifier``; None stays None, a constraint is returned as it is.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name, a constraint nor a function.
    """
    if callable(identifier) and not isinstance(identifier, (type, Constraint)):
        return OwnConstraintFunction(identifier)
    return None if identifier is None else look_up(identifier, KNOWN, Constraint, "constraint")


def serialize(constraint):
    """``{"class_name": ..., "config": ...}``, from which ``get`` makes the constraint again; None for None."""
    if constraint is None:
        return None
    if isinstance(constraint, OwnConstraintFunction):
        return repr(constraint)
    return {"class_name": type(constraint).__name__, "config": constraint.get_config()}


def deserialize(config, custom_objects=None):
    """The constraint that ``serialize`` told of."""
    name = config.get("class_name") if isinstance(config, dict) else config
    if custom_objects and name in custom_objects:
        if not isinstance(custom_objects[name], type):
            return get(custom_objects[name])
        return custom_objects[name](**(config.get("config", {}) if isinstance(config, dict) else {}))
    return get(config)
