"""Old spellings that still work: each is warned of once."""

import functools
import inspect
import sys
import warnings

_warned = set()


def warn_old(old, new):
    """Issue a DeprecationWarning, the first time that ``old`` is met, at the line outside of this package."""
    if old in _warned:
        return
    _warned.add(old)
    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in (__package__, "importlib"):
        # Where an import statement calls us, importlib stands between; ``warn`` does not count these frames of it.
        file = frame.f_code.co_filename
        level, frame = level + (not ("importlib" in file and "_bootstrap" in file)), frame.f_back
    warnings.warn(f"{old} is an old spelling; write {new}", DeprecationWarning, stacklevel=level)


def old_arguments(**names):
    """Decorate a function, or an ``__init__``, so that it takes arguments by their old names too.

    Parameters
    ----------
    **names : str or None
        ``old="new"``; None where the argument said how something is done, never what, and is dropped.

    Raises
    ------
    TypeError
        When called with both the old and the new name.
    """

    def decorate(function):
        owner = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

        @functools.wraps(function)
        def with_old_names(*arguments, **named):
            for old in names.keys() & named.keys():
                new = names[old]
                if new is None:
                    warn_old(f"{owner}({old}=...)", f"{owner}(...) without it: it changes no result")
                    del named[old]
                    continue
                if new in named or list(inspect.signature(function).parameters).index(new) < len(arguments):
                    raise TypeError(f"{owner} got {new!r} twice: {old!r} is its old name")
                warn_old(f"{owner}({old}=...)", f"{new}=...")
                named[new] = named.pop(old)
            return function(*arguments, **named)

        return with_old_names

    return decorate


SHORT_NAMES = {"acc": "accuracy", "val_acc": "val_accuracy", "lr": "learning_rate"}


def other_name(name, names):
    """The name in ``names`` that is meant: ``name`` itself, or ``acc`` for ``accuracy`` and the like, and the reverse.

    None where there is neither.
    """
    if name in names:
        return name
    for short, long in SHORT_NAMES.items():
        if name in (short, long):
            other = long if name == short else short
            return other if other in names else None
    return None


class Logs(dict):
    """Logs that find ``acc`` under ``accuracy``, ``lr`` under ``learning_rate``, and the reverse, with a warning."""

    def __missing__(self, name):
        other = other_name(name, self)
        if other is None:
            raise KeyError(name)
        warn_old(f"the log {name!r}", f"{other!r}, as it is called here")
        return self[other]
