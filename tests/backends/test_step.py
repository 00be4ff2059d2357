"""Step mode: the native backend's bits on ordinary nets, and layers that compute with NumPy."""

import numpy as np
import pytest

import fastnn as keras
from fastnn import Sequential, layers
from fastnn.backends import get_backend
from fastnn.backends.native import NativeBackend
from fastnn.backends.step import StepBackend, StepExecutable
from fastnn.testing import (
    LOSSES,
    OPTIMIZERS,
    assert_backends_agree,
    example_data,
    mlp_program,
    numerical_gradient,
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop_centered_momentum"])
@pytest.mark.parametrize("loss", LOSSES)
def test_step_has_the_bits_of_native(loss, optimizer, dtype, load, parameters, generator):
    program = mlp_program((9, 17, 5), "tanh", loss, optimizer, dropout=0.3)
    x, y = example_data(program, generator, 50, dtype)
    step, native = (load(program, dtype, backend) for backend in (StepBackend(), NativeBackend()))
    assert isinstance(step, StepExecutable)
    order = generator.permutation(50)
    rates = np.linspace(0.05, 0.01, 4)
    (got, bad), (expected, _) = (e.train(x, y, order, 16, learning_rates=rates) for e in (step, native))
    assert bad == -1
    np.testing.assert_array_equal(got, expected)
    for name, value in parameters(native).items():
        np.testing.assert_array_equal(parameters(step)[name], value)
    assert step.step == native.step == 4
    assert step.learning_rate == native.learning_rate
    np.testing.assert_array_equal(step.evaluate(x, y, 16), native.evaluate(x, y, 16))
    np.testing.assert_array_equal(step.predict(x, 16), native.predict(x, 16))
    assert np.ptp(native.predict(x, 16)) > 0.01


def test_step_within_the_limits_of_the_reference(generator):
    program = mlp_program((13, 33, 5), "relu", "sparse_softmax_cross_entropy", list(OPTIMIZERS)[3], dropout=0.2)
    x, y = example_data(program, generator, 19, "float32")
    worst = assert_backends_agree(program, x, y, native=StepBackend(fused=False), seed=4, steps=2)
    assert worst["dense"] > 0


def test_step_by_name(monkeypatch):
    assert get_backend("step").name == "step"
    monkeypatch.setenv("FASTNN_BACKEND", "step")
    model = Sequential([layers.Dense(2, input_shape=(3,))])
    model.predict(np.ones((1, 3)), verbose=0)
    assert type(model._trainer.backend) is StepBackend


class Affine(layers.Layer):
    """A dense layer in NumPy, with a third parameter that has no influence but its own."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")
        self.factor = self.add_weight(shape=(), initializer="ones", name="factor")
        self.seen = []

    def forward(self, x, training=False):
        self.x = x
        self.seen.append(training)
        return (x @ self.w + self.b) * self.factor

    def backward(self, dy):
        self.gradients["w"] = self.x.T @ dy * self.factor
        self.gradients["b"] = dy.sum(axis=0) * self.factor
        self.gradients["factor"] = (dy * (self.x @ self.w + self.b)).sum()
        return dy @ self.w.value.T * self.factor


def net(first):
    keras.utils.set_random_seed(4)
    return Sequential(
        [keras.Input((4,)), first, layers.Activation("tanh"), layers.Dense(3, activation="softmax", name="out")]
    )


def test_a_numpy_layer_trains_as_the_native_one_does(backend, blobs):
    x, labels = blobs
    histories, predictions = [], []
    for layer in (Affine(6, name="same"), layers.Dense(6, name="same")):
        model = net(layer)
        if isinstance(layer, Affine):
            layer.factor.trainable = False
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        histories.append(model.fit(x, labels, epochs=4, validation_split=0.2, verbose=0).history)
        predictions.append(model.predict(x, verbose=0))
    for name, values in histories[1].items():
        np.testing.assert_allclose(histories[0][name], values, rtol=1e-5)
    np.testing.assert_allclose(*predictions, rtol=1e-4, atol=1e-5)
    assert histories[0]["loss"][-1] < histories[0]["loss"][0]


def test_training_is_told(blobs):
    x, labels = blobs
    layer = Affine(6)
    model = net(layer)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.predict(x, verbose=0)
    layer.seen.clear()
    model.fit(x, labels, batch_size=45, epochs=1, validation_data=(x, labels), validation_batch_size=90, verbose=0)
    model.predict(x, batch_size=90, verbose=0)
    assert layer.seen == [True, True, False, False]


def test_gradients_of_a_numpy_layer(backend, generator):
    keras.config.set_floatx("float64")
    try:
        layer = Affine(3)
        model = Sequential([keras.Input((4,)), layers.Dense(4, activation="tanh"), layer, layers.Dense(2)])
        x, y = generator.standard_normal((5, 4)), generator.standard_normal((5, 2))
        model.compile("sgd", "mse")
        before = [w.value for w in model.weights]
        model.train_on_batch(x, y)
        for parameter, old in zip(model.weights, before, strict=True):
            got = (old - parameter.value) / 0.01
            for other, value in zip(model.weights, before, strict=True):
                other.value = value

            def loss(value, parameter=parameter):
                parameter.value = value
                return model.evaluate(x, y, verbose=0)

            expected = numerical_gradient(loss, old)
            np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-9, err_msg=parameter.path)
            assert np.abs(expected).max() > 1e-3
            parameter.value = old
            model.train_on_batch(x, y)
    finally:
        keras.config.set_floatx("float32")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ({"backward": lambda self, dy: dy[:, :2]}, r"backward returned the shape .* expected the input's"),
        ({"backward": lambda self, dy: dy @ self.w.value.T}, r"must leave the gradient of 'w' in self.gradients"),
    ],
)
def test_what_a_numpy_layer_does_wrong_is_said(spoil, message, blobs):
    x, labels = blobs
    model = net(type("Spoilt", (Affine,), spoil)(6))
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=message):
        model.fit(x, labels, verbose=0)
