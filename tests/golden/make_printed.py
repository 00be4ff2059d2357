"""Record in ``printed.json`` what whole models print in Keras: summaries, and the lines of fit, evaluate and predict.

Run ``KERAS_BACKEND=jax python tests/golden/make_printed.py`` with Keras installed. ``tests/api/test_printed.py`` builds
the same models with fastnn and compares character for character, but for times and the last digits of results.
"""

import contextlib
import io
import json
import os
import pathlib
import re
import warnings

import numpy as np

GOLDEN = pathlib.Path(__file__).with_name("printed.json")


def models(keras):
    """Label and model, built; the same text for Keras and for fastnn."""
    layers, Input, Model, Sequential = keras.layers, keras.Input, keras.Model, keras.Sequential

    two = Sequential([Input((784,)), layers.Dense(128, activation="relu"), layers.Dropout(0.2), layers.Dense(10)])
    yield "sequential", two

    unbuilt = Sequential([layers.Flatten(), layers.Dense(5), layers.Dense(2)])
    yield "not built", unbuilt

    normed = Sequential(name="normed")
    normed.add(Input((28, 28)))
    for layer in (layers.Flatten(), layers.Dense(30, use_bias=False), layers.BatchNormalization(),
                  layers.Activation("relu"), layers.LeakyReLU(), layers.PReLU(), layers.Dense(1)):  # fmt: skip
        normed.add(layer)
    normed.layers[1].trainable = False
    yield "frozen and normed", normed

    wide, deep = Input((5,), name="wide_input"), Input((6,), name="deep_input")
    hidden = layers.Dense(30, activation="relu")(layers.Dense(30, activation="relu")(deep))
    joined = layers.concatenate([wide, hidden])
    yield "two inputs", Model([wide, deep], layers.Dense(1, name="output")(joined), name="wide_and_deep")

    aux = layers.Dense(1, name="aux_output")(hidden)
    main = layers.Dense(1, name="main_output")(joined)
    yield "two outputs", Model([wide, deep], [main, aux], name="two_outputs")

    x = Input((8,), name="x")
    h = layers.Dense(8, activation="tanh", name="block")(x)
    h = layers.add([h, layers.Dense(8, name="side")(h), x])
    shared = layers.Dense(4, name="shared")
    h = layers.multiply([shared(h), shared(x)])
    yield "residual and shared", Model(x, layers.Dense(2, name="last")(h), name="residual")

    encoder = Sequential([Input((20,)), layers.Dense(10), layers.Dense(3)], name="encoder")
    decoder = Sequential([Input((3,)), layers.Dense(10), layers.Dense(20)], name="decoder")
    yield "nested", Sequential([Input((20,)), encoder, decoder], name="autoencoder")

    y = Input((20,), name="data")
    yield "nested functional", Model(y, layers.Dense(1, name="head")(encoder(y)), name="on_top")

    names = Sequential([Input((1234,)), layers.Dense(98, name="a_layer_with_a_name_that_is_far_too_long_for_a_table"),
                        layers.Dense(12345, name="wide numbers and words in it")], name="w" * 90)  # fmt: skip
    yield "long names and wide numbers", names

    class Net(Model):
        def __init__(self):
            super().__init__(name="net")
            self.hidden = layers.Dense(7, activation="relu", name="hidden")
            self.out = layers.Dense(2, name="out")

        def call(self, x):
            return self.out(self.hidden(x))

    net = Net()
    net(Input((4,)))
    yield "subclassed", net


OPTIONS = (
    {}, {"line_length": 60}, {"line_length": 120}, {"expand_nested": True}, {"show_trainable": True},
    {"expand_nested": True, "show_trainable": True}, {"positions": [0.5, 0.7, 0.85, 1.0], "line_length": 100},
)  # fmt: skip


def summaries(keras):
    """``{label: [lines for each of OPTIONS]}``; a message instead of lines where it raises."""
    keras.backend.clear_session()
    found = {}
    for label, model in models(keras):
        found[label] = []
        for options in OPTIONS:
            texts = []
            model.summary(print_fn=lambda text, *_, texts=texts, **__: texts.append(str(text)), **options)
            found[label].append("\n".join(texts).rstrip("\n").split("\n"))
    return found


def printed(keras):
    """``{label: text}`` of calls that print, with times and results made alike."""
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(3).normal(size=(90, 4)).astype("float32")
    y = (x[:, 0] > 0).astype(int)

    def build(**more):
        layers = [keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1, activation="sigmoid")]
        model = keras.Sequential(layers)
        model.compile("sgd", "binary_crossentropy", **more)
        return model

    def batches(count):
        for first in range(0, 30 * count, 30):
            yield x[first % 90 : first % 90 + 30], y[first % 90 : first % 90 + 30]

    calls = {
        "fit": lambda: build().fit(x, y, epochs=2),
        "fit with metrics and validation": lambda: build(metrics=["accuracy", "mae"]).fit(x, y, validation_split=0.3),
        "fit verbose 2": lambda: build(metrics=["accuracy"]).fit(x, y, epochs=3, verbose=2, validation_data=(x, y)),
        "fit verbose 0": lambda: build().fit(x, y, verbose=0),
        "fit of a generator without end": lambda: build().fit(batches(100), steps_per_epoch=3, epochs=2),
        "fit verbose 2 of unknown length": lambda: build().fit(batches(3), verbose=2),
        "evaluate": lambda: build(metrics=["accuracy"]).evaluate(x, y, batch_size=10),
        "evaluate verbose 2": lambda: build(metrics=["accuracy"]).evaluate(x, y, verbose=2),
        "predict": lambda: build().predict(x, batch_size=9),
        "predict verbose 2": lambda: build().predict(x, verbose=2),
        "early stopping": lambda: build().fit(
            x, y, epochs=9, verbose=2, validation_data=(x, 1 - y),
            callbacks=[keras.callbacks.EarlyStopping(patience=2, min_delta=10, restore_best_weights=True, verbose=1)],
        ),
        "plateau": lambda: build().fit(
            x, y, epochs=3, verbose=0, validation_data=(x, 1 - y),
            callbacks=[keras.callbacks.ReduceLROnPlateau(patience=1, min_delta=10, verbose=1)],
        ),
        "schedule": lambda: build().fit(
            x, y, epochs=2, verbose=0, callbacks=[keras.callbacks.LearningRateScheduler(lambda e: 0.01, verbose=1)]
        ),
    }  # fmt: skip
    found = {}
    for label, call in calls.items():
        with contextlib.redirect_stdout(io.StringIO()) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a generator that ends is warned of
            call()
        found[label] = alike(stream.getvalue())
    return found


def alike(text):
    """What a terminal shows in the end, without times and results."""
    text = re.sub(r"\x1b\[\d+m|\x08", "", text)
    lines = [line.split("\r")[-1].rstrip() for line in text.split("\n")]
    text = "\n".join(lines)
    text = re.sub(r"\d+(:\d\d)*(us|ms|s)\b(/step|/epoch)?", r"TIME\3", text)
    return re.sub(r"-?\d\.\d+(e[-+]\d+)?|nan", "NUMBER", text)


if __name__ == "__main__":
    os.environ["COLUMNS"] = "80"
    import keras

    GOLDEN.write_text(json.dumps({"summaries": summaries(keras), "printed": printed(keras)}, indent=1) + "\n")
