"""What ``fit`` returns: the logs of each epoch."""

from ..legacy import Logs
from .callback import Callback


class History(Callback):
    """Losses and metrics, epoch by epoch. ``fit`` makes one, unless it is given one among the callbacks.

    Attributes
    ----------
    history : dict of str to list of float
        One entry an epoch under "loss", each metric's name, the same with "val_" where there was validation
        data, and what callbacks add; "acc" finds "accuracy", as older scripts have it. One that is given to
        another ``fit`` goes on from there.
    epoch : list of int
        Numbers of the epochs of the last ``fit``, from 0.
    params : dict
        "verbose", "epochs" and "steps" (batches an epoch).
    model : Model
    """

    state_names = ("history", "epoch")

    def __init__(self):
        self.history = Logs()
        self.epoch = []

    def on_train_begin(self, logs=None):
        self.epoch = []

    def on_epoch_end(self, epoch, logs=None):
        """Add the logs of an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def add_epochs(self, first, logs):
        """Add the logs of epochs from number ``first`` on: for each name a list."""
        for name, values in sorted(logs.items()):
            self.history.setdefault(name, []).extend(values)
        self.epoch.extend(range(first, first + len(values)))
