"""What a classifier says: the confusion matrix, and the regions of the plane that it gives to each class."""

import numpy as np
from matplotlib.colors import ListedColormap, to_rgb

from .style import BLUE, COLORS, RED, axes, finish, translator


def class_numbers(values, what):
    """One class number a row (n,) from numbers (n,) or (n, 1), from one-hot rows or from probabilities (n, C).

    A single column of floats is the probability of class 1.
    """
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] > 1:
        return values.argmax(axis=1)
    if values.ndim not in (1, 2) or not len(values):
        raise ValueError(f"{what}: expected class numbers (n,) or rows (n, classes), got shape {values.shape}")
    values = values.reshape(-1)
    if values.dtype.kind == "f" and (values != np.round(values)).any():
        return (values > 0.5).astype(int)
    return values.astype(int)


def confusion_matrix(labels, predictions, class_names=None, ax=None, language=None):
    """How many rows of each class (down) were given to each class (across).

    Parameters
    ----------
    labels : array-like (n,) or (n, classes)
        The true classes, as numbers or one-hot.
    predictions : array-like (n,) or (n, classes)
        What the model said: class numbers, or the probabilities from ``predict``.
    class_names : sequence of str, optional
    ax : matplotlib.axes.Axes, optional
    language : {"en", "ko"}, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the lengths differ, or there are more classes than names.
    """
    true, said = class_numbers(labels, "labels"), class_numbers(predictions, "predictions")
    if len(true) != len(said):
        raise ValueError(f"labels and predictions: expected as many rows, got {len(true)} and {len(said)}")
    if min(true.min(), said.min()) < 0:
        raise ValueError(f"class numbers start from 0, got {min(true.min(), said.min())}")
    classes = max(true.max(), said.max()) + 1
    for values in map(np.asarray, (labels, predictions)):
        classes = max(classes, values.shape[1] if values.ndim == 2 else 0)
    if class_names is None:
        class_names = range(max(classes, 2))
    if len(class_names) < classes:
        raise ValueError(f"class_names: expected at least {classes}, got {len(class_names)}")
    size = len(class_names)
    counts = np.zeros((size, size), int)
    np.add.at(counts, (true, said), 1)

    word = translator(language)
    ax = axes(ax, (1.6 + 0.55 * max(size, 4),) * 2)
    # Coloured by share of the true class: else the largest class drowns the others.
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        count, dark = counts[row, column], share[row, column] > 0.5
        color = "white" if dark else "#B8B8B8" if not count else "black" if row == column else RED
        weight = "bold" if count and row != column else "normal"
        ax.text(column, row, str(count), ha="center", va="center", color=color, weight=weight)
    names = [str(name) for name in class_names]
    turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names)) > 5 else {}
    ax.set_xticks(range(size), names, **turned)
    ax.set_yticks(range(size), names)
    ax.tick_params(length=0)
    ax.set_xlabel(word("predicted"))
    ax.set_ylabel(word("true"))
    ax.set_title(f"{word('accuracy')} {np.trace(counts) / counts.sum():.1%}")
    return finish(ax)


def decision_boundary(model, x, y, ax=None, margin=0.25, steps=200, class_names=None, language=None):
    """The regions of the plane that a model of two features gives to each class, and the points it learnt from.

    Parameters
    ----------
    model : Model or callable
        Its ``predict``, or the function itself, takes (n, 2) and returns probabilities (n, 1) or (n, classes).
    x : array-like (n, 2)
    y : array-like (n,), (n, 1) or (n, classes)
        Class numbers or one-hot.
    ax : matplotlib.axes.Axes, optional
    margin : float
        How far the picture goes beyond the points, as a share of their extent.
    steps : int
        Points of the grid in each direction.
    class_names : sequence of str, optional
    language : {"en", "ko"}, optional

    Returns
    -------
    matplotlib.axes.Axes
        With one output the shade is its probability, and the line where it is 1/2 is drawn; with several, each
        class has its colour.

    Raises
    ------
    ValueError
        If ``x`` has not two columns.
    """
    x, labels = np.asarray(x, float), class_numbers(y, "y")
    if x.ndim != 2 or x.shape[1] != 2:
        raise ValueError(f"x: a plane has two features, expected shape (n, 2), got {x.shape}")
    low, high = x.min(axis=0), x.max(axis=0)
    reach = margin * np.where(high > low, high - low, 1)
    low, high = low - reach, high + reach
    across, up = (np.linspace(low[i], high[i], steps) for i in (0, 1))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    ask = model if not hasattr(model, "predict") else lambda rows: model.predict(rows, batch_size=1024, verbose=0)
    answers = np.asarray(ask(grid.astype("float32"))).reshape(len(grid), -1)

    ax = axes(ax, (5, 4.5))
    if answers.shape[1] == 1:
        colors = (RED, BLUE)
        values = answers.reshape(steps, steps)
        box = (across[0], across[-1], up[0], up[-1])
        shade = {"cmap": "RdBu", "vmin": 0, "vmax": 1, "alpha": 0.55, "interpolation": "bilinear"}
        ax.imshow(values, origin="lower", extent=box, aspect="auto", **shade)
        if values.min() < 0.5 < values.max():
            ax.contour(across, up, values, levels=[0.5], colors="black", linewidths=1.5)
    else:
        colors = COLORS
        count = answers.shape[1]
        pale = ListedColormap([[0.65 + 0.35 * c for c in to_rgb(COLORS[i % len(COLORS)])] for i in range(count)])
        regions = answers.argmax(axis=1).reshape(steps, steps)
        ax.pcolormesh(across, up, regions, cmap=pale, vmin=-0.5, vmax=count - 0.5, shading="nearest", rasterized=True)
    for number in np.unique(labels):
        name = str(number if class_names is None else class_names[number])
        chosen = x[labels == number]
        marker = "os^Dv"[number % 5]
        color = colors[number % len(colors)]
        ax.plot(*chosen.T, marker, color=color, markeredgecolor="white", label=name, markersize=7)
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    ax.set_xlabel("x1")
    ax.set_ylabel("x2")
    ax.legend(title=translator(language)("true"), loc="best")
    return finish(ax)
