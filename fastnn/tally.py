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
        """The logs of an epoch with these sums over so many rows."""
        self.totals, self.rows = totals, rows
        return self.logs()

    def logs(self):
        """Losses and metrics of the rows so far, by name."""
        totals = iter(self.totals)
        logs = {name: float(next(totals) / self.rows) for name in self._losses}
        heads = self._sums if self._weighted else []
        rest = len(self.totals) - len(heads)
        weights = dict(zip(heads, self.totals[rest:], strict=True))
        batches = self.totals[rest - 1] if self._counts_batches else None
        for metric, head, takes_weights, name in self._measured:
            if metric.by_row:
                count = batches if metric.by_batch else weights[head] if takes_weights and self._weighted else self.rows
                value = metric.from_sums([next(totals) for _ in range(metric.sums_of_program)], count)
            else:
                value = metric.result()
            value = np.asarray(value)
            logs[name] = float(value) if value.ndim == 0 else value
        return {name: logs[name] for name in self._names}
