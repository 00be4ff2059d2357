"""Averaged weights, accumulated gradients and scaled losses in ``fit``: what they do, their bits, and resuming."""

import json
import pathlib

import make_averaging as MAKER
import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, Trainer, get_backend, optimizers
from fastnn.callbacks import BackupAndRestore, Callback, LambdaCallback, ModelCheckpoint, SwapEMAWeights
from fastnn.layers import BatchNormalization, Dense
from fastnn.models import load_model
from fastnn.testing_optimizers import KERAS_FIT_TOLERANCE
from fastnn.utils import set_random_seed

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"


GOLDEN = json.loads((GOLDEN_DIR / "averaging.json").read_text(encoding="utf-8"))

ALL = {
    "use_ema": True,
    "ema_momentum": 0.8,
    "ema_overwrite_frequency": 4,
    "loss_scale_factor": 3.0,
    "gradient_accumulation_steps": 3,
    "global_clipnorm": 0.5,
}


def network(optimizer, **layer):
    set_random_seed(4)
    model = Sequential(
        [Input((4,)), Dense(19, "tanh", **layer), Dense(3, "softmax", kernel_regularizer="l1_l2", name="last")]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class Weights(Callback):
    """Notes the weights after each batch."""

    def on_train_begin(self, logs=None):
        self.seen = [self.model.get_weights()]

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(self.model.get_weights())


@pytest.mark.parametrize("name", MAKER.CASES)
def test_fit_ends_as_keras_does(backend, name):
    with fastnn.config.use_floatx("float64"):
        got = MAKER.train(fastnn, name)
    expected, x = GOLDEN[name], MAKER.data()[0]
    for a, b in zip(got["weights"], expected["weights"], strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=KERAS_FIT_TOLERANCE)
    assert got["history"].keys() == expected["history"].keys()
    for key, values in got["history"].items():
        np.testing.assert_allclose(values, expected["history"][key], rtol=KERAS_FIT_TOLERANCE, atol=0)
    assert len(x) % MAKER.BATCH_SIZE, "the last batch is meant to be a short one"


def same(a, b):
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_fit_ends_with_the_averages(backend, blobs):
    model, watcher = network(optimizers.SGD(0.5, use_ema=True, ema_momentum=0.75)), Weights()
    model.fit(*blobs, epochs=2, verbose=0, callbacks=[watcher])
    average = watcher.seen[1]
    for weights in watcher.seen[2:]:
        average = [0.75 * a + 0.25 * w for a, w in zip(average, weights, strict=True)]
    for got, expected, last in zip(model.get_weights(), average, watcher.seen[-1], strict=True):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)
        assert np.abs(got - last).max() > 1e-3
    assert model.evaluate(*blobs, verbose=0)[0] > 0


def test_averages_overwrite_the_weights_now_and_then(backend, blobs):
    options = {"use_ema": True, "ema_momentum": 0.75, "ema_overwrite_frequency": 3}
    model, watcher = network(optimizers.SGD(0.5, **options)), Weights()
    model.fit(*blobs, batch_size=10, epochs=1, verbose=0, callbacks=[watcher])
    plain, other = network(optimizers.SGD(0.5)), Weights()
    plain.fit(*blobs, batch_size=10, epochs=1, verbose=0, callbacks=[other])
    assert same(watcher.seen[2], other.seen[2])
    first, second, third = (weights[0] for weights in other.seen[1:4])
    average = 0.75 * (0.75 * first + 0.25 * second) + 0.25 * third
    np.testing.assert_allclose(watcher.seen[3][0], average, rtol=0, atol=1e-6)
    assert np.abs(third - average).max() > 1e-3


def test_accumulated_gradients_are_those_of_the_whole(backend, blobs):
    """Three batches of 10 make the step of one batch of 30; between steps nothing moves."""
    x, y = blobs
    options = {"momentum": 0.9, "clipnorm": 0.25, "weight_decay": 0.1}
    many = network(optimizers.SGD(0.5, gradient_accumulation_steps=3, **options))
    one, watcher = network(optimizers.SGD(0.5, **options)), Weights()
    many.fit(x, y, batch_size=10, epochs=2, shuffle=False, verbose=0, callbacks=[watcher])
    one.fit(x, y, batch_size=30, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(many.get_weights(), one.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-6)
    moved = [not same(before, after) for before, after in zip(watcher.seen, watcher.seen[1:], strict=False)]
    assert moved == [False, False, True] * 6
    assert many.optimizer.iterations == one.optimizer.iterations == 6
    assert many.optimizer.batches == 18


def test_schedules_count_batches_and_adam_counts_updates(backend, blobs):
    rate = optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    model = network(optimizers.Adam(rate, gradient_accumulation_steps=3))
    model.fit(*blobs, batch_size=30, epochs=1, verbose=0)
    assert model.optimizer.learning_rate == rate(3)
    assert model.optimizer.iterations == 1
    other = network(optimizers.Adam(0.025))  # the rate of the third batch, and the first update
    other.fit(*blobs, batch_size=90, epochs=1, verbose=0)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-6)


def test_other_moving_averages_move_in_every_batch(backend, blobs):
    def trained(**options):
        set_random_seed(4)
        model = Sequential([Input((4,)), BatchNormalization(momentum=0.5), Dense(3, "softmax")])
        model.compile(optimizers.SGD(0.0, **options), "sparse_categorical_crossentropy")
        model.fit(*blobs, batch_size=10, epochs=1, shuffle=False, verbose=0)
        return model.layers[0].get_weights()

    assert same(trained(gradient_accumulation_steps=5), trained())


@pytest.mark.parametrize("layer", [{}, {"activity_regularizer": "l2", "kernel_regularizer": "l1"}])
def test_a_scale_that_is_a_power_of_two_changes_no_bit(backend, blobs, layer):
    """Of the weights and of what is shown; penalties are scaled too."""
    plain, scaled = (network(optimizers.Adam(0.05, loss_scale_factor=scale), **layer) for scale in (None, 1024))
    shown = [model.fit(*blobs, epochs=2, verbose=0, shuffle=False).history for model in (plain, scaled)]
    assert shown[0] == shown[1]
    assert same(plain.get_weights(), scaled.get_weights())


def test_scaled_gradients_do_not_underflow(backend):
    """Gradients of 1e-42 are 0 among float32's normal numbers; scaled they are not."""

    def moved(scale):
        model = Sequential([Input((1,)), Dense(1, use_bias=False, kernel_initializer="ones")])
        model.compile(optimizers.SGD(1.0, loss_scale_factor=scale), "mean_absolute_error")
        model.layers[0].set_weights([[[0.0]]])
        model.fit(np.full((1, 1), 1e-36, "float32"), np.ones((1, 1)), verbose=0)
        return model.get_weights()[0].item()

    assert moved(2.0**20) == moved(None) == pytest.approx(1e-36)


def trained(backend, threads=None, always=False):
    model = network("sgd")
    optimizer, loss = optimizers.AdamW(0.05, **ALL), "sparse_categorical_crossentropy"
    trainer = Trainer(model, optimizer, loss, backend=backend, threads=threads, seed=3)
    generator = np.random.default_rng(2)
    x, y = generator.standard_normal((500, 4)).astype("float32"), generator.integers(0, 3, 500)
    trainer._open((None, 4)).executable.always_threads = always
    for batch_size in (32, 3):  # few rows are run from a list of their own
        trainer.fit(x, y, batch_size=batch_size, epochs=2, verbose=0)
    executable = trainer._session.executable
    names = [b.name for b in executable.program.buffers if b.role in ("parameter", "slot")]
    assert len(names) == 4 + 4 * 4
    return [executable.get(name) for name in names] + model.get_weights()


def test_step_mode_and_any_number_of_threads_give_the_same_bits():
    native = pytest.importorskip("fastnn.backends.native")
    expected = trained(native.NativeBackend(fused=False))
    assert same(trained(get_backend("step")), expected)
    for threads in (1, 2, 3, 4):
        assert same(trained(native.NativeBackend(), threads, always=True), expected)


class CutOff(Callback):
    def __init__(self, batches):
        self.left = batches

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("stop", [2, 4, 7, 11])
def test_a_run_goes_on_with_the_same_bits(backend, blobs, tmp_path, stop):
    """Also from the middle of an accumulated step."""

    def run(*callbacks):
        model = network(optimizers.AdamW(0.05, **ALL))
        return model, model.fit(*blobs, batch_size=16, epochs=3, verbose=0, callbacks=list(callbacks)).history

    expected, history = run()
    with pytest.raises(KeyboardInterrupt):
        run(BackupAndRestore(tmp_path / "b", 1), CutOff(stop))
    model, again = run(BackupAndRestore(tmp_path / "b", 1))
    assert again == history
    assert same(model.get_weights(), expected.get_weights())
    assert same(list(model.optimizer.averages().values()), list(expected.optimizer.averages().values()))


def test_a_run_that_had_ended_ends_with_the_averages_again(backend, blobs, tmp_path):
    path = tmp_path / "m.fastnn"
    expected = network(optimizers.AdamW(0.05, **ALL))
    expected.fit(*blobs, epochs=2, verbose=0, callbacks=[ModelCheckpoint(path)])
    model = network(optimizers.AdamW(0.05, **ALL))
    model.fit(*blobs, epochs=2, verbose=0, resume_from=path)
    assert same(model.get_weights(), expected.get_weights())


@pytest.mark.parametrize("ending", ["fastnn", "keras"])
def test_files_keep_all_slots(blobs, tmp_path, ending):
    if ending == "keras":
        pytest.importorskip("h5py")
    model = network(optimizers.AdamW(0.05, **ALL))
    model.fit(*blobs, batch_size=20, epochs=1, verbose=0)
    assert model.optimizer.batches % 3, "else the sums of gradients are 0"
    model.save(tmp_path / f"m.{ending}")
    loaded = load_model(tmp_path / f"m.{ending}")
    loaded.evaluate(*blobs, verbose=0)
    pairs = list(zip(model.optimizer.variables, loaded.optimizer.variables, strict=True))
    assert len(pairs) == 2 + 4 * 4
    for ours, theirs in pairs:
        assert ours.name == theirs.name
        np.testing.assert_array_equal(ours.value, theirs.value)
        assert np.abs(ours.value).max() > 0


def test_swap_measures_the_averages_and_trains_the_weights(backend, blobs):
    model, measured = network(optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9)), []

    def measure(epoch, logs):
        weights, averages = model.get_weights(), list(model.optimizer.averages().values())
        model.set_weights(averages)
        measured.append(model.evaluate(*blobs, verbose=0)[0])
        model.set_weights(weights)

    callbacks = [SwapEMAWeights(), LambdaCallback(on_epoch_end=measure)]
    history = model.fit(*blobs, epochs=3, verbose=0, validation_data=blobs, callbacks=callbacks).history
    assert measured == history["val_loss"]
    plain = network(optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    other = plain.fit(*blobs, epochs=3, verbose=0, validation_data=blobs).history
    assert other["loss"] == history["loss"]
    assert other["val_loss"] != history["val_loss"]
    assert same(plain.get_weights(), model.get_weights())


def test_swap_around_predict_and_evaluate(backend, blobs):
    x, y = blobs
    model = network(optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    model.train_on_batch(x, y)
    model.train_on_batch(x, y)
    weights, averages = model.get_weights(), list(model.optimizer.averages().values())
    assert not same(weights, averages)
    swapped = model.predict(x, verbose=0, callbacks=[SwapEMAWeights()])
    loss = model.evaluate(x, y, verbose=0, callbacks=[SwapEMAWeights()])
    assert same(model.get_weights(), weights)
    model.set_weights(averages)
    np.testing.assert_array_equal(model.predict(x, verbose=0), swapped)
    assert model.evaluate(x, y, verbose=0) == loss


def test_swap_on_epoch_lets_checkpoints_have_the_averages(backend, blobs, tmp_path):
    watcher = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(list(model.optimizer.averages().values())))
    seen, model = [], network(optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    saver = ModelCheckpoint(tmp_path / "{epoch}.fastnn")
    model.fit(*blobs, epochs=3, verbose=0, callbacks=[watcher, SwapEMAWeights(swap_on_epoch=True), saver])
    for epoch, averages in enumerate(seen, 1):
        assert same(load_model(tmp_path / f"{epoch}.fastnn").get_weights(), averages)
    plain = network(optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    plain.fit(*blobs, epochs=3, verbose=0)
    assert same(plain.get_weights(), model.get_weights())
    assert same(list(plain.optimizer.averages().values()), list(model.optimizer.averages().values()))


def test_swap_is_undone_when_validation_is_interrupted(backend, blobs):
    def interrupt(logs):
        raise KeyboardInterrupt

    model, watcher = network(optimizers.SGD(0.5, use_ema=True)), Weights()
    with pytest.raises(KeyboardInterrupt):
        model.fit(
            *blobs, epochs=2, verbose=0, validation_data=blobs,
            callbacks=[watcher, SwapEMAWeights(), LambdaCallback(on_test_end=interrupt, on_test_begin=interrupt)],
        )  # fmt: skip
    assert same(model.get_weights(), watcher.seen[-1])


def test_swap_needs_averages(blobs):
    with pytest.raises(ValueError, match="must be used when `use_ema=True` is set on the optimizer"):
        network("sgd").fit(*blobs, verbose=0, validation_data=blobs, callbacks=[SwapEMAWeights()])
