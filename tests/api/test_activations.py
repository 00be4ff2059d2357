"""Activations: Keras' values and derivatives, names, arguments, and layers in their place."""

import json
import pathlib
import warnings

import numpy as np
import pytest

import fastnn
from fastnn import activations, layers, legacy
from fastnn.layers import ELU, Activation, Dense, LeakyReLU, PReLU, ReLU, Softmax

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "activations.json").read_text())
X = np.array([GOLDEN["x"]])
FUNCTIONS = [case for case in GOLDEN["cases"] if "name" in case]
LAYERS = [case for case in GOLDEN["cases"] if "layer" in case]
DEFAULT = {case["name"]: case for case in FUNCTIONS if not case["arguments"]}


def ident(case):
    return f"{case.get('name', case.get('layer'))}-{case['arguments']}"


def assert_is_keras(layer, case):
    """Forward and backward; far from 0 both sides round x + exp(-x) to a few units of x."""
    y = layer.forward(X, training=True)
    np.testing.assert_allclose(y, [case["y"]], rtol=1e-13, atol=4e-15)
    dy = np.arange(1, X.size + 1) / X.size
    np.testing.assert_allclose(layer.backward(dy[np.newaxis]), [case["dx"]], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", FUNCTIONS, ids=ident)
def test_values_are_those_of_keras(case):
    y = getattr(activations, case["name"])(X, **case["arguments"])
    np.testing.assert_allclose(y, [case["y"]], rtol=1e-13, atol=4e-15)
    assert len(np.unique(y)) > 2


@pytest.mark.parametrize("name", DEFAULT)
def test_layers_have_the_values_and_derivatives_of_keras(name, backend, float64):
    assert_is_keras(Activation(name), DEFAULT[name])


@pytest.mark.parametrize("case", LAYERS, ids=ident)
def test_layers_of_their_own_are_those_of_keras(case, backend, float64):
    layer = getattr(layers, case["layer"])(**case["arguments"])
    assert_is_keras(layer, case)
    assert layer.get_config().items() >= case["arguments"].items()


def test_all_names_are_tested_against_keras():
    assert set(activations.KNOWN) - set(DEFAULT) == {"threshold"}
    assert {case["name"] for case in FUNCTIONS} == set(activations.KNOWN)


def test_any_shape_and_type_can_be_given():
    x = np.arange(-3, 3).reshape(1, 2, 3)
    assert activations.relu(x).dtype == np.float32
    assert activations.relu(x).tolist() == [[[0, 0, 0], [0, 1, 2]]]
    assert activations.tanh(x.astype("float64")).dtype == np.float64
    assert activations.relu(-2.0) == 0
    assert activations.linear([1, 2]).tolist() == [1, 2]
    assert activations.elu(np.ones((0, 3))).shape == (0, 3)
    by_column = activations.softmax(x, axis=1)
    np.testing.assert_allclose(by_column.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(activations.softmax(x).sum(axis=-1), 1, rtol=1e-6)


def test_an_array_is_not_changed():
    x = np.array([-1.0, 2.0])
    for function in (activations.linear, activations.relu, activations.exponential):
        function(x)[:] = 7
    assert x.tolist() == [-1, 2]


def test_get_and_serialize():
    assert activations.get(None) is activations.linear
    assert activations.get("swish") is activations.silu is activations.swish
    assert activations.get(activations.gelu) is activations.gelu
    assert activations.serialize("hard_swish") == "hard_silu"
    assert activations.deserialize("mish") is activations.mish
    assert activations.deserialize("mine", {"mine": "relu"}) is activations.relu
    assert activations.relu.__name__ == "relu"
    with pytest.raises(ValueError, match=r"unknown activation 'rulu'.*relu.*selu"):
        activations.get("rulu")
    with pytest.raises(TypeError, match="given by name"):
        activations.get(3)


def test_an_activation_without_its_arguments_cannot_stand_in_a_layer():
    with pytest.raises(ValueError, match="'threshold' needs threshold and default_value"):
        Dense(2, activation="threshold").forward(np.ones((1, 2)))
    with pytest.raises(TypeError, match="default_value"):
        activations.threshold(X, 1.0)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: activations.relu(X, negative_slope=-1), "negative_slope must be a number of at least 0"),
        (lambda: activations.relu(X, max_value="a"), "max_value must be a number"),
        (lambda: activations.elu(X, alpha=-1), "elu: alpha"),
        (lambda: activations.celu(X, alpha=0), "celu: alpha must be above 0"),
        (lambda: activations.squareplus(X, b=0), "squareplus: b must be above 0"),
        (lambda: ReLU(max_value=-1), "ReLU: max_value"),
        (lambda: LeakyReLU(np.nan), "LeakyReLU: negative_slope"),
        (lambda: ELU(None), "ELU: alpha"),
    ],
)
def test_arguments_out_of_range(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_a_layer_may_be_an_activation():
    layer = Dense(3, activation=LeakyReLU(0.1))
    plain = Dense(3, name="plain")
    x = np.random.default_rng(0).standard_normal((5, 4))
    y = layer.forward(x)
    plain.build((None, 4))
    plain.set_weights(layer.get_weights())
    z = plain.forward(x)
    np.testing.assert_array_equal(y, np.where(z > 0, z, np.float32(0.1) * z))
    again = Dense.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.activation.negative_slope == 0.1
    assert isinstance(Dense(3, activation=ReLU).activation, ReLU)
    with pytest.raises(TypeError, match="given by name"):
        Dense(3, activation=PReLU())


def test_old_name_of_the_slope_warns_once():
    legacy._warned.clear()
    with pytest.warns(DeprecationWarning, match="negative_slope"):
        assert LeakyReLU(alpha=0.2).negative_slope == 0.2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LeakyReLU(alpha=0.2)


def test_prelu_learns_its_slope(backend, float64):
    layer = PReLU(alpha_initializer="ones")
    x, dy = np.array([[1.0, -2.0], [-3.0, -4.0]]), np.array([[0.5, 2.0], [3.0, -1.0]])
    layer.build((None, 2))
    layer.alpha.value = [0.25, 0.5]
    assert layer.forward(x).tolist() == [[1.0, -1.0], [-0.75, -2.0]]
    assert layer.backward(dy).tolist() == [[0.5, 1.0], [0.75, -0.5]]
    assert layer.gradients["alpha"].tolist() == [-9.0, 0.0]
    with pytest.raises(ValueError, match="shared_axes must be an integer of at least 1"):
        PReLU(shared_axes=[0])
    with pytest.raises(ValueError, match=r"axis=3 does not fit to inputs of shape \(None, 2, 3\)"):
        PReLU(shared_axes=[1, 3]).build((None, 2, 3))
    model = fastnn.Sequential([fastnn.Input((2, 3)), PReLU(alpha_constraint="max_norm")])
    with pytest.raises(ValueError, match=r"alpha: of a weight of shape \(2, 3\) in rows only NonNeg .* got MaxNorm"):
        model.predict(np.ones((1, 2, 3)))


def test_prelu_in_a_model(backend, blobs):
    x, labels = blobs
    model = fastnn.Sequential([Dense(8), PReLU(), Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.fit(x, labels, epochs=1, verbose=0).history["loss"][0]
    after = model.fit(x, labels, epochs=20, verbose=0).history["loss"][-1]
    assert after < before
    assert np.abs(model.layers[1].alpha.value).max() > 0.01
    assert model.layers[1].count_params() == 8


@pytest.mark.parametrize("name", sorted(set(activations.KNOWN) - {"threshold"}))
def test_every_activation_trains(name, blobs):
    x, labels = blobs
    model = fastnn.Sequential([Dense(16, activation=name), Dense(3)])
    loss = fastnn.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(fastnn.optimizers.Adam(0.02), loss)
    losses = model.fit(x, labels, epochs=15, verbose=0).history["loss"]
    assert losses[-1] < 0.75 * losses[0]


def test_softmax_axis():
    assert Softmax(axis=-1).get_config()["axis"] == -1
    assert Softmax(axis=[1, 2]).get_config()["axis"] == [1, 2]
    with pytest.raises(ValueError, match=r"axis=2 does not fit to inputs of shape \(None, 3\)"):
        Softmax(axis=2).build((None, 3))
    x = np.array([[[1000.0, -1000.0], [1001.0, 5.0]]])
    y = Softmax(axis=1).forward(x)
    np.testing.assert_allclose(y[0, :, 0], [1 / (1 + np.e), np.e / (1 + np.e)], rtol=1e-4)
    assert y[0, :, 1].tolist() == [0, 1]
    model = fastnn.Sequential([fastnn.Input((4,)), Softmax(axis=1)])
    assert "softmax:" in model.explain_plan(), "of the whole row it is one op, which joins the loss"
