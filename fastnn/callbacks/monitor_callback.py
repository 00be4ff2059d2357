"""What callbacks have in common that watch one value of the logs."""

import operator
import warnings

from ..legacy import other_name, warn_old
from .callback import Callback
from .reals import as_real


class MonitorCallback(Callback):
    """Knows whether a value of the logs got better.

    Parameters
    ----------
    monitor : str
        Name in the logs.
    mode : {"auto", "min", "max"}
        Whether small or large values are good; "auto" goes by the metric of that name. Anything else gives a
        warning and counts as "auto".
    min_delta : float
        A change must be larger than this to count.
    """

    def __init__(self, monitor="val_loss", mode="auto", min_delta=0):
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto mode.", stacklevel=3
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(min_delta)
        self.best = None
        self._better = None

    def find_direction(self):
        """Find out which values are good. Called at the end of an epoch, when the model's metrics are known.

        Raises
        ------
        ValueError
            If ``mode="auto"`` finds no metric called ``monitor``, or one that has no direction.
        """
        if self._better is None:
            self._use_the_metrics_name()
            self._better = self._find_better()

    def is_improvement(self, value, reference):
        """Whether ``value`` is better than ``reference`` (None: than nothing) by more than ``min_delta``."""
        if reference is None:
            return True
        margin = self.min_delta if self._better is operator.gt else -self.min_delta
        return bool(self._better(as_real(value - margin, self.model), as_real(reference, self.model)))

    def _use_the_metrics_name(self):
        """Monitor "val_accuracy" where older scripts say "val_acc", and the reverse."""
        names = {name for metric in self.model.metrics for name in (metric.name, f"val_{metric.name}")}
        name = other_name(self.monitor, names)
        if name not in (None, self.monitor):
            warn_old(f"monitor={self.monitor!r}", f"monitor={name!r}, as the metric is called")
            self.monitor = name

    def _find_better(self):
        directions = {"min": operator.lt, "max": operator.gt, "down": operator.lt, "up": operator.gt}
        if self.mode != "auto":
            return directions[self.mode]
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return operator.lt
        for metric in self.model.metrics:
            if metric.name == name and metric.direction is not None:
                return directions[metric.direction]
        raise ValueError(
            f"{type(self).__name__} callback received monitor={self.monitor}, but fastnn isn't able to "
            "automatically determine whether that metric should be maximized or minimized. Pass `mode='max'` "
            "in order to monitor based on the highest metric value, or pass `mode='min'` in order to use the "
            "lowest value."
        )
