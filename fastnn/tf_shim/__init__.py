"""The few names of TensorFlow that scripts for Keras use, computed with NumPy: ``from fastnn import tf_shim as tf``.

Tensors are NumPy arrays with ``numpy()``; ``GradientTape`` differentiates what is computed with them. There is no graph
and no session. Names that are missing raise an AttributeError that lists what there is.
"""

from importlib import import_module

# ruff: noqa: F401 (everything imported here is a name of the package)
import numpy as np

from .. import __version__ as _fastnn_version
from ..legacy import warn_old
from ..shape import Shape as TensorShape
from ..tape import GradientTape
from ..tensor import Tensor
from . import autograph, compat, config, data, dtypes, io, math, nn, random, summary, test, train
from .array_ops import (
    Variable,
    argmax,
    argmin,
    argsort,
    broadcast_to,
    cast,
    clip_by_value,
    concat,
    constant,
    convert_to_tensor,
    expand_dims,
    eye,
    fill,
    gather,
    identity,
    linspace,
    matmul,
    one_hot,
    ones,
    ones_like,
    range,
    rank,
    reshape,
    shape,
    size,
    sort,
    split,
    squeeze,
    stack,
    stop_gradient,
    tensordot,
    tile,
    transpose,
    unstack,
    where,
    zeros,
    zeros_like,
)
from .dtypes import bool, float16, float32, float64, int8, int16, int32, int64, string, uint8
from .math import (
    abs,
    add,
    add_n,
    cos,
    cumsum,
    divide,
    equal,
    exp,
    floor,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    pow,
    reduce_all,
    reduce_any,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_std,
    reduce_sum,
    round,
    sigmoid,
    sign,
    sin,
    sqrt,
    square,
    subtract,
    tanh,
)
from .module import Module

__version__ = f"2.21.0+fastnn.{_fastnn_version}"

newaxis = np.newaxis

_KERAS_MODULES = ("initializers", "losses", "metrics", "optimizers")


def function(func=None, **options):
    """The function itself: it runs as Python, so that compiling it would change nothing but the speed."""
    return func if func is not None else lambda f: f


def executing_eagerly():
    """True: everything is computed at once."""
    return True


def print(*values, **options):
    """Python's ``print``."""
    import builtins

    builtins.print(*values, **options)


def set_random_seed(seed):
    """TensorFlow 1's name of ``tf.random.set_seed``."""
    warn_old("tf.set_random_seed", "tf.random.set_seed")
    random.set_seed(seed)


def get_logger():
    """The logger that scripts make quieter."""
    import logging

    return logging.getLogger("tensorflow")


def __getattr__(name):
    if name == "keras":
        return import_module("fastnn")
    if name == "logging":
        warn_old("tf.logging", "tf.get_logger()")
        return compat.v1.logging
    if name in _KERAS_MODULES:
        return import_module(f"fastnn.{name}")
    raise AttributeError(
        f"fastnn's stand-in for TensorFlow has no {name!r}; it has: {', '.join(__dir__())}. "
        "What Keras has is in tensorflow.keras"
    )


def __dir__():
    return sorted([*(name for name in globals() if not name.startswith("_")), *_KERAS_MODULES, "keras"])
