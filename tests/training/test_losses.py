"""Losses against the values and gradients of Keras (tests/golden/make_losses.py), and in a model's program."""

import json
import pathlib

import make_losses as MAKER
import numpy as np
import pytest

from fastnn import Sequential, layers, losses
from fastnn.backends import get_backend
from fastnn.builder import ProgramBuilder

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "losses.json").read_text())["losses"]
RTOL, ATOL = 1e-9, 1e-12  # Keras' sums have another order
FLOAT32_NUMBER = {"LogCosh": 1e-8}  # Keras subtracts a log(2) that was rounded to float32
BATCH = ("Dice", "Tversky")  # one value for the batch, which "sum" counts for each row (docs/keras_differences.md)


def reductions(case):
    return [name for name in MAKER.REDUCTIONS if name not in ("sum", "none") or case["name"] not in BATCH]


def label(case):
    return f"{case['name']} {case['options']} {case['data']}"


def test_golden_file_has_all_cases():
    assert [(case["name"], case["options"], case["data"]) for case in GOLDEN] == list(MAKER.cases())
    assert {case["name"] for case in GOLDEN} == {cls.__name__ for cls in losses.FUNCTIONS.values()}


@pytest.mark.parametrize("case", GOLDEN, ids=label)
def test_values_are_those_of_keras(case):
    t, x, w = MAKER.data(case["data"])
    rtol = FLOAT32_NUMBER.get(case["name"], RTOL)
    for reduction in reductions(case):
        loss = getattr(losses, case["name"])(**case["options"], reduction=reduction, dtype="float64")
        np.testing.assert_allclose(loss(t, x), case[reduction], rtol=rtol, atol=ATOL, err_msg=reduction)
        weighted = loss(t, x, sample_weight=w)
        np.testing.assert_allclose(weighted, case[f"{reduction}, weighted"], rtol=rtol, atol=ATOL, err_msg=reduction)


def program_of(loss, t, weighted=False):
    b = ProgramBuilder()
    x = b.input(4, differentiable=True)
    target = b.target(t.shape[1:], t.dtype.kind == "i")
    b.backward(loss.emit(b, x, target, b.weight() if weighted else None))
    return b.build(x)


@pytest.mark.parametrize("case", GOLDEN, ids=label)
def test_programs_have_the_values_and_gradients_of_keras(backend, case):
    t, x, w = MAKER.data(case["data"])
    rtol = FLOAT32_NUMBER.get(case["name"], RTOL)
    for reduction in set(reductions(case)) - {"none"}:
        loss = getattr(losses, case["name"])(**case["options"], reduction=reduction)
        for weights, name in ((None, reduction), (w, f"{reduction}, weighted")):
            executable = get_backend(backend).load(program_of(loss, t, weights is not None), "float64")
            executable.run("forward", x, t, weights=weights)
            value = executable.get("loss").mean()
            np.testing.assert_allclose(value, case[name], rtol=rtol, atol=ATOL, err_msg=name)
            if name == "sum_over_batch_size":
                executable.run("backward")
                np.testing.assert_allclose(executable.get("dx"), case["gradient"], rtol=rtol, atol=ATOL)
                assert np.abs(case["gradient"]).max() > 1e-3


def test_functions_are_losses_too(backend):
    x, y = np.random.default_rng(0).random((2, 20, 3)).astype("float32")
    for function, cls in losses.FUNCTIONS.items():
        assert isinstance(losses.get(function), cls)
        if not cls.integer_target:
            assert np.all(np.isfinite(function(y, x)))
    model = Sequential([layers.Dense(3)])
    model.compile("sgd", losses.mean_absolute_error, loss_weights=[3])
    loss = model.evaluate(x, y, verbose=0)
    assert loss == pytest.approx(3 * np.abs(model.predict(x, verbose=0) - y).mean(), rel=1e-5)


def test_configurations_make_the_same_loss_again():
    for cls in losses.FUNCTIONS.values():
        loss = cls(reduction="sum", name="mine")
        again = losses.deserialize(losses.serialize(loss))
        assert type(again) is cls
        assert again.get_config() == loss.get_config()


@pytest.mark.parametrize(
    ("units", "y", "chosen"),
    [
        (1, np.array([0, 1, 1, 0]), losses.BinaryCrossentropy),
        (3, np.array([0, 1, 2, 0]), losses.SparseCategoricalCrossentropy),
        (3, np.eye(3)[[0, 1, 2, 0]], losses.CategoricalCrossentropy),
    ],
)
@pytest.mark.parametrize("name", ["crossentropy", "ce"])
def test_crossentropy_is_chosen_by_shape(backend, units, y, chosen, name):
    model = Sequential([layers.Dense(units, "sigmoid" if units == 1 else "softmax")])
    model.compile("sgd", name)
    model.fit(np.ones((4, 2)), y, verbose=0)
    assert isinstance(model._trainer.loss, chosen)


def test_reduction_none_cannot_be_trained():
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", losses.MeanSquaredError(reduction="none"))
    with pytest.raises(ValueError, match=r"reduction='none'.*single number"):
        model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
