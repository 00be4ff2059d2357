"""The layers that add noise while training: what they do to their input, and nets that are trained with them."""

import numpy as np
import pytest

import fastnn
from fastnn.backends.native import NativeBackend
from fastnn.layers import AlphaDropout, Dense, Dropout, GaussianDropout, GaussianNoise, Input, Normalization
from fastnn.ops.noise import alpha_line
from fastnn.testing import fill_parameters
from fastnn.trainer import Trainer

LAYERS = [GaussianNoise(0.5, seed=1), GaussianDropout(0.2, seed=1), AlphaDropout(0.3, seed=1)]
EACH = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)


@EACH
def test_noise_in_training_only(layer, backend):
    layer, x = type(layer).from_config(layer.get_config()), np.full((400, 50), 2, "float32")
    np.testing.assert_array_equal(layer.forward(x), x)
    y = layer.forward(x, training=True)
    assert len(np.unique(y)) > 10 or (isinstance(layer, AlphaDropout) and len(np.unique(y)) == 2)
    assert not np.array_equal(layer.forward(x, training=True), y), "each pass has noise of its own"
    again = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(again.forward(x, training=True), y), "the seed repeats it"
    dy = layer.backward(np.ones_like(x))
    assert dy.shape == x.shape
    assert (dy == 1).all() == isinstance(layer, GaussianNoise)


def test_moments(backend):
    x = np.full((500, 400), 2, "float32")
    noisy = GaussianNoise(0.5, seed=3).forward(x, training=True)
    assert abs(noisy.mean() - 2) < 4 * 0.5 / x.size**0.5
    assert noisy.std() == pytest.approx(0.5, rel=0.01)
    scaled = GaussianDropout(0.2, seed=3).forward(x, training=True)
    assert abs(scaled.mean() - 2) < 4 * 1 / x.size**0.5
    assert scaled.std() == pytest.approx(2 * 0.5, rel=0.01)  # sqrt(0.2 / 0.8)
    z = np.random.default_rng(0).standard_normal(x.shape)
    kept = AlphaDropout(0.2, seed=3).forward(z, training=True)
    assert abs(kept.mean()) < 0.01
    assert kept.std() == pytest.approx(1, rel=0.01)


def net():
    return fastnn.Sequential([
        Input((4,)), GaussianNoise(0.1), Dense(64, "selu"), AlphaDropout(0.1), Dense(48, "relu"), GaussianDropout(0.2),
        Dropout(0.1), Dense(3, "softmax"),
    ])  # fmt: skip


def trained(blobs, backend, threads=None, dtype="float32"):
    fastnn.utils.set_random_seed(4)
    model = net()
    trainer = Trainer(model, "adam", "sparse_categorical_crossentropy", backend=backend, seed=2, threads=threads)
    losses = trainer.fit(*blobs, epochs=3, batch_size=16, verbose=0).history["loss"]
    return losses, model.get_weights(), model.predict(blobs[0], verbose=0)


def test_all_ways_to_run_have_the_same_bits(blobs):
    losses, weights, prediction = trained(blobs, "native")
    assert losses[-1] < losses[0]
    for backend, threads in [("step", None), ("native", 2), ("native", 3), (NativeBackend("generic"), None),
                             (NativeBackend(fused=False), None)]:  # fmt: skip
        other = trained(blobs, backend, threads)
        assert other[0] == losses
        for a, b in zip(weights, other[1], strict=True):
            np.testing.assert_array_equal(a, b)
    reference = trained(blobs, "reference")
    np.testing.assert_allclose(reference[0], losses, rtol=1e-5)
    np.testing.assert_allclose(reference[2], prediction, rtol=0, atol=1e-4)


def test_noise_goes_on_after_a_restart(blobs, tmp_path):
    """Mean, variance and noise are those of a run that was not interrupted."""

    class Stop(fastnn.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def fit(*callbacks):
        fastnn.utils.set_random_seed(4)
        scale = Normalization(axis=None)
        scale.adapt(blobs[0])
        model = fastnn.Sequential([Input((4,)), scale, *net().layers])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(*blobs, epochs=4, verbose=0, callbacks=list(callbacks))
        return [*model.get_weights(), model.predict(blobs[0], verbose=0)]

    whole, backup = fit(), fastnn.callbacks.BackupAndRestore(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fit(backup, Stop())
    for a, b in zip(whole, fit(fastnn.callbacks.BackupAndRestore(tmp_path)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_threads_share_the_noise():
    """Each op is shared out by columns and by rows, and gives the same bits."""
    model = net()
    trainer = Trainer(model, "sgd", "sparse_categorical_crossentropy")
    program = trainer.program
    results = []
    for count in (1, 2, 3, 5):
        executable = NativeBackend().load(program, "float32", 21)
        executable.threads, executable.always_threads, executable.learning_rate = count, True, 0.1
        fill_parameters(executable, np.random.default_rng(21))
        generator = np.random.default_rng(3)
        executable.train(generator.standard_normal((75, 4)).astype("float32"), np.arange(75) % 3, np.arange(75), 25)
        results.append([executable.get(program.buffers[i].name) for i in program.with_role("parameter")])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_noise_of_each_layer_is_its_own():
    model = net()
    trainer = Trainer(model, "sgd", "sparse_categorical_crossentropy")
    streams = [op.attributes["stream"] for op in trainer.program.sections["forward"] if "stream" in op.attributes]
    assert streams == [0, 1, 2, 3]
    again = [op.attributes["stream"] for op in trainer.program.sections["backward"] if "stream" in op.attributes]
    assert again == [3, 2, 1], "the first noise needs no gradient, and drawing is not needed for that of a sum"
    names = [op.kind.name for op in trainer.program.sections["predict"]]
    assert not any("noise" in name or "drop" in name for name in names)
    assert "gaussian_noise" in model.explain_plan()


def test_rates_of_nothing_leave_nothing_to_do():
    layers = [GaussianNoise(0.0), GaussianDropout(0.0), AlphaDropout(0.0)]
    model = fastnn.Sequential([Input((2,)), Dense(2), *layers])
    model.compile("sgd", "mse")
    assert [op.kind.name for op in Trainer(model, "sgd", "mse").program.sections["forward"]] == [
        "dense", "mean_squared_error",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: GaussianNoise(1.5), "GaussianNoise: stddev must be a number of at least 0 and at most 1, got 1.5"),
        (lambda: GaussianDropout(1), "GaussianDropout: rate must be a number of at least 0 and below 1, got 1"),
        (lambda: AlphaDropout(-0.1), "AlphaDropout: rate"),
        (lambda: AlphaDropout(0.1, noise_shape=(1, 0)), "AlphaDropout: Invalid value .* positive integers or None"),
        (lambda: Dropout(0.1, noise_shape="3"), "Dropout: Invalid value .* a tuple or list of integers"),
        (lambda: Dropout(0.1, noise_shape=(1, 2)).build((None, 3)), r"noise_shape=\(1, 2\) does not fit .*\(None, 3\)"),
        (lambda: AlphaDropout(0.1, noise_shape=(None,)).build((None, 3)), "one number for each axis"),
        (lambda: GaussianNoise(0.1, seed=-1), "GaussianNoise: seed"),
    ],
)
def test_errors(make, text):
    with pytest.raises(ValueError, match=text):
        make()


# --- Masks that are shared ---

SHARED = [((None, 1), (6,)), ((1, 6), (6,)), ((None, 3, 1), (3, 4)), ((None, 1, 4), (3, 4)), ((1, None, 1), (3, 4)),
          ((1, 1, 1), (3, 4)), ((40, 1, 4, 1), (2, 4, 3)), ((None, 2, 1, None), (2, 4, 3))]  # fmt: skip


@pytest.mark.parametrize("cls", [Dropout, AlphaDropout])
@pytest.mark.parametrize(("noise_shape", "shape"), SHARED)
def test_masks_are_shared_along_axes_of_size_one(cls, noise_shape, shape, backend, float64):
    layer, x = cls(0.4, noise_shape, seed=3), np.random.default_rng(0).uniform(1, 2, (40, *shape))
    y = layer.forward(x, training=True)
    a, b, dropped = (1 / 0.6, 0, 0) if cls is Dropout else alpha_line(0.4)
    kept = y != dropped if cls is Dropout else ~np.isclose(y, dropped)
    np.testing.assert_allclose(y, np.where(kept, a * x + b, dropped), rtol=1e-14)
    own = tuple(slice(None) if n is None or n == 40 or n == x.shape[i] else slice(1) for i, n in enumerate(noise_shape))
    mask = kept[own]
    np.testing.assert_array_equal(kept, np.broadcast_to(mask, x.shape))
    if mask.size > 12:
        assert 0.2 < mask.mean() < 1
        assert len(np.unique(mask)) == 2
    dy = np.random.default_rng(1).standard_normal(x.shape)
    np.testing.assert_allclose(layer.backward(dy), np.where(kept, a * dy, 0), rtol=1e-14)
    np.testing.assert_array_equal(layer.forward(x), x)
    assert layer.get_config()["noise_shape"] == noise_shape
    again = cls.from_config(layer.get_config())
    np.testing.assert_array_equal(again.forward(x, training=True), y)
    assert not np.array_equal(again.forward(x, training=True), y) or mask.size == 1


def test_noise_of_an_unshared_shape_is_that_of_none():
    x = np.random.default_rng(0).standard_normal((20, 7)).astype("float32")
    whole, given = (Dropout(0.3, shape, seed=5).forward(x, training=True) for shape in (None, (None, 7)))
    np.testing.assert_array_equal(whole, given)


def test_nets_with_shared_masks_have_the_same_bits_whatever_runs_them(blobs):
    def trained(backend, threads=None, batch_size=90):
        fastnn.utils.set_random_seed(4)
        model = fastnn.Sequential([
            Input((4,)), Dense(12, "selu"), AlphaDropout(0.2, (1, 12)), fastnn.layers.Reshape((3, 4)),
            Dropout(0.3, (None, 1, 4)), fastnn.layers.Flatten(), Dense(3, "softmax"),
        ])  # fmt: skip
        trainer = Trainer(model, "adam", "sparse_categorical_crossentropy", backend=backend, seed=2, threads=threads)
        losses = trainer.fit(*blobs, epochs=12, batch_size=16, verbose=0).history["loss"]
        assert trainer.evaluate(*blobs, verbose=0) == trainer.evaluate(*blobs, verbose=0), "nothing is drawn"
        assert [op.kind.name for op in trainer.program.sections["predict"]] == ["dense", "elu", "dense", "softmax"]
        return losses, model.get_weights()

    losses, weights = trained("native")
    assert losses[-1] < losses[0]
    for other in (trained("step"), trained("native", 3), trained(NativeBackend("generic"))):
        assert other[0] == losses
        for a, b in zip(weights, other[1], strict=True):
            np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(trained("reference")[0], losses, rtol=1e-5)


def test_one_mask_for_all_rows_of_a_pass_at_inference():
    x = np.ones((50, 9), "float32")
    a = Input((9,))
    model = fastnn.Model(a, Dropout(0.5, (1, 9))(a, training=True))
    y = model.predict(x, batch_size=8, verbose=0)
    assert len(np.unique(y, axis=0)) == 1
    assert len(np.unique(y)) == 2
    assert not np.array_equal(model.predict(x, batch_size=8, verbose=0), y)
