"""Functional models: what Keras computes, shared and nested layers, models over the layers of others."""

import json
import pathlib

import make_functional as MAKER
import numpy as np
import pytest

import fastnn as keras
from fastnn import Model, Sequential, layers
from fastnn.layers import Dense, Dropout, Input

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "functional.json").read_text(encoding="utf-8"))
RTOL, ATOL = 1e-9, 1e-11


@pytest.mark.parametrize("name", MAKER.NETS)
def test_the_numbers_are_those_of_keras(name, backend, float64):
    """Predictions, losses, and weights after nine steps of training, in float64."""
    got, expected = MAKER.play(keras, name), GOLDEN["nets"][name]
    assert len(got["layers"]) == len(expected["layers"])
    for key in ("predictions", "loss", "losses"):
        np.testing.assert_allclose(got[key], expected[key], rtol=RTOL, atol=ATOL, err_msg=key)
    for position, (g, e) in enumerate(zip(got["weights"], expected["weights"], strict=True)):
        np.testing.assert_allclose(g, e, rtol=RTOL, atol=ATOL, err_msg=f"weight {position}")
    assert np.ptp(expected["predictions"]) > 0.1
    assert expected["losses"][-1] < expected["losses"][0]


def test_layers_are_in_the_order_of_keras():
    for name in ("residual", "wide_and_deep", "nested"):
        assert [layer.name for layer in MAKER.NETS[name](keras).layers] == GOLDEN["nets"][name]["layers"]


@pytest.mark.parametrize("name", MAKER.SUMMARIES)
def test_summaries_are_those_of_keras(name):
    keras.naming.clear()
    model = MAKER.NETS[name](keras)
    golden = GOLDEN["summaries"][name]
    assert MAKER.summary_text(model) == golden["plain"]
    assert MAKER.summary_text(model, expand_nested=True, show_trainable=True) == golden["all"]


def test_golden_file_is_what_keras_computes():
    pytest.importorskip("keras")
    made = MAKER.make_golden()
    assert made["summaries"] == GOLDEN["summaries"]
    for name, numbers in made["nets"].items():
        np.testing.assert_allclose(numbers["predictions"], GOLDEN["nets"][name]["predictions"], rtol=RTOL)


# --- Symbolic tensors ---


def test_symbolic_tensors():
    x = Input((4,), name="data")
    y = Dense(3)(x)
    assert (x.shape, x.name, x.dtype) == ((None, 4), "data", "float32")
    assert y.shape == (None, 3)
    assert y._keras_history.operation.units == 3
    assert y._keras_history.node_index == 0
    assert repr(x) == "<KerasTensor shape=(None, 4), dtype=float32, sparse=False, ragged=False, name=data>"


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda x: 1 if x else 2, "branch or loop on it; use keras.ops.where"),
        (list, "branch or loop"),
        (len, "a row for each sample"),
        (float, "branch or loop"),
        (np.asarray, "cannot become a NumPy array"),
        (np.exp, r"np\.exp was called on .*use keras\.ops\.exp or a layer"),
        (np.mean, r"np\.mean was called on .*use keras\.ops\.mean or a layer"),
        (lambda x: x.numpy(), "has no numbers"),
    ],
)
def test_what_needs_numbers_says_so(use, message):
    with pytest.raises(TypeError, match=message):
        use(Input((4,)))


def test_a_model_between_wrong_tensors_is_refused():
    x, other = Input((4,), name="one"), Input((4,), name="other")
    with pytest.raises(ValueError, match=r"does not follow from the inputs given, \['one'\].*'other'"):
        Model(x, Dense(2)(other))
    with pytest.raises(ValueError, match="all outputs must be symbolic tensors"):
        Model(x, np.zeros((2, 2)))
    with pytest.raises(ValueError, match="all inputs must be symbolic tensors"):
        Model(Dense(3), Dense(2)(x))
    with pytest.raises(ValueError, match="'twin' is used 2 times"):
        Model(x, Dense(2, name="twin")(Dense(2, name="twin")(x)))


def test_an_inner_tensor_may_be_the_input():
    x = Input((4,))
    h = Dense(3)(x)
    y = Dense(2)(h)
    model = Model(h, y)
    assert model.input_shape == (None, 3)
    assert len(model.weights) == 2
    assert model.predict(np.ones((5, 3)), verbose=0).shape == (5, 2)


def test_layers_refuse_what_does_not_fit():
    x = Input((4,))
    with pytest.raises(ValueError, match=r"expected inputs of one shape.*\(None, 4\), \(None, 3\)"):
        layers.Add()([x, Dense(3)(x)])
    with pytest.raises(ValueError, match="list of at least 2 inputs"):
        layers.Add()(x)
    with pytest.raises(ValueError, match="exactly 2 inputs"):
        layers.Subtract()([x, x, x])
    with pytest.raises(ValueError, match="differ in axis 1 at most"):
        layers.Concatenate(axis=1)([Input((2, 3)), Input((2, 4))])
    with pytest.raises(ValueError, match="does not fit"):
        layers.Concatenate(axis=3)([x, x])
    dense = Dense(2)
    dense(x)
    with pytest.raises(ValueError, match=r"built for inputs of shape \(None, 4\), got \(None, 3\)"):
        dense(Input((3,)))
    with pytest.raises(NotImplementedError, match="masks are not supported"):
        Dense(2)(x, mask=x)


def test_training_true_where_it_makes_no_difference():
    a, b = Input((4,)), Input((4,))
    y = Dense(3, "tanh")(a, training=True)
    y = layers.Add()([y, Sequential([Dense(3), layers.LayerNormalization()])(b, training=True)], training=True)
    net = Model([a, b], Dropout(0.5)(y, training=None))
    assert np.ptp(net.predict([np.ones((2, 4)), np.ones((2, 4))], verbose=0)) > 0


def test_axis_one_of_images():
    a, b = Input((2, 3)), Input((4, 3))
    model = Model(a, layers.Flatten()(layers.Concatenate(axis=1)([a, a])))
    assert model.output_shape == (None, 12)
    assert layers.concatenate([a, b], axis=1).shape == (None, 6, 3)


# --- Sharing ---


def test_models_over_the_same_layers_share_weights(blobs):
    x, labels = blobs
    base = Sequential([Input((4,)), Dense(8, "relu", name="h"), Dense(3, "softmax", name="out")])
    hidden = Model(inputs=base.input, outputs=base.get_layer("h").output)
    before = hidden.predict(x, verbose=0)
    assert before.shape == (90, 8)
    base.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    base.fit(x, labels, epochs=2, verbose=0)
    after = hidden.predict(x, verbose=0)
    assert np.abs(after - before).max() > 1e-3
    kernel, bias = base.layers[0].get_weights()
    np.testing.assert_allclose(after, np.maximum(x @ kernel + bias, 0), rtol=1e-5, atol=1e-5)
    # The other way round: training the part trains the whole.
    head = Model(base.input, Dense(1)(hidden.output))
    head.compile("sgd", "mse")
    predictions = base.predict(x, verbose=0)
    head.fit(x, x[:, 0], epochs=1, verbose=0)
    assert np.abs(base.predict(x, verbose=0) - predictions).max() > 1e-4
    base.fit(x, labels, epochs=1, verbose=0)
    np.testing.assert_array_equal(hidden.layers[1].get_weights()[0], base.layers[0].get_weights()[0])


def test_frozen_layers_stay_as_they_are(blobs):
    x, labels = blobs
    base = Sequential([Input((4,)), Dense(8, "relu"), Dense(5, "relu")], name="base")
    base.trainable = False
    assert [len(base.trainable_weights), len(base.non_trainable_weights)] == [0, 4]
    model = Sequential([base, Dense(3, "softmax")])
    assert len(model.trainable_weights) == 2
    model.compile("adam", "sparse_categorical_crossentropy")
    before = base.get_weights()
    text = model.disassemble("backward")
    assert "dense_dx" not in text, "nothing below the frozen layers is differentiated"
    losses = model.fit(x, labels, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    for old, new in zip(before, base.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    base.trainable = True
    assert len(model.trainable_weights) == 6


def test_layers_of_one_name_in_nested_models_are_told_apart(blobs):
    x, labels = blobs
    parts = [Sequential([Input((4,)), Dense(6, "tanh", name="same")], name=f"part_{i}") for i in range(2)]
    inputs = Input((4,))
    model = Model(inputs, Dense(3, "softmax", name="same")(layers.add([part(inputs) for part in parts])))
    assert len(model.weights) == 6
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()
    model.fit(x, labels, epochs=2, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.abs(old - new).max() > 1e-5


def test_dropout_inside_of_a_nested_model_is_left_out_at_inference(blobs):
    x, _ = blobs
    inner = Sequential([Input((4,)), Dropout(0.5), Dense(3)])
    inputs = Input((4,))
    model = Model(inputs, inner(inputs))
    np.testing.assert_array_equal(model.predict(x, verbose=0), inner.predict(x, verbose=0))
    assert "dropout" not in model.disassemble("predict")
    inner_at_inference = Model(inputs, inner(inputs, training=False))
    inner_at_inference.compile("sgd", "mse")
    assert "dropout" not in inner_at_inference.disassemble()


# --- Calling ---


def test_calling_on_arrays(blobs, backend):
    x, _ = blobs
    inputs = Input((4,))
    model = Model(inputs, Dense(3)(Dropout(0.5)(inputs)))
    predictions = model.predict(x, verbose=0)
    np.testing.assert_array_equal(model(x), predictions)
    np.testing.assert_array_equal(model(x, training=False), predictions)
    np.testing.assert_array_equal(model.call(x), predictions)
    assert np.abs(model(x, training=True) - predictions).max() > 0.1, "dropout drops"
    dense = model.layers[-1]
    np.testing.assert_array_equal(dense(x), predictions)
    kernel, bias = dense.get_weights()
    np.testing.assert_allclose(predictions, x @ kernel + bias, rtol=1e-5, atol=1e-5)


def test_merge_layers_on_arrays(backend):
    a, b = np.array([[1.0, -2.0]]), np.array([[3.0, -4.0]])
    for layer, expected in [
        (layers.Add(), a + b),
        (layers.Subtract(), a - b),
        (layers.Multiply(), a * b),
        (layers.Average(), (a + b) / 2),
        (layers.Maximum(), np.maximum(a, b)),
        (layers.Minimum(), np.minimum(a, b)),
        (layers.Concatenate(), np.hstack([a, b])),
        (layers.Dot(1), (a * b).sum(axis=1, keepdims=True)),
    ]:
        np.testing.assert_array_equal(layer([a, b]), expected)
    layer = layers.Multiply()
    layer.forward([a, b], training=True)
    da, db = layer.backward(np.array([[1.0, 10.0]]))
    np.testing.assert_array_equal(da, [[3.0, -40.0]])
    np.testing.assert_array_equal(db, [[1.0, -20.0]])


def test_sequential_knows_its_tensors():
    model = Sequential([Dense(3, input_shape=(4,)), Dense(2)])
    assert model.input.shape == (None, 4)
    assert model.output.shape == (None, 2)
    assert model.layers[0].output.shape == (None, 3)
    assert model.outputs == [model.output]
    model.pop()
    assert model.output.shape == (None, 3)
    late = Sequential([Dense(3)])
    with pytest.raises(AttributeError, match="not built"):
        _ = late.input
    late.build((None, 5))
    assert late.input.shape == (None, 5)


