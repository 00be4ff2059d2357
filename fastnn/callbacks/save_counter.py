"""Counts batches until something is to be saved."""

import numbers


def check_save_freq(save_freq):
    """Return ``save_freq``; ValueError unless it is "epoch" or a number of batches."""
    whole = isinstance(save_freq, numbers.Integral) and not isinstance(save_freq, bool)
    if save_freq != "epoch" and not (whole and save_freq > 0):
        raise ValueError(f"Unrecognized save_freq: {save_freq}. Expected save_freq are 'epoch' or integer values")
    return save_freq


class SaveCounter:
    """Says after which batches to save.

    Parameters
    ----------
    save_freq : "epoch" or int
        After each so many batches, counted on from epoch to epoch; never for "epoch".
    """

    def __init__(self, save_freq):
        self._save_freq = save_freq
        self._seen = 0  # batches since the last time
        self._last = None

    def is_due(self, batch):
        """Whether to save after batch ``batch``, the last one so far of its epoch."""
        if self._save_freq == "epoch":
            return False
        new_epoch = self._last is None or batch <= self._last
        self._seen += batch + 1 if new_epoch else batch - self._last
        self._last = batch
        if self._seen < self._save_freq:
            return False
        self._seen = 0
        return True

    def get_state(self):
        return [self._seen, self._last]

    def set_state(self, state):
        if state is not None:
            self._seen, self._last = state
