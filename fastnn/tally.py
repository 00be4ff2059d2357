"""What has been measured: the sums of an epoch, of the losses and of the metrics.

Design
------
a. A metric that is a mean of one number a row, or a batch, is made of ops of the program, which adds up natively.
b. Any other is handed the outputs of each slice of the epoch, which the backend copies only then; nothing else gets
   slower. Where its sums are not exact it is handed one batch at a time, so that the numbers do not depend on how the
   epoch was cut into slices.
"""

import warnings

import numpy as np


class Tally:
    """The sums of one epoch, or of one evaluation.

    Attributes
    ----------
    totals : numpy.ndarray of float64
        Sums of the program's values; the backend adds to them.
    rows : int
        Rows that were counted.
    """

    def __init__(self, objective, executable, weighted):
        self._objective, self._weighted, self._dtype = objective, weighted, executable.dtype
        self._measured, program = objective.measured, executable.program
        self._names, self._losses = objective.names, ["loss", *objective.loss_names]
        self._sums = objective.sums_of_weights
        self._wants_outputs, self._counts_batches = objective.wants_outputs, objective.counts_batches
        self._columns = program.buffers[program.output].shape[1]
        self.totals = np.zeros(len(program.values()))
        self.rows = 0
        for metric in objective.metrics:
            if not metric.by_row:
                metric.reset_state()

    def go_on(self, position):
        """Count on from where the epoch stood: a ``resume.Position``, whose sums are then changed in place."""
        self.totals, self.rows = position.totals, position.rows
        names = [item.name for item in self._measured if not item.metric.by_row]
        if self.rows and names:
            warnings.warn(
                f"{', '.join(names)}: of the epoch that goes on, only the rows from now on are counted", stacklevel=4
            )

    def room(self, rows):
        """An array for the outputs of so many rows, or None where no metric wants them."""
        return np.empty((rows, self._columns), self._dtype) if self._wants_outputs else None

    def add(self, piece, outputs=None):
        """Count the rows of a piece of the epoch that has been run; metrics that want its outputs are given them."""
        self.rows += piece.count
        if outputs is None:
            return
        columns = [outputs[:, head.columns] for head in self._objective.trained]
        targets, weights = piece.in_order(1), piece.in_order(2)
        for metric, head, takes_weights, _ in self._measured:
            if metric.by_row:
                continue
            own = weights[head] if weights is not None and takes_weights else None
            size = piece.count if metric.takes_slices and own is None else piece.batch_size
            for first in range(0, piece.count, size):
                part = slice(first, first + size)
                metric.take(targets[head][part], columns[head][part], None if own is None else own[part])

    def logs_of(self, totals, rows):
        """The logs of epochs with these sums (epochs, values) over so many rows each: for each name a list.

        All metrics are ops of the program.
        """
        columns = iter(totals.T)
        logs = {name: (next(columns) / rows).tolist() for name in self._losses}
        count_of = self._counts(totals.T, np.full(len(totals), rows))
        for metric, head, takes_weights, name in self._measured:
            sums = [next(columns) for _ in range(metric.sums_of_program)]
            epochs = zip(*sums, count_of(metric, head, takes_weights), strict=True)
            logs[name] = [_plain(metric.from_sums(own, count)) for *own, count in epochs]
        return {name: logs[name] for name in self._names}

    def logs(self):
        """Losses and metrics of the rows so far, by name."""
        totals = iter(self.totals)
        logs = {name: float(next(totals) / self.rows) for name in self._losses}
        count_of = self._counts(self.totals, self.rows)
        for metric, head, takes_weights, name in self._measured:
            if metric.by_row:
                sums = [next(totals) for _ in range(metric.sums_of_program)]
                logs[name] = _plain(metric.from_sums(sums, count_of(metric, head, takes_weights)))
            else:
                logs[name] = _plain(metric.result())
        return {name: logs[name] for name in self._names}

    def _counts(self, totals, rows):
        """A function that finds what a metric's sum is divided by: rows, or what the last of the sums count."""
        heads = self._sums if self._weighted else []
        rest = len(totals) - len(heads)
        weights = dict(zip(heads, totals[rest:], strict=True))
        batches = totals[rest - 1] if self._counts_batches else None

        def count_of(metric, head, takes_weights):
            if metric.by_batch:
                return batches
            return weights[head] if takes_weights and self._weighted else rows

        return count_of


def _plain(value):
    """A metric's value: a float, or an array of them."""
    value = np.asarray(value)
    return float(value) if value.ndim == 0 else value
