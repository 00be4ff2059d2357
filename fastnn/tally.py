"""What a model measures: which metrics its program computes, which are handed the outputs, and the sums of an epoch.

Design
------
a. A metric that is a mean of one number a row is an op of the program, which adds the rows up natively.
b. Any other is handed the outputs of each slice of the epoch, which the backend copies only then; nothing else gets
   slower. Where its sums are not exact it is handed one batch at a time, so that the numbers do not depend on how the
   epoch was cut into slices.
"""

import warnings

import numpy as np

from . import metrics


class Scoreboard:
    """The metrics of a model, in the order of its logs.

    Parameters
    ----------
    plain, weighted : what ``metrics.get_list`` takes
        The latter take the rows' weights into account.
    loss : Loss or None

    Raises
    ------
    ValueError
        For a metric that is not known, or that does not fit the loss.
    """

    def __init__(self, plain, weighted, loss):
        plain, weighted = metrics.get_list(plain), metrics.get_list(weighted)
        self.metrics = [*plain, *weighted]
        self._weighted = [False] * len(plain) + [True] * len(weighted)
        for metric in self.metrics:
            if loss is None:
                raise ValueError(f"metric {metric.name!r} needs a loss, whose targets it takes; give loss=...")
            metric.check_target(loss)

    @property
    def names(self):
        """Keys of the logs: the loss, then the metrics."""
        return ["loss", *(metric.name for metric in self.metrics)]

    @property
    def wants_outputs(self):
        """Whether a metric must be handed the model's outputs."""
        return not all(metric.by_row for metric in self.metrics)

    def emit(self, builder, output, target, weighted):
        """Append the metrics that are ops to the program; ``weighted`` where rows have weights."""
        for metric, takes_weights in zip(self.metrics, self._weighted, strict=True):
            if metric.by_row:
                metric.emit(builder, output, target, weighted and takes_weights)
        if weighted and any(self._weighted):
            builder.sum_of_weights()

    def start(self, executable, weighted):
        """A :class:`Tally` of nothing yet."""
        return Tally(self, executable.program, executable.dtype, weighted)

    def split(self):
        """Pairs of a metric and whether it takes weights."""
        return list(zip(self.metrics, self._weighted, strict=True))


class Tally:
    """The sums of one epoch, or of one evaluation.

    Attributes
    ----------
    totals : numpy.ndarray of float64
        Sums of the program's values; the backend adds to them.
    rows : int
        Rows that were counted.
    """

    def __init__(self, board, program, dtype, weighted):
        self._board, self._weighted, self._dtype = board, weighted, dtype
        self._columns = program.buffers[program.output].shape[1]
        self.totals = np.zeros(len(program.values()))
        self.rows = 0
        for metric in board.metrics:
            if not metric.by_row:
                metric.reset_state()

    def go_on(self, position):
        """Count on from where the epoch stood: a ``resume.Position``, whose sums are then changed in place."""
        self.totals, self.rows = position.totals, position.rows
        names = [metric.name for metric in self._board.metrics if not metric.by_row]
        if self.rows and names:
            warnings.warn(
                f"{', '.join(names)}: of the epoch that goes on, only the rows from now on are counted", stacklevel=4
            )

    def room(self, rows):
        """An array for the outputs of so many rows, or None where no metric wants them."""
        return np.empty((rows, self._columns), self._dtype) if self._board.wants_outputs else None

    def add(self, piece, outputs=None):
        """Count the rows of a piece of the epoch that has been run; metrics that want its outputs are given them."""
        self.rows += piece.count
        if outputs is None:
            return
        y, weights = (array if array is None or piece.order is None else array[piece.order] for array in piece.rows[1:])
        for metric, takes_weights in self._board.split():
            if metric.by_row:
                continue
            own = weights if takes_weights else None
            size = piece.count if metric.takes_slices and own is None else piece.batch_size
            for first in range(0, piece.count, size):
                part = slice(first, first + size)
                metric.take(y[part], outputs[part], None if own is None else own[part])

    def logs_of(self, totals, rows):
        """The logs of an epoch with these sums over so many rows."""
        self.totals, self.rows = totals, rows
        return self.logs()

    def logs(self):
        """Loss and metrics of the rows so far, by name."""
        totals = iter(self.totals)
        logs = {"loss": float(next(totals) / self.rows)}
        for metric, takes_weights in self._board.split():
            if metric.by_row:
                count = self.totals[-1] if takes_weights and self._weighted else self.rows
                total = next(totals)
                logs[metric.name] = float(metric.finish(total / count if count else 0.0))
            else:
                value = np.asarray(metric.result())
                logs[metric.name] = float(value) if value.ndim == 0 else value
        return logs
