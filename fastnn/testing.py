"""Tools for testing operations, programs and backends: limits of error, one-op programs, numerical gradients.

Design
------
a. Every limit of fastnn's numerical tests stands in this file, none in a test.
b. An operation is judged by its own NumPy formula in a wider type (:func:`wider`), number by number: the
   error may be ``tolerance(op, dtype)`` times the machine epsilon times a scale that follows from the
   operation, such as k sum_k abs(a_k) abs(b_k) for a product. So cancellation is allowed what it costs, and
   nothing else is.
c. :func:`run_op` makes a program of a single op whose operands lie in memory as they do in a real program,
   so what it measures is what a model runs.
"""

import numpy as np

from . import testing_optimizers
from .backends import get_backend
from .backends.reference import ReferenceBackend
from .ops import KINDS, ROWS, StepState
from .ops.kind import OpKind
from .program import Buffer, Op, Program, ProgramBuilder
from .testing_optimizers import OPTIMIZERS

# Largest error of an operation, in units of epsilon times its scale (`_SCALES`): float32, float64.
# Measured over the shapes and values of tests/kernels, then rounded up a little.
_TOLERANCES = {
    "dense": (0.5, 0.5),
    "dense_dx": (0.5, 0.5),
    "dense_dw": (0.5, 0.5),
    "dense_db": (0.5, 0.5),
    "relu": (0, 0),
    "relu_grad": (0, 0),
    "sigmoid": (2.5, 2.5),
    "sigmoid_grad": (1.5, 1.5),
    "tanh": (1.5, 1.5),
    "tanh_grad": (1, 1),
    "softmax": (1, 1),
    "softmax_grad": (1, 1),
    "dropout": (1, 1),
    "dropout_grad": (1, 1),
    "softmax_cross_entropy": (1.5, 1.5),
    "sparse_softmax_cross_entropy": (1, 1),
    "categorical_cross_entropy": (1, 1),
    "sparse_categorical_cross_entropy": (1, 1),
    "sigmoid_cross_entropy": (2, 2),
    "binary_cross_entropy": (1.5, 1.5),
    "mean_squared_error": (1.5, 1.5),
    "weigh_loss": (0.5, 0.5),
    "sparse_categorical_accuracy": (0, 0),
    "categorical_accuracy": (0, 0),
    "binary_accuracy": (0.5, 0.5),
    **testing_optimizers.TOLERANCES,
}

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
    return float(_TOLERANCES[op_name][np.dtype(dtype) == np.float64])


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


def example(op_name, generator, dtype="float64", B=3, I=4, O=5, spread=0.0):  # noqa: E741
    """Inputs and attributes of an operation, with the values it meets in a net.

    Probabilities are probabilities, targets are one-hot in some rows and spread in others, labels are
    classes, second moments are not negative; real numbers have both signs, and some are 0.0 and -0.0.

    Parameters
    ----------
    op_name : str
    generator : numpy.random.Generator
    dtype : dtype
        Of the real inputs. The values are those of this type in any wider one.
    B, I, O : int
        Sizes: rows of the batch, inputs, outputs. N, the columns of an elementwise operation, is O.
    spread : float
        Unbounded real numbers are multiplied with 10 to a power within plus or minus ``spread``.

    Returns
    -------
    inputs : list of arrays
    attributes : dict
    """
    kind = KINDS[op_name]
    sizes = {"B": (B,), "I": (I,), "O": (O,), "N": (O,), "S": (1,), "*": (I, O)}
    shapes = [sum((sizes[letter] for letter in operand.dims), ()) for operand in kind.rule.inputs]

    def real(shape):
        x = generator.standard_normal(shape) * 10 ** generator.uniform(-spread, spread, shape)
        x.flat[::7] *= generator.integers(0, 2, x.flat[::7].shape)  # 0.0 and -0.0 here and there
        return x

    def probabilities(shape):
        e = np.exp(2 * generator.standard_normal(shape))
        return np.clip(e / e.sum(axis=1, keepdims=True), 1e-3, None)  # inside the clips of the losses

    def labels(y):  # half of them the largest column
        return np.where(generator.random(len(y)) < 0.5, y.argmax(axis=1), generator.integers(0, O, len(y)))

    def targets(y):
        one_hot = np.arange(O) == labels(y)[:, np.newaxis]
        return np.where(
            generator.random((len(y), 1)) < 0.5, one_hot, (0.9 * one_hot + 0.1 * probabilities(y.shape))
        )

    inputs = [real(shape) for shape in shapes]
    if op_name.endswith(("cross_entropy", "accuracy")):
        if "categorical" in op_name:
            inputs[0] = probabilities(shapes[0])
        if "accuracy" in op_name:
            inputs[0] = np.round(generator.standard_normal(shapes[0]), 1)  # so that some are equal
        if op_name.startswith("binary"):
            inputs[0] = generator.uniform(0.02, 0.98, shapes[0])
            inputs[1] = generator.random(shapes[1])
        if op_name.startswith(("binary", "sigmoid")):
            hard = generator.integers(0, 2, shapes[1])
            inputs[1] = np.where(generator.random(shapes[1]) < 0.7, hard, np.abs(inputs[1]) % 1)
        elif op_name.startswith("sparse"):
            inputs[1] = labels(inputs[0]).astype(np.int32)
        else:
            inputs[1] = targets(inputs[0])
    if op_name == "relu_grad":
        inputs[1] = np.maximum(inputs[1], 0)
    elif op_name == "sigmoid_grad":
        inputs[1] = 1 / (1 + np.exp(-generator.uniform(-20, 20, shapes[1])))
    elif op_name == "tanh_grad":
        inputs[1] = np.tanh(generator.uniform(-9, 9, shapes[1]))
    elif op_name == "softmax_grad":
        inputs[1] = probabilities(shapes[1])
    testing_optimizers.fit_inputs(kind, inputs)
    inputs = [x if x.dtype == np.int32 else x.astype(dtype) for x in inputs]
    numbers = {"rate": 0.375, "stream": 3, "threshold": 0.5, "momentum": 0.9}
    numbers |= {"rho": 0.9, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "limit": 0.5}
    return inputs, {name: numbers[name] for name in kind.attributes}


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
            role = next(role for role in ("input", "target", "weight") if role not in by_role)
        else:
            role = "parameter" if "parameter" not in by_role else "slot"
        where.append(add(f"in{position}", shapes[-1], role, operand.integer))
    outputs = []
    for position, (result, shape) in enumerate(
        zip(kind.results, kind.rule.output_shapes(shapes), strict=True)
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
    data = {"input": np.zeros((1, 1), executable.dtype), "target": None, "weight": None}
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
        scales = _SCALES[op_name](inputs, outputs, attributes, state or StepState(), dtype)
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


# --- Scales of the operations' errors ---
# Each: (inputs, outputs, attributes, state, dtype) -> one array for each output, all of the wider type.
# Sums over a row are taken in 16 parts, hence N / 16.


def _exact(inputs, outputs, *_):
    return [None if y is None else np.zeros_like(y) for y in outputs]


def _relative(inputs, outputs, *_):
    return [np.abs(y) for y in outputs]


def _last_place(inputs, outputs, attributes, state, dtype):
    return [np.spacing(np.abs(y).astype(dtype)) / float(np.finfo(dtype).eps) for y in outputs]


def _product(a, b, k):
    return (k + 1) * (np.abs(a) @ np.abs(b))


def _dense(inputs, *_):
    x, w, b = inputs
    k = x.shape[1] + 1
    return [_product(x, w, k) + (0 if b is None else (k + 1) * np.abs(b))]


def _dense_dx(inputs, *_):
    dy, w = inputs
    return [_product(dy, w.T, dy.shape[1])]


def _dense_dw(inputs, *_):
    x, dy = inputs
    return [_product(x.T, dy, len(x))]


def _dense_db(inputs, *_):
    (dy,) = inputs
    return [len(dy) * np.abs(dy).sum(axis=0)]


def _tanh_grad(inputs, *_):
    dy, y = inputs
    return [np.abs(dy) * (1 + y * y)]


def _softmax(inputs, outputs, *_):
    return [outputs[0] * _softmax_part(inputs[0])]


def _softmax_part(x):
    """exp(x - max): the rounding of x - max grows with it; then the sum."""
    return 2 + x.max(axis=1, keepdims=True) - x + x.shape[1] / 16


def _softmax_grad(inputs, *_):
    dy, y = inputs
    terms = np.abs(dy * y).sum(axis=1, keepdims=True)
    return [np.abs(y) * (np.abs(dy) + (2 + dy.shape[1] / 16) * terms)]


def _softmax_cross_entropy(inputs, outputs, *_):
    z, t = inputs
    if t.ndim == 1:
        t = np.eye(z.shape[1], dtype=z.dtype)[t]
    shifted = z - z.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    weight = np.abs(t).sum(axis=1, keepdims=True)
    grow = 2 + z.shape[1] / 16
    value = grow * (weight * (1 + np.log(total)) + np.abs(t * shifted).sum(axis=1, keepdims=True))
    p = np.exp(shifted) / total * weight
    return [value[:, 0], (_softmax_part(z) * p * (1 + z.shape[1] / 16) + np.abs(t)) / len(z)]


def _categorical_cross_entropy(inputs, outputs, *_):
    p, t = inputs
    if t.ndim == 1:
        t = np.eye(p.shape[1], dtype=p.dtype)[t]
    total = p.sum(axis=1, keepdims=True)
    q = np.clip(p / total, 1e-7, 1)
    grow = 2 + p.shape[1] / 16
    value = grow * (np.abs(t) * (1 + np.abs(np.log(q)))).sum(axis=1)
    return [value, grow * (np.abs(t).sum(axis=1, keepdims=True) + np.abs(t) / q) / (total * len(p))]


def _sigmoid_cross_entropy(inputs, outputs, *_):
    z, t = inputs
    terms = np.maximum(z, 0) + np.abs(z * t) + np.log1p(np.exp(-np.abs(z)))
    return [(2 + z.shape[1] / 16) * terms.mean(axis=1), (1 / (1 + np.exp(-z)) + np.abs(t)) / z.size]


def _binary_cross_entropy(inputs, outputs, *_):
    p, t = inputs
    q = np.clip(p, 1e-7, 1 - 1e-7)
    terms = np.abs(t) * (1 + np.abs(np.log(q))) + np.abs(1 - t) * (1 + np.abs(np.log(1 - q)))
    return [(2 + p.shape[1] / 16) * terms.mean(axis=1), 2 * np.abs((q - t) / (q * (1 - q) * p.size))]


def _mean_squared_error(inputs, outputs, *_):
    y, t = inputs
    square = ((y - t) ** 2).mean(axis=1)
    return [(2 + y.shape[1] / 16) * square, np.abs(2 * (y - t) / y.size)]


_SCALES = {
    "dense": _dense,
    "dense_dx": _dense_dx,
    "dense_dw": _dense_dw,
    "dense_db": _dense_db,
    "relu": _exact,
    "relu_grad": _exact,
    "sigmoid": _last_place,
    "sigmoid_grad": _relative,
    "tanh": _last_place,
    "tanh_grad": _tanh_grad,
    "softmax": _softmax,
    "softmax_grad": _softmax_grad,
    "dropout": _relative,
    "dropout_grad": _relative,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "sparse_softmax_cross_entropy": _softmax_cross_entropy,
    "categorical_cross_entropy": _categorical_cross_entropy,
    "sparse_categorical_cross_entropy": _categorical_cross_entropy,
    "sigmoid_cross_entropy": _sigmoid_cross_entropy,
    "binary_cross_entropy": _binary_cross_entropy,
    "mean_squared_error": _mean_squared_error,
    "weigh_loss": _relative,
    "sparse_categorical_accuracy": _exact,
    "categorical_accuracy": _exact,
    "binary_accuracy": _relative,
    **testing_optimizers.SCALES,
}


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
