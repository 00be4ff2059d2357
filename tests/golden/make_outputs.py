"""Record what Keras does with models of several outputs in ``outputs.json``.

Run ``KERAS_BACKEND=tensorflow python tests/golden/make_outputs.py`` with Keras and TensorFlow (with JAX, Keras
adds up its means in float32). All batches have as many rows, since with TensorFlow ``a_loss`` and the like are means of
the batches' losses, whatever their number of rows. ``tests/api/test_several_outputs.py`` plays the same cases with
fastnn, and compares predictions, the logs and their names, and weights after training.
"""

import json
import os
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from make_functional import rounded, summary_text, weights_for

GOLDEN = pathlib.Path(__file__).with_name("outputs.json")
ROWS, FEATURES = 15, 4
SPARSE, BINARY, CLASSES = "sparse_categorical_crossentropy", "binary_crossentropy", "categorical_crossentropy"
MAE = "mae"


def trunk(keras, units=5):
    x = keras.Input((FEATURES,), name="x")
    return x, keras.layers.Dense(units, activation="tanh", name="h")(x)


def two(keras, activation="softmax"):
    x, h = trunk(keras)
    a = keras.layers.Dense(3, activation=activation, name="a")(h)
    return keras.Model(x, [a, keras.layers.Dense(1, name="b")(h)], name="two")


def linear(keras):
    return two(keras, None)


def by_name(keras):
    """A dict whose keys are not the layers' names, and not in the order of the alphabet."""
    x, h = trunk(keras)
    outputs = {"q": keras.layers.Dense(1, name="b")(h), "p": keras.layers.Dense(3, activation="softmax", name="a")(h)}
    return keras.Model(x, outputs, name="by_name")


def three(keras):
    """A layer that is used twice, and three losses."""
    x, h = trunk(keras)
    shared = keras.layers.Dense(3, activation="tanh", name="shared")
    left, right = shared(keras.layers.Dense(2, name="left")(h)), shared(keras.layers.Dense(2, name="right")(h))
    a = keras.layers.Dense(3, activation="softmax", name="a")(left)
    b = keras.layers.Dense(2, activation="sigmoid", name="b")(right)
    c = keras.layers.Dense(2, name="c")(keras.layers.add([left, right], name="both"))
    return keras.Model(x, [c, a, b], name="three")


def inner(keras):
    """Outputs that other layers go on from: a hidden layer, and probabilities."""
    x, h = trunk(keras, 2)
    a = keras.layers.Dense(3, activation="softmax", name="a")(h)
    return keras.Model(x, [h, a, keras.layers.Dense(1, name="b")(a)], name="inner")


def penalised(keras):
    x = keras.Input((FEATURES,), name="x")
    h = keras.layers.Dense(5, activation="tanh", name="h", kernel_regularizer=keras.regularizers.L2(0.015625))(x)
    a = keras.layers.Dense(3, activation="softmax", name="a", activity_regularizer=keras.regularizers.L1(0.0078125))(h)
    return keras.Model(x, (a, keras.layers.Dense(1, name="b")(h)), name="penalised")


def two_inputs(keras):
    one, other = keras.Input((3,), name="one"), keras.Input((1,), name="other")
    h = keras.layers.concatenate([keras.layers.Dense(4, activation="relu", name="h")(one), other], name="join")
    outputs = [keras.layers.Dense(3, activation="softmax", name="a")(h), keras.layers.Dense(1, name="b")(other)]
    return keras.Model([one, other], outputs, name="two_inputs")


def nested(keras):
    """A model with two outputs as a layer."""
    x = keras.Input((FEATURES,), name="data")
    a, b = two(keras)(x)
    joined = keras.layers.concatenate([a, b], name="join")
    return keras.Model(x, [keras.layers.Dense(3, name="last")(joined), b], name="nested")


def of_class(kind):
    def make(keras):
        class Net(keras.Model):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.h = keras.layers.Dense(5, activation="tanh", name="h")
                self.first = keras.layers.Dense(3, activation="softmax", name="a")
                self.second = keras.layers.Dense(1, name="b")

            def call(self, x):
                h = self.h(x)
                a, b = self.first(h), self.second(h)
                return {"list": [a, b], "tuple": (a, b), "dict": {"q": b, "p": a}}[kind]

        model = Net(name="net")
        model(keras.Input((FEATURES,)))
        return model

    return make


def data():
    """Targets of each kind, and two sets of weights."""
    generator = np.random.default_rng(6)
    labels = generator.integers(0, 3, ROWS)
    return {
        "x": generator.uniform(-1.5, 1.5, (ROWS, FEATURES)),
        "labels": labels,
        "one_hot": np.eye(3)[labels],
        "one": generator.uniform(-1, 1, (ROWS, 1)),
        "two": generator.uniform(-1, 1, (ROWS, 2)),
        "bits": generator.integers(0, 2, (ROWS, 2)).astype("float64"),
        "w": generator.uniform(0.2, 2, ROWS),
        "v": generator.uniform(0.2, 2, ROWS),
    }



CASES = {
    "lists": (two, {"loss": [SPARSE, "mse"], "metrics": [["accuracy"], [MAE, "mse"]]}, ["labels", "one"]),
    "tuples": (two, {"loss": (SPARSE, "mse"), "metrics": (None, MAE)}, ("labels", "one")),
    "loss_weights": (two, {"loss": [SPARSE, "mse"], "loss_weights": [1.0, 0.25]}, ["labels", "one"]),
    "by layer": (
        two,
        {"loss": {"b": "mse", "a": SPARSE}, "loss_weights": {"a": 0.5, "b": 2.0}, "metrics": {"b": [MAE]}},
        {"a": "labels", "b": "one"},
    ),
    "dicts and lists": (two, {"loss": {"b": "mse", "a": SPARSE}, "metrics": ["accuracy", MAE]}, ["labels", "one"]),
    "one loss for all": (linear, {"loss": "mse", "loss_weights": 0.5}, ["one_hot", "one"]),
    "an object for all": (linear, {"loss": "huber object"}, ["one_hot", "one"]),
    "by key": (
        by_name,
        {
            "loss": {"p": SPARSE, "q": "mse"},
            "loss_weights": {"p": 1.0, "q": 0.5},
            "metrics": {"p": ["accuracy"], "q": [MAE]},
        },
        {"p": "labels", "q": "one"},
    ),
    "by key, in lists": (by_name, {"loss": [SPARSE, "mse"], "metrics": [["accuracy"], []]}, ["labels", "one"]),
    "by key, one alone": (by_name, {"loss": {"q": "mse"}}, {"p": "labels", "q": "one"}),
    "by key, weighted": (
        by_name,
        {"loss": {"p": SPARSE, "q": "mse"}, "weighted_metrics": {"q": [MAE], "p": ["accuracy"]}},
        {"p": "labels", "q": "one"},
        {"p": "w", "q": "v"},
    ),
    "one without a loss": (two, {"loss": [SPARSE, None], "metrics": [["accuracy"], None]}, ["labels", "one"]),
    "three": (
        three,
        {"loss": [MAE, CLASSES, BINARY], "loss_weights": [0.5, 1.0, 2.0], "metrics": [[], ["accuracy"], ["accuracy"]]},
        ["two", "one_hot", "bits"],
    ),
    "three, weighted": (
        three,
        {
            "loss": {"a": CLASSES, "b": BINARY, "c": "mse"},
            "loss_weights": {"c": 0.3, "a": 1.5, "b": 1.0},
            "metrics": {"b": ["mse"], "c": ["mse"]},
            "weighted_metrics": {"b": ["mse"], "a": ["accuracy"]},
        },
        ["two", "one_hot", "bits"],
        ["v", "w", "w"],
    ),
    "inner": (inner, {"loss": ["mse", SPARSE, "mse"], "loss_weights": [1.0, 0.5, 2.0]}, ["two", "labels", "one"]),
    "penalised": (penalised, {"loss": [SPARSE, "mse"], "loss_weights": [1.0, 0.5]}, ["labels", "one"]),
    "penalised, one": (penalised, {"loss": [None, "mse"]}, ["labels", "one"]),
    "weights for all": (
        two,
        {"loss": [SPARSE, "mse"], "metrics": [["accuracy"], [MAE]], "weighted_metrics": [["accuracy"], [MAE]]},
        ["labels", "one"],
        "w",
    ),
    "weights for each": (two, {"loss": [SPARSE, "mse"], "loss_weights": [2.0, 1.0]}, ["labels", "one"], ["w", "v"]),
    "weights for one": (two, {"loss": [SPARSE, "mse"]}, ["labels", "one"], [None, "v"]),
    "two inputs": (two_inputs, {"loss": [SPARSE, "mse"], "metrics": [["accuracy"], [MAE]]}, ["labels", "one"]),
    "nested": (nested, {"loss": ["mse", MAE], "loss_weights": [1.0, 0.7]}, ["one_hot", "one"]),
    "class, list": (of_class("list"), {"loss": [SPARSE, "mse"], "metrics": [["accuracy"], [MAE]]}, ["labels", "one"]),
    "class, tuple": (
        of_class("tuple"),
        {"loss": [CLASSES, "mse"], "metrics": [[MAE], ["mse"]], "loss_weights": [1.0, 0.5]},
        ("one_hot", "one"),
    ),
    "class, dict": (
        of_class("dict"),
        {"loss": {"q": "mse", "p": SPARSE}, "metrics": {"p": ["accuracy"]}, "loss_weights": {"q": 2.0, "p": 1.0}},
        {"p": "labels", "q": "one"},
        {"p": "w", "q": "v"},
    ),
}
"""Net, arguments of ``compile``, names of the targets and of the weights in :func:`data`."""


def take(names, arrays):
    """The same nesting with arrays for their names."""
    if isinstance(names, dict):
        return {key: take(name, arrays) for key, name in names.items()}
    if isinstance(names, (list, tuple)):
        return type(names)(take(name, arrays) for name in names)
    return None if names is None else arrays[names]


def flat(outputs):
    """Outputs in the order of their keys, as lists."""
    outputs = [outputs[key] for key in sorted(outputs)] if isinstance(outputs, dict) else list(outputs)
    return [np.asarray(output).tolist() for output in outputs]


def play(keras, name):
    """Predict, evaluate and train with one model; return the numbers."""
    net, arguments, targets, *weights = CASES[name]
    if arguments["loss"] == "huber object":
        arguments = {"loss": keras.losses.Huber(0.3, reduction="sum")}
    model, arrays = net(keras), data()
    model.set_weights(weights_for(model))
    x, y = arrays["x"], take(targets, arrays)
    w = take(weights[0], arrays) if weights else None
    if net is two_inputs:
        x = [x[:, :3], x[:, 3:]]
    predictions = model.predict(x, verbose=0)
    seen = {"type": type(predictions).__name__, "predictions": flat(predictions)}
    model.compile(keras.optimizers.SGD(learning_rate=0.1), **arguments)
    history = model.fit(
        x, y, batch_size=5, epochs=3, shuffle=False, verbose=0, sample_weight=w, validation_data=(x, y)
    ).history
    seen["keys"] = list(history)
    seen["history"] = {key: [float(value) for value in values] for key, values in history.items()}
    seen["evaluate"] = np.atleast_1d(model.evaluate(x, y, batch_size=5, verbose=0, sample_weight=w)).tolist()
    results = model.evaluate(x, y, batch_size=5, verbose=0, return_dict=True)
    seen["by name"] = {key: float(value) for key, value in results.items()}
    seen["on batch"] = np.atleast_1d(model.train_on_batch(x, y)).tolist()
    seen["weights"] = [w.tolist() for w in model.get_weights()]
    return seen


SUMMARIES = {"two": two, "by_name": by_name, "three": three, "nested": nested, "net": of_class("list")}


def make_golden():
    import keras

    keras.config.set_floatx("float64")
    golden = {"cases": rounded({name: play(keras, name) for name in CASES}), "summaries": {}}
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    for name, net in SUMMARIES.items():
        golden["summaries"][name] = summary_text(net(keras), expand_nested=True)
    return golden


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    GOLDEN.write_text(json.dumps(make_golden(), ensure_ascii=False) + "\n", encoding="utf-8")
