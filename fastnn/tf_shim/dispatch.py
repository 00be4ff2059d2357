"""Where TensorFlow's functions compute: on arrays with NumPy, on symbolic tensors by writing down ops."""

import functools
import inspect

from ..symbolic.applying import is_symbolic


def symbolic(written_down):
    """Decorate a function of arrays so that it takes symbolic tensors too, as in a model's ``call`` or a loss.

    Parameters
    ----------
    written_down : callable
        Takes the same arguments in the same order, without ``name``, where one of them is symbolic.
    """

    def decorate(function):
        signature = inspect.signature(function)

        @functools.wraps(function)
        def on_either(*arguments, **named):
            if not is_symbolic(*arguments, *named.values()):
                return function(*arguments, **named)
            bound = signature.bind(*arguments, **named)
            bound.apply_defaults()
            return written_down(*[value for key, value in bound.arguments.items() if key != "name"])

        return on_either

    return decorate
