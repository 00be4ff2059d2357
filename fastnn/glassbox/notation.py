"""The lecture notes' names for the buffers of a program, and formulas of its ops with these names.

Z1 = X W1 + b1 and A1 = f(Z1) belong to the first dense layer, and so on; d before a name is the loss's gradient.
Rows are samples, as everywhere in fastnn: X is (B, inputs), and W1 (inputs, units).
"""

import html
import string

from ..ops.activations import Activation
from ..program import SECTIONS

# By op; {0}, {1}, ... are its outputs and then its inputs. An op that is not here shows its docstring's first line.
FORMULAS = {
    "dense": "{0} = {1} {2} + {3}",
    "dense_dx": "{0} = {1} {2}^T",
    "dense_dw": "{0} = {1}^T {2}",
    "dense_db": "{0} = sum of the rows of {1}",
    "relu": "{0} = max({1}, 0)",
    "relu_grad": "{0} = {1} where {2} > 0, else 0",
    "sigmoid": "{0} = 1 / (1 + exp(-{1}))",
    "sigmoid_grad": "{0} = {1} * {2} * (1 - {2})",
    "tanh": "{0} = tanh({1})",
    "tanh_grad": "{0} = {1} * (1 - {2}^2)",
    "softmax": "{0} = softmax({1}), each row",
    "softmax_grad": "{0} = {2} * ({1} - row sum of {1} * {2})",
    "dropout": "{0} = {1} * mask / (1 - rate)",
    "dropout_grad": "{0} = {1} * mask / (1 - rate)",
    "gaussian_noise": "{0} = {1} + stddev * normal",
    "gaussian_dropout": "{0} = {1} * (1 + stddev * normal)",
    "gaussian_dropout_grad": "{0} = {1} * (1 + stddev * normal)",
    "alpha_dropout": "{0} = a * {1} + b where kept, else a * s + b",
    "alpha_dropout_grad": "{0} = a * {1} * mask",
    "softmax_cross_entropy": "{0} = -row sum of {3} log softmax({2}); {1} = (softmax({2}) - {3}) / B",
    "sparse_softmax_cross_entropy": "{0} = -log softmax({2}) at {3}; {1} = (softmax({2}) - onehot({3})) / B",
    "sigmoid_cross_entropy": "{0} = row mean of -{3} log s - (1 - {3}) log(1 - s), s = sigmoid({2}); "
    "{1} = (s - {3}) / (B n)",
    "mean_squared_error": "{0} = row mean of ({2} - {3})^2; {1} = 2 ({2} - {3}) / (B n)",
    "sgd": "{0} = {0} - learning_rate * {2}",
}


def names(program):
    """The notes' name of each buffer, in the buffers' order; its own name where the notes have none."""
    found, layer = {program.input: "X"}, 0
    if len(program.targets) == 1:
        found[program.targets[0]] = "Y"
    for op in (*program.sections.get("forward", ()), *program.sections.get("predict", ())):
        if op.outputs[0] in found or program.buffers[op.outputs[0]].role != "activation":
            continue
        if op.kind.name == "dense":
            layer += 1
            found[op.outputs[0]] = f"Z{layer}"
            for index, letter in zip(op.inputs[1:], "Wb", strict=False):
                if index is not None:
                    found.setdefault(index, f"{letter}{layer}")
        elif isinstance(op.kind, Activation) or op.kind.name in ("leaky_relu", "elu"):
            found[op.outputs[0]] = f"A{layer}"
        elif "stream" in op.kind.attributes:
            found[op.outputs[0]] = f"D{layer}"
    by_own_name = {buffer.name: index for index, buffer in enumerate(program.buffers)}
    for index, buffer in enumerate(program.buffers):
        scope, slash, last = buffer.name.rpartition("/")
        base = by_own_name.get(f"{scope}{slash}{last[1:]}") if last.startswith("d") else None
        if buffer.role in ("gradient", "delta") and base in found:
            found[index] = "d" + found[base]
        elif buffer.role == "slot" and by_own_name.get(scope) in found:
            found[index] = f"{found[by_own_name[scope]]}/{last}"
    return _each_once(found.get(index, buffer.name) for index, buffer in enumerate(program.buffers))


def _each_once(wanted):
    result = []
    for name in wanted:
        number, free = 1, name
        while free in result:
            number += 1
            free = f"{name}_{number}"
        result.append(free)
    return result


def formula(op, names_of):
    """What an op computes, as one line with these names of the buffers."""
    operands = (*op.outputs, *op.inputs)
    template = FORMULAS.get(op.kind.name)
    if template is None:
        words = (op.kind.__doc__ or op.kind.name).strip().splitlines()[0].rstrip(".")
        outputs = ", ".join(names_of[i] for i in op.outputs if i is not None)
        return f"{outputs}: {words}"
    parts = template.split("; ")
    for position, index in enumerate(operands):
        if index is None:  # an operand that is left out, and what is said of it
            template = template.replace(f" + {{{position}}}", "")
            parts = [part for part in parts if not part.startswith(f"{{{position}}} =")]
    template = template if len(parts) == template.count("; ") + 1 else "; ".join(parts)
    return _Blank().format(template, *("" if i is None else names_of[i] for i in operands))


class _Blank(string.Formatter):
    def check_unused_args(self, used_args, args, kwargs):
        pass


def layer_of(buffer):
    """Name of the layer that a buffer belongs to; "" for the data and the loss."""
    return buffer.name.rpartition("/")[0].partition("/")[0]


def training_ops(program):
    """(section, op) of all ops of a training step, in order."""
    return [(section, op) for section in SECTIONS[2:] for op in program.sections.get(section, ())]


def text_table(head, rows, right=()):
    """Lines of text, the columns padded; those numbered in ``right`` end at their right side."""
    cells = [list(map(str, row)) for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def html_table(head, rows, caption=""):
    """The same for a notebook."""

    def line(cells, tag):
        style = ' style="text-align:left"'
        return "<tr>" + "".join(f"<{tag}{style}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><caption>{html.escape(caption)}</caption>{line(head, 'th')}{body}</table>"


def shape_text(shape):
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
