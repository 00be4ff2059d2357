"""Looking inside: the numbers are those of training, nothing changes, and a wrong gradient is found."""

import numpy as np
import pytest

import fastnn
from fastnn.layers import Dense, Dropout, Input
from fastnn.ops import KINDS


def make(loss="categorical_crossentropy", optimizer="sgd", last="softmax", units=3, hidden="tanh", dropout=0.3):
    model = fastnn.Sequential(
        [Input((4,)), Dense(5, activation=hidden), Dropout(dropout, seed=3), Dense(units, activation=last)]
    )
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


@pytest.fixture
def data(blobs):
    x, labels = blobs
    return x[:7], np.eye(3, dtype="float32")[labels[:7]]


def test_trace_has_the_names_of_the_notes(backend, data):
    trace = make().trace(*data)
    shapes = {
        "X": (7, 4), "W1": (4, 5), "b1": (5,), "Z1": (7, 5), "A1": (7, 5), "D1": (7, 5), "W2": (5, 3), "b2": (3,),
        "Z2": (7, 3), "A2": (7, 3), "Y": (7, 3), "loss": (7,), "dZ2": (7, 3), "dW2": (5, 3), "db2": (3,),
        "dD1": (7, 5), "dA1": (7, 5), "dZ1": (7, 5), "dW1": (4, 5), "db1": (5,), "accuracy": (7,),
    }  # fmt: skip
    assert {name: array.shape for name, array in trace.items()} == shapes
    np.testing.assert_allclose(trace["Z1"], trace["X"] @ trace["W1"] + trace["b1"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(trace["dZ2"], (trace["A2"] - trace["Y"]) / 7, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(trace["dW1"], trace["X"].T @ trace["dZ1"], rtol=1e-4, atol=1e-7)
    assert trace.loss == pytest.approx(-np.log((trace["A2"] * trace["Y"]).sum(axis=1)).mean(), rel=1e-5)
    assert (trace["D1"] == 0).any() and not (trace["A1"] == 0).any()


def test_trace_reads_like_the_notes(data):
    trace = make().trace(*data)
    lines = str(trace).splitlines()
    assert lines[0].startswith("One training step of 7 rows, loss ")
    by_name = {line.split()[0]: " ".join(line.split()) for line in lines[4:]}
    assert by_name["Z2"].startswith("Z2 Z2 = D1 W2 + b2 (7, 3) ")
    assert by_name["dZ1"].startswith("dZ1 dZ1 = dA1 * (1 - A1^2) (7, 5) ")
    assert by_name["dZ2"].startswith("dZ2 dZ2 = (softmax(Z2) - Y) / B (7, 3) ")
    page = trace._repr_html_()
    assert page.count("<tr>") == len(trace) + 1 and "dW1 = X^T dZ1" in page
    with pytest.raises(KeyError, match="no 'W9' in this trace; there are X, W1"):
        trace["W9"]


def test_what_is_traced_is_what_training_does(backend, data):
    model = make()
    model.train_on_batch(*data)  # not the first step: another dropout mask
    before, trace = model.get_weights(), model.trace(*data)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    steps = {name: array for view in model.step(*data) for name, array in view.outputs.items()}
    model.train_on_batch(*data)
    for name, value in zip(("W1", "b1", "W2", "b2"), model.get_weights(), strict=True):
        np.testing.assert_array_equal(steps[name], value)
        rate = np.float32(model.optimizer.learning_rate)
        np.testing.assert_allclose(value, trace[name] - rate * trace["d" + name], rtol=1e-5, atol=1e-7)
        assert (trace["d" + name] != 0).any()


def test_step_goes_op_by_op(data):
    model = make(optimizer="adam")
    stepper = model.step(*data)
    first = next(stepper)
    assert (first.section, first.number, first.kind, first.layer) == ("forward", 1, "dense", model.layers[0].name)
    assert first.formula == "Z1 = X W1 + b1" and list(first.outputs) == ["Z1"]
    with pytest.raises(ValueError, match="not been computed"):
        fastnn.Trainer(model, "sgd", "mse", backend="reference").step(*data)["A1"]
    views = [first, *stepper]
    assert len(views) == len(stepper) == views[-1].count
    assert [view.number for view in views] == [*range(1, len(views) + 1)]
    assert [view.section for view in views] == sorted(
        (view.section for view in views), key=["forward", "backward", "update"].index
    )
    assert set(views[-1].outputs) >= {"b2"} and "update" in str(views[-1])
    assert all(view.formula in str(view) and view.title in view._repr_html_() for view in views)
    assert stepper["W1"].shape == (4, 5)
    with pytest.raises(KeyError, match="no 'Q' in this step"):
        stepper["Q"]
    with pytest.raises(StopIteration):
        next(stepper)


def test_single_unit_and_labels(data):
    x, y = data
    trace = make("binary_crossentropy", last="sigmoid", units=1).trace(x, y[:, :1])
    np.testing.assert_allclose(trace["dZ2"], (trace["A2"] - trace["Y"]) / 7, rtol=1e-4, atol=1e-7)
    trace = make("sparse_categorical_crossentropy").trace(x, y.argmax(axis=1))
    assert trace["Y"].shape == (7,) and "onehot(Y)" in str(trace)
    trace = make("mse", last="linear").trace(x, y)
    np.testing.assert_allclose(trace["dZ2"], 2 * (trace["Z2"] - trace["Y"]) / 21, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    ("loss", "last"),
    [
        ("categorical_crossentropy", "softmax"),
        ("categorical_crossentropy", "sigmoid"),
        ("mse", "sigmoid"),
        ("mse", "linear"),
    ],
)
@pytest.mark.parametrize("hidden", ["tanh", "relu", "sigmoid"])
def test_right_gradients_are_found_right(backend, data, loss, last, hidden):
    model = make(loss, "adam", last, hidden=hidden)
    weights = model.get_weights()
    report = fastnn.grad_check(model, *data)
    assert report and report.ok, report
    assert [parameter.checked for parameter in report.parameters] == [20, 5, 15, 3]
    assert any(parameter.backprop for parameter in report.parameters)
    assert "All gradients are right" in str(report) and "right" in report._repr_html_()
    assert all((a == b).all() for a, b in zip(weights, model.get_weights(), strict=True))


def test_sample_weights_and_part_of_the_numbers(data):
    model = make()
    report = fastnn.grad_check(model, *data, sample_weight=np.arange(7.0), max_elements=6)
    assert report and [parameter.checked for parameter in report.parameters] == [6, 5, 6, 3]


def test_a_wrong_gradient_is_caught_and_named(data, monkeypatch):
    """The classic slip: 1 - y instead of 1 - y^2."""
    monkeypatch.setenv("FASTNN_BACKEND", "reference")
    monkeypatch.setattr(type(KINDS["tanh_grad"]), "compute", lambda self, step, dy, y: dy * (1 - y))
    model = make()
    report = fastnn.grad_check(model, *data)
    assert not report
    first, last = model.layers[0].name, model.layers[-1].name
    assert [parameter.ok for parameter in report.parameters] == [False, False, True, True]
    assert report.parameters[0].error > 1e-2
    assert f"WRONG: {first}/kernel, {first}/bias." in str(report)
    assert f"{last}/kernel, {last}/bias are right, so look between {first}/bias and" in report.verdict


def test_a_number_that_is_not_finite_is_wrong(data, monkeypatch):
    monkeypatch.setenv("FASTNN_BACKEND", "reference")
    monkeypatch.setattr(type(KINDS["tanh_grad"]), "compute", lambda self, step, dy, y: dy * np.nan)
    assert not fastnn.grad_check(make(), *data)


def test_errors_say_what_to_do(data):
    model = fastnn.Sequential([Input((4,)), Dense(3)])
    for look in (model.trace, model.step, lambda x, y: fastnn.grad_check(model, x, y)):
        with pytest.raises(ValueError, match=r"call compile\("):
            look(*data)
    with pytest.raises(ValueError, match="x"):
        make().trace(data[0][:, :2], data[1])


def test_disassembly_shows_in_a_notebook(data):
    listing = make().disassemble()
    assert isinstance(listing, str) and listing._repr_html_().startswith("<pre>forward:\n")
    assert "&lt;-" in listing._repr_html_()
