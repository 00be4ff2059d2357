"""Gradients of arithmetic and of the operations on columns, in float64 against central differences."""

import numpy as np
import pytest

from fastnn import testing_arithmetic
from fastnn.backends import get_backend
from fastnn.builder import ProgramBuilder
from fastnn.loss_part import LossPart
from fastnn.ops import KINDS
from fastnn.testing import GRADIENT_ATOL, GRADIENT_RTOL, numerical_gradient

COLUMNS = 5
ATTRIBUTES = {
    "scale": {"factor": -1.5},
    "shift": {"offset": 0.25},
    "columns": {"first": 1, "count": 3},
    "spread": {"count": 4},
    "swap_axes": {"first": 3, "second": 2, "inner": 1},
    "repeat_axis": {"count": 3, "inner": 2},
    "sum_axis": {"count": 3, "inner": 2},
}


def program_of(op_name):
    """x and v -> the op (twice, so that gradients are added up) -> a product -> mean squared error."""
    b = ProgramBuilder()
    x, v = b.input(COLUMNS, differentiable=True), b.parameter("v", (COLUMNS,))
    kind, attributes = KINDS[op_name], ATTRIBUTES.get(op_name, {})
    rows = b.emit("repeat_row", v)
    if op_name == "repeat_row":
        y = b.emit("multiply", x, rows)
    elif op_name == "spread":
        y = b.emit("spread", b.emit("columns", x, first=2, count=1), **attributes)
    elif op_name.endswith(("_axis", "_axes")):
        y = b.emit(op_name, b.emit("concatenate", x, b.emit("columns", x, first=1, count=1)), **attributes)
    elif op_name.startswith("mask"):
        y = b.emit(op_name, b.emit("multiply", x, rows), b.emit("greater", x, rows))
    elif len(kind.rule.inputs) == 3:
        y = b.emit(op_name, b.emit("greater", x, rows), x, rows)
    elif len(kind.rule.inputs) == 2:
        y = b.emit("add", b.emit(op_name, x, rows, **attributes), b.emit(op_name, rows, x, **attributes))
        y = b.emit("add", y, b.emit("scale", b.emit(op_name, x, rows), factor=2))  # not symmetric
    else:
        y = b.emit(op_name, x, **attributes)
    columns = b.buffer(y).shape[1]
    t = b.target((columns,))
    b.backward(b.loss("mean_squared_error", b.emit("multiply", y, y), t))
    return b, b.build(y), columns


@pytest.mark.parametrize("op_name", testing_arithmetic.SMOOTH + testing_arithmetic.COLUMNS)
def test_gradient(backend, op_name, generator):
    b, program, columns = program_of(op_name)
    x = generator.uniform(0.3, 2, (4, COLUMNS)) * np.where(generator.random((4, COLUMNS)) < 0.5, -1, 1)
    v = generator.uniform(0.3, 2, COLUMNS)
    if op_name in testing_arithmetic.POSITIVE:
        x = np.abs(x)
    assert np.abs(x - v).min() > 1e-3, "away from the kinks of maximum and minimum"
    y = generator.standard_normal((4, columns))
    executable = get_backend(backend).load(program, "float64")
    executable.set("v", v)

    def loss(x, v):
        executable.set("v", v)
        executable.run("forward", x, y)
        return executable.get("loss").mean()

    loss(x, v)
    executable.run("backward")
    for name, at, f in (("x", x, lambda new: loss(new, v)), ("v", v, lambda new: loss(x, new))):
        gradient = b.gradient(program.index(name))
        expected = numerical_gradient(f, at)
        if gradient is None:
            assert np.abs(expected).max() < 1e-9, "rounding of the loss only"
            assert name == "v"
            continue
        got = executable.get(program.buffers[gradient].name)
        np.testing.assert_allclose(got, expected, rtol=GRADIENT_RTOL, atol=10 * GRADIENT_ATOL)
        assert np.abs(expected).max() > 1e-3
        if name == "x":
            loss(x, v)
            executable.run("backward")


@pytest.mark.parametrize("op_name", testing_arithmetic.COMPARISONS)
def test_comparisons_have_no_gradient(op_name):
    b = ProgramBuilder()
    x, v = b.input(3, differentiable=True), b.parameter("v", (3,))
    y = b.emit(op_name, x, b.emit("repeat_row", v))
    b.backward(b.loss("mean_squared_error", y, b.target((3,))))
    assert b.gradient(x) is None
    assert b.build(y).sections["backward"] == ()


def test_gradient_of_equal_operands_goes_to_the_first(backend):
    b = ProgramBuilder()
    x, v = b.input(2, differentiable=True), b.parameter("v", (2,))
    y = b.emit("maximum", x, b.emit("repeat_row", v))
    b.backward(b.loss("mean_squared_error", y, b.target((2,))))
    program = b.build(y)
    executable = get_backend(backend).load(program, "float64")
    executable.set("v", [1.0, 2.0])
    executable.run("forward", np.array([[1.0, 1.0]]), np.zeros((1, 2)))
    executable.run("backward")
    np.testing.assert_array_equal(executable.get("dx"), [[1.0, 0.0]])
    np.testing.assert_array_equal(executable.get("dv"), [0.0, 2.0])


@pytest.mark.parametrize("op_name", testing_arithmetic.BATCH)
def test_gradient_over_the_batch(backend, op_name, generator):
    """x and v -> the op -> back to the rows -> a product with x -> mean squared error, whose rows now hang together."""
    b = ProgramBuilder()
    x, v = b.input(COLUMNS, differentiable=True), b.parameter("v", (COLUMNS,))
    if op_name == "batch_share":
        y = b.emit(op_name, b.emit("multiply", v, b.emit("batch_sum", x)))
    else:
        y = b.emit("repeat_row", b.emit("multiply", b.emit(op_name, x), v))
    y = b.emit("multiply", x, y)
    b.backward(b.loss("mean_squared_error", y, b.target((COLUMNS,))))
    assert_gradients(backend, b.build(y), generator)


@pytest.mark.parametrize("loss", ["mean_squared_error", "log_cosh", "poisson", "cosine_similarity"])
def test_a_loss_as_a_part_of_another(backend, loss, generator):
    """v x -> a loss -> its square -> the loss: each row's gradient is that of the loss times what comes back."""
    b = ProgramBuilder()
    x, v = b.input(COLUMNS, differentiable=True), b.parameter("v", (COLUMNS,))
    y = b.emit("exp", b.emit("multiply", x, b.emit("repeat_row", v)))
    rows = b.emit("loss_rows", b.emit(loss, y, b.target((COLUMNS,)), name=["part", "d part"])[0])
    b.losses([LossPart("row_value", b.emit("multiply", rows, rows), None, {})])
    b.backward()
    assert_gradients(backend, b.build(y), generator)


def assert_gradients(backend, program, generator):
    """The gradients of x and v are those of the mean loss."""
    executable = get_backend(backend).load(program, "float64")
    x, v = generator.uniform(0.3, 1, (6, COLUMNS)), generator.uniform(0.3, 1, COLUMNS)
    t = generator.uniform(0.3, 2, (6, COLUMNS))

    def loss(x, v):
        executable.set("v", v)
        executable.run("forward", x, t)
        return executable.get("loss").mean()

    loss(x, v)
    executable.run("backward")
    got = executable.get(gradient_of(program, "x")), executable.get(gradient_of(program, "v"))
    expected = numerical_gradient(lambda a: loss(a, v), x), numerical_gradient(lambda a: loss(x, a), v)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=GRADIENT_RTOL, atol=GRADIENT_ATOL)
        assert np.abs(other).max() > 1e-3


def gradient_of(program, name):
    """The last of the buffers that hold parts of a gradient: their sum."""
    names = [buffer.name for buffer in program.buffers]
    return [other for other in names if other == f"d{name}" or other.startswith(f"d{name}_")][-1]


@pytest.mark.parametrize("shape", [(5,), (4, 5), (3, 40)])
def test_total_of_a_weight(backend, shape, generator):
    """Twice, of a product with itself, so that the slopes differ and are added up."""
    b = ProgramBuilder()
    x, w = b.input(1), b.parameter("w", shape)
    total = b.emit("total", b.emit("multiply", w, b.emit("multiply", w, w)))
    total = b.emit("add", total, b.emit("total", w))
    y = b.emit("multiply", x, b.emit("repeat_row", total))
    b.backward(b.loss("mean_squared_error", y, b.target((1,))))
    program = b.build(y)
    executable = get_backend(backend).load(program, "float64")
    rows, targets = generator.uniform(0.5, 1, (3, 1)), generator.standard_normal((3, 1))

    def loss(w):
        executable.set("w", w)
        executable.run("forward", rows, targets)
        return executable.get("loss").mean()

    w = generator.standard_normal(shape)
    loss(w)
    np.testing.assert_allclose(executable.get(program.buffers[y].name), rows * (w**3 + w).sum(), rtol=1e-12)
    executable.run("backward")
    gradient = executable.get(program.buffers[b.gradient(program.index("w"))].name)
    np.testing.assert_allclose(gradient, numerical_gradient(loss, w), rtol=GRADIENT_RTOL, atol=GRADIENT_ATOL)
    assert np.ptp(gradient) > 0
