"""Lets a run that was cut off go on with the same bits."""

import contextlib
import os
import warnings

from ..saving.values import encode
from .callback import Callback
from .save_counter import SaveCounter, check_save_freq


class BackupAndRestore(Callback):
    """Saves all of a run, and lets ``fit`` go on from there where the program was cut off.

    The backup is one file, written atomically: the run that goes on ends with the weights, the history and the
    state of the callbacks that an uninterrupted one would have had, bit for bit.

    Parameters
    ----------
    backup_dir : str or path
        Folder of the backup, ``latest.fastnn``. One folder serves one run.
    save_freq : "epoch" or int
        Save after each epoch, or after each so many batches.
    double_checkpoint : bool
        Whether the backup before the last one is kept too, and used where the last one is damaged.
    delete_checkpoint : bool
        Whether the backup is removed when training has ended by itself.
    strict : bool
        Whether a backup that cannot be written ends training; else it is warned of, and the old one stays.
    check : bool
        Whether data and settings must be those of the run that goes on.

    Raises
    ------
    ValueError
        For no ``backup_dir``, or another ``save_freq``.
    """

    def __init__(
        self,
        backup_dir,
        save_freq="epoch",
        double_checkpoint=False,
        delete_checkpoint=True,
        *,
        strict=False,
        check=True,
    ):
        if not backup_dir:
            raise ValueError("Empty `backup_dir` argument passed")
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = check_save_freq(save_freq)
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self.strict = strict
        self.check = check
        self.every_batch = save_freq != "epoch"
        self._counter = SaveCounter(save_freq)
        self._path = os.path.join(self.backup_dir, "latest.fastnn")
        self._previous = os.path.join(self.backup_dir, "previous.fastnn")

    def get_state(self):
        return {"counter": self._counter.get_state()}

    def set_state(self, state):
        self._counter.set_state(state.get("counter"))

    def checkpoint_to_resume(self):
        """The backup that training goes on from, or None."""
        from ..saving.container import read_container
        from ..saving.errors import ModelFormatError

        if os.path.exists(self._previous):
            try:
                read_container(self._path)
            except (ModelFormatError, FileNotFoundError) as error:
                warnings.warn(f"{self._path}: {error}; going on from the backup before it", stacklevel=5)
                return self._previous
        return self._path if os.path.exists(self._path) else None

    def after_train_batch(self, batch):
        if self._counter.is_due(batch):
            self._save()

    def after_epoch(self, epoch):
        if self.save_freq == "epoch":
            self._save()

    def on_train_end(self, logs=None):
        if not self.delete_checkpoint:
            return
        for path in (self._path, self._previous):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        with contextlib.suppress(OSError):  # other files are not ours
            os.rmdir(self.backup_dir)

    def _save(self):
        from ..saving.atomic import write_file

        arrays = {}
        state = {"callbacks": encode(self.run.get_states(), arrays, "callbacks")}
        try:
            os.makedirs(self.backup_dir, exist_ok=True)
            if self.double_checkpoint and os.path.exists(self._path):
                self._keep_previous()
            write_file(self._path, self.model.as_container(state, arrays))
        except OSError as error:
            if self.strict:
                raise
            warnings.warn(f"BackupAndRestore could not write {self._path}: {error}; training goes on", stacklevel=2)

    def _keep_previous(self):
        """Give the last backup a second name; it never is without one."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._previous)
        os.link(self._path, self._previous)
