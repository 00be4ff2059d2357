"""Rows of numbers as images: what units look for, and what a classifier got wrong. One Axes holds them all."""

import math

import numpy as np

from .classes import class_numbers
from .style import RED, axes, finish, translator

GAP = 0.12  # between two images, as a share of their side


def image_shape_of(size, given, what):
    """The shape that rows of ``size`` numbers are drawn in: the given one, or a square."""
    shape = (math.isqrt(size),) * 2 if given is None else tuple(given)
    if math.prod(shape) != size:
        raise ValueError(f"{what}: rows of {size} numbers are no image of shape {shape}; give image_shape=...")
    return shape


def draw_tiles(ax, images, columns, texts, colors, cmap, vmin, vmax):
    """Images (n, height, width) in rows of ``columns``, each with a text above it."""
    _, height, width = images.shape
    lines = max(text.count("\n") + 1 if text else 0 for text in texts)
    dx, dy = width * (1 + GAP), height * (1 + GAP + 0.22 * lines)
    for number, (image, text, color) in enumerate(zip(images, texts, colors, strict=True)):
        row, column = divmod(number, columns)
        left, top = column * dx, row * dy
        ax.imshow(image, cmap=cmap, vmin=vmin, vmax=vmax, extent=(left, left + width, top + height, top))
        ax.text(left + width / 2, top - 0.03 * height, text, ha="center", va="bottom", color=color, fontsize=9)
    rows = math.ceil(len(images) / columns)
    ax.set_xlim(-width * GAP, columns * dx)
    ax.set_ylim(rows * dy - height * 0.22 * lines, -height * (GAP + 0.22 * lines))
    ax.set_aspect("equal")
    ax.set_axis_off()


def weights(kernel, image_shape=None, names=None, columns=None, count=None, ax=None, language=None):
    """The weights of each unit as the image of what it looks for: blue speaks for it, red against it.

    Parameters
    ----------
    kernel : Layer or array-like (inputs, units)
        Of the first layer, whose inputs are pixels.
    image_shape : tuple of int, optional
        By default a square.
    names : sequence of str, optional
        One for each unit drawn.
    columns : int, optional
        Images in a row.
    count : int, optional
        Draw only so many units, those with the largest weights.
    ax : matplotlib.axes.Axes, optional
    language : {"en", "ko"}, optional
        There are no words of ours in this figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the inputs do not make an image.
    """
    translator(language)
    if hasattr(kernel, "get_weights"):
        if not kernel.get_weights():
            raise ValueError(f"{kernel}: has no weights (yet); build the model first")
        kernel = kernel.get_weights()[0]
    kernel = np.asarray(kernel, float)
    if kernel.ndim != 2:
        raise ValueError(f"kernel: expected weights of shape (inputs, units), got {kernel.shape}")
    shape = image_shape_of(len(kernel), image_shape, "kernel")
    chosen = np.arange(kernel.shape[1])
    if count is not None and count < len(chosen):
        chosen = np.argsort(-np.square(kernel).sum(axis=0), kind="stable")[:count]
    if names is not None and len(names) != len(chosen):
        raise ValueError(f"names: expected one for each of {len(chosen)} units, got {len(names)}")
    columns = columns or min(len(chosen), max(5, math.ceil(math.sqrt(len(chosen)))))
    rows = math.ceil(len(chosen) / columns)
    images = kernel.T[chosen].reshape(-1, *shape)
    limit = np.quantile(np.abs(images), 0.995) or 1
    ax = axes(ax, (1.3 * columns, 1.5 * rows))
    texts = [str(name) for name in names] if names is not None else [""] * len(chosen)
    draw_tiles(ax, images, columns, texts, ["black"] * len(chosen), "RdBu", -limit, limit)
    return finish(ax)


def mistakes(
    images, labels, predictions, class_names=None, image_shape=None, count=20, columns=10, ax=None, language=None
):
    """Images that a classifier got wrong, each with what it said and what is true; the surest mistakes first.

    Parameters
    ----------
    images : array-like (n, height, width) or (n, pixels)
    labels : array-like (n,) or (n, classes)
    predictions : array-like (n, classes) or (n,)
        Probabilities from ``predict``, or class numbers, which are taken in order.
    class_names : sequence of str, optional
    image_shape : tuple of int, optional
        Of rows of pixels; by default a square.
    count, columns : int
        At most so many images, in rows of so many.
    ax : matplotlib.axes.Axes, optional
    language : {"en", "ko"}, optional

    Returns
    -------
    matplotlib.axes.Axes
        Its title says how many mistakes there are.

    Raises
    ------
    ValueError
        If the lengths differ, or pixels do not make an image.
    """
    images, probabilities = np.asarray(images), np.asarray(predictions)
    true, said = class_numbers(labels, "labels"), class_numbers(predictions, "predictions")
    if not len(images) == len(true) == len(said):
        raise ValueError(
            f"images, labels, predictions: expected as many rows, got {len(images)}, {len(true)}, {len(said)}"
        )
    shape = images.shape[1:]
    if images.ndim == 2:
        shape = image_shape_of(images.shape[1], image_shape, "images")
    wrong = np.flatnonzero(true != said)
    sure = probabilities.max(axis=1) if probabilities.ndim == 2 and probabilities.shape[1] > 1 else None
    if sure is not None:
        wrong = wrong[np.argsort(-sure[wrong], kind="stable")]
    chosen = wrong[:count]

    word = translator(language)
    columns = min(columns, max(len(chosen), 1))
    rows = max(1, math.ceil(len(chosen) / columns))
    ax = axes(ax, (1.15 * columns, 1.65 * rows + 0.4))
    if not len(chosen):
        ax.set_axis_off()
        ax.text(0.5, 0.5, word("no mistakes"), ha="center", va="center", transform=ax.transAxes)
        return finish(ax)

    def name(number):
        return str(number if class_names is None else class_names[number])

    between = "\n" if class_names is not None and max(map(len, map(str, class_names))) > 6 else " "
    texts = [f"{name(said[i])}" + (f"{between}({sure[i]:.0%})" if sure is not None else "") for i in chosen]
    texts = [f"{text}\n{word('true')} {name(true[i])}" for text, i in zip(texts, chosen, strict=True)]
    picked = images[chosen].reshape(-1, *shape).astype(float)
    draw_tiles(ax, picked, columns, texts, [RED] * len(chosen), "gray_r", picked.min(), picked.max())
    ax.set_title(f"{len(wrong)} / {len(true)} {word('wrong')}", loc="left", fontsize=10)
    return finish(ax)
