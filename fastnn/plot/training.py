"""How training went."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from .style import COLORS, axes, finish, hide_frame, translator


def history(history, metric="loss", ax=None, label=None, color=None, language=None):
    """Curves of one value over the epochs: training as a full line, validation as a dashed one.

    Call it again with the same ``ax`` and other labels to compare several trainings.

    Parameters
    ----------
    history : History or dict
        What ``fit`` returned, or its ``history``.
    metric : str
        Name of the value, without "val_".
    ax : matplotlib.axes.Axes, optional
        By default those of a new figure.
    label : str, optional
        Name of this training, for the legend.
    color : str, optional
        By default the next of the palette.
    language : {"en", "ko"}, optional

    Returns
    -------
    matplotlib.axes.Axes
        The lowest validation loss, where there is one, is marked by a dot.

    Raises
    ------
    ValueError
        If the history has no such value; lists those that it has.
    """
    values = getattr(history, "history", history)
    if not isinstance(values, dict):
        raise TypeError(f"history: expected what fit returned, or its dict of lists, got {type(values).__name__}")
    if metric not in values:
        raise ValueError(f"the history has no {metric!r}; it has {', '.join(sorted(values)) or 'no epoch yet'}")
    word = translator(language)
    ax = axes(ax, (6, 4))
    color = color or COLORS[len({line.get_color() for line in ax.lines}) % len(COLORS)]
    prefix = f"{label}, " if label else ""
    epochs = np.arange(1, len(values[metric]) + 1)
    marker = "." if len(epochs) <= 30 else ""
    part = "validation" if metric.startswith("val_") else "training"
    ax.plot(epochs, values[metric], "-", marker=marker, color=color, label=prefix + word(part))
    if f"val_{metric}" in values:
        validation = np.asarray(values[f"val_{metric}"], float)
        # Validated only every so many epochs: its values are those of the last epoch of each stretch.
        stride = max(1, len(epochs) // max(1, len(validation)))
        at = np.arange(1, len(validation) + 1) * stride
        ax.plot(at, validation, "--", marker=marker, color=color, label=prefix + word("validation"))
        if metric == "loss" and len(validation) > 1 and not np.isnan(validation).all():
            best = int(np.nanargmin(validation))
            text = f"{prefix}{word('best')} {validation[best]:.3g} ({word('epoch')} {at[best]})"
            ax.plot(at[best], validation[best], "o", color=color, label=text)
    ax.set_xlabel(word("epoch"))
    ax.set_ylabel(word(metric.removeprefix("val_").replace("_", " ")))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.grid(color="#E5E5E5")
    ax.set_axisbelow(True)
    hide_frame(ax)
    ax.legend(frameon=False)
    return finish(ax)
