"""Keras' own formats: files that Keras wrote are read; ours have Keras' structure; and where Keras is, it reads them.

A Python with Keras is named by FASTNN_KERAS_PYTHON; else the one at hand is used where it has Keras.
"""

import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import zipfile

import make_saved as MAKER
import numpy as np
import pytest

import fastnn
from fastnn import models, training_state
from fastnn.saving import keras_state, schema

h5py = pytest.importorskip("h5py")

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
SAVED = GOLDEN / "saved"
EXPECTED = json.loads((SAVED / "expected.json").read_text(encoding="utf-8"))


NAMES = [
    name for name, layers in MAKER.LAYERS.items() if all(hasattr(fastnn.layers, kind) for kind, _, _ in layers)
]
each_model = pytest.mark.parametrize("name", NAMES)
PATIENCE = 120
"""Seconds for a process that imports Keras."""


def test_the_plain_model_is_among_them():
    assert "plain" in NAMES


@each_model
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_reads_what_keras_wrote(name, ending):
    model = models.load_model(SAVED / f"{name}.{ending}")
    x, y = MAKER.data(name)
    np.testing.assert_allclose(model.predict(x, verbose=0), EXPECTED["predictions"][name], rtol=0, atol=1e-6)
    np.testing.assert_allclose(model.evaluate(x, y, verbose=0), EXPECTED["losses"][name], rtol=2e-6)
    assert model.optimizer.iterations == 4
    assert any(np.abs(slot).max() > 0 for slot in training_state.get_state(model._trainer)[1].values())
    assert model.name == name
    model.fit(x, y, verbose=0)


@each_model
@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
def test_reads_weights_that_keras_wrote(name, ending):
    model = MAKER.make(fastnn, name)
    model.load_weights(SAVED / f"{name}.{ending}")
    predicted = model.predict(MAKER.data(name)[0], verbose=0)
    np.testing.assert_allclose(predicted, EXPECTED["predictions"][name], rtol=0, atol=1e-6)


def trained(name):
    model = MAKER.make(fastnn, name)
    x, y = MAKER.data(name)
    model.fit(x, y, batch_size=5, epochs=2, verbose=0)
    return model


def structure(file):
    """All groups and data sets with shapes, types and the names of attributes."""
    found = {"/": sorted(file.attrs)}

    def note(name, thing):
        data = (thing.shape, thing.dtype.name) if isinstance(thing, h5py.Dataset) else ()
        found[name] = [*data, *sorted(thing.attrs)]

    file.visititems(note)
    return found


def weights_of(path):
    if not zipfile.is_zipfile(path):
        return h5py.File(path, "r")
    with zipfile.ZipFile(path) as archive:
        return h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r")


def without_numbers(text, names):
    """Names of layers are numbered through the process; in place of each, its position."""
    for number, name in enumerate(names):
        text = text.replace(f"{name}/", f"<{number}>/").replace(f"_{name}_", f"_<{number}>_")
    return text


@each_model
@pytest.mark.parametrize("ending", ["keras", "weights.h5", "h5"])
def test_writes_the_structure_that_keras_writes(tmp_path, name, ending):
    model = trained(name)
    path = tmp_path / f"{name}.{ending}"
    model.save_weights(path) if "weights" in ending else model.save(path)
    golden = models.load_model(SAVED / f"{name}.keras")
    for ours, theirs in zip(model.layers, golden.layers, strict=True):
        ours.name = theirs.name
        for parameter in ours.weights:
            parameter.path = f"{theirs.name}/{parameter.name}"
    if ending == "h5":  # here, layers are called by their names
        model._trainer._session = model._trainer._layers = None
        model.fit(*MAKER.data(name), batch_size=5, epochs=2, verbose=0)
        model.save(path)
    with weights_of(path) as ours, weights_of(SAVED / f"{name}.{ending}") as theirs:
        assert structure(ours) == structure(theirs)
        if ending == "h5":
            for attribute in ("model_config", "training_config"):
                a, b = (json.loads(file.attrs[attribute]) for file in (ours, theirs))
                assert_keys(a, b, attribute)
    if ending == "keras":
        with zipfile.ZipFile(path) as ours, zipfile.ZipFile(SAVED / f"{name}.keras") as theirs:
            assert ours.namelist() == theirs.namelist()
            for member in ("metadata.json", "config.json"):
                assert_keys(json.loads(ours.read(member)), json.loads(theirs.read(member)), member)


FREE = {
    *("shared_object_id", "threshold", "negative_slope", "input_axes", "output_axes", "optional", "axis"),
    *(key for only in schema.KERAS_ONLY.values() for key in only),
}
"""Keys of Keras that need not be there."""


def assert_keys(ours, theirs, where):
    """Our configuration has Keras' keys, classes and lengths, but for what Keras adds by default."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        missing = {key for key, value in theirs.items() if value is not None} - set(ours) - FREE
        assert not missing, f"{where}: {missing}"
        assert not set(ours) - set(theirs) - {"build_config"}, f"{where}: {set(ours) - set(theirs)}"
        for key in set(ours) & set(theirs):
            if key in ("class_name", "module", "units", "activation"):
                assert ours[key] == theirs[key], f"{where}.{key}"
            assert_keys(ours[key], theirs[key], f"{where}.{key}")
    elif isinstance(theirs, list) and isinstance(ours, list):
        assert len(ours) == len(theirs), where
        for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            assert_keys(a, b, f"{where}[{number}]")


def keras_python():
    named = os.environ.get("FASTNN_KERAS_PYTHON")
    return named or (sys.executable if importlib.util.find_spec("keras") else None)


needs_keras = pytest.mark.skipif(keras_python() is None, reason="needs a Python with Keras: FASTNN_KERAS_PYTHON")


def what_keras_finds(paths):
    """What ``make_saved.py check`` prints of these files: ``{file name: ...}``."""
    command = [keras_python(), str(GOLDEN / "make_saved.py"), "check", *map(str, paths)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return json.loads(line.removeprefix("RESULT "))


AVERAGED = {"use_ema": True, "ema_momentum": 0.8, "gradient_accumulation_steps": 3}
STATES = {
    "SGD": {"momentum": 0.9},
    "Adagrad": {},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Adadelta": {"learning_rate": 1.0},
    "Adam": {"amsgrad": True, "loss_scale_factor": 512.0},
    "AdamW": {"clipnorm": 1.0},
    "Adamax": {},
    "Nadam": {},
    "Lion": {"weight_decay": 0.01},
}


@needs_keras
def test_keras_finds_the_state_of_all_optimizers_in_its_own_order(tmp_path):
    expected = {}
    for name, arguments in STATES.items():
        model = MAKER.make(fastnn, "plain")
        optimizer = getattr(fastnn.optimizers, name)(**arguments, **AVERAGED)
        model.compile(optimizer, "sparse_categorical_crossentropy")
        x, y = MAKER.data("plain")
        model.fit(x, y, batch_size=2, epochs=1, verbose=0)
        model.save(tmp_path / f"{name}.keras")
        values = [value for _, value in keras_state.optimizer_variables(model)]
        expected[f"{name}.keras"] = [np.ravel(value)[:3] for value in values]
        assert sum(np.abs(value).max() > 0 for value in values) > len(values) * 0.9
    found = what_keras_finds(tmp_path / name for name in expected)
    for name, values in expected.items():
        assert found[name]["warned"] == []
        for ours, theirs in zip(values, found[name]["variables"], strict=True):
            np.testing.assert_allclose(theirs, ours, rtol=1e-6, err_msg=name)


@needs_keras
def test_keras_reads_what_we_write(tmp_path):
    expected = {}
    for name in NAMES:
        model = trained(name)
        x, y = MAKER.data(name)
        for ending in ("keras", "h5"):
            model.save(tmp_path / f"{name}.{ending}")
            expected[f"{name}.{ending}"] = model.predict(x, verbose=0), model.evaluate(x, y, verbose=0)
    found = what_keras_finds(tmp_path / name for name in expected)
    for name, (predictions, losses) in expected.items():
        np.testing.assert_allclose(found[name]["predictions"], predictions, rtol=0, atol=1e-6)
        np.testing.assert_allclose(found[name]["loss"], losses, rtol=2e-6)
        assert found[name]["iterations"] == 4
        assert found[name]["warned"] == []
        if name.endswith(".keras"):  # of an older .h5 file, Keras reads only the number of steps, also of its own
            assert any(np.abs(values).max() > 0 for values in found[name]["variables"][2:])


# Hostile HDF5 files


def hostile(path, spoil):
    """A weights file of the plain model, of which ``spoil(file)`` has changed something."""
    path.write_bytes((SAVED / "plain.weights.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        spoil(file)
    return path


def _soft(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = h5py.SoftLink("/layers/dense_1/vars/0")


def _external(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "/x")


def _storage(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars"].create_dataset("0", (12, 5), "f4", external=[("/etc/passwd", 0, 240)])


def _virtual(file):
    del file["layers/dense/vars/0"]
    layout = h5py.VirtualLayout((12, 5), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (12, 5))
    file["layers/dense/vars"].create_virtual_dataset("0", layout)


def _bomb(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars"].create_dataset("0", (2**20, 2**20), "f4", chunks=(2**10, 2**10), compression="gzip")


def _objects(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars"].create_dataset("0", data=np.array([b"a"], object), dtype=h5py.special_dtype(vlen=bytes))


def _gap(file):
    file.move("layers/dense/vars/0", "layers/dense/vars/2")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_soft, "SoftLink"),
        (_external, "ExternalLink"),
        (_storage, "another file"),
        (_virtual, "another file"),
        (_bomb, "are stored"),
        (_objects, "not numbers"),
        (_gap, "data sets named 0, 1"),
    ],
)
def test_hostile_hdf5_is_refused(tmp_path, spoil, message):
    model = MAKER.make(fastnn, "plain")
    before = model.get_weights()
    with pytest.raises(fastnn.saving.ModelFormatError, match=message):
        model.load_weights(hostile(tmp_path / "w.h5", spoil))
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_hostile_zip_is_refused(tmp_path):
    original = SAVED / "plain.keras"
    with zipfile.ZipFile(original) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def zipped(changes, method=zipfile.ZIP_STORED):
        with zipfile.ZipFile(tmp_path / "m.keras", "w", method) as archive:
            for name, data in {**members, **changes}.items():
                if data is not None:
                    archive.writestr(name, data)
        return tmp_path / "m.keras"

    assert models.load_model(zipped({})).built
    assert models.load_model(zipped({}, zipfile.ZIP_DEFLATED)).built
    for changes, method, message in (
        ({"../evil": b""}, 0, "does not belong"),
        ({"assets/../../evil": b""}, 0, "does not belong"),
        ({"config.json": None}, 0, "config.json: this member is missing"),
        ({"config.json": b"{"}, 0, "config.json: not JSON"),
        ({"config.json": b" " * (1 << 21)}, 0, "at most"),
        ({"metadata.json": b" " * 1_000_000}, zipfile.ZIP_DEFLATED, "grows"),
        ({"model.weights.h5": b"nonsense"}, 0, "model.weights.h5"),
        ({"model.weights.h5": members["model.weights.h5"][:9000]}, 0, "model.weights.h5"),
    ):
        with pytest.raises(fastnn.saving.ModelFormatError, match=message):
            models.load_model(zipped(changes, method or zipfile.ZIP_STORED))


def test_a_lambda_is_refused(tmp_path):
    with zipfile.ZipFile(SAVED / "plain.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}
    config["config"]["layers"].append({"module": "keras.layers", "class_name": "Lambda", "config": {"function": code}})
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    for safe_mode in (True, False):
        with pytest.raises(fastnn.saving.ModelFormatError, match="a Python lambda is code, which"):
            models.load_model(tmp_path / "m.keras", safe_mode=safe_mode)
