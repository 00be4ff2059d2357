"""Sequential: building, Keras' methods and what they return, losses and metrics as they are chosen."""

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, losses, metrics, optimizers
from fastnn.layers import Activation, Dense, Dropout, Flatten, Softmax
from fastnn.utils import normalize, to_categorical


def classifier(**compile_arguments):
    model = Sequential([Input((4,)), Dense(8, activation="relu"), Dense(3, activation="softmax")])
    model.compile(
        **{"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
        | compile_arguments
    )
    return model


def test_input_is_not_a_layer():
    model = Sequential([Input((4,)), Dense(3)])
    assert [type(layer) for layer in model.layers] == [Dense]
    assert model.built
    assert model.input_shape == (None, 4)
    assert model.output_shape == (None, 3)


def test_shape_comes_from_input_first_layer_build_or_data(backend):
    with_build = Sequential([Dense(3)])
    assert not with_build.built
    assert with_build.input_shape is None
    with_build.build((None, 4))
    with_data = Sequential([Dense(3)])
    assert with_data.predict(np.ones((2, 4)), verbose=0).shape == (2, 3)
    for model in (Sequential([Dense(3, input_shape=(4,))]), with_build, with_data):
        assert model.built
        assert [p.shape for p in model.weights] == [(4, 3), (3,)]


def test_add_and_pop(backend):
    model = Sequential(name="mine")
    model.add(Flatten(input_shape=(2, 2)))
    model.add(Dense(3))
    extra = Dense(5)
    model.add(extra)
    assert model.pop() is extra
    assert len(model.layers) == 2
    assert model.name == "mine"
    assert model.count_params() == 15
    assert model.predict(np.ones((2, 2, 2)), verbose=0).shape == (2, 3)
    model.add(Dense(7))
    assert model.predict(np.ones((2, 2, 2)), verbose=0).shape == (2, 7)


def test_fit_learns_and_reports(backend, blobs, capsys):
    model = classifier()
    history = model.fit(*blobs, epochs=30, validation_split=0.2)
    assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert history.epoch == list(range(30))
    assert history.model is model
    assert model.history is history
    assert history.params == {"verbose": "auto", "epochs": 30, "steps": 3}
    assert history.history["loss"][-1] < history.history["loss"][0]
    printed = capsys.readouterr().out
    assert "Epoch 30/30" in printed
    assert "3/3" in printed
    assert f"val_loss: {history.history['val_loss'][-1]:.4f}" in printed


def test_verbose_2_prints_a_line_an_epoch(backend, blobs, capsys):
    classifier().fit(*blobs, epochs=2, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2"
    assert lines[1].startswith("3/3 - 0s - ")
    assert "accuracy" in lines[1]


def test_evaluate_returns_what_keras_returns(backend, blobs):
    model = classifier()
    loss, accuracy = model.evaluate(*blobs, verbose=0)
    assert model.evaluate(*blobs, verbose=0, return_dict=True) == {"loss": loss, "accuracy": accuracy}
    assert model.metrics_names == ["loss", "accuracy"]
    probabilities = model.predict(blobs[0], verbose=0)
    assert probabilities.dtype == np.float32
    assert loss == pytest.approx(-np.log(probabilities[np.arange(90), blobs[1]]).mean(), rel=1e-5)
    assert accuracy == np.mean(probabilities.argmax(axis=1) == blobs[1])
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert model.evaluate(*blobs, verbose=0) == pytest.approx(loss)


def test_batch_methods(backend, blobs):
    x, y = blobs
    model = classifier()
    before = model.evaluate(x, y, verbose=0)
    assert model.test_on_batch(x, y) == pytest.approx(before)
    assert model.train_on_batch(x, y, return_dict=True) == pytest.approx(
        dict(zip(("loss", "accuracy"), before, strict=True))
    )
    assert model.optimizer.iterations == 1
    assert model.test_on_batch(x, y)[0] < before[0]
    np.testing.assert_array_equal(model.predict_on_batch(x), model.predict(x, verbose=0))


def test_weights_go_in_and_out(backend, blobs):
    model, other = classifier(), classifier()
    model.fit(*blobs, verbose=0)
    assert not np.array_equal(model.predict(blobs[0], verbose=0), other.predict(blobs[0], verbose=0))
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(model.predict(blobs[0], verbose=0), other.predict(blobs[0], verbose=0))
    assert [p.path.split("/")[1] for p in model.weights] == ["kernel", "bias", "kernel", "bias"]


def test_get_layer():
    model = classifier()
    first, second = model.layers
    assert model.get_layer(first.name) is first
    assert model.get_layer(index=1) is second


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_methods_that_need_compile_say_so(backend, blobs, method):
    with pytest.raises(ValueError, match=rf"call compile\(.*before {method}"):
        getattr(Sequential([Dense(3)]), method)(*blobs)


def test_compile_starts_the_optimizer_afresh(backend, blobs):
    model = classifier()
    model.fit(*blobs, verbose=0)
    assert model.optimizer.iterations == 3
    optimizer = model.optimizer
    model.compile(optimizer, "sparse_categorical_crossentropy")
    assert optimizer.iterations == 0


def test_optimizer_state_survives_between_fits(backend, blobs):
    once, twice = classifier(), classifier()
    twice.set_weights(once.get_weights())
    once.fit(*blobs, epochs=2, shuffle=False, verbose=0)
    twice.fit(*blobs, epochs=1, shuffle=False, verbose=0)
    twice.fit(*blobs, epochs=1, shuffle=False, verbose=0)
    for a, b in zip(once.get_weights(), twice.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_learning_rate_can_change(backend, blobs):
    model = classifier(optimizer="sgd")
    assert model.optimizer.learning_rate == 0.01
    model.optimizer.learning_rate = 0
    before = model.get_weights()
    model.fit(*blobs, verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_frozen_layers_stay(backend, blobs):
    model = Sequential([Dense(8, activation="relu", trainable=False), Dense(3)])
    model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    model.build((None, 4))
    frozen, free = (layer.get_weights() for layer in model.layers)
    model.fit(*blobs, verbose=0)
    assert all(map(np.array_equal, frozen, model.layers[0].get_weights()))
    assert not any(map(np.array_equal, free, model.layers[1].get_weights()))
    assert len(model.trainable_weights) == len(model.non_trainable_weights) == 2


def test_summary(backend, blobs):
    model, texts = classifier(), []
    model.summary(print_fn=texts.append)
    assert "Total params: 67" in texts[0]
    assert "(None, 8)" in texts[0]
    assert "Optimizer" not in texts[0]
    model.fit(*blobs, verbose=0)
    model.summary(print_fn=texts.append)
    assert "Optimizer params: 136" in texts[1]
    assert "Total params: 203" in texts[1]
    Sequential([Dense(3)]).summary(print_fn=texts.append)
    assert "0 (unbuilt)" in texts[2]


def test_disassemble():
    model = classifier()
    assert model.disassemble().startswith("forward:\n    dense ")
    assert "adam" in model.disassemble("update")
    assert "softmax" not in model.disassemble("update")
    assert Sequential([Dense(3, input_shape=(4,))]).disassemble().startswith("predict:\n    dense ")


@pytest.mark.parametrize(
    "last", [[Dense(3, "softmax")], [Dense(3), Softmax()], [Dense(3), Activation("softmax")]]
)
@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_softmax_is_fused_with_the_loss(last, loss):
    model = Sequential([Input((4,)), *last])
    model.compile("sgd", loss, metrics=["accuracy"])
    forward = model.disassemble("forward")
    assert f"{'sparse_' * loss.startswith('sparse')}softmax_cross_entropy" in forward
    assert " softmax " not in forward
    assert " softmax " in model.disassemble("predict")


@pytest.mark.parametrize(
    ("units", "activation", "loss", "op"),
    [
        (1, "sigmoid", "binary_crossentropy", "sigmoid_cross_entropy"),
        (1, None, "bce", "binary_cross_entropy"),
        (1, None, losses.BinaryCrossentropy(from_logits=True), "sigmoid_cross_entropy"),
        (3, None, losses.CategoricalCrossentropy(from_logits=True), "softmax_cross_entropy"),
        (3, "sigmoid", losses.CategoricalCrossentropy, "softmax_cross_entropy"),
        (2, "softmax", "binary_crossentropy", "sigmoid_cross_entropy"),
        (3, None, losses.CategoricalCrossentropy, "categorical_cross_entropy"),
        (3, None, "sparse_categorical_crossentropy", "sparse_categorical_cross_entropy"),
        (3, None, "MSE", "mean_squared_error"),
        (3, "softmax", "mean_squared_error", "mean_squared_error"),
    ],
)
def test_losses_choose_their_op(units, activation, loss, op):
    model = Sequential([Dense(units, activation, input_shape=(4,))])
    model.compile("sgd", loss)
    line = next(line for line in model.disassemble("forward").splitlines() if " loss(B)" in line)
    assert line.split()[0] == op


def test_logits_from_softmax_are_pointed_out():
    model = Sequential([Dense(3, "softmax", input_shape=(4,))])
    model.compile("sgd", losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.warns(UserWarning, match="from_logits=True, but the model ends in softmax"):
        assert "sparse_softmax_cross_entropy" in model.disassemble()


@pytest.mark.parametrize(
    ("units", "loss", "op"),
    [
        (1, "mse", "binary_accuracy"),
        (1, "binary_crossentropy", "binary_accuracy"),
        (3, "categorical_crossentropy", "categorical_accuracy"),
        (3, "mse", "categorical_accuracy"),
        (3, "sparse_categorical_crossentropy", "sparse_categorical_accuracy"),
    ],
)
@pytest.mark.parametrize("spelling", ["accuracy", "acc"])
def test_accuracy_is_chosen_by_shape_and_keeps_its_name(units, loss, op, spelling):
    model = Sequential([Dense(units, input_shape=(4,))])
    model.compile("sgd", loss, metrics=spelling)
    assert any(line.split()[:2] == [op, f"{spelling}(B)"] for line in model.disassemble().splitlines())


def test_binary_accuracy_reads_the_probability(backend):
    x, y = np.array([[-2.0], [-1.0], [1.0], [0.2]]), np.array([0, 1, 1, 1])
    model = Sequential([Dense(1, activation="sigmoid", input_shape=(1,), kernel_initializer="ones")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy", metrics.BinaryAccuracy("strict", threshold=0.7)])
    loss, accuracy, strict = model.evaluate(x, y, verbose=0)
    assert (accuracy, strict) == (0.75, 0.5)
    p = 1 / (1 + np.exp(-x[:, 0]))
    assert loss == pytest.approx(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), rel=1e-5)


def test_a_loss_may_be_measured(backend, blobs):
    model = Sequential([Dense(3, "softmax")])
    model.compile("sgd", "mse", metrics=["categorical_crossentropy", "mse"])
    y = to_categorical(blobs[1])
    logs = model.evaluate(blobs[0], y, verbose=0, return_dict=True)
    p = model.predict(blobs[0], verbose=0)
    assert logs["mse"] == logs["loss"] == pytest.approx(((p - y) ** 2).mean(), rel=1e-5)
    assert logs["categorical_crossentropy"] == pytest.approx(-(y * np.log(p)).sum(axis=1).mean(), rel=1e-5)


def test_dropout_layers_have_streams_of_their_own():
    model = Sequential([Input((4,)), Dropout(0.5), Dense(4), Dropout(0.5), Dense(1)])
    model.compile("sgd", "mse")
    text = model.disassemble("forward")
    assert "stream=0" in text
    assert "stream=1" in text


def test_float64_models(backend, blobs):
    fastnn.config.set_floatx("float64")
    try:
        model = classifier()
        model.fit(*blobs, verbose=0)
        assert model.dtype == "float64"
        assert model.predict(blobs[0], verbose=0).dtype == np.float64
    finally:
        fastnn.config.set_floatx("float32")


@pytest.mark.parametrize(
    "optimizer", ["sgd", "SGD", optimizers.SGD, optimizers.SGD(0.1, 0.9, True), optimizers.Adam()]
)
def test_optimizers_by_name_class_and_object(optimizer):
    found = optimizers.get(optimizer)
    assert isinstance(found, optimizers.Optimizer)
    assert found.iterations == 0
    assert type(found)(**found.get_config()).get_config() == found.get_config()


def test_to_categorical():
    assert to_categorical([0, 2]).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert to_categorical(np.array([[1], [0]]), 2).tolist() == [[0, 1], [1, 0]]
    assert to_categorical([0.0, 1.0]).dtype == np.float64


def test_normalize():
    np.testing.assert_allclose(normalize([[3, 4], [0, 0]]), [[0.6, 0.8], [0, 0]])
