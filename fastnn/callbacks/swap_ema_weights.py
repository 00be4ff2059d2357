"""Lets a model be measured with the averages of its weights."""

from .callback import Callback


class SwapEMAWeights(Callback):
    """Swaps weights and their averages before evaluation and prediction, and swaps them back afterwards.

    The averages are those that the optimizer keeps with ``use_ema=True`` (Polyak averaging).

    Parameters
    ----------
    swap_on_epoch : bool
        Whether the averages stand in the model from the end of an epoch to the beginning of the next, for
        callbacks that come later in the list, such as ``ModelCheckpoint``.

    Raises
    ------
    ValueError
        During training, if the optimizer keeps no averages.
    """

    def __init__(self, swap_on_epoch=False):
        self.swap_on_epoch = swap_on_epoch

    def get_state(self):
        return {"swapped": self.model.optimizer.averages_in_model}

    def set_state(self, state):
        self.model.optimizer.averages_in_model = state["swapped"]

    def on_epoch_begin(self, epoch, logs=None):
        if self.swap_on_epoch:
            self._show(averages=False)

    def on_epoch_end(self, epoch, logs=None):
        if self.swap_on_epoch:
            self._show(averages=True)

    def on_train_abort(self, error):
        self._show(averages=False)

    def on_test_begin(self, logs=None):
        self._show(averages=True)

    def on_test_end(self, logs=None):
        self._show(averages=False)

    def on_predict_begin(self, logs=None):
        self._show(averages=True)

    def on_predict_end(self, logs=None):
        self._show(averages=False)

    def _show(self, averages):
        """Let the averages stand in the model, or the weights themselves."""
        optimizer = self.model.optimizer
        if averages == getattr(optimizer, "averages_in_model", False):
            return
        if optimizer is None or not optimizer.use_ema:
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. "
                f"Received: use_ema={optimizer and optimizer.use_ema}"
            )
        optimizer.swap_averages()
