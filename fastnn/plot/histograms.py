"""How the numbers of each layer are spread: activations and gradients of one training step."""

import re

import numpy as np

from .style import BLUE, RED, axes, finish, hide_frame, translator


def activation_histograms(trace, bins=40, ax=None, language=None):
    """A histogram of each layer's activations, the first layer on top; each is as high as the others.

    Activations that are all near 0, or all at the ends of a sigmoid, pass no gradient on.

    Parameters
    ----------
    trace : fastnn.glassbox.Trace
        What ``model.trace(x, y)`` returned.
    bins : int
    ax : matplotlib.axes.Axes, optional
        By default those of a new figure.
    language : {"en", "ko"}, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    layers = [match[1] for name in trace if (match := re.fullmatch(r"Z(\d+)", name))]
    names = [f"A{layer}" if f"A{layer}" in trace else f"Z{layer}" for layer in layers]
    return _draw(trace, names, bins, ax, language, "activation", BLUE)


def gradient_histograms(trace, bins=40, ax=None, language=None):
    """A histogram of the gradient of each layer's weights; arguments as for :func:`activation_histograms`.

    Gradients that become smaller from the last layer to the first are vanishing.
    """
    names = [name for name in trace if re.fullmatch(r"dW\d+", name)]
    return _draw(trace, sorted(names, key=lambda name: int(name[2:])), bins, ax, language, "gradient", RED)


def _draw(trace, names, bins, ax, language, what, color):
    if not names:
        raise ValueError(f"the trace has no {what}s of a dense layer; it has {', '.join(trace)}")
    word = translator(language)
    ax = axes(ax, (6, 1 + 0.9 * len(names)))
    arrays = [np.asarray(trace[name], float).ravel() for name in names]
    low, high = min(array.min() for array in arrays), max(array.max() for array in arrays)
    if not np.isfinite([low, high]).all():
        raise ValueError(f"the trace has {what}s that are not finite: {', '.join(names)}")
    edges = np.linspace(low, high, bins + 1) if high > low else np.linspace(low - 1, high + 1, bins + 1)
    for row, array in enumerate(reversed(arrays)):
        counts, _ = np.histogram(array, edges)
        ax.stairs(row + 0.85 * counts / counts.max(), edges, baseline=row, fill=True, color=color, alpha=0.75)
    labels = [f"{name}\nstd {array.std():.2g}" for name, array in zip(names, arrays, strict=True)]
    ax.set_yticks(range(len(names)), labels[::-1])
    ax.set_xlabel(word(what))
    ax.set_ylim(0, len(names))
    hide_frame(ax)
    return finish(ax)
