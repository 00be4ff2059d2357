"""Limits and example inputs of arithmetic and of the operations on columns, for ``fastnn.testing``."""

import numpy as np

TOLERANCES = {
    **dict.fromkeys(("add", "subtract", "multiply", "divide", "scale", "shift", "sqrt"), (0.5, 0.5)),
    **dict.fromkeys(("maximum", "minimum", "greater", "greater_equal", "equal", "where", "mask"), (0, 0)),
    **dict.fromkeys(("mask_not", "absolute", "absolute_grad"), (0, 0)),
    **dict.fromkeys(("columns", "columns_grad", "concatenate", "repeat_row", "spread"), (0, 0)),
    **dict.fromkeys(("swap_axes", "repeat_axis", "max_axis", "count_tokens"), (0, 0)),
    **dict.fromkeys(("one_hot", "class_number", "batch_value"), (0, 0)),
    **dict.fromkeys(("batch_sum", "batch_mean", "batch_share", "total"), (0.5, 0.5)),
    "total_grad": (0, 0),
    "exp": (2, 2),
    "log": (2, 1.5),
    "row_sum": (1, 1),
    "sum_axis": (1, 1),
}


def _last_place(inputs, outputs, attributes, state, dtype):
    return [np.spacing(np.abs(outputs[0]).astype(dtype)) / float(np.finfo(dtype).eps)]


def _row_sum(inputs, *_):
    (x,) = inputs
    return [(1 + x.shape[1] / 16) * np.abs(x).sum(axis=1, keepdims=True)]


def _sum_axis(inputs, outputs, attributes, *_):
    x, count, inner = inputs[0], int(attributes["count"]), int(attributes["inner"])
    return [np.abs(x).reshape(len(x), -1, count, inner).sum(axis=2).reshape(outputs[0].shape)]


def _batch_sum(inputs, *_):
    (x,) = inputs
    return [len(x) * np.abs(x).sum(axis=0)]


def _total(inputs, *_):
    (w,) = inputs
    return [np.atleast_1d(2 * np.abs(w).sum())]


def _batch_mean(inputs, *_):
    (x,) = inputs
    return [(1 + len(x)) * np.abs(x).mean(axis=0)]


def _relative(inputs, outputs, *_):
    return [np.abs(outputs[0])]


SCALES = dict.fromkeys(TOLERANCES, _relative) | {"exp": _last_place, "log": _last_place, "row_sum": _row_sum}
SCALES |= {"sum_axis": _sum_axis, "batch_sum": _batch_sum, "batch_mean": _batch_mean, "total": _total}

SMOOTH = ("add", "subtract", "multiply", "divide", "maximum", "minimum", "where", "mask", "mask_not")
SMOOTH += ("scale", "shift", "absolute", "sqrt", "exp", "log")
COMPARISONS = ("greater", "greater_equal", "equal")
COLUMNS = ("columns", "concatenate", "repeat_row", "spread", "row_sum", "swap_axes", "repeat_axis", "sum_axis")
BATCH = ("batch_sum", "batch_mean", "batch_share")

SIZES = {"M": lambda I, O: I + O + 2, "K": lambda I, O: I, "T": lambda I, O: 3 * O}  # noqa: E741
ATTRIBUTES = {"factor": 0.375, "offset": -0.625}
POSITIVE = ("sqrt", "log")


def fit_inputs(op_name, inputs):
    """Change inputs in place where not every number will do, or none of a comparison's would be equal."""
    if op_name in POSITIVE:
        inputs[0] = np.abs(inputs[0]) + (op_name == "log") * 1e-3
    elif op_name == "divide":
        inputs[1][inputs[1] == 0] = 1
    elif op_name == "equal":
        inputs[0], inputs[1] = np.round(inputs[0], 1), np.round(inputs[1], 1)
        inputs[1].flat[::3] = inputs[0].flat[::3]
    elif op_name == "count_tokens":
        inputs[0] = np.round(2 * inputs[0])
    elif op_name in ("one_hot", "class_number"):
        numbers = np.clip(np.round(3 * inputs[0]), -5, 9)
        inputs[0] = np.where(numbers == 0, 1, numbers).astype(np.int32)
        inputs[0][-1:] = 0
    elif op_name == "batch_value":
        inputs[0] = np.abs(inputs[0]) + 0.25
    elif op_name == "exp":
        inputs[0] = np.clip(inputs[0], -60, 60)


def attributes(op_name, shapes):
    """The numbers of an op on inputs of these shapes."""
    numbers = dict(ATTRIBUTES)
    if op_name == "columns":
        numbers |= {"first": 1, "count": shapes[0][1] - 2}
    elif op_name == "columns_grad":
        numbers |= {"first": 1, "count": shapes[0][1] + 3}
    elif op_name == "swap_axes":
        first = next((n for n in (2, 3, 5, 7) if shapes[0][1] % n == 0), 1)
        numbers |= {"first": first, "second": shapes[0][1] // first, "inner": 1}
    elif op_name in ("repeat_axis", "sum_axis", "max_axis"):
        columns = shapes[0][1] // (1 if op_name == "repeat_axis" else 3)
        numbers |= {"count": 3, "inner": 1 if columns % 2 else 2}
    elif op_name == "count_tokens":
        numbers |= {"count": 5, "most": 2}
    elif op_name in ("spread", "one_hot"):
        numbers |= {"count": 5}
    return numbers
