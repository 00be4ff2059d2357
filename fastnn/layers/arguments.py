"""The arguments that layers are made with: those which all have in common, and what a file can hold of them."""

import functools
import inspect

from ..checks import check_bool, check_int
from .parameter import check_dtype


@functools.cache
def _parameters(function):
    return inspect.signature(function).parameters


def with_common_arguments(init):
    """An ``__init__`` that takes what every layer of Keras takes: ``dtype``, ``input_dim``, ``batch_input_shape``.

    The type must be that of all layers; the others are ``input_shape`` in another form.
    """

    @functools.wraps(init)
    def with_more(self, *args, **named):
        owner, own = type(self).__name__, _parameters(init)
        if "dtype" not in own and "dtype" in named:
            check_dtype(named.pop("dtype"), owner)
        if "autocast" in named:
            check_bool(named.pop("autocast"), f"{owner}: autocast")  # there is one type of number
        if "activity_regularizer" not in own and named.pop("activity_regularizer", None) is not None:
            raise NotImplementedError(
                f"{owner}: activity_regularizer is an argument of Dense; after another layer put "
                "ActivityRegularization(l1=..., l2=...)"
            )
        for name in ("input_dim", "batch_input_shape"):
            if name in own or name not in named:
                continue
            shape = named.pop(name)
            if "input_shape" in named:
                raise ValueError(f"{owner}: give input_shape={named['input_shape']} or {name}={shape}, not both")
            named["input_shape"] = (shape,) if name == "input_dim" else tuple(shape)[1:]
        init(self, *args, **named)

    return with_more


def row_shape(shape, owner):
    """``shape`` of one row as a tuple of positive integers; a single number stands for a tuple of one."""
    shape = shape if isinstance(shape, (tuple, list)) else (shape,)
    return tuple(check_int(size, f"{owner}: each size of the input shape", 1) for size in shape)


def plain_arguments(cls, args, kwargs):
    """What a class of one's own was made with, where a file can hold it; else None."""
    try:
        bound = inspect.signature(cls.__init__).bind(None, *args, **kwargs)
    except TypeError:
        return None  # which __init__ is about to say
    bound.apply_defaults()
    given = dict(list(bound.arguments.items())[1:])
    for parameter in bound.signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            given |= given.pop(parameter.name, {})
        elif parameter.kind is parameter.VAR_POSITIONAL and given.pop(parameter.name, ()):
            return None
    given = {name: value for name, value in given.items() if name not in ("name", "trainable", "dtype")}
    plain = all(leaf is None or isinstance(leaf, (bool, int, float, str)) for leaf in leaves(given))
    return given if plain else None


def leaves(value):
    """All that lists, tuples and dicts hold, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]
