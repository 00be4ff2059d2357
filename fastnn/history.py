"""What ``fit`` returns: the logs of each epoch."""


class History:
    """Losses and metrics, epoch by epoch.

    Attributes
    ----------
    history : dict of str to list of float
        One entry an epoch under "loss", each metric's name, and the same with "val_" where there was
        validation data.
    epoch : list of int
        Numbers of the epochs, from 0.
    params : dict
        "verbose", "epochs" and "steps" (batches an epoch).
    model : Model
    """

    def __init__(self, model, params):
        self.model = model
        self.params = params
        self.epoch = []
        self.history = {}

    def on_epoch_end(self, epoch, logs):
        """Add the logs of an epoch."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
