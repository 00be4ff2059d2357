"""Optimizers, by name or as objects, and schedules of the learning rate."""

from ..registry import look_up
from . import schedules
from .base import Optimizer
from .descent import descend
from .rules import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, Lion, Nadam, RMSprop

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "descend",
    "get",
    "schedules",
]

KNOWN = {
    cls.__name__.lower(): cls for cls in (SGD, Adagrad, RMSprop, Adadelta, Adam, AdamW, Adamax, Nadam, Lion)
}


def get(identifier):
    """The optimizer called ``identifier``; an optimizer is returned as it is, a class is called.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name nor an optimizer.
    """
    return look_up(identifier, KNOWN, Optimizer, "optimizer")
