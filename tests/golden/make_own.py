"""Record what Keras does with losses and metrics, training loops and steps of one's own in ``own.json``.

Run ``KERAS_BACKEND=tensorflow python tests/golden/make_own.py`` with Keras and TensorFlow.
``tests/training/test_own_losses.py`` and ``test_own_steps.py`` play the same cases with fastnn, and compare logs and
weights after training.
"""

import json
import os
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from make_functional import rounded, weights_for

GOLDEN = pathlib.Path(__file__).with_name("own.json")
ROWS, FEATURES, BATCH = 14, 4, 5  # the last batch is short


def functions(keras):
    """Losses and metrics as textbooks have them, by name."""
    ops = keras.ops

    def huber(y_true, y_pred):
        error = y_true - y_pred
        small = ops.abs(error) < 0.5
        return ops.where(small, ops.square(error) / 2, 0.5 * ops.abs(error) - 0.125)

    def rows(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)

    def whole(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred))

    def rmse(y_true, y_pred):
        return ops.sqrt(ops.mean(ops.square(y_true - y_pred)))

    def soft_f1(y_true, y_pred):
        p = ops.sigmoid(y_pred)
        hits = ops.sum(y_true * p)
        return 1 - 2 * hits / (ops.sum(y_true) + ops.sum(p) + keras.config.epsilon())

    def by_column(y_true, y_pred):
        spread = y_pred - ops.mean(y_pred, axis=0)
        return ops.mean(ops.square(y_true - y_pred), axis=-1) + 0.3 * ops.mean(ops.square(spread), axis=-1)

    def mixed(y_true, y_pred):
        known = keras.losses.mean_squared_error(y_true, y_pred)
        return 0.7 * known + 0.3 * keras.losses.mean_absolute_error(y_true, y_pred) * known

    def objects(y_true, y_pred):
        return keras.losses.MeanSquaredError()(y_true, y_pred) + ops.mean(ops.exp(-ops.abs(y_pred)))

    def focal(y_true, y_pred):
        p = ops.clip(y_pred, 1e-7, 1 - 1e-7)
        return -ops.sum(y_true * ops.square(1 - p) * ops.log(p), axis=-1)

    def labels(y_true, y_pred):
        hot = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), 3)
        weight = ops.sum(hot * np.array([1.0, 2.0, 0.5]), axis=-1)
        return -weight * ops.log(ops.sum(hot * y_pred, axis=-1) + 1e-7)

    def known_labels(y_true, y_pred):
        return keras.losses.sparse_categorical_crossentropy(y_true, y_pred) * 0.5

    class Quantile(keras.losses.Loss):
        def __init__(self, quantile=0.7, **options):
            super().__init__(**options)
            self.quantile = quantile

        def call(self, y_true, y_pred):
            error = y_true - y_pred
            return ops.maximum(self.quantile * error, (self.quantile - 1) * error)

    made = [huber, rows, whole, rmse, soft_f1, by_column, mixed, objects, focal, labels, known_labels]
    return {function.__name__: function for function in made} | {
        "quantile": Quantile(), "quantile, sum": Quantile(reduction="sum", name="quantile_sum"),
    }  # fmt: skip


def net(keras, last="linear"):
    x = keras.Input((FEATURES,), name="x")
    h = keras.layers.Dense(5, activation="tanh", name="h")(x)
    return keras.Model(x, keras.layers.Dense(3, activation=last, name="a")(h))


def two(keras):
    x = keras.Input((FEATURES,), name="x")
    h = keras.layers.Dense(5, activation="tanh", name="h")(x)
    a = keras.layers.Dense(3, activation="softmax", name="a")(h)
    return keras.Model(x, [a, keras.layers.Dense(3, name="b")(h)])


REAL = ("huber", "rows", "whole", "rmse", "soft_f1", "by_column", "mixed", "objects", "quantile", "quantile, sum")
COLUMNS = ("huber", "quantile", "quantile, sum")
"""Losses of several numbers a row, which Keras cannot multiply with one weight a row."""

METRICS = ["huber", "whole", "rmse", "soft_f1", "mixed"]
CASES = {
    **{f"{name}, {weights}": {"loss": name, "weights": weights, "metrics": METRICS}
       for name in REAL for weights in ("none", "rows") if weights == "none" or name not in COLUMNS},
    **{name: {"loss": name, "last": "softmax", "target": "one_hot", "metrics": ["focal"]} for name in ("focal",)},
    **{name: {"loss": name, "last": "softmax", "target": "labels", "metrics": ["labels"]}
       for name in ("labels", "known_labels")},
    "labels, classes": {"loss": "labels", "last": "softmax", "target": "labels", "weights": "classes"},
    "weighted metrics": {
        "loss": "rows", "weights": "rows", "metrics": ["rows"], "weighted_metrics": ["huber", "mixed"],
    },
    "two outputs": {
        "net": two, "loss": ["labels", "rmse"], "target": ["labels", "real"], "metrics": [["labels"], ["rmse"]],
    },
}  # fmt: skip


def data():
    generator = np.random.default_rng(8)
    labels = generator.integers(0, 3, ROWS)
    return {
        "x": generator.uniform(-1.5, 1.5, (ROWS, FEATURES)),
        "real": generator.uniform(-1, 1, (ROWS, 3)),
        "labels": labels,
        "one_hot": np.eye(3)[labels],
        "rows": generator.uniform(0.2, 2, ROWS),
    }


def play(keras, name):
    """Train and evaluate one model; return the numbers."""
    case, arrays, own = CASES[name], data(), functions(keras)

    def named(names):
        return [named(item) for item in names] if isinstance(names, list) else own[names]

    model = case["net"](keras) if "net" in case else net(keras, case.get("last", "linear"))
    model.set_weights(weights_for(model))
    measured = {key: named(case[key]) for key in ("metrics", "weighted_metrics") if key in case}
    model.compile(keras.optimizers.SGD(learning_rate=0.1), loss=named(case["loss"]), **measured)
    target = case.get("target", "real")
    y = [arrays[one] for one in target] if isinstance(target, list) else arrays[target]
    weights = {"rows": {"sample_weight": arrays["rows"]}, "classes": {"class_weight": {0: 2.0, 1: 0.5}}}
    options = {"batch_size": BATCH, "verbose": 0, **weights.get(case.get("weights"), {})}
    fitted = model.fit(arrays["x"], y, epochs=3, shuffle=False, validation_data=(arrays["x"], y), **options)
    options.pop("class_weight", None)
    results = model.evaluate(arrays["x"], y, return_dict=True, **options)
    return {
        "history": {key: [float(value) for value in values] for key, values in fitted.history.items()},
        "evaluate": {key: float(value) for key, value in results.items()},
        "weights": [w.tolist() for w in model.get_weights()],
    }


def steps(keras, tape):
    """Models with steps as textbooks have them, by name."""

    class Textbook(keras.Model):
        def train_step(self, data):
            x, y = data
            with tape() as t:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            gradients = t.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    class OwnMetrics(keras.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.loss_tracker = keras.metrics.Mean(name="loss")
            self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")
            self.loss_fn = keras.losses.MeanSquaredError()

        @property
        def metrics(self):
            return [self.loss_tracker, self.mae_metric]

        def train_step(self, data):
            x, y, weights = data
            with tape() as t:
                y_pred = self(x, training=True)
                loss = self.loss_fn(y, y_pred, sample_weight=weights)
            self.optimizer.apply(t.gradient(loss, self.trainable_weights), self.trainable_weights)
            self.loss_tracker.update_state(loss)
            self.mae_metric.update_state(y, y_pred, sample_weight=weights)
            return {m.name: m.result() for m in self.metrics}

        def test_step(self, data):
            x, y = data[:2]
            y_pred = self(x, training=False)
            self.loss_tracker.update_state(self.loss_fn(y, y_pred))
            self.mae_metric.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    class Super(keras.Model):
        def train_step(self, data):
            return super().train_step(data)

        def test_step(self, data):
            return super().test_step(data)

        def predict_step(self, data):
            return 2 * super().predict_step(data)

    class Unsupervised(keras.Model):
        """Its data is ``x`` alone."""

        def train_step(self, data):
            with tape() as t:
                loss = keras.ops.mean(keras.ops.square(self(data, training=True) - data[:, :1]))
            self.optimizer.apply(t.gradient(loss, self.trainable_weights), self.trainable_weights)
            return {"error": loss}

    return {"textbook": Textbook, "own metrics": OwnMetrics, "super": Super, "unsupervised": Unsupervised}


def normalised(keras, model=None):
    x = keras.Input((FEATURES,), name="x")
    h = keras.layers.Dense(5, activation="tanh", name="h")(x)
    h = keras.layers.BatchNormalization(momentum=0.9, name="norm")(h)
    a = keras.layers.Dense(3, name="a")(h)
    a = keras.layers.BatchNormalization(momentum=0.8, scale=False, name="last")(a)
    made = (model or keras.Model)(x, a)
    made.set_weights([abs(w) for w in weights_for(made)])
    return made


LOOPS = ["by hand", "textbook", "own metrics", "super", "unsupervised", "two outputs"]


def play_loop(keras, name, tape):
    """Train a model with a tape, in a loop or in steps; return the numbers."""
    arrays, own = data(), steps(keras, tape)
    x, y, w = arrays["x"], arrays["real"], arrays["rows"]
    optimizer, loss = keras.optimizers.SGD(learning_rate=0.1), keras.losses.MeanSquaredError()
    if name == "by hand":
        model = normalised(keras)
        for _ in range(2):
            for first in range(0, ROWS, BATCH):
                part = slice(first, first + BATCH)
                with tape() as t:
                    value = loss(y[part], model(x[part], training=True))
                gradients = t.gradient(value, model.trainable_variables)
                optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        model(x, training=True)
        model(x)
        return {"predictions": np.asarray(model(x)).tolist(), "weights": [w.tolist() for w in model.get_weights()]}
    options = {"batch_size": BATCH, "verbose": 0}
    if name == "two outputs":
        h = keras.Input((FEATURES,), name="x")
        made = [keras.layers.Dense(3, activation="softmax", name="a")(h), keras.layers.Dense(3, name="b")(h)]
        model = own["super"](h, made)
        model.set_weights(weights_for(model))
        losses = ["sparse_categorical_crossentropy", "mse"]
        model.compile(optimizer, losses, loss_weights=[1.0, 0.5], metrics=[["accuracy"], ["mae"]])
        options["batch_size"] = 7  # with TensorFlow the loss of one of several outputs is a mean over batches
        fitted = model.fit(x, [arrays["labels"], y], epochs=2, shuffle=False, **options)
        return {"history": numbers_of(fitted), "weights": [w.tolist() for w in model.get_weights()]}
    model = normalised(keras, own[name])
    if name in ("own metrics", "unsupervised"):
        model.compile(optimizer)
    else:
        model.compile(optimizer, "mse", metrics=["mae"])
    more = {"sample_weight": w} if name == "own metrics" else {}
    if name == "unsupervised":
        fitted = model.fit(x, epochs=2, shuffle=False, **options)
    else:
        fitted = model.fit(x, y, epochs=3, shuffle=False, validation_data=(x[:9], y[:9]), **more, **options)
    seen = {"history": numbers_of(fitted), "predictions": np.asarray(model.predict(x, verbose=0)).tolist()}
    if name != "unsupervised":
        seen["evaluate"] = {k: float(v) for k, v in model.evaluate(x, y, return_dict=True, **options).items()}
    return {**seen, "weights": [w.tolist() for w in model.get_weights()]}


def numbers_of(history):
    return {key: [float(value) for value in values] for key, values in history.history.items()}


def make_golden():
    import keras
    import tensorflow as tf

    keras.config.set_floatx("float64")
    golden = {
        "functions": rounded({name: play(keras, name) for name in CASES}),
        "loops": rounded({name: play_loop(keras, name, tf.GradientTape) for name in LOOPS}),
    }
    keras.config.set_floatx("float32")
    return golden


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    GOLDEN.write_text(json.dumps(make_golden(), ensure_ascii=False) + "\n", encoding="utf-8")
