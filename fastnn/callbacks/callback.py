"""What every callback has: the hooks, all empty."""


class Callback:
    """Base of the callbacks; a subclass overrides the hooks that it needs.

    ``logs`` maps names to numbers, sorted by name. All callbacks of one moment are given the same dict, in
    the order of ``callbacks=[...]``, so what one adds the later ones see.

    A subclass that overrides a batch hook is told of every single batch, and that fit, evaluation or
    prediction goes back to Python after each of them. Without one, many batches run in one native call.

    Attributes
    ----------
    model : Model
        The model at work; callbacks may set its ``stop_training``.
    params : dict
        "verbose", "epochs" and "steps" (batches an epoch).
    every_batch : bool
        False for a callback with batch hooks that is content with being told now and then:
        ``..._batch_begin`` then names the first batch of a piece, ``..._batch_end`` the last.
    state_names : tuple of str
        Attributes that a checkpoint keeps, so that a run that goes on behaves as one that was not interrupted:
        numbers, texts, arrays, None, and lists and dicts of these.
    """

    # Set here, not in __init__: a subclass may have an __init__ that does not call this one.
    model = None
    params = None
    run = None  # the list that calls this callback and the others
    every_batch = True
    state_names = ()

    def set_model(self, model):
        """Say which model is at work; called before the first hook."""
        self.model = model

    def set_params(self, params):
        """Hand over :attr:`params`; called before the first hook."""
        self.params = params

    def get_state(self):
        """What a checkpoint keeps, as a dict."""
        return {name: getattr(self, name) for name in self.state_names}

    def set_state(self, state):
        """Take up what :meth:`get_state` gave; called after ``on_train_begin`` of a run that goes on."""
        for name in self.state_names:
            if name in state:
                setattr(self, name, state[name])

    # fit

    def on_train_begin(self, logs=None):
        """Training begins; ``logs`` is empty."""

    def on_train_end(self, logs=None):
        """Training has ended by itself or by ``stop_training``; ``logs`` are those of the last epoch."""

    def on_train_abort(self, error):
        """Training has ended by an exception, such as KeyboardInterrupt, which is passed on afterwards.

        ``on_train_end`` is not called then, as in Keras, which has no such hook. Here belongs what must
        happen however training ends: closing files, restoring weights.

        Parameters
        ----------
        error : BaseException
        """

    def on_epoch_begin(self, epoch, logs=None):
        """Epoch ``epoch`` (from 0) begins; ``logs`` is empty."""

    def on_epoch_end(self, epoch, logs=None):
        """Epoch ``epoch`` has ended, validation included.

        ``logs`` are the means over the epoch: "loss", the metrics, and the same with "val_" where the epoch
        was validated.
        """

    def after_epoch(self, epoch):
        """All callbacks have been told of the epoch's end; here belongs what saves the state of the run."""

    def on_train_batch_begin(self, batch, logs=None):
        """Batch ``batch`` (from 0 in each epoch) begins; ``logs`` is empty."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch, logs=None):
        """Batch ``batch`` has ended; ``logs`` are the means over the epoch so far."""
        self.on_batch_end(batch, logs=logs)

    def after_train_batch(self, batch):
        """All callbacks have been told of the batch's end; as :meth:`after_epoch`."""

    def on_batch_begin(self, batch, logs=None):
        """Older name of ``on_train_batch_begin``."""

    def on_batch_end(self, batch, logs=None):
        """Older name of ``on_train_batch_end``."""

    # evaluate, and validation in fit

    def on_test_begin(self, logs=None):
        """Evaluation begins; ``logs`` is empty."""

    def on_test_end(self, logs=None):
        """Evaluation has ended; ``logs`` are its results."""

    def on_test_batch_begin(self, batch, logs=None):
        """Batch ``batch`` of an evaluation begins; ``logs`` is empty."""

    def on_test_batch_end(self, batch, logs=None):
        """Batch ``batch`` of an evaluation has ended; ``logs`` are the means so far."""

    # predict

    def on_predict_begin(self, logs=None):
        """Prediction begins; ``logs`` is empty."""

    def on_predict_end(self, logs=None):
        """Prediction has ended; ``logs`` is empty."""

    def on_predict_batch_begin(self, batch, logs=None):
        """Batch ``batch`` of a prediction begins; ``logs`` is empty."""

    def on_predict_batch_end(self, batch, logs=None):
        """Batch ``batch`` of a prediction has ended; ``logs["outputs"]`` has its rows."""
