"""Many callbacks that are called as one."""

import numbers
import warnings
from contextlib import ExitStack

import numpy as np

from .callback import Callback
from .history import History
from .lambda_callback import LambdaCallback
from .progbar_logger import ProgbarLogger

_BATCH_HOOKS = {
    "train": (
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_batch_begin",
        "on_batch_end",
        "after_train_batch",
    ),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class CallbackList(Callback):
    """Calls its callbacks in order, each with the same logs: floats, sorted by name.

    Parameters
    ----------
    callbacks : Callback, or list of Callback, optional
        Lists may be nested.
    add_history, add_progbar : bool
        Whether to add a ``History`` and a ``ProgbarLogger`` at the end, where there is none yet.
    model : Model, optional
    **params
        Handed to all callbacks by ``set_params``.

    Raises
    ------
    TypeError
        For something that is not a callback; nothing has been set then.
    """

    def __init__(self, callbacks=None, add_history=False, add_progbar=False, model=None, **params):
        self.callbacks = list(_flat(callbacks, "callbacks"))
        # The bar comes last: what others add to the logs is shown, behind the sorted names.
        for wanted, kind in ((add_history, History), (add_progbar, ProgbarLogger)):
            if wanted and not any(isinstance(callback, kind) for callback in self.callbacks):
                self.callbacks.append(kind())
        self._heard = {}  # hook: the methods that are to be called
        if model is not None:
            self.set_model(model)
        if params:
            self.set_params(params)

    def set_model(self, model):
        super().set_model(model)
        self._heard = {}  # a callback may have got a hook since the last run
        for callback in self.callbacks:
            callback.set_model(model)
            callback.run = self
            if isinstance(callback, History):
                model.history = callback

    def set_params(self, params):
        super().set_params(params)
        for callback in self.callbacks:
            callback.set_params(params)

    def wants_every_batch(self, mode):
        """Whether a callback must be told of every single batch in ``mode``: "train", "test" or "predict"."""
        return any(
            callback.every_batch and any(_overrides(callback, hook) for hook in _BATCH_HOOKS[mode])
            for callback in self.callbacks
        )

    def hears(self, hook):
        """Whether a callback does anything at this hook; if not, its logs need not be worked out."""
        return bool(self._methods(hook))

    def _methods(self, hook):
        """The methods of the callbacks that do something at this hook."""
        if hook not in self._heard:
            names = (hook, hook.replace("_train_batch_", "_batch_"))
            self._heard[hook] = [
                getattr(callback, hook)
                for callback in self.callbacks
                if any(_overrides(callback, name) for name in names)
            ]
        return self._heard[hook]

    @property
    def leave_rows_alone(self):
        """Whether no code of the user's runs between epochs, which might change the rows in their place."""
        package = __name__.partition(".")[0] + "."
        return all(
            type(callback).__module__.startswith(package) and not isinstance(callback, LambdaCallback)
            for callback in self.callbacks
        )

    @property
    def only_records(self):
        """Whether nobody is there but the history, which takes the logs and changes nothing."""
        return all(type(callback) is History for callback in self.callbacks)

    def record(self, first, logs):
        """Where it ``only_records``: take the logs of epochs from number ``first`` on; returns those of the last."""
        for callback in self.callbacks:
            callback.add_epochs(first, logs)
        return {name: values[-1] for name, values in logs.items()}

    def checkpoint_to_resume(self):
        """``(file, whether it is checked)`` of the first callback that wants training to go on from one, or None."""
        for callback in self.callbacks:
            file = callback.checkpoint_to_resume() if hasattr(callback, "checkpoint_to_resume") else None
            if file is not None:
                return file, callback.check
        return None

    def get_states(self):
        """``[class name, state]`` of each callback, for a checkpoint."""
        return [[type(callback).__name__, callback.get_state()] for callback in self.callbacks]

    def set_states(self, states):
        """Give each callback the state of the one of its class that was in its place among those of this class."""
        waiting = {}
        for name, state in states:
            waiting.setdefault(name, []).append(state)
        for callback in self.callbacks:
            found = waiting.get(type(callback).__name__)
            if found:
                callback.set_state(found.pop(0))
            elif callback.state_names:
                warnings.warn(
                    f"the checkpoint has no state for {type(callback).__name__}, which begins afresh", stacklevel=4
                )

    def on_train_begin(self, logs=None):
        self._call("on_train_begin", logs)

    def on_train_end(self, logs=None):
        self._call("on_train_end", logs)

    def on_train_abort(self, error):
        """Tell all callbacks, also where one of them raises."""
        with ExitStack() as stack:
            for callback in reversed(self.callbacks):  # a stack is emptied from its end
                stack.callback(callback.on_train_abort, error)

    def on_epoch_begin(self, epoch, logs=None):
        self._call("on_epoch_begin", logs, epoch)

    def on_epoch_end(self, epoch, logs=None):
        self._call("on_epoch_end", logs, epoch)
        for callback in self.callbacks:
            callback.after_epoch(epoch)

    def on_train_batch_begin(self, batch, logs=None):
        self._call_batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        self._call_batch("on_train_batch_end", batch, logs)
        for method in self._methods("after_train_batch"):
            method(batch)

    def on_batch_begin(self, batch, logs=None):
        self._call_batch("on_batch_begin", batch, logs)

    def on_batch_end(self, batch, logs=None):
        self._call_batch("on_batch_end", batch, logs)

    def on_test_begin(self, logs=None):
        self._call("on_test_begin", logs)

    def on_test_end(self, logs=None):
        self._call("on_test_end", logs)

    def on_test_batch_begin(self, batch, logs=None):
        self._call_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch, logs=None):
        self._call_batch("on_test_batch_end", batch, logs)

    def on_predict_begin(self, logs=None):
        self._call("on_predict_begin", logs)

    def on_predict_end(self, logs=None):
        self._call("on_predict_end", logs)

    def on_predict_batch_begin(self, batch, logs=None):
        self._call_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch, logs=None):
        self._call_batch("on_predict_batch_end", batch, logs)

    def _call(self, hook, logs, *position):
        methods = self._methods(hook)
        logs = _plain(logs) if methods else None
        for method in methods:
            method(*position, logs)

    def _call_batch(self, hook, batch, logs):
        methods = self._methods(hook)
        logs = _plain(logs) if methods else None
        for method in methods:
            method(batch, logs=logs)  # by name, as functions given to LambdaCallback expect


def _flat(callbacks, name):
    """All callbacks of nested lists, in order."""
    if isinstance(callbacks, Callback):
        yield callbacks
    elif isinstance(callbacks, (list, tuple)):
        for number, entry in enumerate(callbacks):
            yield from _flat(entry, f"{name}[{number}]")
    elif callbacks is not None or name != "callbacks":
        if isinstance(callbacks, type) and issubclass(callbacks, Callback):
            hint = f"; make one with {callbacks.__name__}(...)"
        else:
            hint = "; derive a class from fastnn.callbacks.Callback, or use LambdaCallback"
        raise TypeError(f"{name}: expected a callback or a list of them, got {callbacks!r}{hint}")


def _overrides(callback, hook):
    """Whether ``hook`` is the callback's own, by its class or (as in LambdaCallback) set on the object."""
    return getattr(getattr(callback, hook), "__func__", None) is not getattr(Callback, hook)


def _plain(logs):
    """A copy of ``logs``, sorted by name, with numbers as floats."""
    return {name: _plain_value(value) for name, value in sorted(logs.items())} if logs else {}


def _plain_value(value):
    if type(value) is float:
        return value
    is_number = isinstance(value, numbers.Real) or (isinstance(value, np.ndarray) and value.ndim == 0)
    return float(value) if is_number else value
