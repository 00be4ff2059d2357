"""Saves the model while it trains."""

import os
import warnings

import numpy as np

from ..checks import check_int
from ..legacy import Logs, warn_old
from ..progress import print_msg
from .monitor_callback import MonitorCallback
from .save_counter import SaveCounter, check_save_freq


class ModelCheckpoint(MonitorCallback):
    """Saves the model or its weights after epochs or batches: all, or only those that are better than before.

    Files are written atomically: whatever kills the program, the old one or the new one is there, whole. A
    ``.fastnn`` file can be handed to ``fit(resume_from=...)``, where callbacks then begin afresh; for
    everything to go on use :class:`BackupAndRestore`.

    Parameters
    ----------
    filepath : str or path
        May have fields such as ``{epoch:02d}`` (from 1), ``{batch}`` and names of the logs,
        ``{val_loss:.2f}``. The ending chooses the format, as for ``model.save`` and ``model.save_weights``.
    monitor : str
        Name in the logs, for ``save_best_only``.
    verbose : {0, 1}
        1 says what is saved.
    save_best_only : bool
        Whether only a model whose ``monitor`` is better than before is saved.
    save_weights_only : bool
    mode : {"auto", "min", "max"}
        Whether small or large values are good; "auto" goes by the metric of that name.
    save_freq : "epoch" or int
        Save after each epoch, or after each so many batches.
    initial_value_threshold : float, optional
        What the first value must be better than.
    strict : bool
        Whether a file that cannot be written ends training, as in Keras; else it is warned of, the old file
        stays, and training goes on.
    period : int, optional
        Older: save after each so many epochs.

    Raises
    ------
    ValueError
        For another ``save_freq``.
    KeyError
        During training, for a field that the logs have not.
    """

    state_names = ("best", "epochs_since_last_save")

    def __init__(
        self,
        filepath,
        monitor="val_loss",
        verbose=0,
        save_best_only=False,
        save_weights_only=False,
        mode="auto",
        save_freq="epoch",
        initial_value_threshold=None,
        *,
        strict=False,
        period=None,
    ):
        super().__init__(monitor, mode)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = check_save_freq(save_freq)
        self.best = initial_value_threshold
        self.strict = strict
        self.period = 1
        if period is not None:
            warn_old("ModelCheckpoint(period=...)", "save_freq=...")
            self.period = check_int(period, "ModelCheckpoint: period", 1)
        if self.filepath.endswith(".hdf5"):
            warn_old("ModelCheckpoint('....hdf5')", "a path that ends in .keras or .weights.h5")
        self.epochs_since_last_save = 0
        self.every_batch = save_freq != "epoch"
        self._counter = SaveCounter(save_freq)
        self._epoch = 0

    def get_state(self):
        return {**super().get_state(), "counter": self._counter.get_state()}

    def set_state(self, state):
        super().set_state(state)
        self._counter.set_state(state.get("counter"))

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self._counter.is_due(batch):
            if self.save_best_only:
                self.find_direction()
            self._save(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch, logs=None):
        if self.save_best_only:
            self.find_direction()
        if self.save_freq != "epoch":
            return
        self.epochs_since_last_save += 1
        if self.epochs_since_last_save >= self.period:
            self.epochs_since_last_save = 0
            self._save(epoch, None, logs or {})

    def _save(self, epoch, batch, logs):
        path = self._path(epoch, batch, logs)
        if not self._is_wanted(epoch, logs, path):
            return
        if os.path.isdir(path):
            raise OSError(
                "Please specify a non-directory filepath for ModelCheckpoint. "
                f"Filepath used is an existing directory: {path}"
            )
        try:
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            if self.save_weights_only:
                self.model.save_weights(path, overwrite=True)
            else:
                self.model.save(path, overwrite=True)
        except OSError as error:
            if self.strict:
                raise
            warnings.warn(f"ModelCheckpoint could not write {path}: {error}; training goes on", stacklevel=2)
            return
        if self.verbose > 0:
            print_msg(f"\nEpoch {epoch + 1}: finished saving model to {path}")

    def _path(self, epoch, batch, logs):
        fields = dict(logs)
        if batch is not None and "batch" not in fields:
            fields["batch"] = batch + 1
        try:
            return self.filepath.format_map(Logs({**fields, "epoch": epoch + 1}))
        except KeyError as error:
            raise KeyError(
                f'Failed to format this callback filepath: "{self.filepath}". Reason: {error}'
            ) from None

    def _is_wanted(self, epoch, logs, path):
        """Whether the model is to be saved; says so."""
        if not self.save_best_only:
            self._say(f"\nEpoch {epoch + 1}: saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(f"Can save best model only with {self.monitor} available.", stacklevel=2)
            return True
        if np.ndim(current) > 0:
            warnings.warn(
                f"Can save best model only when `monitor` is a scalar value. Received: {current}. "
                "Falling back to `save_best_only=False`.",
                stacklevel=2,
            )
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self.is_improvement(current, self.best):
            self._say(f"\nEpoch {epoch + 1}: {self.monitor} did not improve from {best}")
            return False
        self._say(
            f"\nEpoch {epoch + 1}: {self.monitor} improved from {best} to {current:.5f}, saving model to {path}"
        )
        self.best = current
        return True

    def _say(self, text):
        if self.verbose > 0:
            print_msg(text)
