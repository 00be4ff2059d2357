"""Writes the logs of each epoch to a file."""

import collections.abc
import csv
import os

import numpy as np

from .callback import Callback


class CSVLogger(Callback):
    """Writes a line an epoch to a CSV file: the epoch (from 0), then the logs, sorted by name.

    The names are those of the first epoch. Where it was not validated, the same with "val_" follow. What an
    epoch lacks is written as ``NA``. After each epoch the file is complete, also if the program dies then.

    Parameters
    ----------
    filename : str or path
    separator : str
        Stands between the values.
    append : bool
        Whether to go on with a file that exists, instead of writing it anew.
    """

    state_names = ("keys",)

    def __init__(self, filename, separator=",", append=False):
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys = None
        self.csv_file = None
        self._writer = None
        self._write_header = True

    def on_train_begin(self, logs=None):
        self._close()
        append = self.append or (self.params or {}).get("resumed", False)
        if append and os.path.exists(self.filename):
            self._write_header = os.path.getsize(self.filename) == 0
        # newline="": the csv module writes the ends of the lines itself.
        self.csv_file = open(self.filename, "a" if append else "w", newline="", encoding="utf-8")  # noqa: SIM115
        self.keys = self._writer = None

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        if self._writer is None:
            self._begin_table(logs)
        values = [_cell(logs.get(key, "NA")) for key in self.keys]
        self._writer.writerow([epoch, *values])
        self.csv_file.flush()

    def on_train_end(self, logs=None):
        self._close()

    def on_train_abort(self, error):
        self._close()

    def _begin_table(self, logs):
        if self.keys is None:  # else they are those of the run that goes on
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
        self._writer = csv.writer(self.csv_file, delimiter=self.sep)
        if self._write_header:
            self._writer.writerow(["epoch", *self.keys])

    def _close(self):
        if self.csv_file is not None:
            self.csv_file.close()
        self._writer = None


def _cell(value):
    """Lists and arrays in brackets and quotes; all else as it is."""
    is_list = isinstance(value, collections.abc.Iterable) and not isinstance(value, str)
    if is_list and not (isinstance(value, np.ndarray) and value.ndim == 0):
        return f'"[{", ".join(map(str, value))}]"'
    return value
