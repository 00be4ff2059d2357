"""``plot_model``: the layers of a model as boxes, drawn with matplotlib; no other program is needed."""

from pathlib import Path

from ..checks import check_bool, check_default
from ..naming import snake_case

DIRECTIONS = ("TB", "BT", "LR", "RL")
BOX_HEIGHT, LINE_HEIGHT, CHARACTER, GAP = 0.22, 0.22, 0.095, 0.45  # inches
MARGIN = 0.2


def plot_model(
    model,
    to_file="model.png",
    show_shapes=False,
    show_dtype=False,
    show_layer_names=False,
    rankdir="TB",
    expand_nested=False,
    dpi=200,
    show_layer_activations=False,
    show_trainable=False,
    splines="ortho",
):
    """Draw a model into a file.

    Parameters
    ----------
    model : Model
        Built, so that its shapes are known.
    to_file : str or Path
        Ends in what matplotlib can write: .png, .pdf, .svg, ...
    show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable : bool
        What stands in a box below the kind of the layer.
    rankdir : {"TB", "BT", "LR", "RL"}
        From top to bottom, and so on.
    dpi : int
        Pixels an inch.
    expand_nested, splines
        Only at their defaults.

    Returns
    -------
    None

    Raises
    ------
    ImportError
        Without matplotlib.
    ValueError
        If the model is not built, or an argument cannot be used.
    """
    check_default("plot_model", expand_nested=(expand_nested, False), splines=(splines, "ortho"))
    if rankdir not in DIRECTIONS:
        raise ValueError(f"rankdir must be one of {', '.join(DIRECTIONS)}, got {rankdir!r}")
    if not model.built:
        raise ValueError(
            f"{model.name!r} is not built yet; give its first layer an input_shape, or call build() before plot_model"
        )
    shown = {
        "names": check_bool(show_layer_names, "show_layer_names"),
        "activations": check_bool(show_layer_activations, "show_layer_activations"),
        "shapes": check_bool(show_shapes, "show_shapes"),
        "types": check_bool(show_dtype, "show_dtype"),
        "trainable": check_bool(show_trainable, "show_trainable"),
    }
    boxes = [_lines(layer, shown) for layer in model.layers]
    levels, edges = _graph(model)
    _draw(boxes, levels, edges, rankdir, Path(to_file), dpi)


def _lines(layer, shown):
    """The text of a box."""
    title = type(layer).__name__
    lines = [f"{layer.name} ({title})" if shown["names"] else title]
    activation = getattr(layer, "activation", None)
    if shown["activations"] and activation is not None:
        lines.append(f"Activation: {getattr(activation, 'name', None) or snake_case(type(activation).__name__)}")
    if shown["shapes"]:
        lines += [f"Input shape: {layer.input_shape}", f"Output shape: {layer.output_shape}"]
    if shown["types"]:
        lines.append(f"Output dtype: {layer.dtype}")
    if shown["trainable"]:
        lines.append("Trainable" if layer.trainable else "Not trainable")
    return lines


def _graph(model):
    """The level of each layer, from 0, and the pairs of layers that are connected, by number."""
    numbers = {layer.name: number for number, layer in enumerate(model.layers)}
    sources = getattr(model, "layer_sources", None)  # a functional model says which layers feed each one
    if sources is None:
        count = len(model.layers)
        return list(range(count)), list(zip(range(count - 1), range(1, count), strict=True))
    edges = [(numbers[a], numbers[b]) for b, names in sources().items() for a in names]
    levels = [0] * len(model.layers)
    for a, b in sorted(edges, key=lambda edge: edge[1]):
        levels[b] = max(levels[b], levels[a] + 1)
    return levels, edges


def _draw(boxes, levels, edges, rankdir, to_file, dpi):
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.patches import FancyArrowPatch, Rectangle
    except ImportError:
        raise ImportError("plot_model draws with matplotlib: pip install 'fastnn-cpu[plot]'") from None

    sizes = [
        (max(map(len, lines)) * CHARACTER + BOX_HEIGHT, len(lines) * LINE_HEIGHT + BOX_HEIGHT) for lines in boxes
    ]
    along = rankdir in ("LR", "RL")  # levels stand side by side
    middles, extent, place = {}, 0.0, 0.0
    for level in range(max(levels, default=-1) + 1):
        members = [number for number, own in enumerate(levels) if own == level]
        depth = max(sizes[number][0 if along else 1] for number in members)
        across = 0.0
        for number in members:
            size = sizes[number][1 if along else 0]
            middles[number] = (place + depth / 2, across + size / 2)
            across += size + GAP
        width = across - GAP
        for number in members:
            middles[number] = (middles[number][0], middles[number][1] - width / 2)
        extent, place = max(extent, width), place + depth + GAP
    length = max(place - GAP, 0)

    def position(number):
        forward, sideways = middles[number]
        forward = length - forward if rankdir in ("BT", "RL") else forward
        sideways += extent / 2
        return (MARGIN + forward, MARGIN + sideways) if along else (MARGIN + sideways, MARGIN + length - forward)

    size = (length, extent) if along else (extent, length)
    figure = Figure(figsize=(size[0] + 2 * MARGIN, size[1] + 2 * MARGIN), dpi=dpi)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, size[0] + 2 * MARGIN), ylim=(0, size[1] + 2 * MARGIN))
    patches = {}
    for number, lines in enumerate(boxes):
        (x, y), (width, height) = position(number), sizes[number]
        patches[number] = axes.add_patch(
            Rectangle((x - width / 2, y - height / 2), width, height, facecolor="white", edgecolor="black")
        )
        axes.text(x, y, "\n".join(lines), ha="center", va="center", family="monospace", fontsize=9)
    for a, b in edges:
        arrow = FancyArrowPatch(
            position(a), position(b), patchA=patches[a], patchB=patches[b], arrowstyle="-|>", mutation_scale=12,
            color="black",
        )
        axes.add_patch(arrow)
    figure.savefig(to_file)
