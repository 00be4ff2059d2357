"""Lowers the learning rate when training no longer helps."""

import warnings

from ..progress import print_msg
from .monitor_callback import MonitorCallback
from .reals import as_real, learning_rate


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by ``factor`` when ``monitor`` has not improved for ``patience`` epochs.

    Adds ``learning_rate`` to the logs of every epoch: the one that the epoch was trained with.

    Parameters
    ----------
    monitor : str
        Name in the logs.
    factor : float
        Below 1.
    patience : int
        Number of epochs without improvement after which the learning rate is reduced.
    verbose : {0, 1}
        1 says when the learning rate is reduced.
    mode : {"auto", "min", "max"}
        Whether small or large values are good; "auto" goes by the metric of that name.
    min_delta : float
        A change must be larger than this to count as improvement.
    cooldown : int
        Number of epochs after a reduction that are not counted.
    min_lr : float
        The learning rate is not reduced below this.
    epsilon : float, optional
        What older notes call ``min_delta``; gives a warning.

    Raises
    ------
    ValueError
        For a ``factor`` of 1 or more.
    """

    state_names = ("best", "wait", "cooldown_counter")

    def __init__(
        self,
        monitor="val_loss",
        factor=0.1,
        patience=10,
        verbose=0,
        mode="auto",
        min_delta=1e-4,
        cooldown=0,
        min_lr=0.0,
        epsilon=None,
    ):
        if epsilon is not None:
            warnings.warn(
                "`epsilon` argument is deprecated and will be removed, use `min_delta` instead.", stacklevel=2
            )
            min_delta = epsilon
        super().__init__(monitor, mode, min_delta)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._reset()

    def on_train_begin(self, logs=None):
        self._reset()

    def on_epoch_end(self, epoch, logs=None):
        self.find_direction()
        logs = {} if logs is None else logs
        logs["learning_rate"] = learning_rate(self.model)
        if self.monitor not in logs:
            warnings.warn(
                f"Learning rate reduction is conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {','.join(logs)}.",
                stacklevel=2,
            )
            return
        current = logs[self.monitor]
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def in_cooldown(self):
        """Whether the last reduction is too recent for another."""
        return self.cooldown_counter > 0

    def _reset(self):
        self.best = None
        self.wait = 0
        self.cooldown_counter = 0

    def _reduce(self, epoch):
        """Reduce the learning rate; return False where it is at its lowest already."""
        old = learning_rate(self.model)
        if old <= as_real(self.min_lr, self.model):
            return False
        new = max(old * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = new
        if self.verbose > 0:
            print_msg(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        return True
