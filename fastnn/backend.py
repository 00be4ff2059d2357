"""What scripts take from ``keras.backend``, by custom called ``K``: settings, and values of variables.

Not to be confused with :mod:`fastnn.backends`, which run programs.
"""

import gc

import numpy as np

from . import naming
from .checks import check_real
from .config import epsilon, floatx, set_floatx

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "eval",
    "floatx",
    "get_value",
    "image_data_format",
    "is_keras_tensor",
    "set_floatx",
    "set_value",
]


def backend():
    """The name of what computes: "fastnn"."""
    return "fastnn"


def image_data_format():
    """The order of the axes of images: "channels_last"."""
    return "channels_last"


def clear_session(free_memory=True):
    """Count the names of layers and models from the beginning again, as after a fresh start.

    The seed stays as it is.

    Parameters
    ----------
    free_memory : bool
        Whether to run Python's garbage collection.
    """
    naming.clear()
    if free_memory:
        gc.collect()


def get_value(x):
    """The value of a parameter, of an optimizer's learning rate, or of anything made of numbers, as NumPy has it."""
    value = x.numpy() if hasattr(x, "numpy") else x
    return value if np.ndim(value) else np.asarray(value)[()]


def set_value(x, value):
    """Set a parameter, or an optimizer's learning rate as in ``K.set_value(model.optimizer.lr, 0.01)``.

    Raises
    ------
    TypeError
        For something that cannot be set, such as a plain number or array.
    """
    if not hasattr(x, "assign"):
        raise TypeError(
            f"set_value expects a parameter of a layer or optimizer.learning_rate, got {type(x).__name__}"
        )
    x.assign(check_real(float(value), "value", 0) if np.ndim(x) == 0 else value)


eval = get_value


def is_keras_tensor(x):
    """Whether ``x`` is an output of a layer of a functional model that is being put together."""
    return type(x).__name__ == "KerasTensor"
