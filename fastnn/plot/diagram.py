"""A net as circles and lines: its units, and its weights by colour and width."""

import math

import numpy as np

from .style import BLUE, GREY, RED, axes, finish, translator


def network(model, most=10, ax=None, language=None):
    """The units of each dense layer and the weights between them: blue is positive, red negative, wide is large.

    Layers without weights (dropout, activations) have no units of their own and are not drawn.

    Parameters
    ----------
    model : Model
        Built, one layer after another.
    most : int
        Of a layer with more units, so many are drawn: the first and the last ones, with dots between them.
    ax : matplotlib.axes.Axes, optional
        By default those of a new figure.
    language : {"en", "ko"}, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the model has no dense layer, or is not built.
    """
    word = translator(language)
    layers = [layer for layer in model.layers if "kernel" in getattr(layer, "parameters", {})]
    if not layers or not model.built:
        raise ValueError(f"{model.name!r}: has no dense layer (yet); build the model first")
    if most < 2:
        raise ValueError(f"most must be at least 2, got {most!r}")
    kernels = [layer.parameters["kernel"].value for layer in layers]
    sizes = [len(kernels[0]), *(kernel.shape[1] for kernel in kernels)]
    titles = [word("input"), *(layer.name for layer in layers)]
    ax = axes(ax, (1.8 + 1.9 * len(sizes), 4.5))
    columns = [_places(size, most) for size in sizes]
    for left, (kernel, before, after) in enumerate(zip(kernels, columns, columns[1:], strict=False)):
        if len(kernel) != sizes[left]:
            raise ValueError(f"{titles[left + 1]}: takes {len(kernel)} numbers, but {titles[left]} has {sizes[left]}")
        largest = np.abs(kernel).max() or 1
        for unit, low in before.items():
            for other, high in after.items():
                weight = kernel[unit, other] / largest
                ax.plot(
                    [left, left + 1], [low, high], color=BLUE if weight >= 0 else RED,
                    alpha=0.1 + 0.8 * abs(weight), linewidth=0.3 + 2 * abs(weight), zorder=1,
                )  # fmt: skip
    for at, (places, size, title) in enumerate(zip(columns, sizes, titles, strict=True)):
        ax.scatter([at] * len(places), list(places.values()), s=170, color="white", edgecolors=GREY, zorder=2)
        if len(places) < size:
            ax.text(at, 0, "\u22ee", ha="center", va="center", fontsize=14)
        ax.text(at, (most + 1.5) / 2, f"{title}\n{size}", ha="center", va="bottom", fontsize=9)
    ax.set_xlim(-0.5, len(sizes) - 0.5)
    ax.set_ylim(-(most + 2) / 2, (most + 5) / 2)
    ax.set_axis_off()
    return finish(ax)


def _places(size, most):
    """{unit: height} of the units that are drawn, around 0; a gap in the middle where some are left out."""
    if size <= most:
        return {unit: (size - 1) / 2 - unit for unit in range(size)}
    top = math.ceil(most / 2)
    units = [*range(top), *range(size - (most - top), size)]
    return {unit: most / 2 - position - (position >= top) for position, unit in enumerate(units)}
