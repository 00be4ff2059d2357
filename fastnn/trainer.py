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
        At most this many threads; the results do not depend on it.
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
        self.threads = None if threads is None else check_int(threads, "threads", 1)
        self.backend = backend if hasattr(backend, "load") else get_backend(backend)
        self.epochs_started = 0
        self._key = None if seed is None else check_int(seed, "seed", 0)
        self._session = self._program = self._layers = None
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
        validation_data : (x, y), optional
            Instead of a split.
        shuffle : bool
            Whether each epoch takes the rows in another order.
        validation_batch_size : int, optional
            By default ``batch_size``.
        validation_freq : int
            Validate after each so many epochs.

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
        x, y = self._check(x, y, shape)
        x, y, held_out = self._hold_out(x, y, shape, validation_split, validation_data)

        session = self._open(shape)
        self._introduce(callbacks, verbose, epochs, len(x), batch_size)
        pace, validation_pace = _pace(callbacks, "train"), _pace(callbacks, "test")
        alarm, logs = Alarm(session), {}
        self.model.stop_training = False
        try:
            callbacks.on_train_begin()
            for epoch in range(initial_epoch, epochs):
                callbacks.on_epoch_begin(epoch)
                order = self._order(len(x), shuffle)
                logs = self._train_epoch(session, x, y, order, batch_size, epoch, pace, alarm, callbacks)
                if held_out is not None and (epoch + 1) % validation_freq == 0:
                    measured = self._evaluate(
                        session, *held_out, validation_batch_size, validation_pace, callbacks
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

    def evaluate(self, x, y, batch_size=32, verbose=1, callbacks=None):
        """Loss and metrics of the data, as they are at inference.

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
        x, y = self._check(x, y, shape)
        session = self._open(shape)
        self._introduce(callbacks, verbose, 1, len(x), batch_size)
        return self._evaluate(session, x, y, batch_size, _pace(callbacks, "test"), callbacks)

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

    def train_on_batch(self, x, y):
        """Take one training step on all rows together.

        Returns
        -------
        dict of str to float
            Loss and metrics before the step.
        """
        self._require("train_on_batch", optimizer=self.optimizer, loss=self.loss)
        shape = self._input_shape(x)
        x, y = self._check(x, y, shape)
        session = self._open(shape)
        totals = self._no_totals()
        if self._train(session, x, y, np.arange(len(x)), len(x), totals) >= 0:
            Alarm(session).raise_for(f"step {session.executable.step}")
        return self._means(totals, len(x))

    def test_on_batch(self, x, y):
        """Loss and metrics of these rows, as a dict."""
        self._require("test_on_batch", loss=self.loss)
        shape = self._input_shape(x)
        x, y = self._check(x, y, shape)
        totals = self._no_totals()
        self._open(shape).evaluate(x, y, len(x), totals)
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

    def _train_epoch(self, session, x, y, order, batch_size, epoch, pace, alarm, callbacks):
        totals, stop = self._no_totals(), 0
        self.epochs_started += 1
        for start, stop in self._pieces(pace, len(x), batch_size, "stop_training"):
            first = start // batch_size
            callbacks.on_train_batch_begin(first)
            bad = self._train(session, x, y, order[start:stop], batch_size, totals)
            if bad >= 0:
                alarm.raise_for(f"epoch {epoch + 1}, batch {first + bad + 1}")
            callbacks.on_train_batch_end((stop - 1) // batch_size, self._means(totals, stop))
        return self._means(totals, stop)

    def _train(self, session, x, y, order, batch_size, totals):
        session.executable.learning_rate = self.optimizer.learning_rate
        _, bad = session.train(x, y, order, batch_size, totals)
        return bad

    def _evaluate(self, session, x, y, batch_size, pace, callbacks):
        totals, stop = self._no_totals(), 0
        self.model.stop_evaluating = False
        callbacks.on_test_begin()
        for start, stop in self._pieces(pace, len(x), batch_size, "stop_evaluating"):
            callbacks.on_test_batch_begin(start // batch_size)
            session.evaluate(x[start:stop], y[start:stop], batch_size, totals)
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

    def _check(self, x, y, input_shape, names=("x", "y")):
        output_shape = self.model.compute_output_shape(input_shape)
        x = data.features(x, input_shape, self._dtype, names[0])
        y = data.targets(y, self.loss, output_shape, self._dtype, names[1])
        data.check_lengths(x, y, names)
        return x, y

    def _hold_out(self, x, y, input_shape, validation_split, validation_data):
        """Rows for training, and those for validation: ``x, y, (x, y) or None``."""
        split = check_real(validation_split, "validation_split", 0, 1, below=True)
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
                raise ValueError(
                    f"validation_data must be a pair (x, y), got {type(validation_data).__name__}"
                )
            names = ("validation_data[0]", "validation_data[1]")
            return x, y, self._check(*validation_data, input_shape, names)
        if split == 0:
            return x, y, None
        first = data.split_row(len(x), split)
        return x[:first], y[:first], (x[first:], y[first:])

    def _require(self, method, **needed):
        missing = [name for name, value in needed.items() if value is None]
        if missing:
            raise ValueError(
                f"{method} needs {' and '.join(missing)}; "
                f"call compile(optimizer=..., loss=...) before {method}"
            )

    def _open(self, input_shape):
        """The session, made anew where the model has other layers than before."""
        if input_shape is None:
            raise ValueError(
                f"{self.model.name!r} does not know the shape of its input yet; "
                "give the first layer input_shape=..., or begin with Input(shape)"
            )
        self.model.build(input_shape)
        layers = tuple(self.model.layers)
        if layers != self._layers:
            if self._key is None and self.loss is not None:
                self._key = random.next_key("trainer")
            program = self._compile()
            executable = self.backend.load(program, self._dtype, self._dropout_key())
            self._session = Session(executable, self.model.weights)
            self._program, self._layers = program, layers
            if self.optimizer is not None:
                self.optimizer.attach(executable)
        return self._session

    def _dropout_key(self):
        """64 bits from the layers' own seeds; where a layer has none, from the trainer's."""
        seeds = [layer.seed for layer in self.model.layers if hasattr(layer, "seed")]
        key = random.philox_key("dropout", *(self._key if seed is None else seed for seed in seeds))
        return key & (2**64 - 1)

    def _compile(self):
        """The program: the layers, then loss and metrics, then backward and the optimizer's steps."""
        builder = ProgramBuilder()
        output = self.model.emit(builder, builder.input(math.prod(self.model.input_shape[1:])))
        if self.loss is not None:
            integer = self.loss.integer_target
            target = builder.target(() if integer else builder.buffer(output).shape[1:], integer)
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
