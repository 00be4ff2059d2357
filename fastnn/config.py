"""Settings that hold for the whole process: the type of real numbers, and Keras' epsilon."""

from contextlib import contextmanager

from .ops.losses import EPSILON

FLOAT_TYPES = ("float32", "float64")

_floatx = "float32"


def floatx():
    """Name of the type of real numbers that new layers get: "float32" or "float64"."""
    return _floatx


def set_floatx(dtype):
    """Set the type of real numbers for layers built from now on.

    Raises
    ------
    ValueError
        If ``dtype`` is not one of "float32" and "float64".
    """
    global _floatx
    if dtype not in FLOAT_TYPES:
        raise ValueError(f"floatx is one of {FLOAT_TYPES}, got {dtype!r}")
    _floatx = str(dtype)


@contextmanager
def use_floatx(dtype):
    """Within this context ``dtype`` is the type of real numbers; None changes nothing."""
    before = _floatx
    if dtype is not None:
        set_floatx(dtype)
    try:
        yield
    finally:
        set_floatx(before)


def epsilon():
    """The small number that keeps logarithms of probabilities finite."""
    return EPSILON
