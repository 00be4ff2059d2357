"""Each layer, net, optimizer and object of a configuration: saved by Keras and read by fastnn, and the other way.

What Keras wrote is committed; where there is a Python with Keras (FASTNN_KERAS_PYTHON), it reads what fastnn writes.
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import saved_cases as CASES

import fastnn
from fastnn import models
from fastnn.saving import schema

pytest.importorskip("h5py")

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
SAVED = GOLDEN / "saved"


ALL = CASES.cases(fastnn)
REPORTS = json.loads((SAVED / "cases.json").read_text(encoding="utf-8"))
OBJECTS = json.loads((SAVED / "objects.json").read_text(encoding="utf-8"))

NOT_SAVED = {"Layer", "InputLayer", "Lambda"}
"""Of the layers: the base, the one that is in every model, and the one whose function must be handed over."""

NOT_IN_KERAS = {"losses": {"Crossentropy"}}
"""Classes that Keras has not."""


def exported_layers():
    return sorted(schema.tables()["keras.layers"].keys() - NOT_SAVED)


def close(got, expected, what):
    """Predictions of numbers around 1 to 1e-6; the rest to what float32 leaves of a sum."""
    assert len(got) == len(expected)
    for number, (a, b) in enumerate(zip(got, expected, strict=True)):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6, err_msg=f"{what} {number}")


def same_report(got, expected, name):
    close(got["predictions"], expected["predictions"], f"{name}: predictions")
    assert set(got) == set(expected)
    assert got["trainable"] == expected["trainable"]
    if "iterations" in expected:
        assert got["iterations"] == expected["iterations"] == 4
        np.testing.assert_allclose(got["evaluated"], expected["evaluated"], rtol=3e-6)
    if "after" in expected:  # one more step, which needs the optimizer's state
        close(got["after"], expected["after"], f"{name}: weights")


# Keras -> fastnn


@pytest.mark.parametrize("kind", exported_layers())
def test_every_layer_is_among_the_cases(kind):
    """A layer that is added must be added to ``saved_cases.py`` too."""
    ways = CASES.LAYERS.get(kind)
    assert ways, f"give some ways to make a {kind} in tests/golden/saved_cases.py and run make_saved.py"
    for number in range(len(ways)):
        assert f"layer_{kind}_{number}" in REPORTS


@pytest.mark.parametrize("name", [name for name in ALL if name not in CASES.KERAS_CANNOT_READ])
def test_reads_what_keras_wrote(name):
    model = models.load_model(SAVED / "cases" / f"{name}.keras")
    same_report(CASES.report(model), REPORTS[name], name)


def test_reads_weights_of_a_subclassed_model():
    model = CASES.subclassed(fastnn)
    model.set_weights([w * 0 for w in model.get_weights()])
    model.load_weights(SAVED / "subclassed.weights.h5")
    predicted = CASES.lists(model.predict(CASES.rows(5, 4), verbose=0))
    close(predicted, REPORTS["subclassed"]["predictions"], "predictions")


def test_the_cases_are_not_trivial():
    for name, report in REPORTS.items():
        if name != "keras":
            predictions = np.concatenate([np.ravel(values) for values in report["predictions"]])
            assert np.ptp(predictions) > 0.05, name


@pytest.mark.parametrize("module", CASES.OBJECTS)
def test_objects_of_keras_configurations(module):
    """Every class that fastnn has is read from Keras' description, and says the same of itself."""
    table = schema.tables()[f"keras.{module}"]
    for name in sorted(set(table) - NOT_IN_KERAS.get(module, set())):
        entry = OBJECTS[module][name]
        made = schema.deserialize(entry, f"keras.{module}", "test")
        assert type(made) is table[name]
        same_entry(schema.serialize(made), entry)


def same_entry(ours, theirs):
    """Keys that only Keras has are those of ``schema.KERAS_ONLY``; Keras forgets some, such as Huber's delta."""
    for key in ("module", "class_name"):
        assert ours[key] == theirs[key]
    only = schema.KERAS_ONLY.get(ours["class_name"], {})
    a, b = ours["config"], {key: value for key, value in theirs["config"].items() if key not in only}
    b = {key: value for key, value in b.items() if key != "dtype"}
    assert {key: a.get(key, b[key] if key == "name" else None) for key in b} == b


# fastnn -> Keras


def keras_python():
    named = os.environ.get("FASTNN_KERAS_PYTHON")
    return named or (sys.executable if importlib.util.find_spec("keras") else None)


needs_keras = pytest.mark.skipif(keras_python() is None, reason="needs a Python with Keras: FASTNN_KERAS_PYTHON")


def ask_keras(*arguments):
    command = [keras_python(), str(GOLDEN / "make_saved.py"), *map(str, arguments)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return json.loads(line.removeprefix("RESULT "))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What each model that fastnn wrote computes with fastnn, and with Keras."""
    folder, ours = tmp_path_factory.mktemp("written"), {}
    for name, make in ALL.items():
        model = make(fastnn)
        model.save(folder / f"{name}.keras")
        ours[name] = CASES.report(model)
    model = CASES.subclassed(fastnn)
    model.set_weights([w * 1.25 for w in model.get_weights()])
    model.save_weights(folder / "subclassed.weights.h5")
    ours["subclassed"] = {"predictions": CASES.lists(model.predict(CASES.rows(5, 4), verbose=0))}
    return ours, ask_keras("report", folder)


@needs_keras
@pytest.mark.parametrize("name", ALL)
def test_keras_reads_what_fastnn_wrote(written, name):
    ours, theirs = written[0][name], written[1][name]
    assert "error" not in theirs, theirs["error"]
    assert theirs.pop("warned") == []
    same_report(theirs, ours, name)


@needs_keras
def test_keras_reads_weights_of_a_subclassed_model(written):
    ours, theirs = written[0]["subclassed"], written[1]["subclassed"]
    close(theirs["predictions"], ours["predictions"], "predictions")


@needs_keras
def test_keras_makes_the_objects_that_fastnn_describes(tmp_path):
    entries = {}
    for module, classes in CASES.OBJECTS.items():
        table = schema.tables()[f"keras.{module}"]
        entries[module] = {
            name: schema.serialize(table[name](**arguments)) for name, arguments in classes.items() if name in table
        }
    path = tmp_path / "objects.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    found = ask_keras("objects", path)
    for module, classes in entries.items():
        for name, entry in classes.items():
            assert "error" not in found[module][name], found[module][name]
            same_entry(entry, found[module][name])


# fastnn -> fastnn


@pytest.mark.parametrize("ending", ["fastnn", "keras", "h5"])
@pytest.mark.parametrize("name", ALL)
def test_comes_back_in_every_format(tmp_path, name, ending):
    model = ALL[name](fastnn)
    path = tmp_path / f"m.{ending}"
    if ending == "h5" and name == "net_functions":
        with pytest.raises(NotImplementedError, match=r"an \.h5 file cannot hold calls of functions"):
            model.save(path)
        return
    model.save(path)
    loaded = models.load_model(path)
    assert loaded.to_json() == model.to_json()
    assert loaded.get_config() == model.get_config()
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]
    ours, theirs = CASES.report(model), CASES.report(loaded)
    assert theirs == ours


@pytest.mark.parametrize("name", ALL)
def test_configuration_and_clone(name):
    model = ALL[name](fastnn)
    for again in (
        models.model_from_json(model.to_json()),
        type(model).from_config(model.get_config()),
        models.clone_model(model),
    ):
        assert again.get_config() == model.get_config()
        assert not again.weights or again.weights[0] is not model.weights[0]
        again.set_weights(model.get_weights())
        x, _ = CASES.data(model)
        assert CASES.lists(again.predict(x, verbose=0)) == CASES.lists(model.predict(x, verbose=0))
