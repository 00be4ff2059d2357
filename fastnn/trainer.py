"""Training, evaluation and prediction: the only module that holds a backend.

Design
------
a. A backend runs many batches in one call. An epoch is cut into calls of a few milliseconds (``pace``),
   between which the progress bar is drawn and Ctrl-C is answered; nothing else is done in Python between
   batches. Only where a callback has batch hooks each call takes a single batch.
b. How the cuts fall depends on the clock, the numbers do not: sums run on from call to call.
c. All arguments are checked before anything changes.
d. Whoever watches is a callback, the progress bar and the history too.
"""

import math

import numpy as np

from . import data, losses, metrics, optimizers, random
from .alarm import Alarm
from .backends import get_backend
from .checks import check_bool, check_int, check_real
from .config import floatx
from .pace import Pace
from .program import ProgramBuilder
from .session import Session
from .threads import check_threads
from .weights import class_weights, sample_weights


class Trainer:
    """Trains one model.

    Parameters
    ----------
    model : Model
    optimizer : str or Optimizer, optional
        Needed by ``fit`` and ``train_on_batch``.
    loss : str or Loss, optional
        Needed by all but ``predict``.
    metrics : list of str or Metric, optional
    backend : str or Backend, optional
        "native" or "reference"; by default ``FASTNN_BACKEND``, else "native".
    threads : int, optional
        At most this many threads, from 1 to 256, instead of ``fastnn.get_num_threads()``; the results do not depend
        on it.
    seed : int, optional
        Of the order of the rows and of dropout; by default the next one of ``fastnn.random``.

    Attributes
    ----------
    epochs_started : int
        Number of epochs since the trainer was made; each has an order of the rows of its own.

    Raises
    ------
    ValueError
        For an unknown name, a number out of range, or a metric that does not fit the loss.
    """

    def __init__(self, model, optimizer=None, loss=None, metrics=None, backend=None, threads=None, seed=None):
        self.model = model
        self.optimizer = None if optimizer is None else optimizers.get(optimizer)
        self.loss = None if loss is None else losses.get(loss)
        self.metrics = _fitting_metrics(metrics, self.loss)
        self.threads = None if threads is None else check_threads(threads)
        self.backend = backend if hasattr(backend, "load") else get_backend(backend)
        self.epochs_started = 0
        self._key = None if seed is None else check_int(seed, "seed", 0)
        self._session = self._program = self._layers = None
        self._weighted = False  # whether the program takes weights of rows
        if self.optimizer is not None:
            self.optimizer.attach(None)  # an optimizer that has worked elsewhere starts afresh

    @property
    def program(self):
        """The compiled program, before any fusion. ValueError if the shape of the input is not known yet."""
        self._open(self.model.input_shape)
        return self._program

    @property
    def value_names(self):
        """Names of the loss and of the metrics, in order."""
        return ["loss", *(metric.name for metric in self.metrics)]

    def fit(
        self,
        x,
        y,
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
    ):
        """Train for ``epochs - initial_epoch`` epochs.

        Training ends before the last epoch where a callback sets ``model.stop_training``.

        KeyboardInterrupt, like any exception, is passed on after the callbacks' ``on_train_abort``; weights,
        optimizer and the model's history then stay as training left them, unless a callback restores others.

        Parameters
        ----------
        x : array-like (n, ...)
        y : array-like (n,) or (n, ...)
        batch_size, epochs, initial_epoch : int
        verbose : {0, 1, 2}
            Silent, a bar, or a line an epoch.
        callbacks : Callback, list of Callback, or CallbackList, optional
            Called in order, then the history and the bar; a CallbackList is taken as it is, without these.
        validation_split : float
            Share of the rows, the last ones, that is held out for validation.
        validation_data : (x, y) or (x, y, sample_weight), optional
            Instead of a split.
        shuffle : bool
            Whether each epoch takes the rows in another order.
        validation_batch_size : int, optional
            By default ``batch_size``.
        validation_freq : int
            Validate after each so many epochs.
        class_weight : dict of int to float, optional
            Weights the rows of training by their class; 1 for a class that is not there.
        sample_weight : array-like (n,), optional
            How much each row counts in the loss: the sum of weight times loss, divided by the number of rows.
            Metrics are not weighted. Not together with ``class_weight``.

        Returns
        -------
        History

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used; nothing has changed then.
        """
        self._require("fit", optimizer=self.optimizer, loss=self.loss)
        batch_size = check_int(batch_size, "batch_size", 1)
        epochs = check_int(epochs, "epochs", 1)
        initial_epoch = check_int(initial_epoch, "initial_epoch", 0)
        validation_freq = check_int(validation_freq, "validation_freq", 1)
        if validation_batch_size is None:
            validation_batch_size = batch_size
        validation_batch_size = check_int(validation_batch_size, "validation_batch_size", 1)
        shuffle = check_bool(shuffle, "shuffle")
        verbose = _check_verbose(verbose)
        callbacks = _callback_list(callbacks, verbose, add_history=True)
        shape = self._input_shape(x)
        rows = self._check(x, y, shape, sample_weight)
        rows, held_out = self._hold_out(rows, shape, validation_split, validation_data)
        rows = self._weigh_by_class(rows, class_weight)

        session, rows, held_out = self._open_for(shape, rows, held_out)
        n = len(rows[0])
        self._introduce(callbacks, verbose, epochs, n, batch_size)
        pace, validation_pace = _pace(callbacks, "train"), _pace(callbacks, "test")
        alarm, logs = Alarm(session), {}
        self.model.stop_training = False
        try:
            callbacks.on_train_begin()
            for epoch in range(initial_epoch, epochs):
                callbacks.on_epoch_begin(epoch)
                order = self._order(n, shuffle)
                logs = self._train_epoch(session, rows, order, batch_size, epoch, pace, alarm, callbacks)
                if held_out is not None and (epoch + 1) % validation_freq == 0:
                    measured = self._evaluate(
                        session, held_out, validation_batch_size, validation_pace, callbacks
                    )
                    logs |= {f"val_{name}": value for name, value in measured.items()}
                callbacks.on_epoch_end(epoch, logs)
                if self.model.stop_training:
                    break
            callbacks.on_train_end(logs)
        except BaseException as error:
            callbacks.on_train_abort(error)
            raise
        return self.model.history

    def evaluate(self, x, y, batch_size=32, verbose=1, callbacks=None, sample_weight=None):
        """Loss and metrics of the data, as they are at inference; the loss weighted by ``sample_weight``.

        A callback ends it early by setting ``model.stop_evaluating``.

        Returns
        -------
        dict of str to float
            "loss" first, then the metrics in the order in which they were given.
        """
        self._require("evaluate", loss=self.loss)
        batch_size, verbose = check_int(batch_size, "batch_size", 1), _check_verbose(verbose)
        callbacks = _callback_list(callbacks, verbose)
        shape = self._input_shape(x)
        session, rows = self._open_for(shape, self._check(x, y, shape, sample_weight))
        self._introduce(callbacks, verbose, 1, len(rows[0]), batch_size)
        return self._evaluate(session, rows, batch_size, _pace(callbacks, "test"), callbacks)

    def predict(self, x, batch_size=32, verbose=1, callbacks=None):
        """The model's output for each row: (n, ...) of the model's type.

        A callback ends it early by setting ``model.stop_predicting``; the rows so far are then returned.
        """
        batch_size, verbose = check_int(batch_size, "batch_size", 1), _check_verbose(verbose)
        callbacks = _callback_list(callbacks, verbose)
        shape = self._input_shape(x)
        output_shape = self.model.compute_output_shape(shape)
        x = data.features(x, shape, self._dtype)
        session = self._open(shape)
        self._introduce(callbacks, verbose, 1, len(x), batch_size)

        out = np.empty((len(x), *output_shape[1:]), self._dtype)
        rows_of_out = out.reshape(len(x), -1)
        stop = 0
        self.model.stop_predicting = False
        callbacks.on_predict_begin()
        pace = _pace(callbacks, "predict")
        for start, stop in self._pieces(pace, len(x), batch_size, "stop_predicting"):
            callbacks.on_predict_batch_begin(start // batch_size)
            rows_of_out[start:stop] = session.predict(x[start:stop], batch_size)
            callbacks.on_predict_batch_end((stop - 1) // batch_size, {"outputs": out[start:stop]})
        callbacks.on_predict_end()
        return out[:stop]

    def train_on_batch(self, x, y, sample_weight=None, class_weight=None):
        """Take one training step on all rows together; weights are as for ``fit``.

        Returns
        -------
        dict of str to float
            Loss and metrics before the step.
        """
        self._require("train_on_batch", optimizer=self.optimizer, loss=self.loss)
        shape = self._input_shape(x)
        rows = self._weigh_by_class(self._check(x, y, shape, sample_weight), class_weight)
        session, rows = self._open_for(shape, rows)
        totals, n = self._no_totals(), len(rows[0])
        if self._train(session, rows, np.arange(n), n, totals) >= 0:
            Alarm(session).raise_for(f"step {session.executable.step}")
        return self._means(totals, n)

    def test_on_batch(self, x, y, sample_weight=None):
        """Loss and metrics of these rows, as a dict."""
        self._require("test_on_batch", loss=self.loss)
        shape = self._input_shape(x)
        session, (x, y, weights) = self._open_for(shape, self._check(x, y, shape, sample_weight))
        totals = self._no_totals()
        session.evaluate(x, y, len(x), totals, weights=weights)
        return self._means(totals, len(x))

    def _introduce(self, callbacks, verbose, epochs, rows, batch_size):
        """Tell the callbacks what is about to run."""
        callbacks.set_model(self.model)
        steps = math.ceil(rows / batch_size)
        callbacks.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})

    def _pieces(self, pace, rows, batch_size, flag):
        """The pieces of ``pace``, until a callback sets the model's attribute ``flag``."""
        if getattr(self.model, flag):
            # Set before the first batch: Keras then ends after that one. A longer piece is up to the clock.
            pace = Pace(seconds=0)
        for start, stop in pace.slices(rows, batch_size):
            yield start, stop
            if getattr(self.model, flag):
                return

    def _train_epoch(self, session, rows, order, batch_size, epoch, pace, alarm, callbacks):
        totals, stop = self._no_totals(), 0
        self.epochs_started += 1
        for start, stop in self._pieces(pace, len(order), batch_size, "stop_training"):
            first = start // batch_size
            callbacks.on_train_batch_begin(first)
            bad = self._train(session, rows, order[start:stop], batch_size, totals)
            if bad >= 0:
                alarm.raise_for(f"epoch {epoch + 1}, batch {first + bad + 1}")
            callbacks.on_train_batch_end((stop - 1) // batch_size, self._means(totals, stop))
        return self._means(totals, stop)

    def _train(self, session, rows, order, batch_size, totals):
        x, y, weights = rows
        rates = self.optimizer.learning_rates(session.executable.step, math.ceil(len(order) / batch_size))
        _, bad = session.train(x, y, order, batch_size, totals, rates, weights=weights)
        return bad

    def _evaluate(self, session, rows, batch_size, pace, callbacks):
        x, y, weights = rows
        totals, stop = self._no_totals(), 0
        self.model.stop_evaluating = False
        callbacks.on_test_begin()
        for start, stop in self._pieces(pace, len(x), batch_size, "stop_evaluating"):
            callbacks.on_test_batch_begin(start // batch_size)
            part = None if weights is None else weights[start:stop]
            session.evaluate(x[start:stop], y[start:stop], batch_size, totals, weights=part)
            callbacks.on_test_batch_end((stop - 1) // batch_size, self._means(totals, stop))
        logs = self._means(totals, stop)
        callbacks.on_test_end(logs)
        return logs

    def _no_totals(self):
        return np.zeros(len(self.value_names))

    def _means(self, totals, rows):
        return {name: float(total / rows) for name, total in zip(self.value_names, totals, strict=True)}

    def _order(self, rows, shuffle):
        """Numbers of the rows in the order of the next epoch."""
        if not shuffle:
            return np.arange(rows)
        return random.generator(random.philox_key(self._key, "shuffle", self.epochs_started)).permutation(
            rows
        )

    @property
    def _dtype(self):
        return np.dtype(self.model.dtype or floatx())

    def _input_shape(self, x):
        """Shape of the model's input: that of the data where the model has not been told."""
        return self.model.input_shape or data.shape_of(x)

    def _check(
        self,
        x,
        y,
        input_shape,
        sample_weight=None,
        names=("x", "y", "sample_weight"),
    ):
        """The rows as the backends take them: ``x, y, weights or None``."""
        output_shape = self.model.compute_output_shape(input_shape)
        x = data.features(x, input_shape, self._dtype, names[0])
        y = data.targets(y, self.loss, output_shape, self._dtype, names[1])
        data.check_lengths(x, y, names)
        if sample_weight is not None:
            sample_weight = sample_weights(sample_weight, len(x), self._dtype, names[2])
        return x, y, sample_weight

    def _weigh_by_class(self, rows, class_weight):
        """The rows with weights by class, where such are given: those of training, as validation has none."""
        x, y, weights = rows
        if class_weight is None:
            return rows
        if weights is not None:
            raise ValueError(
                "class_weight and sample_weight cannot be given at the same time; "
                "give their product as sample_weight"
            )
        return x, y, class_weights(class_weight, y, self._dtype)

    def _hold_out(self, rows, input_shape, validation_split, validation_data):
        """Rows for training, and those for validation or None."""
        split = check_real(validation_split, "validation_split", 0, 1, below=True)
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
                raise ValueError(
                    "validation_data must be a pair (x, y), or (x, y, sample_weight), "
                    f"got {type(validation_data).__name__}"
                )
            x, y, *weights = validation_data
            names = tuple(f"validation_data[{i}]" for i in range(3))
            return rows, self._check(x, y, input_shape, *weights, names=names)
        if split == 0:
            return rows, None
        first = data.split_row(len(rows[0]), split)
        held_out = tuple(None if array is None else array[first:] for array in rows)
        return tuple(None if array is None else array[:first] for array in rows), held_out

    def _require(self, method, **needed):
        missing = [name for name, value in needed.items() if value is None]
        if missing:
            raise ValueError(
                f"{method} needs {' and '.join(missing)}; "
                f"call compile(optimizer=..., loss=...) before {method}"
            )

    def _open_for(self, input_shape, *parts):
        """Session and parts ``x, y, weights`` (or None), with weights of 1 where the program wants some."""
        session = self._open(input_shape, any(part is not None and part[2] is not None for part in parts))
        if self._weighted:
            parts = (
                part and (*part[:2], np.ones(len(part[0]), self._dtype) if part[2] is None else part[2])
                for part in parts
            )
        return session, *parts

    def _open(self, input_shape, weighted=False):
        """The session, made anew where the model has other layers than before.

        Also where rows are weighted for the first time; the optimizer then keeps its state.
        """
        if input_shape is None:
            raise ValueError(
                f"{self.model.name!r} does not know the shape of its input yet; "
                "give the first layer input_shape=..., or begin with Input(shape)"
            )
        self.model.build(input_shape)
        layers, weighted = tuple(self.model.layers), self._weighted or weighted
        if layers != self._layers or weighted != self._weighted:
            if self._key is None and self.loss is not None:
                self._key = random.next_key("trainer")
            program = self._compile(weighted)
            executable = self.backend.load(program, self._dtype, self._dropout_key())
            executable.threads = self.threads
            if layers == self._layers:
                _move_state(self._session.executable, executable)
            self._session = Session(executable, self.model.weights)
            self._program, self._layers, self._weighted = program, layers, weighted
            if self.optimizer is not None:
                self.optimizer.attach(executable)
        return self._session

    def _dropout_key(self):
        """64 bits from the layers' own seeds; where a layer has none, from the trainer's."""
        seeds = [layer.seed for layer in self.model.layers if hasattr(layer, "seed")]
        key = random.philox_key("dropout", *(self._key if seed is None else seed for seed in seeds))
        return key & (2**64 - 1)

    def _compile(self, weighted):
        """The program: the layers, then loss and metrics, then backward and the optimizer's steps."""
        builder = ProgramBuilder()
        output = self.model.emit(builder, builder.input(math.prod(self.model.input_shape[1:])))
        if self.loss is not None:
            integer = self.loss.integer_target
            target = builder.target(() if integer else builder.buffer(output).shape[1:], integer)
            if weighted:
                builder.weight()
            start = self.loss.emit(builder, output, target)
            for metric in self.metrics:
                metric.emit(builder, output, target)
            if self.optimizer is not None:
                builder.backward(start)
                self.optimizer.emit(builder)
        return builder.build(output)


def _callback_list(callbacks, verbose, add_history=False):
    """All that watches; TypeError for what is no callback."""
    # Imported when first needed, to keep `import fastnn` quick.
    from .callbacks import CallbackList

    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(callbacks, add_history=add_history, add_progbar=verbose != 0)


def _move_state(old, new):
    """Let an executable go on where another one for the same layers has stopped."""
    new.step = old.step
    for index in old.program.with_role("slot"):
        name = old.program.buffers[index].name
        new.set(name, old.get(name))


def _pace(callbacks, mode):
    """A pace that stays at one batch where a callback must be told of each."""
    return Pace(seconds=0) if callbacks.wants_every_batch(mode) else Pace()


def _fitting_metrics(identifiers, loss):
    found = metrics.get_list(identifiers)
    for metric in found:
        if loss is None:
            raise ValueError(f"metric {metric.name!r} needs a loss, whose targets it takes; give loss=...")
        metric.check_target(loss)
    return found


def _check_verbose(verbose):
    if verbose == "auto":
        return 1
    if verbose not in (0, 1, 2):
        raise ValueError(f"verbose must be 0, 1, 2 or 'auto', got {verbose!r}")
    return int(verbose)
