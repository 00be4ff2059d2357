"""The table of ``model.summary()``: the text that Keras 3 prints where there are no colours.

Everything here is plain data in, text out; only `print_summary` asks the terminal for its width and writes.
"""

import re
import shutil
from dataclasses import dataclass
from typing import NamedTuple

from .progress import can_print, print_msg
from .texttable import ASCII, LINES, column_widths, crop, draw_table, wrap


@dataclass(frozen=True)
class LayerRow:
    """What the summary says about one layer.

    Parameters
    ----------
    name, class_name : str
        Name of the layer and of its class.
    output_shape : tuple, list of tuples, or None
        Shape of the output, or of several; None while it is unknown.
    params : int or None
        Number of parameters, None while the layer is not built.
    trainable : bool
        Whether the layer is trained; shown on request.
    connected_to : tuple of str
        Inputs of the layer, such as ``"dense[0][0]"``. The column appears once any row has one.
    nested : tuple of LayerRow
        Layers inside this one; shown on request.
    """

    name: str
    class_name: str
    output_shape: tuple | list | None
    params: int | None
    trainable: bool = True
    connected_to: tuple = ()
    nested: tuple = ()


class Size(NamedTuple):
    """Number of parameters and the bytes they take."""

    count: int
    nbytes: int


def summary_text(
    name,
    rows,
    trainable,
    non_trainable,
    optimizer=None,
    *,
    line_length=None,
    positions=None,
    expand_nested=False,
    show_trainable=False,
    layer_range=None,
    columns=80,
    ascii_only=False,
):
    """Return the summary of a model, ending in a line break.

    Parameters
    ----------
    name : str
        Name of the model.
    rows : sequence of LayerRow
        Its layers.
    trainable, non_trainable : Size
        The parameters of the model.
    optimizer : Size, optional
        The variables of the optimizer, once it is built.
    line_length : int, optional
        Width of the table. By default 88 (108 with connections) and 12 more for `show_trainable`, at most
        ``columns - 4``.
    positions : sequence of float, optional
        Right ends of the columns as fractions of the width.
    expand_nested, show_trainable : bool, default False
        Whether to list the layers inside layers, and to add the column "Trainable".
    layer_range : pair of str, optional
        Names, or regular expressions for them, of the first and the last layer to list.
    columns : int, default 80
        Width of the terminal; longer lines are cut.
    ascii_only : bool, default False
        Draw the table without box characters.
    """
    connected = any(row.connected_to for row in rows)
    headers, aligns, default_length, default_positions = _layout(connected, show_trainable)
    positions = positions or default_positions
    if show_trainable:
        positions = [position * 0.90 for position in positions] + [1.0]
    line_length = line_length or min(default_length, columns - 4)
    widths = column_widths(positions, line_length, len(headers))

    shown = rows[slice(*layer_bounds([row.name for row in rows], layer_range))]
    cells = [_fields(row, level, connected, show_trainable) for row, level in _walk(shown, expand_nested)]
    table = draw_table([headers, *cells], widths, aligns, ASCII if ascii_only else LINES)

    lines = wrap(f'Model: "{name}"', columns, fold=True)
    lines += [crop(line, columns) for line in table]
    for text in _totals(trainable, non_trainable, optimizer):
        lines += wrap(text, columns, fold=True)
    return "\n".join(lines) + "\n"


def print_summary(*args, print_fn=None, **kwargs):
    """Print `summary_text` to ``sys.stdout``, or hand it to `print_fn` in a single call.

    Parameters
    ----------
    *args, **kwargs
        As for `summary_text`; `columns` and `ascii_only` are found out here.
    print_fn : callable, optional
        Gets the text.
    """
    columns = shutil.get_terminal_size().columns
    text = summary_text(*args, columns=columns, ascii_only=not can_print("".join(LINES)), **kwargs)
    if print_fn is None:
        print_msg(text, line_break=False)
    else:
        print_fn(text)


def readable_size(nbytes):
    """Write a number of bytes as ``310.59 KB``."""
    units = ["B", "KB", "MB", "GB", "TB", "PB"]
    for unit in units[:-1]:
        if nbytes < 1024:
            return f"{nbytes:.2f} {unit}"
        nbytes /= 1024
    return f"{nbytes:.2f} {units[-1]}"


def layer_bounds(names, layer_range=None):
    """Return the slice bounds of the layers from one name (or pattern) to another, in either order."""
    if layer_range is None:
        return 0, len(names)
    if len(layer_range) != 2:
        raise ValueError(
            "layer_range must be a list or tuple of length 2. Received: "
            f"layer_range = {layer_range} of length {len(layer_range)}"
        )
    if not all(isinstance(pattern, str) for pattern in layer_range):
        raise ValueError(f"layer_range should contain string type only. Received: {layer_range}")
    lower, upper = ([i for i, name in enumerate(names) if re.match(p, name)] for p in layer_range)
    if not lower or not upper:
        raise ValueError(
            f"Passed layer_names do not match the layer names in the model. Received: {layer_range}"
        )
    if min(lower) > max(upper):
        lower, upper = upper, lower
    return min(lower), max(upper) + 1


def _layout(connected, show_trainable):
    """Return headers, alignments, default line length and default positions."""
    headers, aligns = ["Layer (type)", "Output Shape", "Param #"], ["left", "left", "right"]
    length, positions = 88, [0.45, 0.80, 1.0]
    if connected:
        headers, aligns = [*headers, "Connected to"], [*aligns, "left"]
        length, positions = 108, [0.3, 0.56, 0.74, 1.0]
    if show_trainable:
        headers, aligns, length = [*headers, "Trainable"], [*aligns, "center"], length + 12
    return headers, aligns, length, positions


def _walk(rows, expand_nested, level=0):
    """Yield the rows with their depth, parents first."""
    for row in rows:
        yield row, level
        if expand_nested:
            yield from _walk(row.nested, expand_nested, level + 1)


def _fields(row, level, connected, show_trainable):
    """Return the texts of the cells of a row."""
    prefix = "   " * level + "└ " if level else ""
    shape = _shape_text(row.output_shape)
    params = "0 (unbuilt)" if row.params is None else f"{row.params:,}"
    fields = [f"{prefix}{row.name} ({row.class_name})", shape, params]
    if connected:
        fields.append(", ".join(row.connected_to) or "-")
    if show_trainable:
        fields.append("-" if not row.params else "Y" if row.trainable else "N")
    return fields


def _shape_text(shape):
    """A shape, or a list of them, as Keras writes it: (None, 3), and (3) where Python has (3,)."""
    if shape and isinstance(shape[0], (list, tuple)):
        return f"[{', '.join(map(_shape_text, shape))}]"
    return "?" if shape is None else f"({', '.join(map(str, shape))})"


def _totals(trainable, non_trainable, optimizer):
    """Return the lines below the table; the total counts the optimizer in."""
    sizes = {"Trainable": trainable, "Non-trainable": non_trainable, "Optimizer": optimizer}
    sizes = {label: size for label, size in sizes.items() if size is not None}
    total = Size(*map(sum, zip(*sizes.values(), strict=True)))
    return [
        f" {label} params: {count:,} ({readable_size(nbytes)})"
        for label, (count, nbytes) in {"Total": total, **sizes}.items()
    ]
