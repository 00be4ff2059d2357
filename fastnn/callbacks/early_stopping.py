"""Stops training when it no longer helps."""

import warnings

from ..progress import print_msg
from .monitor_callback import MonitorCallback


class EarlyStopping(MonitorCallback):
    """Stops training when ``monitor`` has not improved for ``patience`` epochs.

    Parameters
    ----------
    monitor : str
        Name in the logs.
    min_delta : float
        A change must be larger than this to count as improvement.
    patience : int
        Number of epochs without improvement after which training stops.
    verbose : {0, 1}
        1 says when training stops and which weights are restored.
    mode : {"auto", "min", "max"}
        Whether small or large values are good; "auto" goes by the metric of that name.
    baseline : float, optional
        Epochs that are not better than this do not count as improvement.
    restore_best_weights : bool
        Whether the model ends with the weights of its best epoch. They are restored however training ends:
        also by KeyboardInterrupt or another exception, where Keras leaves the last ones (see
        ``on_train_abort``). An epoch counts as best whether or not it beats ``baseline``.
    start_from_epoch : int
        Epochs before this one are not looked at.

    Attributes
    ----------
    wait : int
        Epochs since the last improvement.
    stopped_epoch : int
        Epoch (from 0) that stopped training; 0 while none has.
    best : float or None
        The best value so far.
    best_epoch : int
        Epoch (from 0) it came from.
    best_weights : list of numpy.ndarray or None
        The model's weights then, with ``restore_best_weights``.
    """

    state_names = ("wait", "stopped_epoch", "best", "best_epoch", "best_weights")

    def __init__(
        self,
        monitor="val_loss",
        min_delta=0,
        patience=0,
        verbose=0,
        mode="auto",
        baseline=None,
        restore_best_weights=False,
        start_from_epoch=0,
    ):
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def on_train_begin(self, logs=None):
        self._reset()

    def on_epoch_end(self, epoch, logs=None):
        self.find_direction()
        current = self._current(logs or {})
        if current is None or epoch < self.start_from_epoch:
            return
        improved = self.is_improvement(current, self.best)
        if self.restore_best_weights and (improved or self.best_weights is None):
            self.best_weights = self.model.get_weights()
            self.best_epoch = epoch
        self.wait += 1
        if improved:
            self.best = current
            self.best_epoch = epoch
            # Better than before, but not good enough yet: that alone does not buy more patience.
            if self.baseline is None or self.is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.stopped_epoch > 0 and self.verbose > 0:
            print_msg(f"Epoch {self.stopped_epoch + 1}: early stopping")
        self._restore()

    def on_train_abort(self, error):
        self._restore()

    def _reset(self):
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights = None

    def _restore(self):
        if self.best_weights is None:
            return
        if self.verbose > 0:
            print_msg(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
        self.model.set_weights(self.best_weights)

    def _current(self, logs):
        if self.monitor not in logs:
            warnings.warn(
                f"Early stopping conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {','.join(logs)}",
                stacklevel=3,
            )
        return logs.get(self.monitor)
