"""Tools for testing operations: limits of error and one-op programs; ``fastnn.testing`` has them by name too."""

import numpy as np

from .backends import get_backend
from .backends.reference import ReferenceBackend
from .ops import KINDS, ROWS, StepState
from .program import Buffer, Op, Program
from .testing_limits import SCALES, TOLERANCES


def tolerance(op_name, dtype):
    """The largest error of an operation.

    Parameters
    ----------
    op_name : str
        One of ``fastnn.ops.KINDS``.
    dtype : dtype
        float32 or float64.

    Returns
    -------
    float
        In units of the machine epsilon of ``dtype`` times the operation's scale (:func:`error_limits`); for
        elementwise functions of one argument these are units in the last place of the result.
    """
    return float(TOLERANCES[op_name][np.dtype(dtype) == np.float64])


def wider(dtype):
    """The type in which results of ``dtype`` are judged: float64 for float32, longdouble for float64.

    Where the platform's longdouble is float64 itself, the judge's own rounding is part of the error.
    """
    return np.dtype(np.float64 if np.dtype(dtype) == np.float32 else np.longdouble)


def ulp_error(got, expected):
    """Error in units in the last place.

    Parameters
    ----------
    got : array
        Results, in the type that is judged.
    expected : array
        The same in a wider type.

    Returns
    -------
    array of float64
        abs(got - expected) divided by the distance of neighbouring numbers at ``expected``; 0 where both are
        NaN or the same infinity.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = expected.astype(got.dtype)
        error = np.abs(got.astype(expected.dtype) - expected) / np.spacing(np.abs(rounded))
    same = (got == rounded) & ~np.isfinite(rounded) | (np.isnan(got) & np.isnan(rounded))
    return np.where(same, 0, np.where(np.isnan(error), np.inf, error)).astype(np.float64)


def op_program(op_name, inputs, attributes, leave_out=()):
    """A program that runs one op, each operand in the role it has in a real program.

    Rows of the batch are the data, the target and the rows' weights; weights and slots are persistent, as are a
    parameter's gradients that an optimizer reads (nothing else could be given a value from outside).

    Parameters
    ----------
    op_name : str
    inputs : sequence of arrays or None
        Their shapes are those of the program's buffers.
    attributes : dict
    leave_out : sequence of str
        Results (``OpKind.results``) that are optional and not wanted, such as a loss's "d".

    Returns
    -------
    Program
        Its only op stands in the section "forward".
    """
    kind = KINDS[op_name]
    buffers, where, by_role = [], [], {}

    def add(name, shape, role, integer=False):
        buffers.append(Buffer(name, tuple(shape), role, integer))
        by_role.setdefault(role, len(buffers) - 1)
        return len(buffers) - 1

    shapes = []
    for position, (x, operand) in enumerate(zip(inputs, kind.rule.inputs, strict=True)):
        if x is None:
            where.append(None)
            shapes.append(None)
            continue
        rows = operand.dims.startswith("B")
        shapes.append((ROWS, *np.shape(x)[1:]) if rows else np.shape(x))
        if rows:
            roles = ("input", "target", "weight") if len(operand.dims) == 2 else ("target", "weight")
            role = next(role for role in roles if role not in by_role)
        else:
            role = "parameter" if "parameter" not in by_role else "slot"
        where.append(add(f"in{position}", shapes[-1], role, operand.integer))
    outputs = []
    for position, (result, shape) in enumerate(
        zip(kind.results, kind.output_shapes(shapes, attributes), strict=True)
    ):
        if result in leave_out:
            outputs.append(None)
        elif position < kind.in_place:
            outputs.append(where[position])
        else:
            role = "gradient" if ROWS not in shape else "value" if len(shape) == 1 else "delta"
            outputs.append(add(f"out{position}", shape, role))
    data = by_role["input"] if "input" in by_role else add("no data", (ROWS, 1), "input")
    op = Op(kind, tuple(outputs), tuple(where), dict(attributes))
    fed = (tuple(by_role[role] for role in (role,) if role in by_role) for role in ("target", "weight"))
    return Program(tuple(buffers), {"forward": (op,)}, data, data, *fed)


def run_op(
    op_name,
    inputs,
    attributes=None,
    backend="native",
    dtype="float32",
    *,
    step=0,
    seed=0,
    learning_rate=0.01,
    leave_out=(),
):
    """Run one op as a program of its own.

    Parameters
    ----------
    op_name : str
        One of ``fastnn.ops.KINDS``.
    inputs : sequence of arrays or None
        None where an optional operand is left out.
    attributes : dict, optional
    backend : str or Backend
        "native", "reference" or an instance, such as ``NativeBackend(level="generic")``.
    dtype : dtype
        Of the real numbers; the reference takes any float type.
    step, seed, learning_rate
        What the op may know about the training step.
    leave_out : sequence of str
        As for :func:`op_program`.

    Returns
    -------
    tuple of arrays
        The outputs, None where left out.

    Example
    -------
    >>> run_op("relu", [np.array([[-1.0, 2.0]])])
    (array([[0., 2.]], dtype=float32),)
    """
    program = op_program(op_name, inputs, attributes or {}, leave_out)
    executable = (get_backend(backend) if isinstance(backend, str) else backend).load(program, dtype, seed)
    executable.step, executable.learning_rate = step, learning_rate
    op = program.sections["forward"][0]
    rows = [len(x) for x, operand in zip(inputs, KINDS[op_name].rule.inputs, strict=True) if operand.dims[0] == "B"]
    data = {"input": np.zeros((max(rows, default=1), 1), executable.dtype), "target": None, "weight": None}
    for i, x in zip(op.inputs, inputs, strict=True):
        if i is None:
            continue
        buffer = program.buffers[i]
        if buffer.role in data:
            data[buffer.role] = np.asarray(x, np.int32 if buffer.integer else executable.dtype)
        else:
            executable.set(buffer.name, x)
    executable.run("forward", data["input"], data["target"], weights=data["weight"])
    return tuple(None if i is None else executable.get(program.buffers[i].name) for i in op.outputs)


def error_limits(op_name, inputs, outputs, attributes, dtype, state=None):
    """How far each output of an op may be from the exact one.

    Parameters
    ----------
    op_name : str
    inputs, outputs : sequences of arrays
        Of the op, in a wider type than ``dtype``; None where left out.
    attributes : dict
    dtype : dtype
        The type in which the op was run.
    state : StepState, optional

    Returns
    -------
    list of arrays
        Absolute errors, one array for each output: tolerance times epsilon times the operation's scale, and a
        little above the smallest normal number, below which results may be flushed to 0.
    """
    info = np.finfo(dtype)
    factor = tolerance(op_name, dtype)
    with np.errstate(all="ignore"):
        scales = SCALES[op_name](inputs, outputs, attributes, state or StepState(), dtype)
        floor = 2 * info.tiny if factor else 0
        return [factor * float(info.eps) * np.nan_to_num(scale, nan=0.0) + floor for scale in scales]


def assert_op_close(
    op_name, got, inputs, attributes, dtype, *, step=0, seed=0, learning_rate=0.01, leave_out=(), note=""
):
    """Judge the outputs of an op by its formula in a wider type.

    Parameters
    ----------
    op_name, inputs, attributes, dtype, step, seed, learning_rate, leave_out
        As for :func:`run_op`, and as ``got`` was made with.
    got : sequence of arrays or None
    note : str
        Added to the message.

    Returns
    -------
    float
        The largest error as a part of what was allowed.

    Raises
    ------
    AssertionError
        With the place of the worst number, where it is outside of its limit.
    """
    judge = wider(dtype)
    wide = [x if x is None or x.dtype.kind == "i" else x.astype(dtype).astype(judge) for x in inputs]
    numbers = {"step": step, "seed": seed, "learning_rate": learning_rate}
    with np.errstate(all="ignore"):
        expected = run_op(
            op_name, wide, attributes, ReferenceBackend(), judge, **numbers, leave_out=leave_out
        )
    state = StepState(**numbers)
    limits = error_limits(op_name, wide, expected, attributes, dtype, state)
    worst = 0.0
    for name, g, e, limit in zip(KINDS[op_name].results, got, expected, limits, strict=False):
        if (g is None) != (e is None):
            raise AssertionError(
                f"{op_name} {note}: output {name} is {'missing' if g is None else 'not wanted'}"
            )
        if g is not None:
            worst = max(worst, compare(f"{op_name} {np.dtype(dtype)} {note}: {name}", g, e, limit))
    return worst


def compare(what, got, expected, limit):
    """Largest error over its limit; AssertionError where above 1. NaN must meet NaN, infinity the same."""
    if got.shape != expected.shape:
        raise AssertionError(f"{what} has shape {got.shape}, expected {expected.shape}")
    with np.errstate(all="ignore"):
        rounded = expected.astype(got.dtype)
        same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
        error = np.abs(got.astype(expected.dtype) - expected)
        part = np.where(error <= limit, error / np.where(limit > 0, limit, 1), np.inf)
        part = np.where(same & ~(np.isfinite(rounded) & (error > 0) & (limit > 0)), 0, part)
    if not part.size:
        return 0.0
    place = np.unravel_index(np.argmax(part), part.shape)
    if part[place] > 1:
        allowed = np.broadcast_to(limit, expected.shape)[place]
        raise AssertionError(
            f"{what}{list(map(int, place))} is {got[place]!r}, expected {expected[place]!r}: "
            f"error {error[place]:.3g}, allowed {allowed:.3g}"
        )
    return float(part[place])
