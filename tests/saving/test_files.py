"""Files of models: what is saved comes back, to the bit, and saving is atomic."""

import errno
import json
import os
import pathlib
import stat
import warnings
import zipfile

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, config, models, optimizers
from fastnn.layers import Dense, Dropout
from fastnn.models import files
from fastnn.saving import ModelFormatError, atomic

pytest.importorskip("safetensors")


def network(**named):
    return Sequential([Input((4,)), Dense(8, "relu"), Dropout(0.25), Dense(3, "softmax")], **named)


def compiled(optimizer="adam"):
    model = network()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["acc"])
    return model


def same_bits(a, b):
    assert len(a) == len(b) > 0
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)
    return True


def test_members_of_a_file(tmp_path, blobs):
    model = compiled()
    model.fit(*blobs, verbose=0)
    path = tmp_path / "model.fastnn"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        assert [entry.filename for entry in archive.infolist()] == [
            "metadata.json", "config.json", "state.json", "weights.safetensors", "state.safetensors",
        ]  # fmt: skip
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        metadata = json.loads(archive.read("metadata.json"))
    assert (metadata["format"], metadata["format_version"], metadata["kind"]) == ("fastnn", 1, "model")
    assert metadata["numerics_version"] == fastnn.numerics_version
    assert set(metadata["sha256"]) == {"config.json", "state.json", "weights.safetensors", "state.safetensors"}


def test_one_model_makes_one_file(tmp_path):
    model = compiled()
    model.save(tmp_path / "a")
    model.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


SCHEDULE = optimizers.schedules.CosineDecay(0.1, 20)
OPTIMIZERS = [
    lambda: optimizers.SGD(0.1),
    lambda: optimizers.SGD(SCHEDULE, momentum=0.9, nesterov=True),
    lambda: optimizers.Adagrad(weight_decay=0.01),
    lambda: optimizers.RMSprop(momentum=0.5, centered=True),
    lambda: optimizers.Adadelta(clipnorm=1.0),
    lambda: optimizers.Adam(amsgrad=True),
    lambda: optimizers.AdamW(),
    lambda: optimizers.Adamax(),
    lambda: optimizers.Nadam(),
    lambda: optimizers.Lion(),
]


@pytest.mark.parametrize("ending", ["fastnn", "keras", "h5"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda make: make().name)
def test_state_of_optimizers_comes_back(tmp_path, blobs, ending, optimizer):
    if ending != "fastnn":
        pytest.importorskip("h5py")
    model = compiled(optimizer())
    model.fit(*blobs, epochs=2, verbose=0)
    path = tmp_path / f"model.{ending}"
    model.save(path)
    loaded = models.load_model(path)
    assert loaded.optimizer.iterations == model.optimizer.iterations == 6
    assert type(loaded.optimizer) is type(model.optimizer)
    # One step on given rows: without dropout and order, which only our own format keeps.
    for layers in (model.layers, loaded.layers):
        layers[1].rate = 0
    x, y = blobs
    models_of = [model, loaded]
    for one in models_of:
        one.evaluate(x, y, verbose=0)
    assert same_bits(model.get_weights(), loaded.get_weights())
    if ending == "fastnn":
        for one in models_of:
            one.fit(x, y, epochs=2, verbose=0)
        assert same_bits(model.get_weights(), loaded.get_weights())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_goes_on_with_the_same_bits(tmp_path, blobs, backend, dtype):
    x, y = blobs
    path = tmp_path / "model.fastnn"
    with config.use_floatx(dtype):
        model = compiled()
        model.fit(x, y, epochs=2, batch_size=16, verbose=0, sample_weight=np.linspace(0.5, 1.5, len(x)))
    model.save(path)
    rest = model.fit(x, y, epochs=3, batch_size=16, verbose=0).history
    loaded = models.load_model(path)
    assert loaded.dtype == dtype
    assert loaded.fit(x, y, epochs=3, batch_size=16, verbose=0).history == rest
    assert same_bits(loaded.get_weights(), model.get_weights())


def test_loading_draws_no_random_numbers(tmp_path, blobs):
    compiled().save(tmp_path / "m")
    fastnn.utils.set_random_seed(5)
    expected = Dense(3, input_shape=(2,)).forward(np.ones((1, 2)))
    fastnn.utils.set_random_seed(5)
    models.load_model(tmp_path / "m")
    np.testing.assert_array_equal(Dense(3, input_shape=(2,)).forward(np.ones((1, 2))), expected)


def test_a_learning_rate_set_by_hand_is_saved(tmp_path, blobs):
    model = compiled()
    model.fit(*blobs, verbose=0)
    model.optimizer.learning_rate = 0.25
    model.save(tmp_path / "m")
    assert models.load_model(tmp_path / "m").optimizer.learning_rate == 0.25


def test_without_compile_or_optimizer(tmp_path, blobs):
    model = compiled()
    model.fit(*blobs, verbose=0)
    model.save(tmp_path / "m", include_optimizer=False)
    assert models.load_model(tmp_path / "m").optimizer.iterations == 0
    model.save(tmp_path / "m")
    bare = models.load_model(tmp_path / "m", compile=False)
    assert bare.loss is None
    same_bits(bare.get_weights(), model.get_weights())
    plain = network()
    plain.save(tmp_path / "m")
    assert models.load_model(tmp_path / "m").loss is None


def test_a_model_that_is_not_built(tmp_path):
    Sequential([Dense(3)]).save(tmp_path / "m")
    assert models.load_model(tmp_path / "m").weights == []


def test_the_format_follows_from_the_content(tmp_path):
    pytest.importorskip("h5py")
    model = compiled()
    for ending in ("keras", "h5", "fastnn"):
        model.save(tmp_path / f"m.{ending}")
        os.rename(tmp_path / f"m.{ending}", tmp_path / f"{ending}.other")
        same_bits(models.load_model(tmp_path / f"{ending}.other").get_weights(), model.get_weights())


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.hdf5", "m.weights.h5"])
def test_without_h5py_the_file_is_ours_with_one_warning(tmp_path, monkeypatch, name):
    monkeypatch.setattr(files, "_warned_of_h5py", False)
    monkeypatch.setattr(files.importlib.util, "find_spec", lambda name: None)
    model = compiled()
    with pytest.warns(UserWarning, match="h5py") as warned:
        model.save(tmp_path / name)
    assert warned[0].filename == __file__
    model.save_weights(tmp_path / name.replace("m.", "w."))
    same_bits(models.load_model(tmp_path / name).get_weights(), model.get_weights())
    other = network()
    other.load_weights(tmp_path / name.replace("m.", "w."))
    same_bits(other.get_weights(), model.get_weights())


@pytest.mark.parametrize("name", ["w", "w.fastnn", "w.weights.h5", "w.h5", "w.hdf5", "m.keras", "m.h5", "m.fastnn"])
def test_weights_come_back_under_other_names_too(tmp_path, name):
    if name.endswith(("5", "keras")):
        pytest.importorskip("h5py")
    model = compiled()
    model.save(tmp_path / name) if name.startswith("m") else model.save_weights(tmp_path / name)
    other = network()
    assert other.layers[0].name != model.layers[0].name
    other.load_weights(tmp_path / name)
    same_bits(other.get_weights(), model.get_weights())


def test_weights_that_do_not_fit(tmp_path):
    pytest.importorskip("h5py")
    for name in ("w", "w.weights.h5", "w.h5"):
        path = tmp_path / name
        network().save_weights(path)
        other = Sequential([Input((4,)), Dense(8, name="dense"), Dense(5, name="other")])
        before = other.get_weights()
        with pytest.raises(ValueError, match=r"expected an array of shape \(8, 5\), got \(8, 3\)"):
            other.load_weights(path)
        same_bits(other.get_weights(), before)
        with pytest.warns(UserWarning, match="left Dense layer 'other' as it is"):
            other.load_weights(path, skip_mismatch=True)
        assert not np.array_equal(other.get_weights()[0], before[0])
        same_bits(other.get_weights()[2:], before[2:])
        with pytest.raises(ValueError, match="layers"):
            Sequential([Input((4,)), Dense(8)]).load_weights(path)


def test_weights_by_name_from_older_files(tmp_path):
    pytest.importorskip("h5py")
    first = Sequential([Input((4,)), Dense(8, name="a"), Dense(3, name="b")])
    first.save_weights(tmp_path / "w.h5")
    other = Sequential([Input((4,)), Dense(8, name="a"), Dense(2, name="c")])
    before = other.get_weights()
    other.load_weights(tmp_path / "w.h5", by_name=True)
    same_bits(other.get_weights(), first.get_weights()[:2] + before[2:])
    first.save_weights(tmp_path / "w")
    with pytest.raises(ValueError, match="by_name"):
        other.load_weights(tmp_path / "w", by_name=True)


def test_weights_file_is_no_model(tmp_path):
    pytest.importorskip("h5py")
    for name in ("w", "w.h5", "w.weights.h5"):
        network().save_weights(tmp_path / name)
        with pytest.raises(ModelFormatError, match="load_weights"):
            models.load_model(tmp_path / name)


def test_paths(tmp_path):
    model = network()
    model.save(tmp_path / "m")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        model.save(tmp_path / "m", overwrite=False)
    with pytest.raises(FileNotFoundError):
        models.load_model(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        models.load_model(tmp_path)
    with pytest.raises(FileNotFoundError):
        model.save(tmp_path / "no folder" / "m")
    os.symlink(tmp_path / "m", tmp_path / "link")
    model.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()


def test_names_in_other_alphabets(tmp_path):
    model = network(name="모형")
    model.save(tmp_path / "모형 1.fastnn")
    assert models.load_model(tmp_path / "모형 1.fastnn").name == "모형"


def test_a_later_format_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "FORMAT_VERSION", 2)
    network().save(tmp_path / "m")
    monkeypatch.undo()
    with pytest.raises(ModelFormatError, match="format_version 2 is of a later fastnn"):
        models.load_model(tmp_path / "m")


def test_committed_file_of_the_first_format_loads_for_ever():
    folder = pathlib.Path(__file__).parents[1] / "golden" / "saved"
    model = models.load_model(folder / "format_1.fastnn")
    x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)
    expected = json.loads((folder / "format_1.json").read_text())
    assert [value.hex() for value in model.predict(x, verbose=0).ravel().tolist()] == expected["predictions"]
    assert model.optimizer.iterations == expected["iterations"]


# Atomicity


def calls_of_writing(monkeypatch, fail_at=None, error=errno.EIO):
    """Count the system calls of saving; the one numbered ``fail_at`` fails."""
    count = [0]

    def counted(function, name):
        def call(*arguments, **named):
            count[0] += 1
            if count[0] - 1 == fail_at:
                raise OSError(error, os.strerror(error), name)
            return function(*arguments, **named)

        return call

    class System:
        def __getattr__(self, name):
            return getattr(os, name)

    system = System()
    for name in ("open", "write", "fsync", "replace"):
        setattr(system, name, counted(getattr(os, name), name))
    monkeypatch.setattr(atomic, "os", system)
    return count


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_every_call_that_may_fail_leaves_the_old_file(tmp_path, monkeypatch, error):
    path = tmp_path / "m.fastnn"
    old, new = compiled(), compiled()
    with monkeypatch.context() as patch:
        count = calls_of_writing(patch)
        new.save(path)
    assert count[0] == 6  # open, write, fsync, replace, and the folder's open and fsync
    complete = path.read_bytes()
    for number in range(count[0]):
        old.save(path)
        before = path.read_bytes()
        with monkeypatch.context() as patch:
            calls_of_writing(patch, number, error)
            with pytest.raises(OSError):
                new.save(path)
        after = path.read_bytes()
        assert after == (before if number < 4 else complete)  # after the replacing, the new one is there
        assert os.listdir(tmp_path) == ["m.fastnn"]
        models.load_model(path)


def test_short_writes_are_continued(tmp_path, monkeypatch):
    model = compiled()
    model.save(tmp_path / "a")
    monkeypatch.setattr(atomic.os, "write", lambda fd, view, write=os.write: write(fd, view[:1000]))
    model.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_interrupt_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        network().save(tmp_path / "m")
    assert os.listdir(tmp_path) == []


def test_leftovers_of_dead_processes_are_removed(tmp_path):
    dead = tmp_path / "m.tmp-999999999-00000000"
    alive = tmp_path / f"m.tmp-{os.getpid()}-00000000"
    other = tmp_path / "n.tmp-999999999-00000000"
    for path in (dead, alive, other):
        path.write_bytes(b"")
    network().save(tmp_path / "m")
    assert sorted(os.listdir(tmp_path)) == ["m", alive.name, other.name]


def test_the_mode_of_a_file_stays(tmp_path):
    path = tmp_path / "m"
    network().save(path)
    os.chmod(path, 0o600)
    network().save(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_old_spelling_of_the_format(tmp_path, monkeypatch):
    pytest.importorskip("h5py")
    monkeypatch.setattr("fastnn.legacy._warned", set())
    with pytest.warns(DeprecationWarning, match="save_format"):
        network().save(tmp_path / "m", save_format="h5")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        models.load_model(tmp_path / "m.h5")
