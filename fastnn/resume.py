"""Where training stands: what a checkpoint says of it, and how ``fit`` goes on from there.

A run that goes on ends with the bits of one that was never interrupted. So the state has all that the numbers
depend on: steps taken, the seed, the place in the present order of the rows, the sums of the epoch so far, and
what the callbacks have noted.
"""


import numpy as np

from .sources import ArraySource, BatchStream
from .symbolic import flatten

_SAMPLE = 1 << 20
"""Bytes from each end of an array that its fingerprint is made of."""


class Position:
    """Where a ``fit`` stands.

    Attributes
    ----------
    epoch : int
        The epoch at work, or the next one between epochs.
    rows : int
        Rows of this epoch that have been trained.
    totals : numpy.ndarray of float64
        Sums of loss and metrics over these rows.
    """

    def __init__(self, trainer, source, epoch, shuffle):
        self._trainer = trainer
        self.source = source
        self.epoch, self.rows = epoch, 0
        self.totals = trainer.no_totals()
        self.shuffle = shuffle
        self._fingerprint = None
        self._callbacks = self._rate = None

    @property
    def in_epoch(self):
        """Whether an epoch has begun."""
        return self.rows > 0

    def epochs(self, stop):
        """Yield the epochs that are left, up to ``stop`` or until ``model.stop_training`` is set."""
        while self.epoch < stop and not self._trainer.model.stop_training:
            yield self.epoch

    def begin_epoch(self, epoch):
        """Begin an epoch, unless it is one that was begun before a restart."""
        if not self.in_epoch:
            self._trainer.epochs_started += 1
            self.epoch, self.totals = epoch, np.zeros_like(self.totals)

    def end_epoch(self):
        """The next epoch is to come."""
        self.epoch, self.rows = self.epoch + 1, 0

    def state(self):
        """As a dict of plain values."""
        source = self.source
        arrays = isinstance(source, ArraySource)
        return {
            "epoch": self.epoch,
            "rows": self.rows,
            "totals": [total.hex() for total in self.totals.tolist()],
            "pass": source.position if arrays else None,
            "order_epoch": self._trainer.order_epoch,
            "steps": source.steps,
            "batch_size": source.batch_size if arrays else None,
            "shuffle": self.shuffle,
            "stopped": bool(self._trainer.model.stop_training),
            "data": self.fingerprint(),
        }

    def fingerprint(self):
        """What tells these data from others: shapes, types, and SHA-256 of both ends; None for a stream."""
        if self._fingerprint is None and isinstance(self.source, ArraySource):
            self._fingerprint = [fingerprint(array) for array in flatten(self.source.rows)]
        return self._fingerprint

    def resume(self, filepath, check=True):
        """Go on from a file: sets weights, optimizer and place; callbacks follow in :meth:`restore_callbacks`.

        Raises
        ------
        ModelFormatError
            If the file is damaged.
        ValueError
            If it is of another model, other data, or other settings; the trainer is then as before.
        """
        from .saving.checkpoint import read_checkpoint

        file = read_checkpoint(filepath, self._trainer)
        saved = file.position
        self._check(filepath, saved, file, check)
        file.apply()
        if isinstance(self.source, ArraySource):
            started, self._trainer.epochs_started = self._trainer.epochs_started, saved["order_epoch"] or 0
            self.source.go_to(saved["pass"], saved["rows"])
            self._trainer.epochs_started = started
        self.epoch, self.rows = saved["epoch"], saved["rows"]
        self.totals = np.array([float.fromhex(total) for total in saved["totals"]])
        self._callbacks, self._rate = file.callbacks, file.learning_rate
        self._trainer.model.stop_training = saved["stopped"]

    def restore_callbacks(self, callbacks):
        """Give the callbacks what they had noted, and the learning rate that they may have changed since."""
        if self._callbacks is not None:
            callbacks.set_states(self._callbacks)
        if self._rate is not None:
            self._trainer.optimizer.learning_rate = self._rate
        self._callbacks = self._rate = None

    def _check(self, filepath, saved, file, check):
        if isinstance(self.source, BatchStream) and self.source.is_iterator:
            raise ValueError(
                "resume_from: a generator cannot be set to the place where training stopped; "
                "give arrays, a Sequence or a Dataset"
            )
        if saved["rows"] and not isinstance(self.source, ArraySource):
            raise ValueError("resume_from: the file is from the middle of an epoch, which needs arrays as x and y")
        if len(saved["totals"]) != len(self.totals):
            raise ValueError(
                f"{filepath}: the run had {len(saved['totals'])} losses and metrics, this one has {len(self.totals)}; "
                "compile the model as it was"
            )
        if not check:
            return
        current = self.state()
        for name, what in (
            ("batch_size", "batch size"),
            ("steps", "number of batches an epoch"),
            ("shuffle", "setting of shuffle"),
            ("data", "data"),
        ):
            if saved[name] != current[name]:
                was = "" if name == "data" else f" ({saved[name]}, now {current[name]})"
                raise ValueError(
                    f"{filepath}: the run that is to go on had another {what}{was}, so it would not end with the bits "
                    "of an uninterrupted one; give it the same, or go on all the same with resume_check=False"
                )
        file.check_settings()


def fingerprint(array):
    """Shape, type and SHA-256 of the first and last megabyte of an array; None for None."""
    if array is None:
        return None
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    import hashlib  # takes 3 ms, a tenth of what importing fastnn may take

    hashed = hashlib.sha256(data[:_SAMPLE])
    hashed.update(data[-_SAMPLE:])
    return [list(array.shape), array.dtype.str, hashed.hexdigest()]
