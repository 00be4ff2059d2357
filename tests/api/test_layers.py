"""Layers: names, shapes, parameters, and forward and backward in loops written by hand."""

import numpy as np
import pytest

import fastnn
from fastnn import layers
from fastnn.layers import Activation, Dense, Dropout, Flatten, Input, ReLU, Softmax
from fastnn.naming import snake_case


@pytest.mark.parametrize(
    ("class_name", "name"),
    [("Dense", "dense"), ("BatchNormalization", "batch_normalization"), ("ReLU", "re_lu"), ("SGD", "sgd")],
)
def test_names_are_those_of_keras(class_name, name):
    assert snake_case(class_name) == name


def test_default_names_are_counted():
    first, second = Dense(2), Dense(2)
    base, _, number = first.name.rpartition("_")
    assert second.name == (f"{base}_{int(number) + 1}" if base else "dense_1")
    assert Dense(2, name="mine").name == "mine"


@pytest.mark.parametrize(
    ("layer", "given", "shape", "parameters"),
    [
        (Dense(5), (None, 3), (None, 5), {"kernel": (3, 5), "bias": (5,)}),
        (Dense(5, use_bias=False), (None, 3), (None, 5), {"kernel": (3, 5)}),
        (Flatten(), (None, 28, 28), (None, 784), {}),
        (Dropout(0.5), (None, 2, 3), (None, 2, 3), {}),
        (Activation("tanh"), (None, 2, 3), (None, 2, 3), {}),
        (ReLU(), (None, 3), (None, 3), {}),
        (Softmax(), (None, 3), (None, 3), {}),
    ],
)
def test_shapes_and_parameters(layer, given, shape, parameters):
    assert not layer.built
    assert layer.weights == []
    assert layer.compute_output_shape(given) == shape
    layer.build(given)
    assert (layer.input_shape, layer.output_shape) == (given, shape)
    assert {name: p.shape for name, p in layer.parameters.items()} == parameters
    assert [p.path for p in layer.weights] == [f"{layer.name}/{name}" for name in parameters]
    assert layer.count_params() == sum(int(np.prod(s)) for s in parameters.values())


@pytest.mark.parametrize(
    "layer",
    [
        Dense(5, "relu", kernel_initializer="he_normal", input_shape=(3,)),
        Flatten(),
        Dropout(0.5, seed=3),
        Activation("tanh"),
        ReLU(),
        Softmax(),
        Input((28, 28))._keras_history.operation,
    ],
)
def test_configuration_makes_the_same_layer(layer):
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config


def test_input_dim_means_input_shape():
    assert Dense(5, input_dim=3).given_input_shape == Dense(5, input_shape=(3,)).given_input_shape == (3,)


def test_weights_can_be_read_and_set():
    layer = Dense(2)
    layer.build((None, 3))
    kernel, bias = np.arange(6.0).reshape(3, 2), np.ones(2)
    layer.set_weights([kernel, bias])
    assert np.array_equal(layer.kernel.numpy(), kernel)
    assert np.array_equal(layer.get_weights()[1], bias)
    layer.kernel.value *= 2
    assert np.array_equal(np.asarray(layer.kernel), 2 * kernel)
    layer.get_weights()[0][:] = 0  # a copy
    assert np.array_equal(layer.kernel.value, 2 * kernel)
    layer.bias.assign([3, 4])
    assert layer.bias.value.tolist() == [3, 4]


def test_dense_forward_and_backward_are_the_formulas(backend):
    generator = np.random.default_rng(0)
    x, dy = generator.standard_normal((5, 3)), generator.standard_normal((5, 2))
    layer = Dense(2, activation="tanh")
    y = layer.forward(x)
    w, b = layer.get_weights()
    np.testing.assert_allclose(y, np.tanh(x @ w + b), rtol=1e-5)

    dx = layer.backward(dy)
    dz = dy * (1 - y**2)
    np.testing.assert_allclose(dx, dz @ w.T, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layer.gradients["kernel"], x.T @ dz, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layer.gradients["bias"], dz.sum(axis=0), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["linear", "relu", "sigmoid", "tanh", "softmax"])
def test_backward_agrees_with_differences(backend, name):
    fastnn.config.set_floatx("float64")
    try:
        layer = Dense(3, activation=name)
        generator = np.random.default_rng(3)
        x, dy = generator.standard_normal((4, 2)), generator.standard_normal((4, 3))
        layer.forward(x, training=True)
        dx = layer.backward(dy)
        step = 1e-6
        for i, j in np.ndindex(x.shape):
            shift = np.zeros_like(x)
            shift[i, j] = step
            slope = ((layer.forward(x + shift) - layer.forward(x - shift)) * dy).sum() / (2 * step)
            assert dx[i, j] == pytest.approx(slope, rel=1e-6, abs=1e-8)
    finally:
        fastnn.config.set_floatx("float32")


def test_hand_written_loop_learns(backend, blobs):
    x, labels = blobs
    hidden, output = Dense(8, activation="relu"), Dense(3)
    losses = []
    for _ in range(60):
        z = output.forward(hidden.forward(x, training=True), training=True)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        losses.append(-np.log(p[np.arange(len(x)), labels]).mean())
        hidden.backward(output.backward((p - np.eye(3)[labels]) / len(x)))
        for layer in (hidden, output):
            for name, parameter in layer.parameters.items():
                parameter.value -= 0.5 * layer.gradients[name]
    assert losses[-1] < 0.2 < 0.9 < losses[0]


def test_flatten_only_reshapes(backend):
    layer, x = Flatten(), np.arange(24.0).reshape(2, 3, 4)
    assert np.array_equal(layer.forward(x), x.reshape(2, 12))
    assert np.array_equal(layer.backward(x.reshape(2, 12)), x)


def test_dropout_drops_only_in_training(backend):
    layer, x = Dropout(0.25, seed=1), np.ones((400, 50), "float32")
    assert np.array_equal(layer.forward(x), x)
    y = layer.forward(x, training=True)
    assert set(np.unique(y)) == {0, np.float32(1 / 0.75)}
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.02)
    assert np.array_equal(layer.backward(x), y)
    assert not np.array_equal(layer.forward(x, training=True), y), "each pass has a mask of its own"
    assert np.array_equal(Dropout(0.25, seed=1).forward(x, training=True), y), "the seed repeats them"


def test_backward_needs_a_forward_of_its_kind(backend):
    layer = Dropout(0.5)
    with pytest.raises(RuntimeError, match=r"call forward\(x, training=True\) before"):
        layer.backward(np.ones((2, 3)))
    layer.forward(np.ones((2, 3)))
    with pytest.raises(RuntimeError, match="training=False"):
        layer.backward(np.ones((2, 3)))


def test_layer_sees_what_the_model_learnt(backend, blobs):
    x, labels = blobs
    model = fastnn.Sequential([Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(x, labels, epochs=2, verbose=0)
    layer = model.layers[0]
    np.testing.assert_array_equal(layer.forward(x), model.predict(x, verbose=0))
    layer.kernel.value = np.zeros((4, 3))
    layer.bias.value = np.zeros(3)
    np.testing.assert_allclose(model.predict(x, verbose=0), 1 / 3, rtol=1e-6)


def test_all_layers_are_public():
    assert {"Activation", "Dense", "Dropout", "Flatten", "Input", "ReLU", "Softmax"} <= set(layers.__all__)


def test_every_layer_takes_what_keras_layers_take():
    assert "dtype" not in Flatten(dtype="float32").get_config()
    assert Activation("relu", input_dim=3).given_input_shape == (3,)
    assert Dense(2, batch_input_shape=(None, 4, 5)).given_input_shape == (4, 5)
    assert layers.GaussianNoise(0.5, input_dim=2, dtype=np.float32).given_input_shape == (2,)

    class Own(layers.Layer):
        def __init__(self, factor, **options):
            super().__init__(**options)
            self.factor = factor

    assert Own(2, input_dim=7, dtype="float32", name="own").given_input_shape == (7,)
    with pytest.raises(ValueError, match="Softmax: dtype must be that of all layers, 'float32', got 'float16'"):
        Softmax(dtype="float16")
    with pytest.raises(ValueError, match=r"ReLU: give input_shape=\(2,\) or input_dim=3, not both"):
        ReLU(input_shape=(2,), input_dim=3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'input_dims'"):
        Flatten(input_dims=3)
