"""``add_loss`` in layers and models of one's own: values, gradients and logs against Keras, and all ways to run."""

import json
import pathlib

import added_loss_cases as CASES
import numpy as np
import pytest

import fastnn as keras
import fastnn.tf_shim as tf
from fastnn import Input, Model, Sequential, layers, ops
from fastnn.backends.native import NativeBackend
from fastnn.testing import numerical_gradient
from fastnn.trainer import Trainer

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "added_losses.json").read_text())["nets"]


class Activity(layers.Layer):
    def call(self, x):
        self.add_loss(0.5 * ops.mean(ops.square(x)))
        return x


@pytest.mark.parametrize("name", GOLDEN)
def test_training_is_that_of_keras(name, backend, float64):
    """Keras keeps losses in float32."""
    got, expected = CASES.report(keras, name), GOLDEN[name]
    for key in ("evaluate_before", "loss", "weighted", "evaluate"):
        np.testing.assert_allclose(got[key], expected[key], rtol=1e-6, atol=1e-7, err_msg=key)
    assert len(got["loss"]) > 1
    for a, b in zip(got["end"], expected["end"], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
    losses = expected["losses"]
    if name == "with penalties":
        losses = losses[1:]  # that of the activity_regularizer is in the program only
    found = [loss for loss in got["losses"] if loss]  # 0 stands for what is added in training only
    np.testing.assert_allclose(sorted(found), sorted(losses), rtol=1e-6)


@pytest.mark.parametrize("name", ["sum", "weights", "nested", "training only", "with penalties"])
def test_all_ways_to_run_have_the_same_bits(name):
    x, y, _ = CASES.data()
    results = []
    for backend, threads in [("native", None), ("native", 3), ("step", None), (NativeBackend("generic"), None),
                             (NativeBackend(fused=False), None)]:  # fmt: skip
        keras.utils.set_random_seed(3)
        model = CASES.models(keras)[name]
        trainer = Trainer(model, "adam", "mse", backend=backend, threads=threads)
        losses = trainer.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0).history["loss"]
        results.append([losses, *model.get_weights()])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_large_batches_run_whole():
    """A mean over the batch needs all of its rows."""
    x = np.random.default_rng(0).standard_normal((3000, 4)).astype("float32")
    model = Sequential([Input((4,)), Activity(), layers.Dense(1)])
    model.compile("sgd", "mse")
    plain = Sequential([Input((4,)), layers.Dense(1)])
    plain.compile("sgd", "mse")
    plain.set_weights(model.get_weights())
    sizes = {"batch_size": 3000, "verbose": 0}
    added = model.evaluate(x, x[:, 0], **sizes) - plain.evaluate(x, x[:, 0], **sizes)
    assert added == pytest.approx(0.5 * np.square(x).mean(), rel=1e-5)


@pytest.mark.parametrize("name", ["mean", "weights", "nested", "a model of one's own"])
def test_gradients(name, backend, float64):
    """Of a loss and of what was added to it, on a tape, against central differences."""
    model, (x, _, _) = CASES.models(keras)[name], CASES.data()
    weights = model.trainable_weights

    def total(values=None):
        if values is not None:
            model.set_weights(values)
        return sum(float(np.sum(loss)) for loss in (model(x), *model.losses))

    with tf.GradientTape() as tape:
        y = model(x)
        loss = tf.add_n([tf.reduce_sum(y), *model.losses])
    gradients = tape.gradient(loss, weights)
    start = model.get_weights()
    for i, gradient in enumerate(gradients):
        def at(value, i=i):
            return total([*start[:i], value, *start[i + 1 :]])

        np.testing.assert_allclose(gradient, numerical_gradient(at, start[i]), rtol=1e-6, atol=1e-8)
        assert np.abs(np.asarray(gradient)).max() > 1e-3


def test_losses_are_those_of_the_last_call():
    layer, x = Activity(), np.array([[1.0, 3.0]], "float32")
    assert layer.losses == []
    layer(x)
    assert [float(loss) for loss in layer.losses] == [2.5]
    layer(2 * x)
    assert [float(loss) for loss in layer.losses] == [10.0]


def test_the_plan_says_who_adds():
    model = Sequential([Input((4,)), Activity(name="mine"), layers.Dense(2), Activity(name="yours")])
    model.compile("sgd", "mse")
    plan = model.explain_plan()
    assert "Added to the loss by layers, in the same call: mine/added_loss, yours/added_loss" in plan
    assert "row_value: mine/added_loss" in plan
    assert "Added" not in Sequential([Input((4,)), layers.Dense(2)]).explain_plan()
    assert [op.kind.name for op in model._trainer.program.sections["predict"]] == ["dense"], "it costs predict nothing"


def test_a_call_may_add_at_inference_only_or_other_losses(backend):
    class Both(layers.Layer):
        def call(self, x, training=None):
            self.add_loss(ops.mean(x) if training else 10 * ops.mean(x))
            return x

    class InferenceOnly(layers.Layer):
        def call(self, x, training=None):
            if not training:
                self.add_loss(ops.mean(x))
            return x

    x = np.array([[1.0], [3.0]], "float32")
    for layer, in_training, at_inference in ((Both(), 2, 20), (InferenceOnly(), 0, 2)):
        model = Sequential([Input((1,)), layer])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        assert model.fit(x, x, verbose=0).history["loss"] == [in_training]
        assert model.evaluate(x, x, verbose=0) == at_inference
        outer = Sequential([Input((1,)), layers.Dropout(0.0), Sequential([Both()])])
        outer.compile("sgd", "mse")
        assert outer.evaluate(x, x, verbose=0) == 20


def test_at_inference_only_what_a_call_returns_is_replaced(backend):
    """Not what else reads the same numbers."""
    class Other(layers.Layer):
        def call(self, x, training=None):
            return x if training else ops.relu(x) + 10.0

    a = Input((2,))
    h = layers.Rescaling(2.0)(a)
    model = Model(a, layers.Add()([Other()(h), h]))
    x = np.array([[1.0, -2.0]], "float32")
    assert model(x, training=True).tolist() == [[4, -8]]
    assert model(x).tolist() == model.predict(x, verbose=0).tolist() == [[14, 6]]


def test_files_and_clones_keep_it(tmp_path):
    x, y, _ = CASES.data()
    model = Sequential([Input((5,)), layers.Dense(3), Activity(), layers.Dense(2)])
    model.compile("adam", "mse")
    model.fit(x, y, verbose=0)
    objects = {"Activity": Activity}
    for suffix in ("fastnn", "keras", "h5"):
        if suffix != "fastnn":
            pytest.importorskip("h5py")
        model.save(tmp_path / f"model.{suffix}")
        again = keras.models.load_model(tmp_path / f"model.{suffix}", custom_objects=objects)
        assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    again = keras.models.model_from_json(model.to_json(), custom_objects=objects)
    again.set_weights(model.get_weights())
    again.compile("adam", "mse")
    assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)


def test_what_does_not_go():
    layer = Activity()
    for value in (0.5, np.ones(3)):
        with pytest.raises(ValueError, match=r"`add_loss\(\)` can only be called from inside `call\(\)`"):
            layer.add_loss(value)
    a = Input((3,))
    model = Model(a, layers.Dense(2)(a))
    with pytest.raises(ValueError, match="can only be called from inside"):
        model.add_loss(a)

    class Leaks(layers.Layer):
        def call(self, x):
            return x - ops.mean(x)

    with pytest.raises(NotImplementedError, match=r"Leaks layer .*: .*predictions must not depend on the rows beside"):
        Leaks()(np.ones((2, 3)))
