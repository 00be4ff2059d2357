"""Optimizers, by name or as objects, and schedules of the learning rate."""

from ..registry import deserialize_object, find_class, look_up, serialize_object
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
    "deserialize",
    "get",
    "schedules",
    "serialize",
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


def serialize(optimizer):
    """The optimizer as a dict, ``{"module", "class_name", "config", "registered_name"}``, without its state."""
    return serialize_object(optimizer, "keras.optimizers")


def deserialize(config, custom_objects=None):
    """The optimizer of a dict that :func:`serialize` made.

    ``custom_objects`` are optimizers, schedules and functions of your own, by name.
    """
    if isinstance(config, dict) and "class_name" in config:
        known = {**KNOWN, **{n: thing for n, thing in (custom_objects or {}).items() if isinstance(thing, type)}}
        cls = find_class(config["class_name"], known, "optimizer")
        return cls.from_config(config.get("config", {}), custom_objects)
    return deserialize_object(config, KNOWN, Optimizer, "optimizer")
