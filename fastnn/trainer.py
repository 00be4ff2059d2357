"""Training, evaluation and prediction: the only module that holds a backend.

Design
------
a. A backend runs many batches in one call. An epoch is cut into calls of a few milliseconds (``pace``),
   between which the progress bar is drawn and Ctrl-C is answered; nothing else is done in Python between
   batches.
b. How the cuts fall depends on the clock, the numbers do not: sums run on from call to call.
c. All arguments are checked before anything changes.
"""

import math

import numpy as np

from . import data, losses, metrics, optimizers, random
from .alarm import Alarm
from .backends import get_backend
from .checks import check_bool, check_int, check_real
from .config import floatx
from .history import History
from .pace import Pace
from .program import ProgramBuilder
from .progress import Progbar, print_msg
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
        callbacks=(),
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        initial_epoch=0,
        validation_batch_size=None,
        validation_freq=1,
    ):
        """Train for ``epochs - initial_epoch`` epochs.

        KeyboardInterrupt is passed on; weights, optimizer and the model's history then stay as training left
        them.

        Parameters
        ----------
        x : array-like (n, ...)
        y : array-like (n,) or (n, ...)
        batch_size, epochs, initial_epoch : int
        verbose : {0, 1, 2}
            Silent, a bar, or a line an epoch.
        callbacks : sequence
            None are taken yet.
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
        if callbacks:
            raise ValueError(
                f"callbacks are not supported yet; leave callbacks at its default, got {callbacks!r}"
            )
        shape = self._input_shape(x)
        x, y = self._check(x, y, shape)
        x, y, held_out = self._hold_out(x, y, shape, validation_split, validation_data)

        session = self._open(shape)
        steps = math.ceil(len(x) / batch_size)
        history = History(self.model, {"verbose": verbose, "epochs": epochs, "steps": steps})
        self.model.history = history
        watchers = [history]  # the place of callbacks: each is told the logs of every epoch
        pace, alarm = Pace(), Alarm(session)
        for epoch in range(initial_epoch, epochs):
            if verbose and epochs > 1:
                print_msg(f"Epoch {epoch + 1}/{epochs}")
            bar = _Bar(steps, verbose)
            logs = self._train_epoch(
                session, x, y, self._order(len(x), shuffle), batch_size, epoch, pace, alarm, bar
            )
            if held_out is not None and (epoch + 1) % validation_freq == 0:
                measured = self._evaluate(session, *held_out, validation_batch_size)
                logs |= {f"val_{name}": value for name, value in measured.items()}
            logs = dict(sorted(logs.items()))
            bar.finish(logs)
            for watcher in watchers:
                watcher.on_epoch_end(epoch, logs)
        return history

    def evaluate(self, x, y, batch_size=32, verbose=1):
        """Loss and metrics of the data, as they are at inference.

        Returns
        -------
        dict of str to float
            "loss" first, then the metrics in the order in which they were given.
        """
        self._require("evaluate", loss=self.loss)
        batch_size, verbose = check_int(batch_size, "batch_size", 1), _check_verbose(verbose)
        shape = self._input_shape(x)
        x, y = self._check(x, y, shape)
        bar = _Bar(math.ceil(len(x) / batch_size), verbose)
        logs = self._evaluate(self._open(shape), x, y, batch_size, bar)
        bar.finish(logs)
        return logs

    def predict(self, x, batch_size=32, verbose=1):
        """The model's output for each row: (n, ...) of the model's type."""
        batch_size, verbose = check_int(batch_size, "batch_size", 1), _check_verbose(verbose)
        shape = self._input_shape(x)
        output_shape = self.model.compute_output_shape(shape)
        x = data.features(x, shape, self._dtype)
        session = self._open(shape)
        bar = _Bar(math.ceil(len(x) / batch_size), verbose)
        out = np.empty((len(x), math.prod(output_shape[1:])), self._dtype)
        for start, stop in Pace().slices(len(x), batch_size):
            out[start:stop] = session.predict(x[start:stop], batch_size)
            bar.show(math.ceil(stop / batch_size), {})
        bar.finish({})
        return out.reshape(len(x), *output_shape[1:])

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
        return self._evaluate(self._open(shape), x, y, len(x))

    def _train_epoch(self, session, x, y, order, batch_size, epoch, pace, alarm, bar):
        totals = self._no_totals()
        self.epochs_started += 1
        for start, stop in pace.slices(len(x), batch_size):
            bad = self._train(session, x, y, order[start:stop], batch_size, totals)
            if bad >= 0:
                alarm.raise_for(f"epoch {epoch + 1}, batch {start // batch_size + bad + 1}")
            bar.show(math.ceil(stop / batch_size), self._means(totals, stop))
        return self._means(totals, len(x))

    def _train(self, session, x, y, order, batch_size, totals):
        rates = self.optimizer.learning_rates(session.executable.step, math.ceil(len(order) / batch_size))
        _, bad = session.train(x, y, order, batch_size, totals, rates)
        return bad

    def _evaluate(self, session, x, y, batch_size, bar=None):
        totals = self._no_totals()
        for start, stop in Pace().slices(len(x), batch_size):
            session.evaluate(x[start:stop], y[start:stop], batch_size, totals)
            if bar is not None:
                bar.show(math.ceil(stop / batch_size), self._means(totals, stop))
        return self._means(totals, len(x))

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


class _Bar:
    """A progress bar that is given the values of all rows so far, in any order."""

    def __init__(self, steps, verbose):
        self._bar = Progbar(steps, verbose=verbose, stateless_metrics=())

    def show(self, step, logs):
        self._bar.update(step, sorted(logs.items()), finalize=False)

    def finish(self, logs):
        self._bar.update(self._bar.target, sorted(logs.items()), finalize=True)


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
