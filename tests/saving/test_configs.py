"""Configurations in Keras' schema: to_json, from_config, clone_model, classes of one's own."""

import json

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, models, saving
from fastnn.layers import Activation, Dense, Dropout, Flatten, ReLU
from fastnn.saving import ModelFormatError, custom_object_scope, register_keras_serializable

X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(4, 6)


def network():
    return Sequential(
        [Input((6,)), Dense(5, "relu"), Dropout(0.25, seed=3), ReLU(), Dense(3), Activation("softmax")], name="net"
    )


def test_to_json_is_in_keras_schema():
    config = json.loads(network().to_json())
    assert (config["module"], config["class_name"], config["registered_name"]) == ("keras", "Sequential", None)
    assert config["build_config"] == {"input_shape": [None, 6]}
    first, dense = config["config"]["layers"][:2]
    assert first["class_name"] == "InputLayer"
    assert first["config"]["batch_shape"] == [None, 6]
    assert dense["module"] == "keras.layers"
    assert dense["config"]["dtype"]["config"] == {"name": "float32"}
    assert dense["config"]["kernel_initializer"]["module"] == "keras.initializers"
    assert dense["build_config"] == {"input_shape": [None, 6]}
    assert "compile_config" not in config


def test_model_from_json_makes_the_same_model_with_new_weights():
    model = network()
    again = models.model_from_json(model.to_json())
    assert again.get_config() == model.get_config()
    assert again.to_json() == model.to_json()
    assert not np.array_equal(again.get_weights()[0], model.get_weights()[0])
    assert again.loss is None
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_config_of_a_model_that_does_not_know_its_input():
    model = Sequential([Flatten(), Dense(2)])
    config = model.get_config()
    assert [entry["class_name"] for entry in config["layers"]] == ["Flatten", "Dense"]
    again = Sequential.from_config(config)
    assert again.input_shape is None
    assert again.predict(X, verbose=0).shape == (4, 2)


def test_an_input_shape_of_the_first_layer_becomes_an_input():
    model = Sequential([Dense(2, input_shape=(6,))])
    assert [entry["class_name"] for entry in model.get_config()["layers"]] == ["InputLayer", "Dense"]
    assert Sequential.from_config(model.get_config()).built


def test_clone_model_shares_nothing():
    model = network()
    model.compile("sgd", "mse")
    clone = models.clone_model(model)
    assert clone.loss is None
    assert [layer.name for layer in clone.layers] == [layer.name for layer in model.layers]
    before = model.get_weights()
    clone.set_weights([w + 1 for w in before])
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_clone_function_makes_the_layers():
    def wider(layer):
        config = layer.get_config()
        if isinstance(layer, Dense) and layer.units == 5:
            config["units"] = 7
        return type(layer).from_config(config)

    clone = models.clone_model(network(), clone_function=wider)
    assert clone.layers[0].units == 7
    assert clone.input_shape == (None, 6)


def test_compile_config_and_back():
    model = network()
    schedule = fastnn.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model.compile(fastnn.optimizers.SGD(schedule, momentum=0.5), fastnn.losses.MeanSquaredError(), metrics=["mse"])
    config = json.loads(json.dumps(model.get_compile_config()))
    assert config["optimizer"]["module"] == "keras.optimizers"
    assert config["optimizer"]["config"]["learning_rate"]["module"] == "keras.optimizers.schedules"
    other = network()
    other.compile_from_config(config)
    assert other.optimizer.get_config() == model.optimizer.get_config()
    assert other.metrics_names == model.metrics_names
    assert other.get_compile_config() == model.get_compile_config()


class Doubled(Dense):
    """A layer of one's own."""

    def emit(self, builder, x):
        return super().emit(builder, x)


def test_a_class_of_ones_own_is_handed_over():
    model = Sequential([Input((6,)), Doubled(3)])
    text = model.to_json()
    with pytest.raises(ModelFormatError, match=r"'Doubled' is not of fastnn's layers.*custom_objects"):
        models.model_from_json(text)
    for again in (models.model_from_json(text, custom_objects={"Doubled": Doubled}), models.clone_model(model)):
        assert isinstance(again.layers[0], Doubled)
    with custom_object_scope({"Doubled": Doubled}):
        assert isinstance(models.model_from_json(text).layers[0], Doubled)


def test_a_registered_class_is_found_by_its_full_name(monkeypatch):
    monkeypatch.setattr("fastnn.saving.custom._registered", {})
    register_keras_serializable("mine", "Twice")(Doubled)
    text = Sequential([Input((6,)), Doubled(3)]).to_json()
    assert '"registered_name": "mine>Twice"' in text
    assert isinstance(models.model_from_json(text).layers[0], Doubled)
    assert saving.get_custom_objects() == {"mine>Twice": Doubled}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["config"]["layers"][1]["config"].update(units=-1), r"layers\[1\].config: Dense: units"),
        (lambda c: c["config"]["layers"][1]["config"].update(units="5"), r"layers\[1\].config: Dense: units"),
        (lambda c: c["config"]["layers"][1]["config"].update(lora_rank=4), r"config.lora_rank: '4' is not supported"),
        (lambda c: c["config"]["layers"][1]["config"].update(colour=4), r"config.colour: Dense has no argument"),
        (lambda c: c["config"]["layers"][1].update(class_name="Conv2D"), "'Conv2D' is not of fastnn's layers"),
        (lambda c: c["config"]["layers"][1].update(module="os"), "'Dense' is not of fastnn's layers"),
        (lambda c: c["config"]["layers"][1].update(config=[]), r"layers\[1\].config: expected an object"),
        (lambda c: c["config"]["layers"].append(5), r"layers\[6\]: expected an object with class_name"),
        (lambda c: c["config"].update(layers=5), "layers: expected a list"),
        (lambda c: c.update(class_name="Modell"), "'Modell' is not one of"),
        (lambda c: c.update(config=None), "config: expected an object"),
        (lambda c: c["config"]["layers"][0]["config"].update(batch_shape=[None, 2**70]), "batch_shape: expected"),
        (lambda c: c["config"]["layers"][0]["config"].update(batch_shape=None), "batch_shape: is missing"),
        (lambda c: c["config"]["layers"][1]["config"].update(dtype="float16"), "'float16' is not supported"),
        (
            lambda c: c["config"]["layers"][1]["config"].update(
                kernel_initializer={"module": "builtins", "class_name": "eval", "config": {"source": "1"}}
            ),
            "class_name: 'eval' is not of fastnn's initializers",
        ),
    ],
)
def test_what_fastnn_has_not_is_named(change, message):
    config = json.loads(network().to_json())
    change(config)
    with pytest.raises(ModelFormatError, match=message):
        models.model_from_config(config)
