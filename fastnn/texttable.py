"""Tables drawn with text, laid out as the package ``rich`` does it for Keras.

Design
------
A. Fixed column widths are cut evenly to make room for the vertical lines (`column_widths`).
B. A cell breaks at words; one word that is too long ends in ``…``.
C. Widths count terminal cells rather than characters, because a Chinese or Japanese character takes two.
"""

import math
import re
import unicodedata
from itertools import pairwise
from typing import NamedTuple


class Box(NamedTuple):
    """Characters of a table; a rule is given by its left end, line, crossing and right end."""

    top: str
    head_bar: str
    head_rule: str
    bar: str
    rule: str
    bottom: str


LINES = Box("┏━┳┓", "┃", "┡━╇┩", "│", "├─┼┤", "└─┴┘")
ASCII = Box("+--+", "|", "|-+|", "|", "|-+|", "+--+")
_TOO_NARROW = "Insufficient console width to print summary."


def draw_table(rows, widths, aligns, box=LINES):
    """Return the lines of a table.

    Parameters
    ----------
    rows : sequence of sequence of str
        Texts of the cells; the first row holds the headers.
    widths : sequence of int
        Widths of the columns, with one blank on each side.
    aligns : sequence of {"left", "center", "right"}
        Alignments of the columns.
    box : Box
        Characters to draw with.
    """
    head, *body = ([wrap(text, width - 2) for text, width in zip(row, widths, strict=True)] for row in rows)
    lines = [_rule(box.top, widths), *_row(head, widths, aligns, box.head_bar, bottom=True)]
    lines.append(_rule(box.head_rule, widths))
    for index, row in enumerate(body):
        if index:
            lines.append(_rule(box.rule, widths))
        lines += _row(row, widths, aligns, box.bar)
    return [*lines, _rule(box.bottom, widths)]


def column_widths(positions, table_width, count):
    """Return the widths of the first `count` columns, padding included, that fill a table with its lines.

    Parameters
    ----------
    positions : sequence of float
        Right ends of the columns as fractions of the width.
    table_width : int
        Width of the table.
    count : int
        Number of columns.
    """
    ends = [int(position * table_width) for position in positions]
    widths = [end - start for start, end in pairwise([0, *ends])]
    if min(widths) < 4:
        raise ValueError(_TOO_NARROW)
    if len(widths) < count:
        raise ValueError(f"`positions` must have an entry for each of {count} columns. Received: {positions}")
    room = table_width - count - 1  # without the vertical lines
    widths = [min(width + 2, room) for width in widths[:count]]
    spare = room - sum(widths)
    widths = _shrink(widths, -spare) if spare < 0 else _grow(widths, spare)
    if min(widths) < 3:  # the lines of the table left no room for a single character
        raise ValueError(_TOO_NARROW)
    return widths


def wrap(text, width, fold=False):
    """Break `text` at words into lines of at most `width` cells.

    Parameters
    ----------
    text : str
        The text.
    width : int
        Number of cells of a line.
    fold : bool, default False
        Whether to break words that are longer than a line; otherwise such a line stays too long.
    """
    lines, line = [], ""
    for word in re.findall(r"\s*\S+\s*", text):
        if count_cells(line) + count_cells(word.rstrip()) <= width:
            line += word
            continue
        if line:
            lines.append(line)
        line = word
        while fold and count_cells(line.rstrip()) > width:
            head = crop(line, width).rstrip() or line[0]  # at least one, even if it is wider than the line
            lines.append(head)
            line = line[len(head) :]
    lines.append(line)
    return [crop(line, width) for line in lines] if fold else lines


def count_cells(text):
    """Return how many terminal cells `text` takes."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def crop(text, width):
    """Cut `text` to `width` cells; half of a wide character becomes a blank."""
    cells = count_cells(text)
    if cells <= width:
        return text
    while text and cells > width:
        text = text[:-1]
        cells = count_cells(text)
    return text + " " * (width - cells)


def _rule(characters, widths):
    left, line, crossing, right = characters
    return left + crossing.join(line * width for width in widths) + right


def _row(cells, widths, aligns, bar, bottom=False):
    """Return the lines of one row, whose cells (lists of lines) start at the top or end at the bottom."""
    height = max(map(len, cells))
    padded = []
    for cell, width, align in zip(cells, widths, aligns, strict=True):
        blank = [""] * (height - len(cell))
        cell = blank + cell if bottom else cell + blank
        padded.append([f" {_fit(line, width - 2, align)} " for line in cell])
    return [bar + bar.join(parts) + bar for parts in zip(*padded, strict=True)]


def _fit(line, width, align):
    """Cut or pad a line to `width` cells."""
    line = line.rstrip()
    if count_cells(line) > width:
        line = crop(line, width - 1) + "…"
    spare = width - count_cells(line)
    left = {"left": 0, "center": spare // 2, "right": spare}[align]
    return " " * left + line + " " * (spare - left)


def _shrink(widths, excess):
    """Take `excess` cells from the columns, as evenly as rounding allows."""
    result = []
    for left, width in zip(range(len(widths), 0, -1), widths, strict=True):
        cut = min(width, round(excess / left))
        result.append(width - cut)
        excess -= cut
    return result


def _grow(widths, spare):
    """Give `spare` cells to the columns in proportion to their widths."""
    result, left = [], sum(widths)
    for width in widths:
        gain = math.ceil(width * spare / left)
        result.append(width + gain)
        left, spare = left - width, spare - gain
    return result
