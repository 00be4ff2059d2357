"""Native and reference run the same programs: same calls, same results op by op and step by step."""

import inspect

import numpy as np
import pytest

from fastnn._native import core
from fastnn.backends import get_backend
from fastnn.backends.base import Executable
from fastnn.backends.native import NativeBackend, NativeExecutable, levels
from fastnn.backends.reference import ReferenceBackend, ReferenceExecutable
from fastnn.ops import KINDS
from fastnn.testing import (
    LOSSES,
    OPTIMIZERS,
    assert_backends_agree,
    example_data,
    mlp_program,
    training_tolerance,
)

METRICS = {
    "softmax_cross_entropy": "categorical_accuracy",
    "categorical_cross_entropy": "categorical_accuracy",
    "sparse_softmax_cross_entropy": "sparse_categorical_accuracy",
    "sparse_categorical_cross_entropy": "sparse_categorical_accuracy",
    "sigmoid_cross_entropy": "binary_accuracy",
    "binary_cross_entropy": "binary_accuracy",
}
STEPS = 20


def public(cls):
    return {name for name in dir(cls) if not name.startswith("_")}


def test_signatures_are_equal():
    methods = [name for name, item in vars(Executable).items() if inspect.isfunction(item)]
    assert sorted(methods) == [
        "begin_pass", "evaluate", "get", "predict", "predictor", "rows_stay", "run", "set", "train", "train_epochs",
    ]  # fmt: skip
    for name in methods:
        base = inspect.signature(getattr(Executable, name))
        for cls in (ReferenceExecutable, NativeExecutable):
            assert inspect.signature(getattr(cls, name)) == base, f"{cls.__name__}.{name}"


def test_attributes_are_equal():
    program = mlp_program((3, 2))
    for backend in (ReferenceBackend(), NativeBackend()):
        executable = backend.load(program, "float32", 2**64 - 1)
        assert (executable.step, executable.seed, executable.learning_rate) == (0, 2**64 - 1, 0)
        executable.step, executable.seed, executable.learning_rate = 2**40, 17, 0.125
        assert (executable.step, executable.seed, executable.learning_rate) == (2**40, 17, 0.125)
        executable.passed = 2**40
        executable.begin_pass()
        assert (executable.pass_number, executable.passed) == (1, 0)
        assert executable.dtype == np.float32
        assert executable.program.buffers == program.buffers
    numbers = {"step", "seed", "learning_rate", "pass_number", "passed"}
    assert public(NativeExecutable) <= public(ReferenceExecutable) | numbers


def test_opcodes_are_those_of_c():
    """One list in C, one in Python: same names, signatures and attributes in the same order."""
    table = [(name, signature, tuple(attributes.split())) for name, signature, attributes in core.op_table()]
    assert table == [(kind.name, kind.signature, kind.attributes) for kind in KINDS.values()]
    assert list(KINDS) == [kind.name for kind in KINDS.values()]


def test_get_backend(monkeypatch):
    monkeypatch.delenv("FASTNN_BACKEND", raising=False)
    assert get_backend().name == "native"
    monkeypatch.setenv("FASTNN_BACKEND", "reference")
    assert get_backend().name == "reference"
    assert get_backend("native").name == "native"
    with pytest.raises(ValueError, match=r"'cuda'.*native.*reference"):
        get_backend("cuda")


# --- Op by op ---


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("level", levels())
@pytest.mark.parametrize("loss", LOSSES)
def test_each_op_of_a_program(loss, level, dtype, generator):
    """Forward, backward and update, two steps, then evaluation and prediction."""
    activation = ("relu", "sigmoid", "tanh")[list(LOSSES).index(loss) % 3]
    optimizer = list(OPTIMIZERS)[list(LOSSES).index(loss) % 4]
    program = mlp_program((13, 33, 17, 5), activation, loss, optimizer, dropout=0.2, metric=METRICS.get(loss))
    x, y = example_data(program, generator, 19, dtype)
    native = NativeBackend(level, fused=False)
    worst = assert_backends_agree(program, x, y, dtype, native=native, seed=4, steps=2)
    expected = {op.kind.name for ops in program.sections.values() for op in ops}
    assert set(worst) == expected
    assert {"dense", "dense_dw", "dropout_grad", loss, optimizer} <= expected
    assert worst["dense"] > 0, "no rounding at all would mean that nothing was computed"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_op_of_a_fused_program(optimizer, dtype, generator):
    program = mlp_program((21, 18, 10), "relu", "sparse_softmax_cross_entropy", optimizer)
    x, y = example_data(program, generator, 300, dtype)
    worst = assert_backends_agree(program, x, y, dtype, native=NativeBackend(fused=True), steps=2)
    assert f"dense_{optimizer}" in worst
    assert "dense_dw" not in worst


# --- Step by step ---


def distance(got, expected):
    """Largest difference, relative to the largest weight of the array."""
    return np.abs(got - expected).max() / max(np.abs(expected).max(), 1e-3)


def train_both(load, program, dtype, x, y, batch_size, learning_rate):
    """Train both backends step by step over a fixed order; yield them after each step."""
    both = [load(program, dtype, backend, learning_rate) for backend in (ReferenceBackend(), NativeBackend())]
    order = np.random.default_rng(3).permutation(len(x))
    totals = [np.zeros(len(program.values())) for _ in both]
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    assert len(batches[-1]) < batch_size, "the last batch is meant to be short"
    for step in range(STEPS):
        for executable, total in zip(both, totals, strict=True):
            _, bad = executable.train(x, y, batches[step % len(batches)], batch_size, total)
            assert bad == -1
        np.testing.assert_allclose(*totals, rtol=training_tolerance(dtype, step + 1), atol=1e-12)
        yield step + 1, both
    assert (totals[0] > 0).any()


def learning_rate_of(optimizer):
    return 0.05 if optimizer.startswith("sgd") else 0.01


@pytest.mark.parametrize("dropout", [0.0, 0.25])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_weights_after_each_step_float64(loss, optimizer, dropout, load, parameters, generator):
    activation = ("relu", "sigmoid", "tanh")[
        (list(LOSSES).index(loss) + list(OPTIMIZERS).index(optimizer)) % 3
    ]
    program = mlp_program((9, 17, 5), activation, loss, optimizer, dropout, METRICS.get(loss))
    x, y = example_data(program, generator, 50)
    start = parameters(load(program, "float64"))
    for step, both in train_both(load, program, "float64", x, y, 16, learning_rate_of(optimizer)):
        expected, got = map(parameters, both)
        for name, value in expected.items():
            assert distance(got[name], value) <= training_tolerance("float64", step), (
                f"{name} after step {step}"
            )
    moved = [distance(expected[name], value) for name, value in start.items()]
    assert min(moved) > 1e-4, "every parameter and slot has been trained"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_weights_after_each_step_float32(activation, optimizer, load, parameters, generator):
    """Each step starts from the differences of the one before, so the limit grows.

    Where relu meets an optimizer that scales each gradient to about 1, such as Adam, one pre-activation that
    is positive in one backend and negative in the other moves a weight by about the learning rate; and where
    a slot holds scaled gradients, those of sums that nearly cancel are off by more. There most numbers are
    compared, not the worst.
    """
    program = mlp_program((9, 33, 17, 5), activation, "softmax_cross_entropy", optimizer)
    x, y = example_data(program, generator, 50, "float32")
    scaled = not optimizer.startswith("sgd")
    scaled_slot = optimizer.startswith("rmsprop") and optimizer.endswith("momentum")
    part = 0.9 if scaled_slot or (scaled and activation == "relu") else 1.0
    for step, both in train_both(load, program, "float32", x, y, 16, learning_rate_of(optimizer)):
        expected, got = map(parameters, both)
        for name, value in expected.items():
            scale = max(np.abs(value).max(), 1e-3)
            difference = np.quantile(np.abs(got[name] - value), part) / scale
            assert difference <= training_tolerance("float32", step), f"{name} after step {step}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_evaluate_and_predict(dtype, load, generator):
    program = mlp_program((9, 17, 5), "tanh", "sparse_softmax_cross_entropy", dropout=0.5,
                          metric="sparse_categorical_accuracy")  # fmt: skip
    x, y = example_data(program, generator, 50, dtype)
    reference, native = load(program, dtype, ReferenceBackend()), load(program, dtype)
    expected, got = (executable.evaluate(x, y, 16) for executable in (reference, native))
    np.testing.assert_allclose(got, expected, rtol=training_tolerance(dtype, 0))
    assert 0 < got[1] < 50
    expected, got = (executable.predict(x, 16) for executable in (reference, native))
    assert got.dtype == expected.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=0, atol=training_tolerance(dtype, 1))
    assert got.std() > 0.1
    # Totals are carried on in place.
    totals = native.evaluate(x[:20], y[:20], 16)
    assert native.evaluate(x[20:], y[20:], 16, totals) is totals
    np.testing.assert_allclose(totals, native.evaluate(x, y, 50), rtol=1e-12)


def test_first_batch_whose_loss_is_not_finite(any_backend, load, generator):
    program = mlp_program((4, 3), loss="mean_squared_error")
    x, y = example_data(program, generator, 40, "float32")
    x[25, 2] = np.nan
    executable = load(program, backend=any_backend)
    _, bad = executable.train(x, y, np.arange(40), 8)
    assert bad == 3
    executable = load(program, backend=any_backend)
    totals, bad = executable.train(x, y, np.delete(np.arange(40), 25), 8)
    assert bad == -1
    assert np.isfinite(totals).all()


def test_set_and_get(any_backend, load, generator):
    program = mlp_program((9, 17, 5), optimizer="adam")
    x, y = example_data(program, generator, 12, "float32")
    executable = load(program, backend=any_backend)
    for i in program.with_role("parameter", "slot"):
        name, shape = program.buffers[i].name, program.buffers[i].shape
        value = generator.standard_normal(shape).astype("float32")
        executable.set(name, value)
        got = executable.get(name)
        np.testing.assert_array_equal(got, value)
        got[...] = 0
        np.testing.assert_array_equal(executable.get(name), value, err_msg="get returns a copy")
        executable.set(name, 0.5)
        assert (executable.get(name) == 0.5).all()
        with pytest.raises(ValueError):
            executable.set(name, np.zeros((shape[0] + 1, *shape[1:])))
    with pytest.raises(KeyError, match="no buffer called 'w7'"):
        executable.get("w7")
    executable.run("forward", x, y)
    with pytest.raises(ValueError, match="z is computed"):
        executable.set("z", 0)
    assert executable.get("z").shape == (12, 17)
    executable.predict(x[:7], 4)
    assert executable.get("z").shape == (3, 17), "as of the last batch"
    executable.evaluate(x[:5], y[:5], 64)
    assert executable.get("z").shape == (5, 17)
    np.testing.assert_array_equal(executable.get("target"), y[:5])


def test_arenas_grow_and_parameters_stay(load, parameters, generator):
    """A larger batch than before moves the batch's buffers, and nothing else."""
    program = mlp_program((9, 17, 5), optimizer="sgd_momentum")
    x, y = example_data(program, generator, 300, "float32")
    one, other = load(program), load(program)
    other.predict(x, 300)
    for size in (3, 40, 7, 300, 16):
        before = parameters(one)
        one.predict(x, size)
        for name, value in parameters(one).items():
            np.testing.assert_array_equal(value, before[name])
        for executable in (one, other):
            executable.train(x, y, np.arange(300), size)
    for name, value in parameters(one).items():
        np.testing.assert_array_equal(value, parameters(other)[name])
