"""A callback made of functions."""

from .callback import Callback


class LambdaCallback(Callback):
    """Calls a function at each hook that is given one.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable, optional
        Called with ``(epoch, logs)``.
    on_train_begin, on_train_end : callable, optional
        Called with ``(logs)``.
    on_train_batch_begin, on_train_batch_end : callable, optional
        Called with ``(batch, logs=logs)``.
    **kwargs
        Functions for any other hook of :class:`Callback`, by its name.

    Raises
    ------
    TypeError
        For a name that is no hook, or a value that cannot be called.

    Example
    -------
    >>> show = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_train_begin=None,
        on_train_end=None,
        on_train_batch_begin=None,
        on_train_batch_end=None,
        **kwargs,
    ):
        functions = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        hooks = sorted(name for name in vars(Callback) if name.startswith("on_"))
        for name, function in functions.items():
            if name not in hooks:
                raise TypeError(f"LambdaCallback has no hook {name!r}; there are {', '.join(hooks)}")
            if function is None:
                continue
            if not callable(function):
                raise TypeError(f"LambdaCallback: {name} must be a function, got {function!r}")
            setattr(self, name, function)
