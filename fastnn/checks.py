"""Checks of single arguments, with one wording for all errors: what was expected, and what came."""

import math
import numbers


def check_int(value, name, minimum):
    """Return ``value`` as an int; raise ValueError unless it is a whole number not below ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < minimum:
        raise ValueError(f"{name} must be an integer of at least {minimum}, got {value!r}")
    return int(value)


def check_real(value, name, low, high=math.inf, below=False):
    """Return ``value`` as a float; ValueError unless ``low <= value <= high`` (``< high`` if ``below``)."""
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or not low <= value <= high or (below and value == high):
        end = "" if high == math.inf else f" and {'below' if below else 'at most'} {high:g}"
        raise ValueError(f"{name} must be a number of at least {low:g}{end}, got {value!r}")
    return float(value)


def check_bool(value, name):
    """Return ``value``; raise ValueError unless it is True or False."""
    if value not in (True, False):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def check_steps(value, name):
    """Return a number of batches, or None where all are meant."""
    return None if value is None else check_int(value, name, 1)


def check_verbose(value):
    """Return 0, 1, 2 or "auto", which means 1; ValueError for anything else."""
    if value == "auto":
        return value
    if value not in (0, 1, 2):
        raise ValueError(f"verbose must be 0, 1, 2 or 'auto', got {value!r}")
    return int(value)


def check_default(owner, **arguments):
    """Refuse arguments that Keras has and fastnn has not, unless they are at their default.

    Parameters
    ----------
    owner : str
        What the arguments belong to, for the message.
    **arguments : (value, default)

    Raises
    ------
    ValueError
        For the first argument whose value is not its default.
    """
    for name, (value, default) in arguments.items():
        equal = isinstance(value, (int, float, str)) and value == default
        if value is not default and not equal:
            raise ValueError(
                f"{owner}: {name}={value!r} is not supported yet; leave it at its default, {default!r}"
            )


def require_compiled(method, **needed):
    """ValueError where something is None that ``method`` needs and ``compile`` takes."""
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        raise ValueError(
            f"{method} needs {' and '.join(missing)}; call compile(optimizer=..., loss=...) before {method}"
        )
