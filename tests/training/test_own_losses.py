"""Losses given as functions: traced, or in NumPy with their gradient."""

import numpy as np
import pytest

import fastnn as keras
from fastnn import Input, Sequential, ops
from fastnn.layers import Dense


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


def test_what_has_no_gradient_says_how_to_give_one():
    with pytest.raises(TypeError, match=r"returned float32, not a tensor; .*give the function its gradient"):
        train(lambda y_true, y_pred: np.mean((y_true - y_pred) ** 2))
