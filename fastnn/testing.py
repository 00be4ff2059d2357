"""Tools for testing operations, programs and backends: limits of error, one-op programs, numerical gradients.

Design
------
a. Every limit of fastnn's numerical tests stands here or in ``testing_limits.py``, none in a test.
b. An operation is judged by its own NumPy formula in a wider type (:func:`wider`), number by number: the
   error may be ``tolerance(op, dtype)`` times the machine epsilon times a scale that follows from the
   operation, such as k sum_k abs(a_k) abs(b_k) for a product. So cancellation is allowed what it costs, and
   nothing else is.
c. :func:`run_op` makes a program of a single op whose operands lie in memory as they do in a real program,
   so what it measures is what a model runs.
"""

import numpy as np

from .backends import get_backend
from .backends.reference import ReferenceBackend
from .ops import KINDS, ROWS, StepState
from .ops.kind import OpKind
from .program import Buffer, Op, Program, ProgramBuilder
from .testing_examples import example as example
from .testing_limits import SCALES, TOLERANCES
from .testing_optimizers import OPTIMIZERS

GRADIENT_RTOL, GRADIENT_ATOL = 5e-6, 1e-10
"""Limits of a gradient against :func:`numerical_gradient`, in float64."""

DIRECTION_RTOL = 1e-6
"""Limit of a whole net's derivative along one random direction, relative, in float64."""

FALL_ULP = 1
"""How far, in units in the last place, a function that rises may fall from one number to the next."""

_TRAINING = {"float32": (3e-6, 2e-6), "float64": (1e-13, 5e-14)}


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


def training_tolerance(dtype, step):
    """The largest difference of two backends' weights after ``step`` training steps.

    Parameters
    ----------
    dtype : dtype
    step : int

    Returns
    -------
    float
        Relative to the largest weight of the array. It grows with the steps, since each starts from the
        differences of the one before.
    """
    first, growth = _TRAINING[np.dtype(dtype).name]
    return first + growth * step


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


# --- One operation ---


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
    return Program(tuple(buffers), {"forward": (op,)}, data, data, by_role.get("target"), by_role.get("weight"))


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
            worst = max(worst, _compare(f"{op_name} {np.dtype(dtype)} {note}: {name}", g, e, limit))
    return worst


def _compare(what, got, expected, limit):
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


# --- Whole programs ---

LOSSES = {
    "mean_squared_error": None,
    "softmax_cross_entropy": None,
    "sparse_softmax_cross_entropy": None,
    "sigmoid_cross_entropy": None,
    "categorical_cross_entropy": "softmax",
    "sparse_categorical_cross_entropy": "softmax",
    "binary_cross_entropy": "sigmoid",
}
"""Losses, and the activation that must stand before each."""


def mlp_program(
    sizes, activation="relu", loss="softmax_cross_entropy", optimizer="sgd", dropout=0.0, metric=None
):
    """A dense net with its training step, made without layers.

    Parameters
    ----------
    sizes : sequence of int
        Features, then the units of each layer.
    activation : str
        Op after each hidden layer.
    loss : str
        One of :data:`LOSSES`.
    optimizer : str or None
        One of :data:`OPTIMIZERS`; None for a program without updates.
    dropout : float
        Rate after each hidden layer; none where 0.
    metric : str, optional
        An accuracy op that takes the same targets.

    Returns
    -------
    Program
        Parameters are called ``w0``, ``b0``, ``w1``, ...; the data's gradient, ``dx``, is computed too.
    """
    b = ProgramBuilder()
    y = b.input(sizes[0], differentiable=True)
    for i, units in enumerate(sizes[1:]):
        y = b.emit("dense", y, b.parameter(f"w{i}", (sizes[i], units)), b.parameter(f"b{i}", (units,)))
        if i < len(sizes) - 2:
            y = b.emit(activation, y)
            if dropout:
                y = b.emit("dropout", y, rate=dropout, stream=i)
    if LOSSES[loss]:
        y = b.emit(LOSSES[loss], y)
    integer = loss.startswith("sparse")
    target = b.target(() if integer else (sizes[-1],), integer)
    start = b.loss(loss, y, target)
    if metric:
        attributes = {"threshold": 0.5} if metric == "binary_accuracy" else {}
        b.metric(metric, y, target, metric, **attributes)
    b.backward(start)
    if optimizer:
        slots, attributes = OPTIMIZERS[optimizer]
        b.update(optimizer, slots, **attributes)
    return b.build(y)


def fill_parameters(executable, generator, scale=1.0):
    """Give every parameter of a loaded program random values of both signs; slots stay 0.

    Parameters
    ----------
    executable : Executable
    generator : numpy.random.Generator
    scale : float
        Weights are normal with standard deviation ``scale`` / sqrt(inputs), biases with 0.1 ``scale``.
    """
    program = executable.program
    for i in program.with_role("parameter"):
        buffer = program.buffers[i]
        deviation = buffer.shape[0] ** -0.5 if len(buffer.shape) == 2 else 0.1
        executable.set(buffer.name, scale * deviation * generator.standard_normal(buffer.shape))


def example_data(program, generator, rows, dtype="float64"):
    """Rows and targets that fit a program's input and loss.

    Parameters
    ----------
    program : Program
        One of :func:`mlp_program`.
    generator : numpy.random.Generator
    rows : int
    dtype : dtype

    Returns
    -------
    x, y : arrays
    """
    x = generator.standard_normal((rows, program.buffers[program.input].shape[1])).astype(dtype)
    target = program.buffers[program.target]
    columns = program.buffers[program.output].shape[1]
    labels = generator.integers(0, columns, rows)
    if target.integer:
        return x, labels.astype(np.int32)
    losses = {op.kind.name for op in program.sections["forward"]}
    if losses & {"sigmoid_cross_entropy", "binary_cross_entropy"}:
        return x, generator.integers(0, 2, (rows, columns)).astype(dtype)
    if "mean_squared_error" in losses:
        return x, generator.standard_normal((rows, columns)).astype(dtype)
    return x, np.eye(columns, dtype=dtype)[labels]


def assert_backends_agree(
    program, x, y, dtype="float32", *, native=None, seed=0, steps=1, learning_rate=0.01
):
    """Run a program op by op on a backend and judge every output of every op by the reference.

    Before each op the reference is given the very numbers that the backend has, so that each op answers for
    its own error only; it works in the :func:`wider` type.

    Parameters
    ----------
    program : Program
    x, y : arrays
        One batch.
    dtype : dtype
    native : Backend, optional
        The backend that is judged; by default "native".
    seed, learning_rate
        Of the executables; ``seed`` also of the parameters' values.
    steps : int
        Training steps to take.

    Returns
    -------
    dict of str to float
        The largest error of each kind of op, as a part of what was allowed.

    Raises
    ------
    AssertionError
        Where a number is outside of its limit.
    """
    judged = (native or get_backend("native")).load(program, dtype, seed)
    program = judged.program  # with fused ops, where the backend has them
    judge = ReferenceBackend().load(program, wider(dtype), seed)
    fill_parameters(judged, np.random.default_rng(seed))
    sections = ["forward", "backward", "update"] * steps + ["evaluate", "predict"]
    worst, loaded = {}, False
    for section in sections:
        for executable in (judged, judge):
            executable.learning_rate = learning_rate
        for position, op in enumerate(program.sections.get(section, ())):
            if not loaded:
                judged.run(section, x, y, 0, 0)
                loaded = True
            inputs = [None if i is None else _widened(judged, i, judge.dtype) for i in op.inputs]
            for i, value in zip(op.inputs, inputs, strict=True):
                if i is not None:
                    judge.arrays[i] = value
            judge.run(section, start=position, stop=position + 1)
            judged.run(section, start=position, stop=position + 1)
            expected = [None if i is None else judge.arrays[i] for i in op.outputs]
            state = StepState(judged.step, seed, learning_rate)
            limits = error_limits(op.kind.name, inputs, expected, op.attributes, dtype, state)
            for i, e, limit in zip(op.outputs, expected, limits, strict=False):
                if i is not None:
                    what = f"{section}[{position}] {op.kind.name}: {program.buffers[i].name}"
                    part = _compare(what, judged.get(program.buffers[i].name), e, limit)
                    worst[op.kind.name] = max(worst.get(op.kind.name, 0.0), part)
        if section == "update":
            judged.step += 1
            judge.step += 1
    return worst


def _widened(executable, index, dtype):
    value = executable.get(executable.program.buffers[index].name)
    return value if value.dtype.kind == "i" else value.astype(dtype)


# --- Gradients ---


def numerical_gradient(f, x, eps=1e-4):
    """Gradient of a function by central differences over four points, for each element of ``x``.

    (f(x - 2h) - 8 f(x - h) + 8 f(x + h) - f(x + 2h)) / 12h, whose error is of the order of h^4. Source:
    Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), equation 25.3.21.

    Parameters
    ----------
    f : callable
        Takes an array of float64 of the shape of ``x``, returns a number.
    x : array
    eps : float
        The h of the formula.

    Returns
    -------
    array of float64
        df/dx, of the shape of ``x``. It says nothing where f has a kink within 2 ``eps``.

    Example
    -------
    >>> numerical_gradient(lambda x: (x**3).sum(), np.array([1.0, 2.0])).round(6)
    array([ 3., 12.])
    """
    x = np.array(x, np.float64)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        total, at = 0.0, x[i]
        for move, weight in ((-2, 1), (-1, -8), (1, 8), (2, -1)):
            x[i] = at + move * eps
            total += weight * float(f(x))
        x[i] = at
        gradient[i] = total / (12 * eps)
    return gradient


def differentiable(op_name):
    """Whether an operation has gradient ops of its own (losses, whose gradient is an output, have not)."""
    return type(KINDS[op_name]).backward is not OpKind.backward
