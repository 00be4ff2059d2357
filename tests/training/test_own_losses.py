"""Losses and metrics given as functions: traced, run by a tape, or in NumPy with their gradient."""

import json
import pathlib

import make_own as MAKER
import numpy as np
import pytest

import fastnn as keras
from fastnn import Input, Sequential, Trainer, ops
from fastnn import tf_shim as tf
from fastnn.backends import get_backend
from fastnn.layers import Dense

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "own.json").read_text("utf-8"))["functions"]


@pytest.mark.parametrize("name", MAKER.CASES)
def test_the_numbers_are_those_of_keras(name, backend, float64):
    """Logs and weights after nine steps of training with a short last batch, in float64."""
    got, expected = MAKER.play(keras, name), GOLDEN[name]
    # With TensorFlow the loss of one of several outputs is a mean over batches (docs/keras_differences.md).
    apart = {f"{prefix}{output}_loss" for prefix in ("", "val_") for output in "ab"}
    for group in ("history", "evaluate"):
        assert list(got[group]) == list(expected[group])
        for key, value in expected[group].items():
            if key not in apart:
                np.testing.assert_allclose(got[group][key], value, rtol=1e-10, atol=1e-12, err_msg=key)
    for position, (g, e) in enumerate(zip(got["weights"], expected["weights"], strict=True)):
        np.testing.assert_allclose(g, e, rtol=1e-10, atol=1e-12, err_msg=str(position))
    assert expected["history"]["loss"][-1] != expected["history"]["loss"][0]


def test_golden_file_is_what_keras_computes():
    pytest.importorskip("keras")
    made = MAKER.make_golden()["functions"]
    assert list(made) == list(GOLDEN)
    for name, case in made.items():
        np.testing.assert_allclose(case["history"]["loss"], GOLDEN[name]["history"]["loss"], rtol=1e-10)


@pytest.mark.parametrize("name", MAKER.CASES)
def test_the_plan_says_that_they_are_native(name):
    plan = compiled_like(name).explain_plan()
    assert "one native call for many batches" in plan
    assert "NumPy" not in plan
    assert plan.count(": native, one number a ") == len(keras_flat(MAKER.CASES[name]))


def compiled_like(name):
    """The model of a case, compiled and with data, but not trained."""
    case, own = MAKER.CASES[name], MAKER.functions(keras)

    def named(names):
        return [named(item) for item in names] if isinstance(names, list) else own[names]

    model = case["net"](keras) if "net" in case else MAKER.net(keras, case.get("last", "linear"))
    model.compile("sgd", named(case["loss"]), **{key: named(case[key]) for key in case if key.endswith("metrics")})
    arrays, target = MAKER.data(), case.get("target", "real")
    model.evaluate(
        arrays["x"], [arrays[t] for t in target] if isinstance(target, list) else arrays[target], verbose=0
    )
    return model


def keras_flat(case):
    """The names of all metrics of a case."""
    return np.concatenate([np.ravel(case[key]) for key in case if key.endswith("metrics")] or [[]]).tolist()


@pytest.mark.parametrize("name", ["huber", "rmse", "soft_f1", "by_column", "mixed", "labels"])
def test_native_and_step_mode_have_the_same_bits(name):
    """With one, two and three threads, weights of rows, dropout and a short last batch."""
    generator = np.random.default_rng(2)
    x, w = generator.standard_normal((150, 6)).astype("float32"), generator.uniform(0.1, 2, 150)
    labels = generator.integers(0, 3, 150)
    y = labels if name == "labels" else np.eye(3)[labels] + 0.1 * generator.standard_normal((150, 3))

    def run(backend, threads=None):
        keras.utils.set_random_seed(5)
        own = MAKER.functions(keras)
        last = Dense(3, "softmax" if name == "labels" else None)
        model = Sequential([Input((6,)), Dense(70, "tanh"), keras.layers.Dropout(0.2), last])
        metrics = [own["labels"]] if name == "labels" else [own["huber"], own["soft_f1"]]
        trainer = Trainer(model, "adam", own[name], metrics, get_backend(backend), threads, seed=4)
        weighted = trainer.fit(x, y, 32, 1, verbose=0, sample_weight=w).history
        trainer._session.executable.always_threads = threads is not None
        plain = trainer.fit(x, y, 32, 2, verbose=0, validation_data=(x[:40], y[:40])).history
        return [*weighted.values(), *plain.values(), *model.get_weights(), model.predict(x, verbose=0)]

    expected = run("step")
    for threads in (1, 2, 3):
        for one, other in zip(run("native", threads), expected, strict=True):
            np.testing.assert_array_equal(one, other)
    assert expected[0][0] != expected[2][0]


def traced(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


def whole(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred))


def plain(y_true, y_pred):
    return ((y_true - y_pred) ** 2).mean(axis=1)


plain.gradient = lambda y_true, y_pred: 2 * (y_pred - y_true) / y_pred.shape[1]


def huber_fn(y_true, y_pred):
    error = y_true - y_pred
    small = ops.abs(error) < 1
    return ops.where(small, ops.square(error) / 2, ops.abs(error) - 0.5)


def train(loss):
    keras.utils.set_random_seed(3)
    generator = np.random.default_rng(1)
    x, y = generator.standard_normal((40, 4)), 3 * generator.standard_normal((40, 2))
    model = Sequential([Input((4,)), Dense(5, activation="tanh"), Dense(2)])
    model.compile("adam", loss)
    history = model.fit(x, y, epochs=4, verbose=0, validation_split=0.25).history
    return history, model.predict(x, verbose=0)


@pytest.mark.parametrize(
    ("own", "known"), [(traced, "mse"), (whole, "mse"), (plain, "mse"), (huber_fn, keras.losses.Huber())]
)
def test_own_losses_are_the_known_ones(own, known, backend):
    (history, predictions), (expected, expected_predictions) = train(own), train(known)
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5)
    np.testing.assert_allclose(predictions, expected_predictions, rtol=1e-4, atol=1e-5)
    assert expected["loss"][-1] < expected["loss"][0]


def maximum_error(y_true, y_pred):
    return ops.max(ops.abs(y_true - y_pred), axis=-1)


def test_what_cannot_be_written_down_is_run_by_a_tape_and_the_plan_says_why(backend):
    (history, predictions), model = train(maximum_error), Sequential([Input((4,)), Dense(2)])
    assert history["loss"][-1] < history["loss"][0]
    assert np.ptp(predictions) > 0.1
    model.compile("adam", maximum_error, metrics=[maximum_error])
    model.evaluate(np.ones((3, 4)), np.ones((3, 2)), verbose=0)
    plan = model.explain_plan()
    assert "Step mode" in plan
    assert "loss maximum_error is run by Python with each batch: max of symbolic tensors is not supported" in plan
    assert "maximum_error: NumPy; max of symbolic tensors is not supported" in plan


RATE = tf.Variable(2.0)


def equal_ones(t, y):
    return tf.where(t == 1, tf.square(t - y), 3 * tf.square(t - y))


def unequal_ones(t, y):
    return tf.where(t != 1, tf.square(t - y), tf.abs(y)) * tf.cast(y > 0, tf.int32)


def with_a_variable(t, y):
    return tf.reduce_mean(tf.square(t - y) * RATE)


def with_whole_numbers(t, y):
    return tf.reduce_mean(tf.cast(tf.cast(3 * t, tf.int32), tf.float32) * y)


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (equal_ones, None),
        (unequal_ones, None),
        (with_a_variable, "a variable cannot be joined"),
        (with_whole_numbers, "none is cut off"),
    ],
)
def test_a_loss_that_is_written_down_is_the_one_of_tensors(loss, reason):
    """Comparisons with ==, variables that change, and whole numbers: natively, or not, but the same."""
    generator = np.random.default_rng(3)
    x, y = generator.standard_normal((12, 4)), np.round(generator.uniform(0, 1.4, (12, 3)))
    y[0] = 0.5
    model = Sequential([Input((4,)), Dense(3)])
    model.compile("sgd", loss)
    RATE.assign(2.0)
    for rate in (2.0, 5.0):
        RATE.assign(rate)
        predictions = tf.constant(model.predict(x, verbose=0))
        expected = float(np.mean(loss(tf.constant(y, tf.float32), predictions)))
        assert model.evaluate(x, y, verbose=0) == pytest.approx(expected, rel=1e-5)
    assert ("one native call" in model.explain_plan()) == (reason is None)
    assert reason is None or reason in model.explain_plan()


def test_a_layer_cannot_add_up_over_the_batch():
    """Its output for a row would depend on the rows beside it."""


    class Centred(keras.layers.Layer):
        def call(self, x):
            return x - ops.mean(x, axis=0)

    with pytest.raises(NotImplementedError, match="only losses and metrics can add up over the whole batch"):
        Centred()(Input((3,)))


def test_a_metric_of_a_batch_with_weights_is_handed_the_outputs():
    """One number for the batch and one weight for each row: NumPy's rule decides, as for any metric."""
    own = MAKER.functions(keras)
    model = MAKER.net(keras)
    arrays = MAKER.data()
    model.compile("sgd", "mse", metrics=[own["rmse"]], weighted_metrics=[own["rows"]])
    model.evaluate(arrays["x"], arrays["real"], sample_weight=arrays["rows"], verbose=0)
    assert "rows: native" in model.explain_plan()
    model.compile("sgd", "mse", weighted_metrics=[own["rmse"]])
    with pytest.raises(ValueError, match="broadcast"):
        model.evaluate(arrays["x"], arrays["real"], sample_weight=arrays["rows"], verbose=0)
    assert "rmse: NumPy; it returns one number for a batch, whose rows have weights" in model.explain_plan()


def test_what_has_no_gradient_says_how_to_give_one():
    with pytest.raises(TypeError, match=r"returned float32, not a tensor; .*give the function its gradient"):
        train(lambda y_true, y_pred: np.mean((y_true - y_pred) ** 2))
