"""A run that was cut off goes on and ends with the bits of one that was not, whatever cut it off."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, models
from fastnn.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from fastnn.layers import Dense, Dropout
from fastnn.saving import ModelFormatError, atomic

pytest.importorskip("safetensors")

X = np.random.default_rng(3).standard_normal((50, 4)).astype(np.float32)
Y = np.arange(50) % 3


def network(optimizer="adam", seed=5):
    fastnn.utils.set_random_seed(seed)
    model = Sequential([Input((4,)), Dense(6, "relu"), Dropout(0.25), Dense(3, "softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class CutOff(Callback):
    """Ends training by an exception after so many batches, before anything else is told of the last one."""

    def __init__(self, batches):
        self.left = batches

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def watchers():
    """Callbacks whose state decides what happens later."""
    return [
        LearningRateScheduler(lambda epoch, rate: rate * 0.95),
        ReduceLROnPlateau(monitor="loss", factor=0.5, patience=0, min_delta=0.05),
        EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True, min_delta=0.01),
    ]


SETTINGS = {
    "epochs": 4,
    "batch_size": 8,
    "verbose": 0,
    "validation_split": 0.2,
    "class_weight": {0: 2.0},
}
BATCHES = 5  # an epoch


def run(folder, callbacks=(), model=None, **settings):
    model = network() if model is None else model
    history = model.fit(X, Y, callbacks=[*watchers(), *callbacks], **{**SETTINGS, **settings})
    return model, history.history


def same(a, b):
    """Two (model, history): the same bits."""
    assert a[1] == b[1]
    assert a[0].optimizer.iterations == b[0].optimizer.iterations > 0
    for x, y in zip(a[0].get_weights(), b[0].get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)
    return True


@pytest.mark.parametrize("save_freq", [1, 2, 3, "epoch"])
def test_goes_on_with_the_same_bits(tmp_path, backend, save_freq):
    expected = run(tmp_path)
    batches = len(expected[1]["loss"]) * BATCHES
    assert batches > 2 * BATCHES
    for stop in range(1, batches, 2 if backend == "native" else 5):
        folder = tmp_path / str(stop)
        with pytest.raises(KeyboardInterrupt):
            run(folder, [BackupAndRestore(folder, save_freq), CutOff(stop)])
        saved = stop > (BATCHES if save_freq == "epoch" else save_freq)
        assert os.path.exists(folder / "latest.fastnn") == saved
        same(run(folder, [BackupAndRestore(folder, save_freq)]), expected)
        assert not folder.exists()


def test_the_run_that_is_cut_off_says_something():
    """A wrong place in the order, or another learning rate, would show."""
    expected = run(None)
    for change in ({"shuffle": False}, {"batch_size": 9}, {"class_weight": None}):
        assert run(None, **change)[1]["loss"] != expected[1]["loss"]


@pytest.mark.parametrize("shuffle", [True, False])
def test_steps_per_epoch_go_on_in_the_middle_of_a_pass(tmp_path, shuffle):
    settings = {"shuffle": shuffle, "steps_per_epoch": 5, "batch_size": 4, "epochs": 5, "callbacks": ()}
    expected = run(tmp_path, **settings)
    for stop in range(3, 5 * len(expected[1]["loss"]), 4):
        folder = tmp_path / str(stop)
        try:
            run(folder, **{**settings, "callbacks": [BackupAndRestore(folder, 1), CutOff(stop)]})
        except KeyboardInterrupt:
            same(run(folder, **{**settings, "callbacks": [BackupAndRestore(folder, 1)]}), expected)


def test_a_run_that_had_been_stopped_does_not_go_on(tmp_path):
    expected = run(tmp_path)
    assert len(expected[1]["loss"]) < SETTINGS["epochs"] or expected[0].stop_training is not None
    keep = BackupAndRestore(tmp_path / "b", delete_checkpoint=False)
    run(tmp_path, [keep])
    again = run(tmp_path, [keep])
    assert again[1] == expected[1]


def test_any_file_saved_while_training_can_be_resumed(tmp_path):
    full = network()
    full.fit(X, Y, epochs=6, batch_size=8, verbose=0)
    path = str(tmp_path / "m{epoch}.fastnn")
    model = network()
    model.fit(X, Y, epochs=4, batch_size=8, verbose=0, callbacks=ModelCheckpoint(path))
    for epoch in (1, 3, 4):
        other = network(seed=99)
        other.fit(X, Y, epochs=6, batch_size=8, verbose=0, resume_from=path.format(epoch=epoch))
        assert other.history.epoch == list(range(epoch, 6))
        for a, b in zip(other.get_weights(), full.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    model.save(tmp_path / "end.fastnn")
    other = network(seed=99)
    other.fit(X, Y, epochs=6, batch_size=8, verbose=0, resume_from=tmp_path / "end.fastnn")
    for a, b in zip(other.get_weights(), full.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_batch_checkpoints_can_be_resumed_too(tmp_path):
    full = network()
    full.fit(X, Y, epochs=2, batch_size=8, verbose=0)
    path = str(tmp_path / "m{epoch}-{batch}.fastnn")
    network().fit(X, Y, epochs=1, batch_size=8, verbose=0, callbacks=ModelCheckpoint(path, save_freq=3))
    other = network(seed=99)
    other.fit(X, Y, epochs=2, batch_size=8, verbose=0, resume_from=path.format(epoch=1, batch=6))
    for a, b in zip(other.get_weights(), full.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 9}, r"another batch size \(8, now 9\)"),
        ({"shuffle": False}, "another setting of shuffle"),
        ({"x": X + 1}, "another data"),
        ({"sample_weight": np.ones(50)}, "another data"),
        ({"steps_per_epoch": 2}, r"another number of batches an epoch \(7, now 2\)"),
    ],
)
def test_another_run_is_refused_unless_told(tmp_path, change, message):
    path = tmp_path / "m"
    network().fit(X, Y, epochs=1, batch_size=8, verbose=0, callbacks=ModelCheckpoint(path))
    model = network(seed=1)
    before = model.get_weights()
    given = {"x": X, "y": Y, "epochs": 2, "batch_size": 8, "verbose": 0, "resume_from": path, **change}
    with pytest.raises(ValueError, match=message):
        model.fit(**given)
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    model.fit(**given, resume_check=False)
    assert model.history.epoch == [1]


def test_another_model_optimizer_or_arithmetic_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "m"
    network().fit(X, Y, batch_size=8, verbose=0, callbacks=ModelCheckpoint(path))
    given = {"epochs": 2, "batch_size": 8, "verbose": 0, "resume_from": path}
    with pytest.raises(ValueError, match="another optimizer"):
        network(fastnn.optimizers.Adam(beta_1=0.5)).fit(X, Y, **given)
    other = Sequential([Input((4,)), Dense(3)])
    other.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    with pytest.raises(ModelFormatError, match=r"weights\.safetensors"):
        other.fit(X, Y, **given)
    other = network()
    other.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="losses and metrics"):
        other.fit(X, Y, **given)
    with monkeypatch.context() as patch:
        patch.setattr(fastnn, "numerics_version", "fma-1")
        with pytest.raises(ValueError, match="numerics version"):
            network().fit(X, Y, **given)
    with pytest.raises(ValueError, match="generator"):
        network().fit(iter([(X, Y)] * 3), epochs=2, verbose=0, steps_per_epoch=1, resume_from=path)
    network().save(tmp_path / "untrained")
    with pytest.raises(ModelFormatError, match=r"state.json"):
        network().fit(X, Y, **{**given, "resume_from": tmp_path / "untrained"})
    with pytest.raises(FileNotFoundError):
        network().fit(X, Y, **{**given, "resume_from": tmp_path / "nothing"})


def test_a_csv_log_goes_on(tmp_path):
    def rows(folder, *more):
        run(folder, [CSVLogger(folder / "log.csv"), *more])
        return (folder / "log.csv").read_text()

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    expected = rows(tmp_path / "a")
    with pytest.raises(KeyboardInterrupt):
        rows(tmp_path / "b", BackupAndRestore(tmp_path / "b" / "backup"), CutOff(BATCHES * 2 + 2))
    assert rows(tmp_path / "b", BackupAndRestore(tmp_path / "b" / "backup")) == expected


def test_double_checkpoint_serves_where_the_last_is_damaged(tmp_path):
    expected = run(tmp_path)
    backup = BackupAndRestore(tmp_path / "b", double_checkpoint=True)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, [backup, CutOff(2 * BATCHES + 3)])
    assert sorted(os.listdir(tmp_path / "b")) == ["latest.fastnn", "previous.fastnn"]
    (tmp_path / "b" / "latest.fastnn").write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="going on from the backup before it"):
        same(run(tmp_path, [backup]), expected)


def test_a_disk_that_is_full_does_not_end_training(tmp_path, monkeypatch):
    backup, saver = BackupAndRestore(tmp_path / "b"), ModelCheckpoint(tmp_path / "m.fastnn")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, [backup, saver, CutOff(BATCHES + 2)])
    before = (tmp_path / "b" / "latest.fastnn").read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    expected = run(tmp_path)
    monkeypatch.setattr(atomic.os, "write", full)
    with pytest.warns(UserWarning, match="No space left"):
        same(run(tmp_path, [BackupAndRestore(tmp_path / "b", delete_checkpoint=False), saver]), expected)
    assert (tmp_path / "b" / "latest.fastnn").read_bytes() == before
    for strict in (BackupAndRestore(tmp_path / "c", strict=True), ModelCheckpoint(tmp_path / "m", strict=True)):
        with pytest.raises(OSError, match="No space left"):
            run(tmp_path, [strict])


def test_arguments(tmp_path):
    with pytest.raises(ValueError, match="Empty `backup_dir`"):
        BackupAndRestore("")
    for make in (BackupAndRestore, ModelCheckpoint):
        for freq in ("batch", 0, 1.5, True, None):
            with pytest.raises(ValueError, match="Unrecognized save_freq"):
                make(tmp_path, save_freq=freq)


def test_only_batchwise_saving_goes_back_to_python_for_each_batch(tmp_path):
    from fastnn.callbacks import CallbackList

    for callback in (BackupAndRestore(tmp_path / "b"), ModelCheckpoint(tmp_path / "m"), CSVLogger(tmp_path / "c")):
        assert not CallbackList(callback).wants_every_batch("train")
    for callback in (BackupAndRestore(tmp_path / "b", save_freq=2), ModelCheckpoint(tmp_path / "m", save_freq=2)):
        assert CallbackList(callback).wants_every_batch("train")


# ModelCheckpoint and its like, in real fits (texts: tests/training/test_callbacks.py)


def test_old_spellings_of_model_checkpoint(tmp_path, monkeypatch):
    pytest.importorskip("h5py")
    monkeypatch.setattr("fastnn.legacy._warned", set())
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        saver = ModelCheckpoint(str(tmp_path / "w-{epoch:02d}.hdf5"), period=2)
    assert ["period" in str(w.message) for w in warned] == [True, False]
    network().fit(X, Y, epochs=5, verbose=0, callbacks=[saver])
    assert sorted(os.listdir(tmp_path)) == ["w-02.hdf5", "w-04.hdf5"]
    assert models.load_model(tmp_path / "w-04.hdf5").optimizer.iterations == 8


def test_best_weights_are_kept_in_all_formats(tmp_path):
    pytest.importorskip("h5py")
    for name in ("m.fastnn", "m.keras", "m.h5", "m.weights.h5"):
        only = name.endswith("weights.h5")
        saver = ModelCheckpoint(tmp_path / name, "val_loss", save_best_only=True, save_weights_only=only)
        stop = EarlyStopping("val_loss", patience=99, restore_best_weights=True)
        model = network(fastnn.optimizers.SGD(1.0))
        model.fit(X, Y, epochs=6, verbose=0, validation_split=0.3, callbacks=[saver, stop])
        other = network() if only else models.load_model(tmp_path / name)
        if only:
            other.load_weights(tmp_path / name)
        for a, b in zip(other.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_folder_in_the_way(tmp_path):
    with pytest.raises(OSError, match="existing directory"):
        network().fit(X, Y, verbose=0, callbacks=[ModelCheckpoint(tmp_path)])


@pytest.mark.parametrize("how", ["interrupt", "error", "stop", "end"])
def test_early_stopping_keeps_the_best_weights_however_training_ends(how):
    class End(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 4:
                if how == "interrupt":
                    raise KeyboardInterrupt
                if how == "error":
                    raise ZeroDivisionError
                self.model.stop_training = how == "stop"

    class Best(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.seen.append((logs["val_loss"], self.model.get_weights()))

    best = Best()
    best.seen = []
    model = network(fastnn.optimizers.SGD(2.0))
    stop = EarlyStopping("val_loss", patience=99, restore_best_weights=True)
    try:
        model.fit(X, Y, epochs=6, verbose=0, validation_split=0.3, callbacks=[best, stop, End()])
    except (KeyboardInterrupt, ZeroDivisionError):
        assert how in ("interrupt", "error")
    losses = [loss for loss, _ in best.seen]
    assert losses.index(min(losses)) < len(losses) - 1
    for a, b in zip(model.get_weights(), best.seen[losses.index(min(losses))][1], strict=True):
        np.testing.assert_array_equal(a, b)


# kill -9


def killed(tmp_path, times):
    """Run ``kill_while_saving.py``; return what it reports."""
    script = pathlib.Path(__file__).with_name("kill_while_saving.py")
    environment = {**os.environ, "PYTHONPATH": str(pathlib.Path(fastnn.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(times)],
        capture_output=True, text=True, timeout=600, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_at_any_moment_leaves_files_that_load(tmp_path, times):
    found = killed(tmp_path, times)
    assert found["kills"] == times
    assert found["unloadable"] == 0
    assert found["lost"] == 0
    assert found["finished"]
    assert found["same_bits"]
    assert found["leftovers"] == []
    shutil.rmtree(tmp_path)
