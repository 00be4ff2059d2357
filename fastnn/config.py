"""Settings that hold for the whole process: the type of real numbers, and Keras' epsilon."""

from contextlib import contextmanager

from .ops.losses import EPSILON

FLOAT_TYPES = ("float32", "float64")

_floatx = "float32"
_interactive = True


def floatx():
    """Name of the type of real numbers that new layers get: "float32" or "float64"."""
    return _floatx


def set_floatx(value):
    """Set the type of real numbers for layers built from now on.

    Raises
    ------
    ValueError
        If ``value`` is not one of "float32" and "float64".
    """
    global _floatx
    if value not in FLOAT_TYPES:
        raise ValueError(f"floatx is one of {FLOAT_TYPES}, got {value!r}")
    _floatx = str(value)


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


# What Keras has here besides: questions that have one answer, and settings that can be set to nothing else.


def backend():
    """The name of what computes: "fastnn"."""
    return "fastnn"


def image_data_format():
    """The order of the axes of images: "channels_last"."""
    return "channels_last"


def set_image_data_format(data_format):
    """ValueError unless it is "channels_last"."""
    _only("image_data_format", data_format, "channels_last")


def set_epsilon(value):
    """ValueError unless it is the one there is: the kernels are compiled with it."""
    _only("epsilon", value, EPSILON)


def dtype_policy():
    """The type of real numbers, which weights and results share."""
    return floatx()


def set_dtype_policy(policy):
    """``set_floatx``; ValueError for a policy of mixed types."""
    name = getattr(policy, "name", policy)
    if name not in FLOAT_TYPES:
        raise ValueError(
            f"dtype policy {name!r} is not supported: all numbers of a model have one type, one of {FLOAT_TYPES}; on a "
            "CPU, half precision would be slower"
        )
    set_floatx(name)


def enable_interactive_logging():
    """Let the progress bar and callbacks print, as they do from the start."""
    global _interactive
    _interactive = True


def disable_interactive_logging():
    """Hand what the progress bar and callbacks print to Python's ``logging`` instead, as level INFO of "fastnn"."""
    global _interactive
    _interactive = False


def is_interactive_logging_enabled():
    """Whether the progress bar and callbacks print."""
    return _interactive


def enable_traceback_filtering():
    """Nothing to do: tracebacks are never filtered."""


disable_traceback_filtering = enable_traceback_filtering


def is_traceback_filtering_enabled():
    """False."""
    return False


def enable_unsafe_deserialization():
    """Refused: files never run code."""
    raise ValueError(
        "enable_unsafe_deserialization is not supported: loading a file never runs code from it; functions and classes "
        "of your own come in load_model(custom_objects={'name': function})"
    )


def _only(name, value, there_is):
    if value != there_is:
        raise ValueError(f"{name} can only be {there_is!r} here, got {value!r}")
