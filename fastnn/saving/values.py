"""Plain values as JSON: what the state of a callback may be made of, with its arrays beside it.

Floats come back to the bit, since JSON has them in the shortest form that does. Those that JSON has not, and
arrays, are written as objects with one key.
"""

import math
import numbers

import numpy as np

from .errors import ModelFormatError


def encode(value, arrays, name):
    """``value`` as JSON has it; its arrays are put into ``arrays`` under names that start with ``name``.

    Raises
    ------
    TypeError
        For a value of another kind.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, np.ndarray) and value.ndim:
        arrays[name] = value
        return {"array": name}
    if isinstance(value, (numbers.Integral, np.bool_)):
        return int(value)
    if isinstance(value, (numbers.Real, np.ndarray)):
        value = float(value)
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, (list, tuple)):
        return [encode(item, arrays, f"{name}/{number}") for number, item in enumerate(value)]
    if isinstance(value, dict):
        return {"dict": [[key, encode(item, arrays, f"{name}/{key}")] for key, item in value.items()]}
    raise TypeError(f"{name}: a {type(value).__name__} cannot be saved")


def decode(value, arrays, where="state.json"):
    """What :func:`encode` was given; tuples come back as lists."""
    if isinstance(value, list):
        return [decode(item, arrays, where) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items() if len(value) == 1 else ((None, None),)
    if kind == "array" and isinstance(content, str) and content in arrays:
        return arrays[content]
    if kind == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if kind == "dict" and isinstance(content, list) and all(isinstance(p, list) and len(p) == 2 for p in content):
        try:
            return {key: decode(item, arrays, where) for key, item in content}
        except TypeError:
            pass  # a key that is a list
    raise ModelFormatError(f"{where}: {str(value)[:80]} is not a value that fastnn writes")
