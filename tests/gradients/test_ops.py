"""Gradients of every operation and loss in float64, against central differences over four points.

Points within reach of a kink (0 of relu, the clips of the cross-entropies) are put there on purpose, left out
of the comparison, and counted.
"""

import numpy as np
import pytest

from fastnn import testing_arithmetic
from fastnn.backends import get_backend
from fastnn.builder import ProgramBuilder
from fastnn.ops import KINDS
from fastnn.ops.column_losses import signs
from fastnn.testing import GRADIENT_ATOL, GRADIENT_RTOL, differentiable, example, numerical_gradient
from fastnn.testing_losses import LOSSES

EPS = 1e-4
REACH = 2 * EPS  # of the four points around a number
OPS = [name for name in KINDS if differentiable(name)]
SMOOTH = {
    "sigmoid": [{}],
    "tanh": [{}],
    "softmax": [{}],
    "log_softmax": [{}],
    "elu": [{"alpha": 1.0, "scale": 1.25, "divisor": 1.0}, {"alpha": 2.0, "scale": 1.0, "divisor": 2.0}],
    "softplus": [{}],
    "log_sigmoid": [{}],
    "softsign": [{}],
    "squareplus": [{"b": 4.0}, {"b": 0.5}],
    "silu": [{}],
    "gelu": [{}],
    "gelu_tanh": [{}],
    "mish": [{}],
    "exponential": [{}],
    "tanh_shrink": [{}],
}
"""Attributes with which each is tested; those of elu are such that its slope has no jump at 0."""

KINKS = {
    "relu": ({}, [0.0]),
    "rectify": ({"negative_slope": 0.25, "threshold": 0.5, "max_value": 1.5}, [0.5, 1.5]),
    "clipped_line": ({"slope": 0.5, "offset": 0.25, "low": -0.5, "high": 1.0}, [-1.5, 1.5]),
    "hard_silu": ({}, [-3.0, 3.0]),
    "soft_shrink": ({"threshold": 0.5}, [-0.5, 0.5]),
    "hard_shrink": ({"threshold": 0.5}, [-0.5, 0.5]),
    "threshold": ({"threshold": 0.5, "default_value": -1.0}, [0.5]),
    "prelu": ({}, [0.0]),
}
"""Attributes, and where the slope jumps."""



def test_every_operation_is_here():
    """What is neither differentiable nor a loss is a gradient or its norm, a metric or an optimizer step."""
    rest = set(KINDS) - set(LOSSES) - set(OPS)
    own_file = {*testing_arithmetic.SMOOTH, *testing_arithmetic.COMPARISONS, *testing_arithmetic.COLUMNS}
    own_file |= {*testing_arithmetic.BATCH, "loss_rows", "total"}
    own_file |= {"dense", "dense_dx", "prelu", "dropout", "batch_norm", "batch_norm_inference", "count_tokens", *NOISE}
    assert set(OPS) == {*own_file, *SMOOTH, *KINKS}
    assert all(KINDS[name].rule.outputs[0].optional is False for name in OPS)
    assert {
        name for name in rest if not name.endswith(("_grad", "accuracy")) and not KINDS[name].in_place
    } == {
        "dense_dw",
        "dense_db",
        "prelu_dx",
        "prelu_dalpha",
        "weigh_loss",
        "penalty",
        "add_penalty",
        "activity_penalty",
        "batch_norm_sums",
        "batch_norm_dx",
        "batch_norm_inference_dx",
        "weigh_loss_mean",
        "scale_loss",
        "sum_loss",
        "smooth_targets",
        "row_value",
        "loss_dx",
        "batch_value",
        "one_hot",
        "class_number",
        "weigh_value",
        "sum_squares",
        "max_axis",
        "dropout_vector",
    }


def loss_of(executable, x, y):
    """Mean loss of a batch."""
    executable.run("forward", x, y)
    return executable.get("loss").mean(dtype=np.float64)


def assert_gradient(backend, program, x, y, parameters=None, near_kink=None, fixed=None):
    """Compare the program's gradients of its data and parameters with numerical ones.

    ``near_kink`` marks the elements of x that are left out.
    """
    executable = get_backend(backend).load(program, "float64", seed=5)
    executable.step = 3
    for name, value in ((parameters or {}) | (fixed or {})).items():
        executable.set(name, value)
    executable.run("forward", x, y)
    executable.run("backward")
    analytic = {name: executable.get(f"d{name}") for name in ("x", *(parameters or {}))}

    smooth = slice(None) if near_kink is None else ~near_kink
    expected = numerical_gradient(lambda v: loss_of(executable, v, y), x, EPS)
    np.testing.assert_allclose(
        analytic["x"][smooth], expected[smooth], rtol=GRADIENT_RTOL, atol=GRADIENT_ATOL
    )
    assert np.abs(expected).max() > 1e-4, "a gradient of 0 tests little"
    for name, value in (parameters or {}).items():

        def f(v, name=name):
            executable.set(name, v)
            return loss_of(executable, x, y)

        expected = numerical_gradient(f, value, EPS)
        executable.set(name, value)
        np.testing.assert_allclose(analytic[name], expected, rtol=GRADIENT_RTOL, atol=GRADIENT_ATOL)
        assert np.abs(expected).max() > 1e-4


def one_op(op_name, features, parameters=(), **attributes):
    """x -> the op -> mean squared error, so that the op's dy is of both signs."""
    b = ProgramBuilder()
    x = b.input(features, differentiable=True)
    inputs = [b.parameter(name, shape) for name, shape in parameters]
    without_bias = [None] if op_name == "dense" and len(inputs) == 1 else []
    y = b.emit(op_name, x, *inputs, *without_bias, **attributes)
    b.backward(b.loss("mean_squared_error", y, b.target(b.buffer(y).shape[1:])))
    return b.build(y)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 4, 5), (7, 9, 2)])
@pytest.mark.parametrize("bias", [True, False])
def test_dense(backend, shape, bias, generator):
    rows, inputs, outputs = shape
    parameters = {"w": generator.standard_normal((inputs, outputs))}
    if bias:
        parameters["b"] = generator.standard_normal(outputs)
    program = one_op("dense", inputs, [(name, value.shape) for name, value in parameters.items()])
    x, y = generator.standard_normal((rows, inputs)), generator.standard_normal((rows, outputs))
    assert_gradient(backend, program, x, y, parameters)


@pytest.mark.parametrize("shape", [(1, 2), (4, 5), (3, 17)])
@pytest.mark.parametrize(("op_name", "attributes"), [(name, a) for name in SMOOTH for a in SMOOTH[name]])
def test_smooth_activation(backend, op_name, attributes, shape, generator):
    x = 2 * generator.standard_normal(shape)
    assert_gradient(backend, one_op(op_name, shape[1], **attributes), x, generator.standard_normal(shape))


@pytest.mark.parametrize("shape", [(2, 4), (4, 5), (3, 17)])
@pytest.mark.parametrize("op_name", KINKS)
def test_activation_with_kinks(backend, op_name, shape, generator):
    attributes, kinks = KINKS[op_name]
    x = 2 * generator.standard_normal(shape)
    for kink in kinks:
        x[np.abs(x - kink) < 10 * REACH] = kink + 1
    at_kink = [kink + shift for kink in kinks for shift in (0.0, EPS / 3, -1.5 * EPS)]
    x.flat[: len(at_kink)] = at_kink
    near_kink = (np.abs(x[..., np.newaxis] - kinks) <= REACH).any(axis=-1)
    assert near_kink.sum() == len(at_kink)
    assert (x > kinks[-1]).any()
    assert (x < kinks[0]).any()
    slopes = {"alpha": generator.standard_normal(shape[1])} if op_name == "prelu" else {}
    program = one_op(op_name, shape[1], [(name, v.shape) for name, v in slopes.items()], **attributes)
    assert_gradient(backend, program, x, generator.standard_normal(shape), slopes, near_kink=near_kink)


@pytest.mark.parametrize("shape", [(3, 1), (4, 5), (7, 17)])
@pytest.mark.parametrize("op_name", ["batch_norm", "batch_norm_inference"])
@pytest.mark.parametrize("learnt", [("gamma", "beta"), ("gamma",), ("beta",), ()])
def test_batch_norm(backend, op_name, shape, learnt, generator):
    columns = shape[1]
    b = ProgramBuilder()
    x = b.input(columns, differentiable=True)
    inputs = [b.parameter(name, (columns,)) if name in learnt else None for name in ("gamma", "beta")]
    moving = [b.parameter(name, (columns,), trainable=False) for name in ("mean", "variance")]
    y = b.emit(op_name, x, *inputs, *moving, epsilon=0.01)
    y = y[0] if op_name == "batch_norm" else y
    b.backward(b.loss("mean_squared_error", y, b.target((columns,))))
    program = b.build(y)
    values = {name: generator.standard_normal(columns) for name in learnt}
    fixed = {"mean": generator.standard_normal(columns), "variance": 0.5 + generator.random(columns)}
    data = 2 * generator.standard_normal(shape), generator.standard_normal(shape)
    assert_gradient(backend, program, *data, values, fixed=fixed)


@pytest.mark.parametrize("rate", [0.0, 0.4])
def test_dropout(backend, rate, generator):
    x, y = generator.standard_normal((2, 5, 11))
    program = one_op("dropout", 11, rate=rate, stream=2)
    assert_gradient(backend, program, x, y)
    executable = get_backend(backend).load(program, "float64", seed=5)
    executable.step = 3
    executable.run("forward", x, y)
    dropped = (executable.get("dropped") == 0).mean()
    assert dropped == 0 if rate == 0 else 0.2 < dropped < 0.6


NOISE = {"gaussian_noise": {"stddev": 0.75}, "gaussian_dropout": {"stddev": 0.75}, "alpha_dropout": {"rate": 0.4}}


@pytest.mark.parametrize("op_name", NOISE)
def test_noise(backend, op_name, generator):
    data = generator.standard_normal((2, 5, 11))
    b = ProgramBuilder()
    x = b.input(11, differentiable=True)
    y = b.emit(op_name, b.emit("scale", x, factor=2), **NOISE[op_name], stream=2)
    b.backward(b.loss("mean_squared_error", y, b.target((11,))))
    assert_gradient(backend, b.build(y), *data)


LOSS_KINKS = {
    "mean_absolute_error": lambda x, t: x - t,
    "mean_absolute_percentage_error": lambda x, t: x - t,
    "mean_squared_logarithmic_error": lambda x, t: x - 1e-7,
    "hinge": lambda x, t: 1 - signs(t) * x,
    "kl_divergence": lambda x, t: x - 1e-7,
}
"""Losses with a kink, and what is 0 there. Those of huber and the squared hinge are in the second derivative."""


def at_kink(loss, x, t, generator):
    """Put two of x at the kink, and the rest away from it; where they are."""
    distance = LOSS_KINKS[loss]
    x[np.abs(distance(x, t)) <= 10 * REACH] += 0.3
    assert not (np.abs(distance(x, t)) <= REACH).any()
    for i in (0, -1):
        x.flat[i] -= distance(x, t).flat[i] / {"hinge": -signs(t).flat[i]}.get(loss, 1)
    return np.abs(distance(x, t)) <= REACH


@pytest.mark.parametrize("shape", [(2, 2), (5, 4), (3, 17)])
@pytest.mark.parametrize("loss", LOSSES)
def test_loss(backend, loss, shape, generator):
    rows, columns = shape
    (prediction, target), attributes = example(loss, generator, B=rows, O=columns)
    near_kink = np.zeros(shape, bool)
    if loss == "mean_absolute_percentage_error":
        target[np.abs(target) < 0.1] = 1  # the loss divides by it
    if loss in LOSS_KINKS:
        near_kink = at_kink(loss, prediction, target, generator)
        assert near_kink.sum() == 2
    elif loss == "binary_focal_cross_entropy":
        prediction = np.clip(prediction, 0.05, 0.95)
    elif loss == "categorical_focal_cross_entropy":
        prediction = generator.uniform(0.2, 3, shape)
    elif loss == "binary_cross_entropy":
        prediction = np.clip(prediction, 0.05, 0.95)
        prediction.flat[:3] = [0.0, 1.0, 1e-7]
        near_kink = (prediction < 1e-7 + REACH) | (prediction > 1 - 1e-7 - REACH)
        assert near_kink.sum() == 3
    elif loss.endswith("categorical_cross_entropy"):
        prediction = generator.uniform(0.2, 3, shape)  # sums are not 1: the loss divides by them
        if rows > 2:
            prediction[0, 1] = 0.0
            near_kink[0, 1] = True  # its own clip; the rest of the row is smooth
    b = ProgramBuilder()
    x = b.input(columns, differentiable=True)
    t = b.target(target.shape[1:], target.dtype.kind == "i")
    b.backward(b.loss(loss, x, t, **attributes))
    clipped = loss.endswith("categorical_cross_entropy") and rows > 2
    assert near_kink.sum() == {"binary_cross_entropy": 3, **dict.fromkeys(LOSS_KINKS, 2)}.get(loss, int(clipped))
    assert_gradient(backend, b.build(x), prediction, target, near_kink=near_kink)
