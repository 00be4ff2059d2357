"""The figure of ``fastnn demo``: how training went, what it cost, what the network says and has learnt.

Design
------
a. A ``Figure`` with an Agg canvas of its own: no window, no display, and pyplot's state is not touched.
b. The colours are those of Okabe and Ito, which colour-blind readers tell apart, and no colour stands alone:
   a mistake is told by its text too.
c. Each panel is drawn by one function into the part of the figure that it is given.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

BLUE, ORANGE, RED, GREY = "#0072B2", "#E69F00", "#D55E00", "#8A8A8A"
COLUMNS = 8


def save_figure(result, path):
    """Draw a demo's result into a file, 1200 pixels wide; the ending of ``path`` names the format.

    Parameters
    ----------
    result : fastnn.bench.demo.DemoResult
    path : path
    """
    draw(result).savefig(path)


def draw(result):
    """The figure of a ``DemoResult``."""
    figure = Figure(figsize=(12, 11), dpi=100, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(h_pad=0.06, w_pad=0.06, hspace=0.02)
    curves, right, wrong, weights = figure.subfigures(4, 1, height_ratios=(3.2, 3.2, 3.2, 1.35))
    figure.suptitle(
        f"784-128-10 network on MNIST: {100 * result.accuracy:.2f}% of {len(result.labels):,} test images "
        f"right after {_count(len(result.history['loss']), 'epoch')} of {result.rows:,} images",
        fontsize=15,
    )
    _draw_curves(curves, result)
    _draw_digits(right, wrong, result)
    _draw_weights(weights, result.kernel)
    return figure


def _draw_curves(part, result):
    axes = part.subplots(1, 3 if result.seconds else 2, width_ratios=(4, 4, 3)[: 3 if result.seconds else 2])
    for axis, name in zip(axes, ("loss", "accuracy"), strict=False):
        factor = 100 if name == "accuracy" else 1
        train = factor * np.array(result.history[name])
        test = factor * np.array(result.history["val_" + name])
        epochs = np.arange(1, len(train) + 1)
        axis.plot(epochs, train, "o-", color=BLUE, label="training images (with dropout)")
        axis.plot(epochs, test, "s--", color=ORANGE, label="test images (validation)")
        axis.set_title("Loss (cross-entropy)" if name == "loss" else "Accuracy in %", fontsize=12)
        axis.set_xlabel("epoch")
        axis.set_xlim(0.75, len(train) + 0.25)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axis.grid(color="#E5E5E5")
        axis.set_axisbelow(True)
        _hide_frame(axis)
    axes[0].legend(frameon=False, fontsize=10)
    if result.seconds:
        _draw_seconds(axes[2], result.seconds)


def _draw_seconds(axis, seconds):
    names = list(seconds)
    bars = axis.barh(names, seconds.values(), color=(BLUE, GREY), height=0.55)
    axis.bar_label(bars, [f"{value:.3g} s" for value in seconds.values()], padding=4)
    axis.invert_yaxis()
    axis.set_xlim(0, 1.25 * max(seconds.values()))
    axis.set_xlabel("seconds")
    axis.set_title(f"One epoch: {seconds['NumPy'] / seconds['fastnn']:.2f} times as fast", fontsize=12)
    _hide_frame(axis)


def _draw_digits(right, wrong, result):
    """Digits read right, easy and hard ones, and below them the mistakes that the network was surest of."""
    confidence = result.probabilities.max(axis=1)
    is_right = result.probabilities.argmax(axis=1) == result.labels
    half = COLUMNS // 2
    hits, mistakes = np.flatnonzero(is_right), np.flatnonzero(~is_right)
    unsure = hits[np.argsort(confidence[hits], kind="stable")][:half]
    surest = mistakes[np.argsort(-confidence[mistakes], kind="stable")][:COLUMNS]
    title = f"Right: the first {half}, and the {half} it was least sure of. Bars: each digit's probability"
    _draw_row(right, title, [*hits[:half], *unsure], result)
    _draw_row(wrong, f"Wrong: the most confident of {_count(len(mistakes), 'mistake')}", surest, result)


def _draw_row(part, title, numbers, result):
    part.suptitle(title, fontsize=12)
    axes = part.subplots(2, COLUMNS, height_ratios=(3, 1.3))
    for axis in axes.flat:
        axis.set_axis_off()
    for (image_axis, bar_axis), number in zip(axes.T, numbers, strict=False):
        label, probabilities = result.labels[number], result.probabilities[number]
        said = probabilities.argmax()
        text = f"{said} ({_percent(probabilities[said])})"
        image_axis.imshow(result.images[number], cmap="gray_r", vmin=0, vmax=1)
        image_axis.set_title(
            text if said == label else f"{text}, is {label}",
            fontsize=11,
            weight="bold",
            color="black" if said == label else RED,
        )
        _draw_probabilities(bar_axis, probabilities, label)


def _draw_probabilities(axis, probabilities, label):
    """Ten bars: blue for the true digit, red for a wrong one that got more; their numbers likewise."""
    colors = {probabilities.argmax(): RED} | {label: BLUE}
    axis.set_axis_on()
    axis.bar(range(10), probabilities, color=[colors.get(digit, GREY) for digit in range(10)])
    axis.set_ylim(0, 1)
    axis.set_xlim(-0.7, 9.7)
    axis.set_yticks([])
    axis.set_xticks(range(10))
    axis.tick_params(length=0, labelsize=9)
    for digit, color in colors.items():
        axis.get_xticklabels()[digit].set(color=color, weight="bold")
    _hide_frame(axis, "left")


def _draw_weights(part, kernel):
    """The units with the largest weights, each as the image of what it looks for."""
    title = "What units of the first layer look for: ink that speaks for (blue) or against it (red)"
    part.suptitle(title, fontsize=12)
    chosen = np.argsort(-np.square(kernel).sum(axis=0), kind="stable")[: 2 * COLUMNS]
    limit = np.abs(kernel[:, chosen]).max()
    for axis, unit in zip(part.subplots(1, 2 * COLUMNS).flat, chosen, strict=False):
        axis.imshow(kernel[:, unit].reshape(28, 28), cmap="RdBu", vmin=-limit, vmax=limit)
        axis.set_axis_off()


def _hide_frame(axis, *more):
    for side in ("top", "right", *more):
        axis.spines[side].set_visible(False)


def _percent(probability):
    """Never "100%" for what is less."""
    return ">99.9%" if probability > 0.999 else f"{100 * probability:.1f}%"


def _count(number, noun):
    return f"{number} {noun}{'s' if number != 1 else ''}"
