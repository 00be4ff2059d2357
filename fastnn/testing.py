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
from .builder import ProgramBuilder
from .ops import KINDS, StepState
from .ops.kind import OpKind
from .ops.losses import Loss
from .testing_examples import example as example
from .testing_ops import assert_op_close as assert_op_close
from .testing_ops import compare, error_limits, wider
from .testing_ops import op_program as op_program
from .testing_ops import run_op as run_op
from .testing_ops import tolerance as tolerance
from .testing_ops import ulp_error as ulp_error
from .testing_optimizers import OPTIMIZERS

GRADIENT_RTOL, GRADIENT_ATOL = 5e-6, 1e-10
"""Limits of a gradient against :func:`numerical_gradient`, in float64."""

DIRECTION_RTOL = 1e-6
"""Limit of a whole net's derivative along one random direction, relative, in float64."""

FUNCTION_ULP = {"sigmoid": 1.0, "tanh": 1.5, "exp": 1.0, "log": 1.0, "gelu": 2.0}
"""Largest errors of the compiled functions in units in the last place (``tests/c/exhaustive.c`` has the same for every
float32); NumPy's plain formulas, which :func:`tolerance` has to allow, may err more."""

FALL_ULP = 1
"""How far, in units in the last place, a function that rises may fall from one number to the next."""

_TRAINING = {"float32": (3e-6, 2e-6), "float64": (1e-13, 5e-14)}


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
    target = program.buffers[program.targets[0]]
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
                    part = compare(what, judged.get(program.buffers[i].name), e, limit)
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
    """Whether an operation has gradient ops of its own (those of losses follow from their gradient, an output)."""
    return type(KINDS[op_name]).backward not in (OpKind.backward, Loss.backward)
