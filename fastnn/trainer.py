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

from . import data, optimizers, random
from .alarm import Alarm
from .backends import get_backend
from .checks import check_bool, check_int, check_real, check_steps, check_verbose, require_compiled
from .compiling import compile_program, noise_key
from .feed import Feed
from .objective import Objective
from .pace import Pace, pace_for
from .predictions import Predictions
from .resume import Position
from .session import Session
from .short_epochs import train_ahead
from .sources import ArraySource, warn_ran_out
from .tally import Tally
from .threads import check_threads, get_num_threads
from .watching import callback_list


class Trainer:
    """Trains one model.

    Parameters
    ----------
    model : Model
    optimizer : str or Optimizer, optional
        Needed by ``fit`` and ``train_on_batch``.
    loss : str or Loss, or list or dict of such, optional
        Needed by all but ``predict``. One for all outputs of the model, or for each its own.
    metrics : list of str or Metric, or for several outputs a list or dict of such lists, optional
    weighted_metrics : as metrics, optional
        Metrics that take the rows' weights into account.
    loss_weights : float, or list or dict of float, optional
        What the losses are multiplied with.
    backend : str or Backend, optional
        "native" or "reference"; by default ``FASTNN_BACKEND``, else "native".
    threads : int, optional
        At most this many threads, from 1 to 256, instead of ``fastnn.get_num_threads()``; the results do not depend
        on it.
    seed : int, optional
        Of the order of the rows and of dropout; by default the next one of ``fastnn.random``.

    Attributes
    ----------
    objective : Objective
        The losses and metrics of each output.
    epochs_started : int
        Number of epochs since the trainer was made; each has an order of the rows of its own.

    Raises
    ------
    ValueError
        For an unknown name, a number out of range, or a metric that does not fit the loss.
    """

    def __init__(
        self,
        model,
        optimizer=None,
        loss=None,
        metrics=None,
        backend=None,
        threads=None,
        seed=None,
        weighted_metrics=None,
        loss_weights=None,
    ):
        self.model = model
        self.optimizer = None if optimizer is None else optimizers.get(optimizer)
        self.objective = Objective(model, loss, loss_weights, metrics, weighted_metrics)
        self._feed = Feed(model, self.objective)
        self.threads = None if threads is None else check_threads(threads)
        self.backend = backend if hasattr(backend, "load") else get_backend(backend)
        self.epochs_started = 0
        self.order_epoch = None  # of these, how many there were when the present order was made
        self.position = None  # where the last ``fit`` stands
        self._key = None if seed is None else check_int(seed, "seed", 0)
        self._session = self._program = self._layers = None
        self._predictor = None  # of the session's executable
        self._batches = {}  # by batch size, how many a piece of training may begin with
        self._weighted = False  # whether the program takes weights of rows
        if self.optimizer is not None:
            self.optimizer.attach(None)  # an optimizer that has worked elsewhere starts afresh

    @property
    def program(self):
        """The compiled program, before any fusion. ValueError if the shape of the input is not known yet."""
        self._open(self.model.input_shape)
        return self._program

    @property
    def loss(self):
        return self.objective.loss

    @property
    def metrics(self):
        """What is measured beside the loss, weighted metrics last."""
        return self.objective.metrics

    @property
    def value_names(self):
        """Names of the losses and of the metrics, in order."""
        return self.objective.names

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
        """Train for ``epochs - initial_epoch`` epochs.

        Training ends before the last epoch where a callback sets ``model.stop_training``.

        KeyboardInterrupt, like any exception, is passed on after the callbacks' ``on_train_abort``; weights,
        optimizer and the model's history then stay as training left them, unless a callback restores others.

        Parameters
        ----------
        x : array-like (n, ...), or source of batches
            Batches come from a generator, a Python iterable, a ``Sequence`` or a ``Dataset``, as (x, y) or
            (x, y, sample_weight); they may differ in size, and only one is held in memory.
        y : array-like (n,) or (n, ...)
            None where ``x`` gives batches. Of several outputs a list, or a dict by name of the output.
        batch_size, epochs, initial_epoch : int
        verbose : {0, 1, 2}
            Silent, a bar, or a line an epoch.
        callbacks : Callback, list of Callback, or CallbackList, optional
            Called in order, then the history and the bar; a CallbackList is taken as it is, without these.
        validation_split : float
            Share of the rows, the last ones, that is held out for validation.
        validation_data : (x, y), (x, y, sample_weight) or source of batches, optional
            Instead of a split.
        shuffle : bool
            Whether each epoch takes the rows, or the batches of a ``Sequence``, in another order.
        validation_batch_size : int, optional
            By default ``batch_size``.
        validation_freq : int
            Validate after each so many epochs.
        class_weight : dict of int to float, optional
            Weights the rows of training by their class; 1 for a class that is not there.
        sample_weight : array-like (n,), optional
            How much each row counts in the loss: the sum of weight times loss, divided by the number of rows.
            Metrics are not weighted. Not together with ``class_weight``. Of several outputs one for all, a list or a
            dict by name; None in it stands for weights of 1.
        steps_per_epoch : int, optional
            Batches an epoch; by default all there are. The next epoch goes on where this one stopped.
        validation_steps : int, optional
            Batches of a validation; by default all there are.
        resume_from : str or path, optional
            A ``.fastnn`` file of this model in training, such as ``BackupAndRestore`` writes: training goes on
            from there, up to ``epochs``, and ends with the bits of a run that was not interrupted.
        resume_check : bool
            Whether data and settings must be those of the run that goes on.

        Returns
        -------
        History

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used; nothing has changed then.
        """
        require_compiled("fit", optimizer=self.optimizer, loss=self.loss)
        batch_size = check_int(batch_size, "batch_size", 1)
        epochs = check_int(epochs, "epochs", 1)
        initial_epoch = check_int(initial_epoch, "initial_epoch", 0)
        validation_freq = check_int(validation_freq, "validation_freq", 1)
        validation_batch_size = batch_size if validation_batch_size is None else validation_batch_size
        validation_batch_size = check_int(validation_batch_size, "validation_batch_size", 1)
        shuffle = check_bool(shuffle, "shuffle")
        verbose = check_verbose(verbose)
        callbacks = callback_list(callbacks, verbose, add_history=True)
        split = check_real(validation_split, "validation_split", 0, 1, below=True)
        steps_per_epoch = check_steps(steps_per_epoch, "steps_per_epoch")
        validation_steps = check_steps(validation_steps, "validation_steps")

        order = self.next_order if shuffle else np.arange
        train, shape = self._feed.source(x, y, sample_weight, batch_size, steps_per_epoch, order)
        held_out = None
        if validation_data is not None:
            held_out = self._feed.validation_source(validation_data, shape, validation_batch_size, validation_steps)
        elif split:
            if not isinstance(train, ArraySource):
                raise ValueError("validation_split needs arrays; give validation_data beside a source of batches")
            first = data.split_row(train.count, split)
            held_out = train.hold_out(first, validation_batch_size, validation_steps)
        if class_weight is not None:
            train.apply(lambda rows: self._feed.weigh_by_class(rows, class_weight))

        self.model.stop_training = False
        self._introduce(callbacks, verbose, epochs, train.steps)
        self._open(shape, any(source is not None and source.weighted for source in (train, held_out)))
        position = Position(self, train, initial_epoch, shuffle)
        resumed = callbacks.checkpoint_to_resume() if resume_from is None else (resume_from, resume_check)
        if resumed is not None:
            position.resume(*resumed)
            callbacks.set_params({**callbacks.params, "resumed": True})
        self.position = position
        session = self._open_for(shape, train, *([] if held_out is None else [held_out]))
        pace = pace_for(callbacks, "train", self._batches.get(batch_size, 1))
        validation_pace = pace_for(callbacks, "test")
        alarm, logs = Alarm(session), {}
        try:
            if isinstance(train, ArraySource) and callbacks.leave_rows_alone and epochs - position.epoch > 1:
                session.executable.rows_stay(train.rows[0], epochs - position.epoch)
            callbacks.on_train_begin()
            if not position.in_epoch:
                position.restore_callbacks(callbacks)
            unwatched = held_out is None and callbacks.only_records and not self.objective.wants_outputs
            for epoch in position.epochs(epochs):
                if unwatched and (several := train_ahead(self, session, train, epoch, epochs, pace, alarm)):
                    logs = callbacks.record(epoch, several)
                    continue
                if not (position.in_epoch or train.ready()):
                    warn_ran_out()
                    break
                callbacks.on_epoch_begin(epoch)
                position.restore_callbacks(callbacks)
                logs = self._train_epoch(session, train, epoch, pace, alarm, callbacks)
                if held_out is not None and (epoch + 1) % validation_freq == 0:
                    measured = self._evaluate(session, held_out, validation_pace, callbacks)
                    logs |= {f"val_{name}": value for name, value in measured.items()}
                position.end_epoch()
                callbacks.on_epoch_end(epoch, logs)
            self.optimizer.finalize_variable_values(self.model.trainable_weights)
            callbacks.on_train_end(logs)
        except BaseException as error:
            callbacks.on_train_abort(error)
            raise
        finally:
            session.executable.rows_stay(None)
        self._batches[batch_size] = max(1, pace.batches // 2)
        return self.model.history

    def evaluate(
        self, x, y=None, batch_size=32, verbose=1, callbacks=None, sample_weight=None, steps=None
    ):
        """Loss and metrics of the data, as they are at inference; the loss weighted by ``sample_weight``.

        ``x`` may be a source of batches, as for ``fit``; ``steps`` is the number of batches to take.

        A callback ends it early by setting ``model.stop_evaluating``.

        Returns
        -------
        dict of str to float
            "loss" first, then what else is measured, in the order of ``value_names``.
        """
        require_compiled("evaluate", loss=self.loss)
        batch_size, verbose = check_int(batch_size, "batch_size", 1), check_verbose(verbose)
        callbacks, steps = callback_list(callbacks, verbose), check_steps(steps, "steps")
        source, shape = self._feed.source(x, y, sample_weight, batch_size, steps)
        session = self._open_for(shape, source)
        self._introduce(callbacks, verbose, 1, source.steps)
        return self._evaluate(session, source, pace_for(callbacks, "test"), callbacks)

    def predict(self, x, batch_size=32, verbose=1, callbacks=None, steps=None):
        """The model's output for each row: (n, ...) of the model's type; several as the model gives them, in a list or
        dict.

        ``x`` may be a source of batches, whose targets are left out; ``steps`` is the number of batches to take.

        A callback ends it early by setting ``model.stop_predicting``; the rows so far are then returned.
        """
        if verbose == 0 and callbacks is None and steps is None and type(batch_size) is int and batch_size > 0:
            few = self._predict_few(x)
            if few is not None:
                return few
        batch_size, verbose = check_int(batch_size, "batch_size", 1), check_verbose(verbose)
        callbacks, steps = callback_list(callbacks, verbose), check_steps(steps, "steps")
        source, shape = self._feed.source(x, None, None, batch_size, steps, predicting=True)
        output_shape = self.model.compute_output_shape(shape)
        session = self._open(shape)
        session.executable.begin_pass()
        self._introduce(callbacks, verbose, 1, source.steps)

        rows = min(source.count, source.steps * batch_size) if isinstance(source, ArraySource) else None
        predictions = Predictions(self.model, output_shape, self._feed.dtype, rows)
        self.model.stop_predicting = False
        callbacks.on_predict_begin()
        for piece in self._pieces(source, pace_for(callbacks, "predict"), "stop_predicting"):
            callbacks.on_predict_batch_begin(piece.first)
            outputs = predictions.add(session.predict(piece.rows[0], piece.batch_size))
            callbacks.on_predict_batch_end(piece.last, {"outputs": outputs})
        callbacks.on_predict_end()
        return predictions.result()

    def _predict_few(self, x):
        """The output for the few rows of an array that needs no conversion, where nobody watches; else None.

        A single row is then predicted in microseconds.
        """
        if type(x) is not np.ndarray:
            return None
        if self._predictor is None or tuple(self.model.layers) != self._layers:
            shape, output_shape = self.model.input_shape, self.model.output_shape
            one_array = isinstance(output_shape, tuple) and self.model.keys_of_outputs is None
            if not isinstance(shape, tuple) or not one_array or x.shape[1:] != shape[1:]:
                return None
            session = self._open(shape)
            self._predictor = session.executable.predictor(shape[1:], output_shape[1:])
        self._session.upload()
        self.model.stop_predicting = False
        return self._predictor(x, self.threads or get_num_threads())

    def train_on_batch(self, x, y, sample_weight=None, class_weight=None):
        """Take one training step on all rows together; weights are as for ``fit``.

        Returns
        -------
        dict of str to float
            Loss and metrics before the step.
        """
        require_compiled("train_on_batch", optimizer=self.optimizer, loss=self.loss)
        source, shape = self._feed.source(x, y, sample_weight, None, None)
        if class_weight is not None:
            source.apply(lambda rows: self._feed.weigh_by_class(rows, class_weight))
        session = self._open_for(shape, source)
        tally = self.tally(session)
        for piece in source.pieces(Pace()):
            if self._train(session, piece, tally) >= 0:
                Alarm(session).raise_for(f"step {session.executable.step}")
        return tally.logs()

    def step(self, x, y, sample_weight=None):
        """Go through one training step op by op: ``next()`` of the result runs one and shows it.

        Returns
        -------
        fastnn.glassbox.Stepper
            An iterator that works on a copy; nothing is learnt.
        """
        from .glassbox import Stepper
        from .one_step import copy_for_a_step

        return Stepper(*copy_for_a_step(self, x, y, sample_weight))

    def open_for_a_step(self, x, y, sample_weight=None):
        """The session, and a source of these rows as one batch."""
        require_compiled("a step", optimizer=self.optimizer, loss=self.loss)
        source, shape = self._feed.source(x, y, sample_weight, None, None)
        return self._open_for(shape, source), source

    def test_on_batch(self, x, y, sample_weight=None):
        """Loss and metrics of these rows, as a dict."""
        require_compiled("test_on_batch", loss=self.loss)
        source, shape = self._feed.source(x, y, sample_weight, None, None)
        session = self._open_for(shape, source)
        session.executable.begin_pass()
        tally = self.tally(session)
        for piece in source.pieces(Pace()):
            self._test(session, piece, tally)
        return tally.logs()

    def _introduce(self, callbacks, verbose, epochs, steps):
        """Tell the callbacks what is about to run."""
        callbacks.set_model(self.model)
        callbacks.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})

    def _pieces(self, source, pace, flag):
        """The pieces of an epoch, until a callback sets the model's attribute ``flag``."""
        if getattr(self.model, flag):
            # Set before the first batch: Keras then ends after that one. A longer piece is up to the clock.
            pace = Pace(seconds=0)
        for piece in source.pieces(pace):
            yield piece
            if getattr(self.model, flag):
                return

    def _train_epoch(self, session, source, epoch, pace, alarm, callbacks):
        position = self.position
        position.begin_epoch(epoch)
        tally, hears = self.tally(session, position), callbacks.hears("on_train_batch_end")
        for piece in self._pieces(source, pace, "stop_training"):
            callbacks.on_train_batch_begin(piece.first)
            bad = self._train(session, piece, tally)
            if bad >= 0:
                alarm.raise_for(f"epoch {epoch + 1}, batch {piece.first + bad + 1}")
            position.rows = tally.rows
            callbacks.on_train_batch_end(piece.last, tally.logs() if hears else None)
        return tally.logs()

    def _train(self, session, piece, tally):
        x, y, weights = piece.rows
        order = np.arange(piece.count) if piece.order is None else piece.order
        count = math.ceil(piece.count / piece.batch_size)
        rates = self.optimizer.learning_rates(session.executable.step, count)
        outputs = tally.room(piece.count)
        _, bad = session.train(
            x, y, order, piece.batch_size, tally.totals, rates, weights=weights, outputs=outputs
        )
        tally.add(piece, outputs)
        return bad

    def _test(self, session, piece, tally):
        x, y, weights = piece.rows
        outputs = tally.room(piece.count)
        session.evaluate(x, y, piece.batch_size, tally.totals, weights=weights, outputs=outputs)
        tally.add(piece, outputs)

    def _evaluate(self, session, source, pace, callbacks):
        tally, hears = self.tally(session), callbacks.hears("on_test_batch_end")
        self.model.stop_evaluating = False
        session.executable.begin_pass()
        source.rewind()
        callbacks.on_test_begin()
        for piece in self._pieces(source, pace, "stop_evaluating"):
            callbacks.on_test_batch_begin(piece.first)
            self._test(session, piece, tally)
            callbacks.on_test_batch_end(piece.last, tally.logs() if hears else None)
        logs = tally.logs()
        callbacks.on_test_end(logs)
        return logs

    def tally(self, session, position=None):
        """The sums of an epoch that begins, or that goes on at a position."""
        tally = Tally(self.objective, session.executable, self._weighted)
        if position is not None:
            tally.go_on(position)
        return tally

    def no_totals(self):
        """Sums of the program's values over no rows."""
        return np.zeros(len(self._program.values()))

    def next_order(self, count):
        """Numbers of the rows, or of the batches of a sequence, in the order of the next epoch."""
        self.order_epoch = self.epochs_started
        low, high = self.order_keys(1)[0].tolist()
        return random.permutation(high << 64 | low, count)

    def order_keys(self, count):
        """Keys of the orders of the next epochs."""
        self._key = random.next_key("trainer") if self._key is None else self._key
        return random.philox_keys(self._key, "shuffle", numbers=range(self.epochs_started, self.epochs_started + count))

    def _open_for(self, input_shape, *sources):
        """The session, with weights for all rows where it wants some."""
        session = self._open(input_shape, any(source.weighted for source in sources))
        for source in sources:
            if self._weighted:
                source.apply(self._feed.weigh_by_one)
        return session

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
            program, parameters = compile_program(self.model, self.objective, self.optimizer, weighted)
            if self._key is None and (self.loss is not None or program.draws("predict")):
                self._key = random.next_key("trainer")
            executable = self.backend.load(program, self._feed.dtype, noise_key(self.model, self._key))
            executable.threads = self.threads
            if layers == self._layers:
                self._session.hand_over(executable)
            self._session, self._predictor, self._batches = Session(executable, parameters), None, {}
            self._program, self._layers, self._weighted = program, layers, weighted
            if self.optimizer is not None and self.loss is not None:
                names = {p: parameters[p] for p in self.model.trainable_weights if p in parameters}
                self.optimizer.attach(executable, names, f"{self.model.name}_")
        return self._session
