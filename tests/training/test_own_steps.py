"""Training steps of one's own: loops with a tape, and classes that define ``train_step`` and its like."""

import json
import pathlib

import make_own as MAKER
import numpy as np
import pytest

import fastnn as keras
from fastnn import tf_shim as tf
from fastnn.callbacks import BackupAndRestore, Callback
from fastnn.layers import BatchNormalization, Dense, Dropout, Input

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "own.json").read_text(encoding="utf-8"))["loops"]


@pytest.mark.parametrize("name", MAKER.LOOPS)
def test_the_numbers_are_those_of_keras(name, backend, float64):
    """Logs, predictions, and weights, the moving averages of batch normalisation among them, in float64."""
    got, expected = MAKER.play_loop(keras, name, tf.GradientTape), GOLDEN[name]
    for group in ("history", "evaluate"):
        assert sorted(got.get(group, {})) == sorted(expected.get(group, {}))
        for key, value in expected.get(group, {}).items():
            np.testing.assert_allclose(got[group][key], value, rtol=1e-10, atol=1e-12, err_msg=key)
    for key in ("predictions", "weights"):
        for g, e in zip(got.get(key, []), expected.get(key, []), strict=True):
            np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-11)
    if "history" in expected:
        assert any(values[-1] < values[0] for key, values in expected["history"].items() if "accuracy" not in key)


def test_a_training_pass_moves_the_averages_and_an_inference_pass_does_not():
    layer, x = BatchNormalization(momentum=0.5), np.random.default_rng(1).standard_normal((40, 3)) * 3 + 1
    layer(x)
    np.testing.assert_array_equal(layer.get_weights()[2], 0)
    layer(x, training=True)
    np.testing.assert_allclose(layer.get_weights()[2], 0.5 * x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(layer.get_weights()[3], 0.5 + 0.5 * x.var(axis=0), rtol=1e-5)
    layer.trainable = False
    before = layer.get_weights()
    layer(x, training=True)
    for one, other in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def net(cls, **options):
    keras.utils.set_random_seed(3)
    x = Input((4,))
    model = cls(x, Dense(1)(Dropout(0.2)(Dense(6, activation="tanh")(x))))
    model.compile("adam", "mse", **options)
    return model


@pytest.fixture
def rows():
    generator = np.random.default_rng(3)
    x = generator.standard_normal((50, 4))
    return x, x[:, :1] - x[:, 1:2] * 0.5


class Plain(keras.Model):
    def train_step(self, data):
        return super().train_step(data)


def test_shuffled_epochs_have_other_orders_and_runs_repeat(rows):
    seen = []

    class Noting(keras.Model):
        def train_step(self, data):
            seen.append(np.asarray(data[1])[:, 0])
            return super().train_step(data)

    first = net(Noting).fit(*rows, batch_size=8, epochs=2, verbose=0).history
    assert [len(batch) for batch in seen] == [8, 8, 8, 8, 8, 8, 2] * 2
    orders = np.concatenate(seen).reshape(2, -1)
    np.testing.assert_array_equal(np.sort(orders[0]), np.sort(rows[1].astype("float32")[:, 0]))
    assert (orders[0] != orders[1]).any()
    assert net(Noting).fit(*rows, batch_size=8, epochs=2, verbose=0).history == first


def test_a_split_and_class_weights(rows):
    x, y = rows[0], (rows[1] > 0).astype(int)
    weights = []

    class Noting(keras.Model):
        def train_step(self, data):
            _, y, w = data
            weights.append((np.asarray(y)[:, 0], np.asarray(w)))
            return super().train_step(data)

    history = net(Noting).fit(x, y, validation_split=0.2, class_weight={0: 1, 1: 3}, verbose=0).history
    assert set(history) == {"loss", "val_loss"}
    classes, found = (np.concatenate(part) for part in zip(*weights, strict=True))
    assert len(classes) == 40
    np.testing.assert_array_equal(found, np.where(classes, 3, 1))


def test_callbacks_hear_of_each_batch_and_can_stop(rows):
    class Stop(Callback):
        def __init__(self):
            self.logs = []

        def on_train_batch_end(self, batch, logs=None):
            self.logs.append((batch, logs["loss"]))
            self.model.stop_training = len(self.logs) == 9

    stop = Stop()
    history = net(Plain).fit(*rows, batch_size=8, epochs=5, verbose=0, callbacks=[stop])
    assert [batch for batch, _ in stop.logs] == [*range(7), 0, 1]
    assert len(history.history["loss"]) == 2
    assert history.history["loss"][1] == stop.logs[-1][1]
    with pytest.raises(NotImplementedError, match="cannot be resumed"):
        net(Plain).fit(*rows, callbacks=[BackupAndRestore("never")])


def test_batches_from_generators_and_data_sets(rows):
    x, y = rows
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(10)
    one = net(Plain).fit(data, epochs=2, verbose=0).history["loss"]
    other = net(Plain).fit(x, y, batch_size=10, epochs=2, verbose=0, shuffle=False).history["loss"]
    assert one == other
    batches = ((x[i : i + 5], y[i : i + 5]) for i in range(0, 50, 5))
    logs = net(Plain).fit(batches, steps_per_epoch=5, epochs=2, verbose=0).history["loss"]
    assert len(logs) == 2


def test_on_batch(rows):
    class Both(Plain):
        def test_step(self, data):
            return {"rows": len(data[0]), **super().test_step(data)}

    model = net(Both, metrics=["mae"])
    before = model.test_on_batch(*rows, return_dict=True)
    assert before["rows"] == 50
    assert set(before) == {"rows", "loss", "mae"}
    first, *_ = (model.train_on_batch(*rows) for _ in range(1))
    assert len(first) == 2
    for _ in range(20):
        model.train_on_batch(*rows)
    assert model.test_on_batch(*rows, return_dict=True)["loss"] < before["loss"]


def test_the_spelling_of_keras_2(rows):
    class Old(keras.Model):
        def train_step(self, data):
            inputs, targets = data
            with tf.GradientTape() as tape:
                predictions = self(inputs, training=True)
                loss = self.compiled_loss(targets, predictions, regularization_losses=self.losses)
            gradients = tape.gradient(loss, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
            self.compiled_metrics.update_state(targets, predictions)
            return {m.name: m.result() for m in self.metrics}

    keras.legacy._warned.discard("compiled_loss(y, y_pred)")
    with pytest.warns(DeprecationWarning, match="compiled_loss"):
        old = net(Old, metrics=["mae"]).fit(*rows, epochs=2, verbose=0).history
    assert old == net(Plain, metrics=["mae"]).fit(*rows, epochs=2, verbose=0).history


def test_accuracy_by_the_shapes(blobs):
    """``metrics=["accuracy"]`` on arrays, as a step updates it: what the native epoch measures."""
    x, labels = blobs[0] / 4, blobs[1]  # no probability near 0, where the loss of probabilities is clipped
    for last, y in ((3, labels), (3, np.eye(3)[labels]), (1, labels > 0)):

        def trained(cls, last=last, y=y):
            keras.utils.set_random_seed(2)
            data = Input((4,))
            model = cls(data, Dense(last, "sigmoid" if last == 1 else "softmax")(data))
            model.compile("adam", "crossentropy", metrics=["accuracy"])
            return model.fit(x, y, epochs=3, verbose=0, batch_size=20).history

        own, native = trained(Plain), trained(keras.Model)
        for key, values in native.items():
            np.testing.assert_allclose(own[key], values, rtol=1e-4, err_msg=key)
        assert 0.1 < native["accuracy"][-1] <= 1


def test_a_class_with_several_nets_and_no_loss():
    """As generative adversarial nets are written: ``compile`` and ``metrics`` of their own, no ``call``."""

    class Gan(keras.Model):
        def __init__(self, discriminator, generator):
            super().__init__()
            self.discriminator, self.generator = discriminator, generator
            self.d_loss_metric = keras.metrics.Mean(name="d_loss")
            self.g_loss_metric = keras.metrics.Mean(name="g_loss")

        def compile(self, d_optimizer, g_optimizer, loss_fn):
            super().compile()
            self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

        @property
        def metrics(self):
            return [self.d_loss_metric, self.g_loss_metric]

        def train_step(self, real):
            count = tf.shape(real)[0]
            fake = self.generator(tf.random.normal(shape=(count, 3)))
            both = tf.concat([fake, real], axis=0)
            labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], axis=0)
            with tf.GradientTape() as tape:
                d_loss = self.loss_fn(labels, self.discriminator(both))
            weights = self.discriminator.trainable_weights
            self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
            with tf.GradientTape() as tape:
                predictions = self.discriminator(self.generator(tf.random.normal(shape=(count, 3))))
                g_loss = self.loss_fn(tf.zeros((count, 1)), predictions)
            weights = self.generator.trainable_weights
            self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
            self.d_loss_metric.update_state(d_loss)
            self.g_loss_metric.update_state(g_loss)
            return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}

    discriminator = keras.Sequential([Input((4,)), Dense(8, "relu"), Dense(1)])
    generator = keras.Sequential([Input((3,)), Dense(8, "relu"), Dense(4)])
    gan = Gan(discriminator, generator)
    gan.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01), keras.losses.BinaryCrossentropy(True))
    before = generator.get_weights()
    history = gan.fit(np.random.default_rng(0).standard_normal((64, 4)) + 3, epochs=3, verbose=0).history
    assert set(history) == {"d_loss", "g_loss"}
    assert np.isfinite(history["g_loss"]).all()
    assert any((a != b).any() for a, b in zip(before, generator.get_weights(), strict=True))


def test_the_plan_says_so(rows):
    plan = net(Plain).explain_plan()
    assert "Defined by Plain: train_step; run by Python for each batch" in plan
    assert "in one native call: evaluate, predict" in plan


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda m, x, y: m.fit(x, y[:7], verbose=0), ValueError, r"as many rows, got \[7, 50\]"),
        (lambda m, x, y: m.fit(x, y, verbose=0, class_weight={0: 1}, sample_weight=np.ones(50)), ValueError, "beside"),
        (lambda m, x, y: m.fit(x, y, batch_size=0), ValueError, "batch_size"),
        (lambda m, x, y: m.fit(x, y, resume_from="file"), NotImplementedError, "cannot be resumed"),
    ],
)
def test_bad_input(call, error, text, rows):
    with pytest.raises(error, match=text):
        call(net(Plain), *rows)


def test_what_a_step_must_return_and_needs(rows):
    class Wrong(keras.Model):
        def train_step(self, data):
            return 3

    with pytest.raises(TypeError, match="a step returned int, expected a dict"):
        net(Wrong).fit(*rows, verbose=0)
    x = Input((4,))
    model = Plain(x, Dense(1)(x))
    with pytest.raises(ValueError, match=r"call compile\(optimizer=...\) before fit"):
        model.fit(*rows)
    model.compile("sgd")
    with pytest.raises(ValueError, match="No loss to compute"):
        model.fit(*rows, verbose=0)
    model = Plain(x, Dense(1, activity_regularizer="l2")(x))
    model.compile("sgd", "mse")
    with pytest.raises(NotImplementedError, match="does not see the activity_regularizer"):
        model.fit(*rows, verbose=0)


class OwnLoss(keras.Model):
    """The loss in a method, as in Keras' recipe of distillation; younger versions are handed ``training`` too."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return tf.reduce_mean(tf.square(y_pred - y)) * 2.0


class OwnLossOfToday(keras.Model):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        assert isinstance(training, bool)
        return tf.reduce_mean(tf.square(y_pred - y)) * 2.0


@pytest.mark.parametrize("cls", [OwnLoss, OwnLossOfToday])
def test_a_loss_of_the_class_is_what_is_trained(cls, rows, float64):
    def made(kind, loss, **options):
        keras.utils.set_random_seed(3)
        x = Input((4,))
        model = kind(x, Dense(1)(Dense(6, activation="tanh")(x)))
        model.compile("adam", loss, **options)
        return model, model.fit(*rows, epochs=3, batch_size=10, verbose=0).history

    own, *histories = made(cls, None, metrics=[keras.metrics.MeanAbsoluteError()])
    plain, history = made(keras.Model, lambda t, y: 2.0 * tf.square(y - t), metrics=["mae"])
    histories.append(history)
    np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-9)
    np.testing.assert_allclose(histories[0]["mean_absolute_error"], histories[1]["mae"], rtol=1e-9)
    np.testing.assert_allclose(own.evaluate(*rows, verbose=0), plain.evaluate(*rows, verbose=0), rtol=1e-9)
    assert "compute_loss" in str(own.explain_plan())
