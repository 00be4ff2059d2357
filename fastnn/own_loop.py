"""Training, evaluation and prediction with steps of one's own: Python calls them for each batch.

A model whose class defines ``train_step``, ``test_step`` or ``predict_step`` says itself what is done with a batch, as
in Keras. So nothing is compiled; each call of a layer is native, what lies between is not.
"""

import numpy as np

from .checks import check_bool, check_int, check_real, check_steps, check_verbose
from .config import floatx
from .pace import Pace
from .sources import ArraySource, BatchStream, refuse_beside_batches, warn_ran_out, yields_batches
from .symbolic import flatten, map_structure
from .tensor import tensor
from .watching import callback_list
from .weights import class_weights


class OwnLoop:
    """Runs one model.

    Parameters
    ----------
    model : Model
    trainer : Trainer
        Gives the order of the rows.
    """

    def __init__(self, model, trainer):
        self._model, self._trainer = model, trainer

    def fit(
        self,
        x,
        y=None,
        batch_size=32,
        epochs=1,
        verbose=1,
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        initial_epoch=0,
        validation_batch_size=None,
        validation_freq=1,
        class_weight=None,
        sample_weight=None,
        steps_per_epoch=None,
        validation_steps=None,
        resume_from=None,
        resume_check=True,
    ):
        """As :meth:`fastnn.trainer.Trainer.fit`, with ``train_step`` and ``test_step`` of the model."""
        model = self._model
        epochs, initial_epoch = check_int(epochs, "epochs", 1), check_int(initial_epoch, "initial_epoch", 0)
        shuffle, validation_freq = check_bool(shuffle, "shuffle"), check_int(validation_freq, "validation_freq", 1)
        split = check_real(validation_split, "validation_split", 0, 1, below=True)
        verbose = check_verbose(verbose)
        callbacks = callback_list(callbacks, verbose, add_history=True)
        resumes = any(hasattr(callback, "checkpoint_to_resume") for callback in callbacks.callbacks)
        if resume_from is not None or resumes:
            raise NotImplementedError(
                f"{model.name!r}: a run with a train_step of its own cannot be resumed, as what it keeps is not known; "
                "give ModelCheckpoint instead of BackupAndRestore or resume_from"
            )
        order = self._trainer.next_order if shuffle else None
        steps = check_steps(steps_per_epoch, "steps_per_epoch")
        train = Batches(x, y, sample_weight, batch_size, steps, order, class_weight)
        held_out = None
        size = check_int(validation_batch_size or batch_size, "validation_batch_size", 1)
        validation_steps = check_steps(validation_steps, "validation_steps")
        if validation_data is not None:
            given = validation_data if isinstance(validation_data, (tuple, list)) else (validation_data,)
            held_out = Batches(*(*given, None, None)[:3], size, validation_steps)
        elif split:
            held_out = train.hold_out(split, size, validation_steps)
        model.stop_training, logs = False, {}
        self._introduce(callbacks, verbose, epochs, train.steps)
        try:
            callbacks.on_train_begin()
            for epoch in range(initial_epoch, epochs):
                if not train.ready():
                    warn_ran_out()
                    break
                model.reset_metrics()
                callbacks.on_epoch_begin(epoch)
                self._trainer.epochs_started += 1
                logs = self._run(train, "train", callbacks, "stop_training")
                if held_out is not None and (epoch + 1) % validation_freq == 0:
                    measured = self._evaluate(held_out, callbacks)
                    logs = logs | {f"val_{name}": value for name, value in measured.items()}
                callbacks.on_epoch_end(epoch, logs)
                if model.stop_training:
                    break
            model.optimizer.finalize_variable_values(model.trainable_weights)
            callbacks.on_train_end(logs)
        except BaseException as error:
            callbacks.on_train_abort(error)
            raise
        return model.history

    def evaluate(self, x, y=None, batch_size=32, verbose=1, callbacks=None, sample_weight=None, steps=None):
        """What the last ``test_step`` returned, as a dict."""
        verbose = check_verbose(verbose)
        callbacks = callback_list(callbacks, verbose)
        source = Batches(x, y, sample_weight, batch_size, check_steps(steps, "steps"))
        self._introduce(callbacks, verbose, 1, source.steps)
        return self._evaluate(source, callbacks)

    def predict(self, x, batch_size=32, verbose=1, callbacks=None, steps=None):
        """What ``predict_step`` returns for the batches, one after the other."""
        verbose = check_verbose(verbose)
        callbacks = callback_list(callbacks, verbose)
        source, found = Batches(x, None, None, batch_size, check_steps(steps, "steps")), []
        self._introduce(callbacks, verbose, 1, source.steps)
        callbacks.on_predict_begin()
        self._model.stop_predicting = False
        for number, batch in source:
            callbacks.on_predict_batch_begin(number)
            found.append(self._model.predict_step(batch))
            callbacks.on_predict_batch_end(number, {"outputs": found[-1]})
            if self._model.stop_predicting:
                break
        callbacks.on_predict_end()
        parts = zip(*(flatten(outputs) for outputs in found), strict=True)
        left = iter([np.concatenate([np.asarray(part) for part in whole]) for whole in parts])
        return map_structure(lambda _: next(left), found[0])

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None):
        """What ``train_step`` returns for these rows, as a dict."""
        return self._on_batch(self._model.train_step, Batches(x, y, sample_weight, None, None, None, class_weight))

    def test_on_batch(self, x, y=None, sample_weight=None):
        """What ``test_step`` returns for these rows, as a dict."""
        return self._on_batch(self._model.test_step, Batches(x, y, sample_weight, None))

    def _on_batch(self, step, batches):
        self._model.reset_metrics()
        for _, batch in batches:
            return as_logs(step(batch))

    def _introduce(self, callbacks, verbose, epochs, steps):
        callbacks.set_model(self._model)
        callbacks.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})

    def _evaluate(self, source, callbacks):
        self._model.reset_metrics()
        self._model.stop_evaluating = False
        source.rewind()
        callbacks.on_test_begin()
        logs = self._run(source, "test", callbacks, "stop_evaluating")
        callbacks.on_test_end(logs)
        return logs

    def _run(self, source, mode, callbacks, flag):
        """An epoch; what the step returned last."""
        step, logs = getattr(self._model, f"{mode}_step"), {}
        begin, end = (getattr(callbacks, f"on_{mode}_batch_{when}") for when in ("begin", "end"))
        for number, batch in source:
            begin(number)
            logs = as_logs(step(batch))
            end(number, logs)
            if getattr(self._model, flag):
                break
        return logs


class Batches:
    """The batches of arrays, lists or dicts of these, or of a source, as a step is given them.

    ``x``, ``(x, y)`` or ``(x, y, sample_weight)``, whatever there is, as tensors; real numbers in the type of models.
    """

    def __init__(self, x, y, weights, batch_size, steps=None, order=None, class_weight=None):
        self._class_weight, self._arrays = class_weight, None
        if yields_batches(x):
            refuse_beside_batches(x, y=y, sample_weight=weights)
            self._source = BatchStream(x, steps, order)
            self._source.apply(lambda batch: (flatten(batch)[0], batch))
            return
        x, y, weights = map(_arrays, (x, y, weights))
        self._arrays = x if y is None and weights is None else (x, y) if weights is None else (x, y, weights)
        counts = {len(a) for a in flatten(self._arrays) if a is not None}
        if len(counts) != 1:
            raise ValueError(f"x, y and sample_weight: expected arrays with as many rows, got {sorted(counts)}")
        rows = counts.pop()
        batch_size = rows if batch_size is None else check_int(batch_size, "batch_size", 1)
        self._source = ArraySource((np.arange(rows),), batch_size, steps, order)

    @property
    def steps(self):
        return self._source.steps

    def ready(self):
        """Whether there is another batch."""
        return self._source.ready()

    def rewind(self):
        """Begin anew."""
        self._source.rewind()

    def hold_out(self, split, batch_size, steps):
        """Keep the first rows; the others, a share of ``split``, as batches of their own."""
        if self._arrays is None:
            raise ValueError("validation_split needs arrays; give validation_data beside a source of batches")
        held_out = object.__new__(Batches)
        first = int(self._source.count * (1 - split))
        held_out._class_weight, held_out._arrays = None, self._arrays
        held_out._source = self._source.hold_out(first, batch_size, steps)
        return held_out

    def __iter__(self):
        """``(number, batch)`` of one epoch."""
        for piece in self._source.pieces(Pace(seconds=0)):
            if self._arrays is None:
                batch = piece.rows[1]
                batch = tuple(batch) if isinstance(batch, list) else batch
            else:
                rows = piece.in_order(0)
                batch = map_structure(lambda a, rows=rows: None if a is None else a[rows], self._arrays)
            yield piece.first, self._as_given(batch)

    def _as_given(self, batch):
        if self._class_weight is not None:
            if not isinstance(batch, tuple) or len(batch) != 2:
                raise ValueError("class_weight needs targets, and cannot be given beside sample_weight")
            batch = (*batch, class_weights(self._class_weight, np.asarray(batch[1]), np.dtype(floatx())))
        return map_structure(lambda a: None if a is None else _as_tensor(a), batch)


def _arrays(given):
    """What is given, an array or several in a list or dict, as NumPy's arrays."""
    if isinstance(given, (list, tuple)) and not any(hasattr(leaf, "shape") for leaf in flatten(given)):
        return np.asarray(given)
    return map_structure(lambda a: None if a is None else np.asarray(a), given)


def _as_tensor(a):
    a = np.asarray(a)
    return tensor(a.astype(floatx()) if a.dtype.kind == "f" else a)


def as_logs(result):
    """What a step returned as a dict of numbers by name; a metric of several parts gives each of them.

    Raises
    ------
    TypeError
        If it is no dict.
    """
    if not isinstance(result, dict):
        raise TypeError(f"a step returned {type(result).__name__}, expected a dict of numbers by name")
    logs = {}
    for name, value in result.items():
        if isinstance(value, dict):
            logs |= as_logs(value)
        else:
            value = np.asarray(value)
            logs[name] = value.item() if value.size == 1 else value
    return logs
