"""Small nets against Keras in float64: losses, evaluation, prediction and weights after three epochs."""

import json
import pathlib

import numpy as np
import pytest

import fastnn
from fastnn import constraints, layers, regularizers
from fastnn.backends.native import NativeBackend
from fastnn.trainer import Trainer

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "layers.json").read_text())
DATA = {name: np.array(values) for name, values in GOLDEN["data"].items()}


pytestmark = pytest.mark.usefixtures("float64")


def make(net):
    """The net with the golden start, compiled as it was in Keras."""
    model = fastnn.Sequential([fastnn.Input((DATA["x"].shape[1],))])
    for name, arguments in net["layers"]:
        model.add(getattr(layers, name)(**arguments))
    model.set_weights(net["start"])
    model.compile(fastnn.optimizers.SGD(0.0625, momentum=0.5), "mse")
    return model


def fit(model):
    return model.fit(
        DATA["x"], DATA["y"], batch_size=int(DATA["batch"]), epochs=GOLDEN["epochs"], shuffle=False, verbose=0,
        sample_weight=DATA["weights"],
    )  # fmt: skip


LOSS = {"rtol": 3e-7, "atol": 0}
"""Keras averages losses in float32."""


def limit(name):
    """Of weights and predictions; Keras (3.15 with JAX) takes normalisation and tanh in float32 here too."""
    in_float32 = name.startswith(("batch_norm", "layer_norm")) or name == "activity"
    return {"rtol": 1e-5, "atol": 1e-7} if in_float32 else {"rtol": 1e-12, "atol": 1e-13}


@pytest.mark.parametrize("name", GOLDEN["nets"])
def test_training_is_that_of_keras(name, backend):
    net = GOLDEN["nets"][name]
    model = make(net)
    assert [w.name for w in model.weights] == net["paths"]
    trainable = sum(w.value.size for w in model.trainable_weights)
    assert [model.count_params(), trainable] == net["counts"]
    size = {"batch_size": int(DATA["batch"]), "verbose": 0}
    near = limit(name)
    np.testing.assert_allclose(model.evaluate(DATA["x"], DATA["y"], **size), net["evaluate_before"], **LOSS)
    np.testing.assert_allclose(fit(model).history["loss"], net["loss"], **LOSS)
    for got, expected, start in zip(model.get_weights(), net["end"], net["start"], strict=True):
        np.testing.assert_allclose(got, expected, **near)
        assert got.shape == np.shape(start)
    assert any(not np.allclose(end, start) for end, start in zip(net["end"], net["start"], strict=True))
    np.testing.assert_allclose(model.evaluate(DATA["x"], DATA["y"], **size), net["evaluate"], **LOSS)
    np.testing.assert_allclose(model.predict(DATA["x"][:3], verbose=0), net["predict"], **near)


@pytest.mark.parametrize("name", GOLDEN["nets"])
def test_configurations_have_the_keys_of_keras(name):
    for layer, keras in zip(make(GOLDEN["nets"][name]).layers, GOLDEN["nets"][name]["configs"], strict=True):
        config = layer.get_config()
        only_keras = {"dtype", "quantization_config", "synchronized", "rms_scaling"}
        only_keras |= {key for key in keras if key.startswith("renorm")}
        assert set(keras) - only_keras == set(config) - {"input_shape"}
        assert type(layer).from_config(config).get_config() == config


@pytest.mark.parametrize("name", ["l2", "both", "max_norm", "batch_norm", "activity"])
def test_fused_and_unfused_have_the_same_bits(name):
    weights = []
    for fused in (True, False):
        model = make(GOLDEN["nets"][name])
        trainer = Trainer(model, "adam", "mse", backend=NativeBackend(fused=fused))
        trainer.fit(DATA["x"], DATA["y"], epochs=2, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("net", "fused"), [("l1", 1), ("max_norm", 2)])
def test_only_what_is_penalised_is_not_fused(net, fused):
    """A limit of the weight comes after the step."""
    model = make(GOLDEN["nets"][net])
    trainer = Trainer(model, "sgd", "mse")
    trainer.fit(DATA["x"], DATA["y"], verbose=0)
    kinds = [op.kind.name for op in trainer._session.executable.program.sections["backward"]]
    assert kinds.count("dense_sgd") == fused
    assert kinds.count("dense_dw") == 2 - fused


def test_moving_averages_move_in_training_only(backend):
    model = fastnn.Sequential([layers.BatchNormalization(momentum=0.5)])
    model.compile("sgd", "mse")
    x = np.array([[1.0], [3.0]])
    model.fit(x, x, verbose=0)
    layer = model.layers[0]
    assert layer.moving_mean.value == 1
    assert layer.moving_variance.value == 1
    model.evaluate(x, x, verbose=0)
    model.predict(x, verbose=0)
    assert layer.moving_mean.value == 1
    layer.trainable = False
    model.compile("sgd", "mse")
    model.fit(x, x, verbose=0)
    assert layer.moving_mean.value == 1
    assert model.trainable_weights == []


def test_batch_normalisation_by_hand(backend):
    layer = layers.BatchNormalization()
    x = np.random.default_rng(0).standard_normal((50, 3)) * 4 + 2
    y = layer.forward(x, training=True)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-3)
    mean, variance = 0.01 * x.mean(axis=0), 0.99 + 0.01 * x.var(axis=0)  # the training pass has moved them
    np.testing.assert_allclose(layer.forward(x), (x - mean) / np.sqrt(variance + 0.001), rtol=1e-10)
    layer.forward(x, training=True)
    layer.backward(y)
    assert set(layer.gradients) == {"gamma", "beta"}


def test_regularizers_and_constraints_as_functions():
    w = np.array([[3.0, -0.5], [4.0, 0.0]])
    assert regularizers.l1(0.1)(w) == pytest.approx(0.75)
    assert regularizers.L2(0.1)(w) == pytest.approx(2.525)
    assert regularizers.l1_l2(l1=0.1, l2=0.1)(w) == pytest.approx(3.275)
    assert regularizers.get("l1_l2")(w) == 0
    np.testing.assert_allclose(constraints.MaxNorm(2)(w), [[1.2, -0.5], [1.6, 0]], rtol=1e-6)
    np.testing.assert_allclose(constraints.unit_norm()(w), [[0.6, -1], [0.8, 0]], rtol=1e-6)
    assert constraints.NonNeg()(w).min() == 0
    for table, module in ((regularizers.KNOWN, regularizers), (constraints.KNOWN, constraints)):
        for name in table:
            item = module.get(name)
            assert module.get(module.serialize(item)).get_config() == item.get_config()
    assert regularizers.get(None) is None is constraints.serialize(None)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: regularizers.get("l3"), ValueError, "unknown regularizer 'l3'.*l1, l1_l2"),
        (lambda: regularizers.L2(-1), ValueError, "L2: l2 must be a number of at least 0"),
        (lambda: layers.Dense(2, kernel_regularizer=3), TypeError, "regularizer"),
        (lambda: constraints.MaxNorm(2, axis=1), ValueError, "MaxNorm: axis=1 is not supported"),
        (lambda: constraints.get("max"), ValueError, "unknown constraint 'max'"),
        (lambda: layers.BatchNormalization(axis=2).build((None, 3)), ValueError, "axis=2 does not fit to inputs"),
        (lambda: layers.BatchNormalization(axis=[1, 2]), ValueError, "BatchNormalization: axis must be an integer"),
        (lambda: layers.Reshape((3, -1)).build((None, 4)), ValueError, "cannot make rows of shape"),
        (lambda: layers.Reshape((-1, -1)), ValueError, "one -1"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_simple_layers():
    x = np.arange(12.0).reshape(2, 6)
    assert layers.Reshape((2, -1)).forward(x).shape == (2, 2, 3)
    assert layers.Identity().forward(x).tolist() == x.tolist()
    assert layers.Rescaling(2, 1).forward(x).tolist() == (2 * x + 1).tolist()


@pytest.mark.parametrize("name", ["batch_norm_axis_2_of_3", "layer_norm_axes_1_3", "softmax_axes", "prelu_shared"])
def test_axes_have_the_same_bits_whatever_runs_them(name):
    results = []
    for backend, threads in [("native", None), ("native", 3), ("step", None), (NativeBackend("generic"), None)]:
        model = make(GOLDEN["nets"][name])
        trainer = Trainer(model, "adam", "mse", backend=backend, threads=threads)
        trainer.fit(DATA["x"], DATA["y"], epochs=2, shuffle=False, verbose=0)
        results.append([*model.get_weights(), trainer.predict(DATA["x"], verbose=0)])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_predicts_leaves_out_what_trains():
    """Of a normalisation along an axis inference has moving averages only, and training what it needs only."""
    program = Trainer(make(GOLDEN["nets"]["batch_norm_axis_1"]), "sgd", "mse").program
    kinds = {section: [op.kind.name for op in program.sections[section]] for section in ("predict", "forward")}
    assert kinds["forward"].count("batch_mean") == 2
    assert "batch_mean" not in kinds["predict"]
    read = {program.buffers[i].name for op in program.sections["forward"] for i in op.inputs if i is not None}
    assert not any("moving" in name for name in read)
    assert [op.kind.name for op in program.sections["update"]].count("moving_average") == 2
