"""Record what Keras computes with functional models in ``functional.json``.

Run ``python tests/golden/make_functional.py`` with Keras installed. ``tests/api/test_functional.py`` makes the same
models with fastnn, gives them the same weights and data, and compares predictions, losses, weights after training, and
summaries.
"""

import contextlib
import io
import json
import os
import pathlib
import unittest.mock

import numpy as np

GOLDEN = pathlib.Path(__file__).with_name("functional.json")
ROWS, FEATURES = 14, 4


def residual(keras):
    x = keras.Input((FEATURES,), name="x")
    h = keras.layers.Dense(FEATURES, activation="tanh", name="h")(x)
    for i in range(2):
        side = keras.layers.Dense(FEATURES, activation="tanh", name=f"block_{i}")(h)
        h = keras.layers.Add(name=f"sum_{i}")([h, side])
    return keras.Model(x, keras.layers.Dense(2, name="out")(h), name="residual")


def shared(keras):
    x = keras.Input((FEATURES,), name="x")
    dense = keras.layers.Dense(FEATURES, activation="sigmoid", name="shared")
    joined = keras.layers.concatenate([dense(x), dense(dense(x))], name="join")
    return keras.Model(x, keras.layers.Dense(2, name="out")(joined), name="twice")


def wide_and_deep(keras):
    x = keras.Input((FEATURES,), name="x")
    deep = keras.layers.Dense(5, activation="relu", name="deep_1")(x)
    deep = keras.layers.Dense(3, activation="relu", name="deep_2")(deep)
    joined = keras.layers.Concatenate(name="join")([x, deep])
    return keras.Model(inputs=x, outputs=keras.layers.Dense(2, name="out")(joined), name="wide_and_deep")


def merged(layer_name):
    def make(keras):
        x = keras.Input((FEATURES,), name="x")
        a = keras.layers.Dense(3, activation="tanh", name="a")(x)
        b = keras.layers.Dense(3, activation="tanh", name="b")(x)
        c = getattr(keras.layers, layer_name)(name="join")([a, b])
        return keras.Model(x, keras.layers.Dense(2, name="out")(c), name="merged")

    return make


def three(keras):
    x = keras.Input((FEATURES,), name="x")
    parts = [keras.layers.Dense(3, activation="tanh", name=f"part_{i}")(x) for i in range(3)]
    layers = keras.layers
    joined = [layers.Add()(parts), layers.Average()(parts), layers.Multiply()(parts), layers.Maximum()(parts)]
    both = layers.Concatenate(name="join")([*joined, layers.Minimum()(parts), *parts])
    return keras.Model(x, layers.Dense(2, name="out")(both), name="three")


def gate(keras):
    """A column that weighs the others, and a dot product."""
    x = keras.Input((FEATURES,), name="x")
    a = keras.layers.Dense(3, activation="tanh", name="a")(x)
    b = keras.layers.Dense(1, activation="sigmoid", name="b")(x)
    c = keras.layers.Dense(3, name="c")(x)
    gated = keras.layers.multiply([b, a])
    both = keras.layers.concatenate([gated, keras.layers.Dot(axes=1)([a, c])])
    return keras.Model(x, keras.layers.Dense(2, name="out")(both), name="gate")


def nested(keras):
    inner = keras.Sequential(
        [keras.Input((FEATURES,)), keras.layers.Dense(3, activation="tanh", name="in_1"),
         keras.layers.Dense(FEATURES, name="in_2")], name="inner"
    )  # fmt: skip
    a = keras.Input((FEATURES,), name="a")
    core = keras.Model(a, keras.layers.add([a, inner(a)], name="core_sum"), name="core")
    x = keras.Input((FEATURES,), name="x")
    y = keras.layers.Dense(FEATURES, activation="tanh", name="first")(x)
    y = keras.layers.subtract([core(y), inner(x)], name="minus")
    return keras.Model(x, keras.layers.Dense(2, name="out")(y), name="nested")


def chain(keras):
    x = keras.layers.Input(shape=(FEATURES,), name="x")
    y = keras.layers.Dense(5, activation="relu", name="one")(x)
    return keras.models.Model(inputs=[x], outputs=[keras.layers.Dense(2, name="two")(y)], name="chain")


def custom(keras):
    """A layer of one's own with weights, functions on tensors, and a transposed weight."""
    ops = keras.ops

    class Scaled(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
            self.offset = self.add_weight(shape=(self.units,), initializer="zeros", name="offset")
            self.strength = self.add_weight(shape=(1,), initializer="ones", name="strength")

        def call(self, x):
            y = ops.tanh(ops.matmul(x, self.kernel) + self.offset)
            back = ops.matmul(y, ops.transpose(self.kernel))
            weight = ops.sigmoid(ops.sum(back * x, axis=-1, keepdims=True))
            return ops.where(y > 0, y, 0.1 * y) * weight / (1.0 + ops.square(y)) - self.strength * ops.abs(y) ** 2

    x = keras.Input((FEATURES,), name="x")
    return keras.Model(x, keras.layers.Dense(2, name="out")(Scaled(5, name="scaled")(x)), name="custom")


def operators(keras):
    ops = keras.ops
    x = keras.Input((FEATURES,), name="x")
    a = keras.layers.Dense(3, name="a")(x)
    b = ops.sqrt(ops.square(a) + 0.5) * 2 - x[:, 1:2]
    c = ops.log(ops.exp(-b) + 1.0) / ops.maximum(ops.abs(b), 0.25)
    d = ops.concatenate([b, ops.minimum(c, ops.mean(a, axis=-1, keepdims=True))], axis=-1)
    return keras.Model(x, keras.layers.Dense(2, name="out")(d), name="operators")


def subclassed(keras):
    class Block(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.one = keras.layers.Dense(units, activation="tanh")
            self.two = keras.layers.Dense(units)

        def call(self, x):
            return x + self.two(self.one(x))

    class Net(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.first = keras.layers.Dense(3, activation="relu", name="first")
            self.blocks = [Block(3, name=f"block_{i}") for i in range(2)]
            self.last = keras.layers.Dense(2, name="last")

        def call(self, x):
            x = self.first(x)
            for block in self.blocks:
                x = block(x)
            return self.last(x)

    model = Net(name="net")
    model(keras.Input((FEATURES,)))  # Keras wants a call before summary()
    return model


NETS = {
    "residual": residual,
    "shared": shared,
    "wide_and_deep": wide_and_deep,
    **{f"merged {name}": merged(name) for name in ("Subtract", "Multiply", "Average", "Maximum", "Minimum")},
    "three": three,
    "gate": gate,
    "nested": nested,
    "chain": chain,
    "custom": custom,
    "operators": operators,
    "subclassed": subclassed,
}


def weights_for(model):
    """Weights of both signs, the same for the same shapes."""
    generator = np.random.default_rng(5)
    return [generator.uniform(-0.8, 0.8, w.shape) for w in model.get_weights()]


def data():
    generator = np.random.default_rng(6)
    return generator.uniform(-1.5, 1.5, (ROWS, FEATURES)), generator.uniform(-1, 1, (ROWS, 2))


def play(keras, name):
    """Predict, evaluate and train with one model; return the numbers."""
    model = NETS[name](keras)
    model.set_weights(weights_for(model))
    x, y = data()
    before = np.asarray(model.predict(x, verbose=0))
    model.compile(keras.optimizers.SGD(learning_rate=0.1), loss="mse")
    loss = float(model.evaluate(x, y, verbose=0))
    losses = model.fit(x, y, batch_size=5, epochs=3, shuffle=False, verbose=0).history["loss"]
    return {
        "layers": [layer.name for layer in model.layers],
        "predictions": before.tolist(),
        "loss": loss,
        "losses": [float(value) for value in losses],
        "weights": [w.tolist() for w in model.get_weights()],
    }


def summary_text(model, columns=100, **options):
    """What ``model.summary()`` prints, where there are no colours."""
    stream = io.StringIO()
    with unittest.mock.patch.dict(os.environ, {"COLUMNS": str(columns)}), contextlib.redirect_stdout(stream):
        os.environ.pop("FORCE_COLOR", None)
        model.summary(**options)
    return stream.getvalue().split("\n")


SUMMARIES = ["residual", "shared", "nested", "chain", "subclassed"]


def rounded(numbers):
    """Twelve digits are enough, and the same on every machine."""
    if isinstance(numbers, dict):
        return {key: rounded(value) for key, value in numbers.items()}
    if isinstance(numbers, list):
        return [rounded(value) for value in numbers]
    return float(f"{numbers:.12g}") if isinstance(numbers, float) else numbers


def make_golden():
    import keras

    keras.config.set_floatx("float64")
    golden = {"nets": rounded({name: play(keras, name) for name in NETS}), "summaries": {}}
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    for name in SUMMARIES:
        model = NETS[name](keras)
        golden["summaries"][name] = {
            "plain": summary_text(model),
            "all": summary_text(model, expand_nested=True, show_trainable=True),
        }
    return golden


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(make_golden(), ensure_ascii=False) + "\n", encoding="utf-8")
