"""The interface of a backend: what may be asked of a loaded program, and what each call means."""

from abc import ABC, abstractmethod

import numpy as np

from .. import random


class Backend(ABC):
    """Makes programs runnable."""

    name: str

    @abstractmethod
    def load(self, program, dtype="float32", seed=0):
        """Return an :class:`Executable` of ``program`` with real numbers of ``dtype``.

        Its arrays are zero, but for slots that start from another number (``Buffer.initial``).
        """

    def unfused(self):
        """A backend like this one that joins no ops, so that all buffers are written; the bits are the same."""
        return self


class Executable(ABC):
    """A program with its memory.

    Attributes
    ----------
    program : Program
    dtype : numpy.dtype
    seed : int
        Key of the random numbers (64 bits).
    step : int
        Training steps taken so far.
    pass_number : int
        Passes over data at inference that have begun: what random numbers there are a function of, beside the row.
    passed : int
        Rows of that pass so far.
    learning_rate : float
        Used by every optimizer op from the next step on.
    threads : int or None
        Run on at most so many threads; None for ``fastnn.get_num_threads()``. Never changes a result. The reference
        backend leaves its threads to NumPy.

    Data comes as ``x`` (n, features), C-contiguous rows of float32, float64 or uint8; ``y`` as int32 (n,) for an
    integer target, else (n, columns) of ``dtype``; ``weights``, where the program takes them, as (n,) of ``dtype``.
    Where a program has several targets, ``y`` is a tuple of such arrays, and so are ``weights``.
    The caller has checked them (``fastnn.data``).
    """

    @abstractmethod
    def get(self, name):
        """A copy of a parameter, slot, or (as of the last batch run) any other buffer, in its plain shape."""

    @abstractmethod
    def set(self, name, value):
        """Copy ``value`` (of the buffer's shape) into a parameter or slot."""

    @abstractmethod
    def train(self, x, y, order, batch_size, totals=None, learning_rates=None, weights=None, outputs=None):
        """Take one training step for each ``batch_size`` entries of ``order`` (int64 row numbers; the last batch
        may be short) and advance ``step``.

        ``totals`` carries the sums of earlier calls on (and is changed in place): batch sums are added to it one by
        one in order, so that the result does not depend on how the batches were divided among calls.

        ``learning_rates`` (float64, one for each batch) replace ``learning_rate``, which then keeps the last one.

        ``outputs`` (len(order), columns) of ``dtype`` is filled with the outputs of each batch before its step; the
        program must keep them (``ProgramBuilder.build``).

        Returns
        -------
        totals : numpy.ndarray of float64 (values,)
            Sum over all rows of each value buffer (loss, metrics).
        bad : int
            Number of the first batch whose loss was not finite, or -1.
        """

    def train_epochs(self, x, y, count, keys, batch_size, learning_rates, weights=None):
        """``train`` for ``count`` epochs, each with the rows in the order of its key (``random.permutation``).

        ``keys`` are as ``random.philox_keys`` makes them, or None for the rows' own order. Ends after an epoch in which
        a loss was not finite.

        Returns
        -------
        totals : numpy.ndarray of float64 (epochs, values)
            The sums of each epoch that was done.
        bad : int
            As ``train`` says of the last one.
        """
        totals, bad = [], -1
        for epoch, rates in enumerate(np.split(np.asarray(learning_rates), count)):
            order = np.arange(len(x))
            if keys is not None:
                low, high = keys[epoch].tolist()
                order = random.generator(high << 64 | low).permutation(len(x))
            sums, bad = self.train(x, y, order, batch_size, learning_rates=rates, weights=weights)
            totals.append(sums)
            if bad >= 0:
                break
        return np.array(totals), bad

    def rows_stay(self, x, epochs=1):  # noqa: B027 - a hint, which a backend may pass over
        """Until the next call the rows of ``x`` are the same ones whenever they are trained with; None: of no array.

        What is found out about them need not be found out again. So many ``epochs`` are to come, as far as is known.
        """

    def begin_pass(self):
        """Let a pass over data at inference begin, in which layers that draw numbers there draw other ones."""
        self.pass_number, self.passed = self.pass_number + 1, 0

    @abstractmethod
    def evaluate(self, x, y, batch_size, totals=None, weights=None, outputs=None):
        """Sums over all rows of the value buffers, float64 (values,), without training.

        ``totals`` and ``outputs`` are as in train. The rows are those of the pass that come next; so are those of
        ``predict``.
        """

    @abstractmethod
    def predict(self, x, batch_size):
        """The output for each row of ``x``: (n, columns) of ``dtype``."""

    def predictor(self, row, output):
        """A function ``predict(x, threads)`` that takes few rows at a time without delay.

        It gives the output (n, *output) for the rows x (n, *row) of ``dtype``, or None where it cannot, as the one
        here never can; ``predict`` then can. What is drawn at inference is beyond it, as it begins no pass.
        """
        return lambda x, threads: None

    @abstractmethod
    def run(self, section, x=None, y=None, start=0, stop=None, weights=None):
        """Run the ops ``start`` to ``stop`` of one section, one by one ("step" mode, for teaching and tests).

        ``x``, ``y`` and ``weights``, where given, are loaded first; otherwise the batch and all buffers are as the
        last call left them. ``step`` and ``passed`` are not advanced.
        """


def some_rows(arrays, which):
    """The rows ``which`` of an array, of each in a tuple, or None for None."""
    if isinstance(arrays, tuple):
        return tuple(array[which] for array in arrays)
    return None if arrays is None else arrays[which]


def feeds(executable, y, weights):
    """``[(buffer, array)]`` of the targets and weights that are given, in the types of the program."""
    program, found = executable.program, []
    for indices, arrays in ((program.targets, y), (program.weights, weights)):
        if arrays is not None:
            arrays = arrays if isinstance(arrays, tuple) else (arrays,)
            found += zip(indices, arrays, strict=True)
    return [(i, np.asarray(a, np.int32 if program.buffers[i].integer else executable.dtype)) for i, a in found]
