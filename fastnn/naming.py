"""Default names of layers and models: ``dense``, ``dense_1``, ... counted over the process, as in Keras."""

import re
from collections import Counter

_used = Counter()


def snake_case(name):
    """``BatchNormalization`` -> ``batch_normalization``; ``ReLU`` -> ``re_lu``, as Keras has it."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def next_name(class_name):
    """The next name that is free for an object of this class."""
    prefix = snake_case(class_name)
    number = _used[prefix]
    _used[prefix] += 1
    return f"{prefix}_{number}" if number else prefix


def check_name(name, class_name):
    """Return ``name``, or the next free one for None; raise ValueError unless it is a text without ``/``."""
    if name is None:
        return next_name(class_name)
    if not isinstance(name, str) or not name or "/" in name:
        raise ValueError(f"the name of a {class_name} must be a non-empty string without '/', got {name!r}")
    return name


def clear():
    """Count from the beginning again."""
    _used.clear()
