"""The progress bar as a callback."""

from ..progress import Progbar, print_msg
from .callback import Callback


class ProgbarLogger(Callback):
    """Prints the epochs and a progress bar, with the logs in the order in which they arrive.

    Attributes
    ----------
    seen : int
        Number of batches of this epoch that are done.
    """

    every_batch = False  # it draws at most every 50 ms anyway

    def __init__(self):
        self.seen = 0
        self.progbar = None
        self.target = None
        self.verbose = 1
        self.epochs = 1
        self._in_fit = False

    def set_params(self, params):
        """Take "verbose" (0, 1, 2 or "auto"), "epochs", and "steps" (None where unknown)."""
        super().set_params(params)
        self.verbose = 1 if params["verbose"] == "auto" else params["verbose"]
        self.epochs = params["epochs"]
        self.target = params["steps"]

    def on_train_begin(self, logs=None):
        self._in_fit = True  # validation then draws no bar of its own

    def on_epoch_begin(self, epoch, logs=None):
        self._start()
        if self.verbose and self.epochs > 1:
            print_msg(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch, logs=None):
        self._move(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self._finish(logs)

    def on_test_begin(self, logs=None):
        if not self._in_fit:
            self._start()

    def on_test_batch_end(self, batch, logs=None):
        if not self._in_fit:
            self._move(batch, logs)

    def on_test_end(self, logs=None):
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs=None):
        self._start()

    def on_predict_batch_end(self, batch, logs=None):
        self._move(batch, None)  # outputs are not shown

    def on_predict_end(self, logs=None):
        self._finish(logs)

    def _start(self):
        self.seen = 0
        # No value is averaged here: logs are running means already.
        self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())

    def _move(self, batch, logs):
        self.seen = batch + 1
        if self.verbose == 1:
            self.progbar.update(self.seen, list((logs or {}).items()), finalize=False)

    def _finish(self, logs):
        if self.target is None:
            self.target = self.progbar.target = self.seen
        self.progbar.update(self.target, list((logs or {}).items()), finalize=True)
