"""Layers that are as in training in predict and evaluate too: Monte-Carlo dropout, as Géron's book does it.

Sources: A. Géron, "Hands-On Machine Learning", chapter 11; Gal, Ghahramani, "Dropout as a Bayesian approximation"
(2016).
"""

import json
import pathlib

import numpy as np
import pytest

import fastnn as keras
import fastnn.tf_shim as tf
from fastnn import Input, Model, Sequential, layers
from fastnn.backends.native import NativeBackend
from fastnn.trainer import Trainer

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "monte_carlo.json").read_text())


class MCDropout(layers.Dropout):
    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


class OldMCDropout(layers.Dropout):
    def call(self, inputs):
        return super().call(inputs, training=True)


class MCAlphaDropout(layers.AlphaDropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


def called(layer):
    return lambda x: layer(x, training=True)


KINDS = {
    "MCDropout": lambda: MCDropout(0.3),
    "OldMCDropout": lambda: OldMCDropout(0.3),
    "MCAlphaDropout": lambda: MCAlphaDropout(0.3),
    "Dropout": lambda: called(layers.Dropout(0.3)),
    "AlphaDropout": lambda: called(layers.AlphaDropout(0.3)),
    "GaussianDropout": lambda: called(layers.GaussianDropout(0.3)),
    "GaussianNoise": lambda: called(layers.GaussianNoise(0.3)),
    "a model": lambda: called(Sequential([layers.Dense(20, "tanh"), layers.Dropout(0.3)])),
}
"""Ways to put one into a functional model."""


def net(kind, seed=1):
    keras.utils.set_random_seed(seed)
    x = Input((4,))
    h = layers.Dropout(0.5)(layers.Dense(20, "relu")(x))  # this one rests at inference
    h = KINDS[kind]()(h)
    return Model(x, layers.Dense(3, "softmax")(h))


def fitted(kind, blobs, backend="native", batch_size=32, **options):
    trainer = Trainer(net(kind), "adam", "sparse_categorical_crossentropy", backend=backend, seed=2, **options)
    history = trainer.fit(*blobs, epochs=2, verbose=0, validation_split=0.3).history
    predictions = [trainer.predict(blobs[0], batch_size, verbose=0) for _ in range(2)]
    return history["loss"], history["val_loss"], trainer.evaluate(*blobs, batch_size, verbose=0)["loss"], *predictions


@pytest.mark.parametrize("kind", KINDS)
def test_each_pass_draws_anew_and_all_ways_to_run_agree(kind, blobs):
    found = fitted(kind, blobs)
    assert np.abs(found[-1] - found[-2]).max() > 0.01
    for backend, batch_size, threads in [("native", 7, 2), ("native", 1, None), ("native", 90, 3), ("step", 50, None),
                                         (NativeBackend("generic"), 32, None), (NativeBackend(fused=False), 90, None),
                                         ]:  # fmt: skip
        other = fitted(kind, blobs, backend, batch_size, threads=threads)
        assert other[:2] == found[:2]
        for a, b in zip(found[2:], other[2:], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-15 if np.ndim(a) == 0 else 0, atol=0)
    for a, b in zip(found, fitted(kind, blobs, "reference"), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_large_batches_in_pieces_draw_the_same():
    x = np.random.default_rng(0).standard_normal((2500, 4)).astype("float32")
    results = []
    for batch_size in (32, 1300, 2500):
        model = net("Dropout")
        results.append(model.predict(x, batch_size=batch_size, verbose=0))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_one_row_at_a_time(backend):
    """The book's way: the same row many times, each with another net of those that dropout makes."""
    model, row = net("MCDropout"), np.array([[1.0, -2.0, 0.5, 3.0]], "float32")
    several = np.stack([model.predict(row, verbose=0) for _ in range(20)])
    assert len(np.unique(several[:, 0, 0])) > 10
    again = net("MCDropout")
    np.testing.assert_array_equal(several, [again.predict(row, verbose=0) for _ in range(20)])
    other = net("MCDropout", seed=5)
    other.set_weights(model.get_weights())
    assert not np.array_equal(several, [other.predict(row, verbose=0) for _ in range(20)])
    called = np.stack([model(row) for _ in range(20)])
    assert len(np.unique(called[:, 0, 0])) > 10


def test_the_book_turns_a_model_into_one_of_monte_carlo(blobs):
    x, labels = blobs
    model = Sequential([
        Input((4,)), layers.Dense(30, "relu"), layers.Dropout(0.2), layers.Dense(3, "softmax"),
    ])  # fmt: skip
    model.compile("nadam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, labels, epochs=15, batch_size=8, verbose=0)
    passes = 300
    probabilities = np.stack([model(x, training=True) for _ in range(passes)])
    assert probabilities.std(axis=0).max() > 0.05
    monte_carlo = Sequential([
        MCDropout(layer.rate) if isinstance(layer, layers.Dropout) else layer for layer in model.layers
    ])  # fmt: skip
    monte_carlo.compile("nadam", "sparse_categorical_crossentropy")
    monte_carlo.set_weights(model.get_weights())
    means = np.mean([monte_carlo.predict(x, verbose=0) for _ in range(passes)], axis=0)
    errors = probabilities.std(axis=0) * np.sqrt(2 / passes)
    assert (np.abs(means - probabilities.mean(axis=0)) < 6 * errors).all()
    assert (means.argmax(axis=1) == labels).mean() > 0.8
    assert "dropout" in monte_carlo.explain_plan()


def test_training_true_repeats_with_the_seed(blobs):
    """``model(x, training=True)`` draws by the seeds of the layers, else by that of the process."""
    def draw(process, layer=None):
        keras.utils.set_random_seed(process)
        model = Sequential([Input((4,)), layers.Dropout(0.5, seed=layer), layers.Dropout(0.2, seed=layer)])
        return np.stack([model(blobs[0], training=True) for _ in range(3)])

    first = draw(1)
    assert not np.array_equal(first[0], first[1])
    np.testing.assert_array_equal(first, draw(1))
    assert not np.array_equal(first, draw(2))
    np.testing.assert_array_equal(draw(1, layer=7), draw(2, layer=7))
    assert not np.array_equal(draw(1, layer=7), draw(1, layer=8))


@pytest.mark.parametrize("kind", ["dropout", "alpha_dropout", "gaussian_dropout", "gaussian_noise"])
def test_mean_and_deviation_are_those_of_keras(kind, float64):
    """Of 4,000 predictions; the standard error of a deviation is about 1 / sqrt(2 n) of it."""
    case, n = GOLDEN[kind], GOLDEN["passes"]
    keras.utils.set_random_seed(1)
    x = Input((3,))
    h = layers.Dense(8, "tanh")(x)
    noise = {"dropout": layers.Dropout, "alpha_dropout": layers.AlphaDropout,
             "gaussian_dropout": layers.GaussianDropout, "gaussian_noise": layers.GaussianNoise}[kind]  # fmt: skip
    model = Model(x, layers.Dense(2, "sigmoid")(noise(0.25)(h, training=True)))
    model.set_weights([np.array(w) for w in GOLDEN["weights"]])
    rows = np.tile(np.array(GOLDEN["x"]), (n, 1))
    y = model.predict(rows, batch_size=512, verbose=0).reshape(n, -1, 2)
    mean, deviation = np.array(case["mean"]), np.array(case["std"])
    assert deviation.min() > 0.02
    assert (np.abs(y.mean(axis=0) - mean) < 5 * deviation * np.sqrt(2 / n)).all()
    np.testing.assert_allclose(y.std(axis=0), deviation, rtol=5 * np.sqrt(1 / n))


def test_gradients_are_those_of_the_mask_that_was_drawn(backend, float64):
    layer, x = MCDropout(0.4), np.random.default_rng(0).standard_normal((6, 50))
    y = layer(x)
    kept = y != 0
    assert 0.4 < kept.mean() < 0.8
    np.testing.assert_allclose(layer.backward(np.full_like(x, 2)), np.where(kept, 2 / 0.6, 0), rtol=1e-15)
    v = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = layer(v)
    np.testing.assert_allclose(tape.gradient(y, v), np.where(np.asarray(y) != 0, 1 / 0.6, 0), rtol=1e-15)
    with tf.GradientTape() as tape:
        y = Sequential([layers.Dropout(0.5), MCDropout(0.5)])(v)
    with pytest.raises(NotImplementedError, match="a layer that draws numbers at inference"):
        tape.gradient(y, v)


def test_batch_normalisation_may_take_the_batch_at_inference(backend, float64):
    x = np.random.default_rng(0).standard_normal((40, 4)) * 3 + 1
    a = Input((4,))
    layer = layers.BatchNormalization()
    model = Model(a, layer(a, training=True))
    y = model.predict(x, batch_size=20, verbose=0)
    for part in np.split(y, 2):
        np.testing.assert_allclose(part.mean(axis=0), 0, atol=1e-12)
    assert (layer.moving_mean.value == 0).all(), "averages follow in training only"
    np.testing.assert_allclose(y[:20], layer.forward(x[:20], training=True), rtol=1e-12)


def test_training_false_outside_does_not_rule_a_call_inside(blobs):
    """What a call says of itself counts, as in Keras; what says nothing follows."""
    a = Input((4,))
    inner = Sequential([layers.Dropout(0.5), MCDropout(0.5)])
    model = Model(a, inner(a, training=False))
    program = Trainer(model, "sgd", "mse").program
    for section in ("predict", "forward"):
        assert [op.kind.name for op in program.sections[section]].count("dropout") == 1
    both = Model(a, Sequential([layers.Dropout(0.5), MCDropout(0.5)])(a, training=True))
    assert [op.kind.name for op in Trainer(both).program.sections["predict"]] == ["dropout", "dropout"]


def test_training_with_it_goes_on_after_a_restart(blobs, tmp_path):
    """Losses of validation too, for which numbers are drawn."""

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def fit(*callbacks):
        model = net("MCDropout")
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(*blobs, epochs=4, verbose=0, callbacks=list(callbacks), validation_split=0.2)
        return [model.history.history["val_loss"][-1], *model.get_weights(), model.predict(blobs[0], verbose=0)]

    whole, backup = fit(), keras.callbacks.BackupAndRestore(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fit(backup, Stop())
    for a, b in zip(whole, fit(keras.callbacks.BackupAndRestore(tmp_path)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("suffix", ["fastnn", "keras", "h5", "json", "clone"])
def test_files_keep_it(suffix, tmp_path, blobs):
    if suffix in ("keras", "h5"):
        pytest.importorskip("h5py")
    model = net("GaussianDropout")
    own = Sequential([Input((4,)), layers.Dense(9, "relu"), MCDropout(0.5, seed=3), layers.Dense(2)])
    objects = {"MCDropout": MCDropout}
    for saved in (model, own):
        if suffix == "json":
            again = keras.models.model_from_json(saved.to_json(), custom_objects=objects)
            again.set_weights(saved.get_weights())
        elif suffix == "clone":
            again = keras.models.clone_model(saved)
            again.set_weights(saved.get_weights())
        else:
            saved.save(tmp_path / f"model.{suffix}")
            again = keras.models.load_model(tmp_path / f"model.{suffix}", custom_objects=objects)
        one, two = (again.predict(blobs[0], verbose=0) for _ in range(2))
        assert np.abs(one - two).max() > 0.01
        assert again.disassemble("predict").count("drop") == saved.disassemble("predict").count("drop")
