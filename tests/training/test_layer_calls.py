"""Layers called on arrays against Keras in float64: results, slopes, shapes, and what ``adapt`` finds."""

import json
import pathlib

import numpy as np
import pytest

import fastnn
from fastnn import layers
from fastnn.layers import Dense, Discretization, Input, Normalization
from fastnn.ops import dropout, noise
from fastnn.utils import PyDataset

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "layer_calls.json").read_text())
CASES = GOLDEN["cases"]
EXACT = {"rtol": 1e-12, "atol": 1e-13}
FLOAT32 = {"rtol": 2e-6, "atol": 1e-6}
"""Keras (3.15 with JAX) normalises layers, and takes means of batches, in float32 here too."""
ONLY_KERAS = {"dtype", "rms_scaling"}


def ids(case):
    return f"{case['layer']}-{'-'.join(f'{key}={value}' for key, value in case['config'].items())}"


pytestmark = pytest.mark.usefixtures("float64")


def make(case):
    """The layer, and its inputs; adapted where Keras' was."""
    layer = getattr(layers, case["layer"])(**case["config"])
    if "adapt" in case:
        data = [np.array(x) for x in case["adapt"]]
        layer.adapt(iter(data) if case["in_batches"] else np.concatenate(data))
    inputs = [np.array(x) for x in case["inputs"]]
    return layer, inputs if len(inputs) > 1 else inputs[0]


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_results_are_those_of_keras(case, backend, monkeypatch):
    if "z" in case:
        if backend == "native":
            pytest.skip("the noise of the golden file can be put into NumPy only; tests/kernels compare the two")
        monkeypatch.setattr(noise, "normal_noise", lambda *_: np.array(case["z"]))
        kept = np.array(case["kept"])
        for module in (noise, dropout):
            monkeypatch.setattr(module, "kept_units", lambda x, *_: kept.reshape(x.shape))
        monkeypatch.setattr(dropout, "dropout_mask", lambda rows, columns, *_: kept.reshape(rows, columns))
    layer, inputs = make(case)
    y = layer.forward(inputs, training="z" in case)
    in_float32 = case["layer"] == "LayerNormalization" or case.get("in_batches")
    near = FLOAT32 if in_float32 else EXACT
    np.testing.assert_allclose(y, case["y"], **near)
    assert layer.compute_output_shape(layer.input_shape) == tuple(case["output_shape"]) == (None, *y.shape[1:])
    assert len(np.unique(y)) > 1
    if "weights" in case:
        for got, expected in zip(layer.get_weights(), case["weights"], strict=True):
            np.testing.assert_allclose(got, expected, **near)
    if "boundaries" in case:
        np.testing.assert_allclose(layer.bin_boundaries, case["boundaries"], rtol=1e-6)
    if "dx" in case:
        dx = layer.backward(case["dy"])
        for got, expected in zip(dx if isinstance(dx, list) else [dx], case["dx"], strict=True):
            np.testing.assert_allclose(got, expected, **near)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_configurations(case):
    layer, inputs = make(case)
    layer(inputs)
    config = layer.get_config()
    assert set(config) | ONLY_KERAS >= set(case["config_keys"])
    assert set(case["config_keys"]) >= set(config) - {"input_shape"}
    again = type(layer).from_config(config)
    assert again.get_config() == config
    if "adapt" in case and case["layer"] == "Normalization":
        again.build(layer.input_shape)
        again.set_weights(layer.get_weights())
    if "z" not in case:
        np.testing.assert_array_equal(again(inputs), layer(inputs))


# Normalization


DATA = np.random.default_rng(3).standard_normal((60, 3)) * [1, 5, 0.1] + [0, 10, -3]


class Batches(PyDataset):
    def __len__(self):
        return 6

    def __getitem__(self, number):
        return DATA[10 * number : 10 * number + 10], np.zeros(10)


@pytest.mark.parametrize(
    "data",
    [DATA, DATA.tolist(), Batches(), [DATA[:7], DATA[7:]], iter([(DATA[:50], None), (DATA[50:], None)])],
    ids=["array", "lists", "Sequence", "list of arrays", "generator of pairs"],
)
def test_adapt_takes_arrays_and_batches(data):
    layer = Normalization()
    layer.adapt(data)
    np.testing.assert_allclose(layer.mean, [DATA.mean(axis=0)], rtol=1e-13)
    np.testing.assert_allclose(layer.variance, [DATA.var(axis=0)], rtol=1e-12)
    y = layer(DATA)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-12)
    back = Normalization(invert=True)
    back.adapt(DATA)
    np.testing.assert_allclose(back(y), DATA, rtol=1e-12, atol=1e-12)


def test_adapt_takes_one_column_and_tf_data():
    layer = Normalization(axis=None, input_shape=[1])
    layer.adapt(DATA[:, 1])
    assert layer.mean.numpy() == pytest.approx(DATA[:, 1].mean())
    model = fastnn.Sequential([layer, Dense(1)])
    assert model.predict(DATA[:, 1], verbose=0).shape == (60, 1)
    from fastnn import tf_shim as tf

    layer = Normalization()
    layer.adapt(tf.data.Dataset.from_tensor_slices(DATA).batch(16))
    np.testing.assert_allclose(layer.mean, [DATA.mean(axis=0)], rtol=1e-6)


@pytest.mark.parametrize("where", ["native", "reference"])
def test_models_with_normalization(where, monkeypatch):
    """It may be adapted before and after the model is made and trained; nothing of it is trained."""
    monkeypatch.setenv("FASTNN_BACKEND", where)
    layer = Normalization()
    model = fastnn.Sequential([Input((3,)), layer, Dense(4, "tanh"), Dense(1)])
    model.compile("sgd", "mse")
    layer.adapt(DATA)
    x, y = Input((3,)), DATA[:, :1]
    other = fastnn.Sequential([Input((3,)), Dense(4, "tanh"), Dense(1)])
    other.set_weights(model.get_weights()[3:])
    other.compile("sgd", "mse")
    for _ in range(2):
        scaled = layer(DATA)
        losses = [m.fit(at, y, shuffle=False, verbose=0).history["loss"] for m, at in ((model, DATA), (other, scaled))]
        np.testing.assert_allclose(losses[0], losses[1], rtol=1e-12)
        np.testing.assert_allclose(layer.mean, [DATA.mean(axis=0)], rtol=1e-12)
        layer.adapt(DATA)
    layer.adapt(3 * DATA)
    np.testing.assert_allclose(model.predict(3 * DATA, verbose=0), other.predict(scaled, verbose=0), rtol=1e-9)
    assert [len(model.trainable_weights), len(model.non_trainable_weights)] == [4, 3]
    assert "batch_norm_inference" in model.explain_plan()
    assert layer(x).shape == (None, 3)


def test_encoded_numbers_train_natively():
    age = np.array([[21.0], [35.0], [52.0], [70.0]] * 5)
    model = fastnn.Sequential([Discretization([30.0, 50.0, 60.0], output_mode="one_hot"), Dense(1, use_bias=False)])
    model.compile(fastnn.optimizers.SGD(0.5), "mse")
    target = np.array([1.0, 2.0, 4.0, 3.0] * 5)
    model.fit(age, target, epochs=80, verbose=0)
    np.testing.assert_allclose(model.layers[1].get_weights()[0].ravel(), [1, 2, 4, 3], rtol=1e-3)
    assert "native" in model.explain_plan()
    assert "count_tokens" not in model.disassemble()
    words = fastnn.Sequential([Input((6,)), layers.CategoryEncoding(5), Dense(1)])
    assert "count_tokens" in words.disassemble()
    np.testing.assert_array_equal(layers.CategoryEncoding(3)(np.array([[0, 2, 7], [-1, 2, 2]])), [[1, 0, 1], [0, 0, 1]])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: Normalization(mean=1.0), ValueError, "both `mean` and `variance` must be set"),
        (lambda: Normalization(mean=[1.0, 2], variance=1.0), ValueError, "must have the same shape"),
        (lambda: Normalization(axis=0).build((None, 3)), ValueError, "0 is that of the rows"),
        (lambda: Normalization(mean=[1.0, 2], variance=[1.0, 2]).build((None, 3)), ValueError, r"expected \(3,\)"),
        (lambda: Normalization(mean=1.0, variance=1.0).adapt(DATA), ValueError, "adapt cannot be called"),
        (lambda: Normalization().adapt(np.zeros((0, 3))), ValueError, "got no data"),
        (lambda: Normalization().adapt(3), TypeError, "an array or an iterable of batches, got int"),
        (lambda: Normalization(input_shape=(2,)).adapt(DATA), ValueError, r"given input_shape=\(2,\)"),
        (lambda: Normalization().adapt([DATA, DATA[:, :2]]), ValueError, r"expected rows of shape \(3,\), got \(2,\)"),
        (lambda: layers.Permute((1, 3)), ValueError, "must be consecutive and start from 1"),
        (lambda: layers.Permute((2, 1)).build((None, 3)), ValueError, "expects 2 axes in a row"),
        (lambda: layers.RepeatVector(0), ValueError, "RepeatVector: n must be an integer of at least 1"),
        (lambda: layers.RepeatVector(2).build((None, 2, 3)), ValueError, r"shape \(None, m\)"),
        (lambda: layers.UnitNormalization(0).build((None, 2)), ValueError, "0 is that of the rows"),
        (lambda: layers.Concatenate(0).build([(None, 2), (None, 2)]), ValueError, "0 is that of the rows"),
        (lambda: layers.Concatenate().build([(None, 2), (None, 2, 2)]), ValueError, "differ in axis 1 at most"),
        (lambda: layers.Add().build([(None, 2), (None, 3)]), ValueError, "one shape, or with sizes of 1"),
        (lambda: layers.Dot((1, 2, 3)), ValueError, "an integer or two"),
        (lambda: layers.Dot((2, 1)).build([(None, 3, 4), (None, 3)]), ValueError, "one size along axes 2 and 1"),
        (lambda: layers.LayerNormalization(0).build((None, 2, 3)), ValueError, "axis=0 does not fit to inputs"),
        (lambda: layers.LayerNormalization([1, 3]).build((None, 2, 3)), ValueError, "axis=3 does not fit"),
        (lambda: layers.LayerNormalization([]), ValueError, "sequence of at least one"),
        (lambda: layers.CategoryEncoding(), ValueError, "num_tokens must be an integer"),
        (lambda: layers.CategoryEncoding(3, "tf_idf"), ValueError, "'multi_hot', 'one_hot', 'count', got 'tf_idf'"),
        (lambda: layers.CategoryEncoding(3).build((None, 2, 2)), ValueError, "use 'one_hot' or Flatten"),
        (lambda: layers.CategoryEncoding(3, sparse=True), ValueError, "sparse=True"),
        (lambda: Discretization(), ValueError, "give bin_boundaries, or num_bins"),
        (lambda: Discretization([2.0, 1.0]), ValueError, "must be ascending"),
        (lambda: Discretization([1.0]).adapt(DATA), ValueError, "use `num_bins` instead"),
        (lambda: Discretization(num_bins=3)(DATA), ValueError, "call `adapt"),
        (lambda: layers.Conv2D(3, 2), NotImplementedError, "Conv2D: fastnn trains dense networks.*Flatten"),
        (lambda: layers.LSTM(3), NotImplementedError, "LSTM: .*last steps as columns"),
        (lambda: layers.StringLookup(), NotImplementedError, "numpy.unique.*CategoryEncoding"),
        (lambda: layers.Dens, AttributeError, "no layer 'Dens'; there are .*Dense"),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
