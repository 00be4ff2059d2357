"""The progress bar of ``fit``, ``evaluate`` and ``predict``: the text that Keras 3 prints.

Design
------
A. ``Progbar.update`` first books the values, then decides whether to draw. Only a draw builds text, so a
   call between two redraws is cheap.
B. The text of a draw is put together by small functions without state (``format_eta``, ...).
C. ``print_msg`` is the only place that writes. It looks ``sys.stdout`` up at call time, so that redirection,
   capture and notebooks work, and it never raises ``UnicodeEncodeError``.
"""

import math
import os
import re
import sys
import time

import numpy as np

from . import config

BOLD, GREEN, WHITE, RESET = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"
_ESCAPE = re.compile(r"\x1b\[\d+m")
_ASCII_FORMS = str.maketrans({"━": "=", "…": ".", "└": "+"})


def print_msg(message, line_break=True):
    """Write `message` to ``sys.stdout`` and flush it.

    Parameters
    ----------
    message : object
        What to print; converted by ``str``.
    line_break : bool, default True
        Whether to end the line.
    """
    if not config.is_interactive_logging_enabled():
        import logging  # takes longer to import than most of fastnn

        logging.getLogger("fastnn").info(_ESCAPE.sub("", str(message)).strip("\r\b\n"))
        return
    stream = sys.stdout
    if stream is None:  # a program without a console, such as one run by pythonw
        return
    text = f"{message}\n" if line_break else str(message)
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        # One replacement per character keeps the length, which the next redraw relies on.
        stream.write(text.translate(_ASCII_FORMS).encode(encoding, "replace").decode(encoding))
    stream.flush()


def can_print(text):
    """Tell whether the encoding of ``sys.stdout`` has all characters of `text`."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # StringIO has None and takes everything
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def format_eta(seconds):
    """Write a remaining time as ``12s``, ``1:05`` or ``2:03:04``."""
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    if seconds > 60:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole}s"


def format_step_time(seconds, unit_name="step"):
    """Write the duration of one step in the unit that suits it: ``2s/step``, ``2ms/step`` or ``2us/step``."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit_name}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit_name}"
    return f"{seconds * 1e6:.0f}us/{unit_name}"


def format_count(current, target):
    """Write ``current/target`` with `current` right-aligned to the digits of `target`."""
    return f"{current:{int(math.log10(target)) + 1}d}/{target}"


def _format_bar(fraction, width):
    """Draw `width` cells, the first `fraction` of them green, with ``=`` and ``.`` where ``━`` is missing."""
    full, empty = ("━", "━") if can_print("━") else ("=", ".")
    cells = int(width * fraction)
    done = f"{GREEN}{full * cells}{RESET}" if cells > 0 else ""
    return f"{done}{WHITE}{empty * (width - cells)}{RESET}"


def _has_dynamic_display():
    """Tell whether the bar is redrawn in place, by the rule of Keras 3.

    The module ``posix`` is always loaded on Linux and macOS, so there a file or a pipe gets the control codes
    as well.
    """
    return (
        (hasattr(sys.stdout, "isatty") and sys.stdout.isatty())
        or "ipykernel" in sys.modules
        or "posix" in sys.modules
        or "PYCHARM_HOSTED" in os.environ
    )


class Progbar:
    """Display a progress bar.

    Parameters
    ----------
    target : int or None
        Total number of steps, None if unknown.
    width : int, default 20
        Number of cells of the bar.
    verbose : {0, 1, 2}, default 1
        0 is silent, 1 draws a bar, 2 prints one line at the end.
    interval : float, default 0.05
        Least time between two redraws, in seconds.
    stateful_metrics : iterable of str, optional
        Names of the values to show as given; all others are averaged over the steps.
    stateless_metrics : iterable of str, optional
        Names of the values to average; all others are shown as given. An empty set is what ``fit`` needs,
        whose values are running means already. At most one of the two may be given.
    unit_name : str, default "step"
        Name of a step.
    clock : callable, default time.time
        Returns the current time in seconds.
    """

    def __init__(
        self,
        target,
        width=20,
        verbose=1,
        interval=0.05,
        stateful_metrics=None,
        stateless_metrics=None,
        unit_name="step",
        clock=time.time,
    ):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError("Only one of `stateful_metrics` or `stateless_metrics` can be provided.")
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.stateful_metrics = None if stateful_metrics is None else set(stateful_metrics)
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self.unit_name = unit_name
        self.clock = clock

        self._dynamic_display = _has_dynamic_display()
        self._seen_so_far = 0
        self._values = {}  # name -> [weighted sum, weight], in order of appearance
        self._start = clock()
        self._last_update = -math.inf
        self._time_after_first_step = None
        self._prev_total_width = 0

    def update(self, current, values=None, finalize=None):
        """Set the progress, and draw if it is time to.

        Parameters
        ----------
        current : int
            Number of steps done.
        values : list of (str, float), optional
            Values to show.
        finalize : bool, optional
            Whether this is the last update. By default it is once `current` reaches the target.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        self._book(current, values or [], finalize)

        now = self.clock()
        step_time = self._estimate_step_time(current, now)
        if self.verbose == 1 and (finalize or now - self._last_update >= self.interval):
            self._draw(current, now, step_time, finalize)
            self._last_update = now
        elif self.verbose == 2 and finalize and self.target:
            self._print_line(current, now, step_time)

    def add(self, n, values=None):
        """Move the progress on by `n` steps; see `update`."""
        self.update(self._seen_so_far + n, values)

    def _book(self, current, values, finalize):
        """Add the values to their averages, or replace them where no average is wanted."""
        steps = max(current - self._seen_so_far, 1)
        for name, value in values:
            # The last update of an epoch brings final values, not those of a step.
            if finalize or not self._is_averaged(name):
                self._values[name] = [value, 1]
            else:
                total, weight = self._values.get(name, (0, 0))
                self._values[name] = [total + value * steps, weight + steps]
        self._seen_so_far = current

    def _is_averaged(self, name):
        if self.stateless_metrics is not None:
            return name in self.stateless_metrics
        return self.stateful_metrics is None or name not in self.stateful_metrics

    def _estimate_step_time(self, current, now):
        """Return the mean duration of a step, leaving out the first one, which is seldom typical."""
        if not current:
            return 0
        if self._time_after_first_step is not None and current > 1:
            step_time = (now - self._time_after_first_step) / (current - 1)
        else:
            step_time = (now - self._start) / current
        if current == 1:
            self._time_after_first_step = now
        return step_time

    def _draw(self, current, now, step_time, finalize):
        """Redraw the line of the bar."""
        if self.target:
            count = f"{BOLD}{format_count(current, self.target)}{RESET}"
            line = f"{count} {_format_bar(current / self.target, self.width)}"
        else:
            line = f"{current:7d}/Unknown"
        if self.target and not finalize:
            seconds = format_eta(step_time * (self.target - current))
        else:
            seconds = f"{now - self._start:.0f}s"
        line += f" {BOLD}{seconds}{RESET} {format_step_time(step_time, self.unit_name)}"
        line += self._format_values(abs)

        width = len(_ESCAPE.sub("", line))
        start = "\b" * self._prev_total_width + "\r" if self._dynamic_display else "\n"
        clear = " " * (self._prev_total_width - width)  # wipes the rest of a longer line
        print_msg(start + line + clear + ("\n" if finalize else ""), line_break=False)
        self._prev_total_width = width

    def _print_line(self, current, now, step_time):
        """Print the one line of ``verbose=2``."""
        count = format_count(current, self.target)
        step = format_step_time(step_time, self.unit_name)
        # Here Keras compares without abs, so a negative value comes out as %.4e.
        print_msg(f"{count} - {now - self._start:.0f}s - {step}{self._format_values(float)}")

    def _format_values(self, magnitude):
        """Write `` - name: value`` for each value, small magnitudes with an exponent."""
        text = ""
        for name, (total, weight) in self._values.items():
            mean = np.mean(total) / weight
            text += f" - {name}: {mean:.4f}" if magnitude(mean) > 1e-3 else f" - {name}: {mean:.4e}"
        return text
