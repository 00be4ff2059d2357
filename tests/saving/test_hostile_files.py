"""Truncated, garbled and hostile .fastnn files: one clear ModelFormatError each; no code runs, no other file is opened.

The audit hook of Python sees every file that is opened, every process, socket, and every piece of compiled code.
"""

import io
import json
import pickle
import random
import struct
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, models
from fastnn.layers import Dense
from fastnn.models import files
from fastnn.saving import ModelFormatError, container, jsontext, tensors
from fastnn.saving.container import MEMBERS

pytest.importorskip("safetensors")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The members of a small trained model's file, and the file."""
    fastnn.utils.set_random_seed(1)
    model = Sequential([Input((2,)), Dense(2, name="one"), Dense(1, name="two")], name="m")
    model.compile("adam", "mse")
    model.fit(np.eye(2, dtype=np.float32), np.ones((2, 1)), verbose=0)
    (data,) = files.container_of(model)
    data = bytes(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    path = tmp_path_factory.mktemp("good") / "m"
    path.write_bytes(data)
    models.load_model(path)  # imports what is imported when first used
    return members, data


def opened():
    """What the audit hook has seen since it was last asked."""
    seen = list(_seen)
    _seen.clear()
    return seen


_seen, _watching = [], []


def _hook(event, arguments):
    if not _watching:
        return
    if event in ("open", "os.open"):
        _seen.append(("open", str(arguments[0])))
    elif event.partition(".")[0] in ("subprocess", "socket", "ctypes", "pickle", "marshal") or event in (
        "exec", "compile", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove", "os.rename", "os.mkdir",
    ):  # fmt: skip
        _seen.append((event, str(arguments)[:200]))


sys.addaudithook(_hook)


def load(path, data):
    """Load a file of these bytes; nothing else may be opened or run."""
    path.write_bytes(data)
    opened()
    _watching.append(True)
    try:
        return models.load_model(path)
    finally:
        _watching.clear()
        seen = opened()
        assert [entry for entry in seen if entry != ("open", str(path))] == []


def test_the_hook_sees_files_and_code(tmp_path):
    _watching.append(True)
    try:
        (tmp_path / "x").write_bytes(b"")
        exec(compile("1", "x", "exec"))
        pickle.loads(pickle.dumps(Dense))
    finally:
        _watching.clear()
    assert {"open", "compile", "exec", "pickle.find_class"} <= {event for event, _ in opened()}


def test_the_good_file_loads(tmp_path, good):
    model = load(tmp_path / "m", good[1])
    assert model.optimizer.iterations == 1


def test_every_truncation_is_refused(tmp_path, good):
    data = good[1]
    load(tmp_path / "m", data)
    # All of the ends and of the parts where the structure lies, and every fifth byte of the rest.
    lengths = {*range(200), *range(0, len(data), 5), *range(len(data) - 600, len(data))}
    for length in sorted(lengths):
        with pytest.raises(ModelFormatError):
            load(tmp_path / "m", data[:length])


def test_single_bytes_changed(tmp_path, good):
    data = good[1]
    expected = load(tmp_path / "m", data).get_weights()
    generator = random.Random(0)
    structure = [*range(60), *range(len(data) - 500, len(data))]
    places = structure + [generator.randrange(len(data)) for _ in range(700)]
    refused = 0
    for place in places:
        changed = bytearray(data)
        changed[place] ^= generator.randrange(1, 256)
        try:
            got = load(tmp_path / "m", bytes(changed)).get_weights()
        except ModelFormatError:
            refused += 1
        else:  # a date in the zip's headers, and the like
            for a, b in zip(got, expected, strict=True):
                np.testing.assert_array_equal(a, b)
    assert refused > 0.9 * len(places)


# Files made by hand


def zipped(members, method=zipfile.ZIP_STORED, hashes=True):
    """A container of these members, with true hashes, whatever they are."""
    members = dict(members)
    if hashes:
        metadata = json.loads(members[MEMBERS[0]])
        metadata["sha256"] = {
            name: container.hashlib.sha256(data).hexdigest() for name, data in members.items() if name != MEMBERS[0]
        }
        members[MEMBERS[0]] = json.dumps(metadata).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def with_config(change):
    def make(members, data):
        config = json.loads(members["config.json"])
        change(config)
        return zipped({**members, "config.json": json.dumps(config).encode()})

    return make


def with_member(name, value):
    def make(members, data):
        return zipped({**members, name: value(members[name]) if callable(value) else value})

    return make


def with_header(change, member="weights.safetensors"):
    """A container in which the header of the tensors has been changed."""

    def make(members, data):
        old = members[member]
        (length,) = struct.unpack_from("<Q", old)
        header = json.loads(old[8 : 8 + length])
        header = change(header) or header
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        return zipped({**members, member: struct.pack("<Q", len(text)) + text + old[8 + length :]})

    return make


def with_state(**values):
    def make(members, data):
        state = {**json.loads(members["state.json"]), **values}
        return zipped({**members, "state.json": json.dumps(state).encode()})

    return make


class Explodes:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code ran')",))


def layers_of(config):
    return config["config"]["layers"]


def add_layer(entry):
    return with_config(lambda config: layers_of(config).append(entry))


def change_layer(number, **values):
    return with_config(lambda config: layers_of(config)[number]["config"].update(values))


def twice(name):
    def make(members, data):
        file = io.BytesIO()
        with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
            warnings.simplefilter("ignore")
            for member, value in [*members.items(), (name, members[name])]:
                archive.writestr(zipfile.ZipInfo(member), value)
        return file.getvalue()

    return make


def resized(rows):
    return lambda header: header["one/kernel"].update(shape=[rows, 2])


def overlapping(header):
    header["one/kernel"]["data_offsets"] = header["one/bias"]["data_offsets"]


def renamed(header):
    header["other/kernel"] = header.pop("one/kernel")


CODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAAAAAAAAMAAABD"}}

HOSTILE = {
    "an empty file": (lambda m, d: b"", "it is empty"),
    "a pickle": (lambda m, d: pickle.dumps(Explodes()), "a pickle, which fastnn never reads"),
    "text": (lambda m, d: b"<html></html>", "neither a zip nor an HDF5 file"),
    "a zip of nothing": (lambda m, d: zipped({}, hashes=False), "neither a zip|members"),
    "bytes before the zip": (lambda m, d: b"PK\3\4" + d, "zip structure|begins at"),
    "bytes behind the zip": (lambda m, d: d + b"#!/bin/sh", "zip structure|add up"),
    "a zip bomb": (
        lambda m, d: zipped({**m, "weights.safetensors": b"\0" * 10_000_000}, zipfile.ZIP_DEFLATED),
        "is compressed",
    ),
    "a path that climbs": (lambda m, d: zipped({**m, "../../evil.py": b"x"}), "does not belong"),
    "an absolute path": (lambda m, d: zipped({**m, "/tmp/evil.py": b"x"}), "does not belong"),
    "a pickle as a member": (lambda m, d: zipped({**m, "data.pkl": pickle.dumps(Explodes())}), "does not belong"),
    "a pickle as the state": (with_member("state.json", pickle.dumps(Explodes())), "state.json: not"),
    "a pickle as tensors": (
        with_member("weights.safetensors", pickle.dumps(np.zeros(3))), "weights.safetensors: a header of"
    ),
    "one member twice": (twice("config.json"), "each once"),
    "another hash": (lambda m, d: zipped({**m, "state.json": b"{}"}, hashes=False), "SHA-256"),
    "a member missing": (
        lambda m, d: zipped({k: v for k, v in m.items() if k != "weights.safetensors"}), "this member is missing"
    ),
    "no config": (lambda m, d: zipped({k: v for k, v in m.items() if k != "config.json"}), "config.json: this member"),
    "another format": (
        with_member("metadata.json", lambda old: old.replace(b'"format":"fastnn"', b'"format":"slownn"')), "format:"
    ),
    "a version that is text": (
        with_member("metadata.json", lambda old: old.replace(b'"format_version":1', b'"format_version":"1"')),
        "format_version must be",
    ),
    "equal keys": (
        with_member("config.json", lambda old: old[:-1] + b',"class_name":"Sequential"}'), "more than once"
    ),
    "NaN in the state": (with_member("state.json", b'{"step":NaN}'), "NaN is not a number"),
    "an infinite number": (with_member("state.json", b'{"step":1e999}'), "out of range"),
    "an integer of a million digits": (with_member("state.json", b'{"step":' + b"9" * 900_000 + b"}"), "out of range"),
    "deep brackets": (with_member("config.json", b"[" * 100_000), "brackets within brackets"),
    "a large text": (with_member("config.json", b" " * 2_000_000), "at most"),
    "not UTF-8": (with_member("config.json", b'{"a":"\xff"}'), "not UTF-8"),
    "a config that is a list": (with_member("config.json", b"[]"), "expected a model"),
    "a state that is a list": (with_member("state.json", b"[]"), "expected an object"),
    "a negative step": (with_state(step=-1), "step must be"),
    "a seed that is code": (with_state(seed="__import__('os')"), "seed must be digits"),
    "a learning rate that is text": (with_state(learning_rate="0.1"), "learning_rate must be"),
    "2^63 rows in a tensor": (with_header(resized(2**63)), "out of range"),
    "2^50 rows in a tensor": (with_header(resized(2**50)), "does not fit"),
    "tensors that overlap": (with_header(overlapping), "fit|overlap"),
    "a tensor of another name": (with_header(renamed), "'one/kernel' of the model is missing"),
    "a tensor twice": (
        with_header(lambda header: json.dumps(header).encode()[:-1] + b',"one/bias":{}}'), "more than once"
    ),
    "a tensor of another type": (
        with_header(lambda header: header["one/kernel"].update(dtype="BOOL")), "dtype must be"
    ),
    "a slot too few": (with_header(lambda header: header.clear(), "state.safetensors"), "are used"),
    "a header that never ends": (
        with_member("weights.safetensors", struct.pack("<Q", 2**63) + b"{}"), "a header of"
    ),
    "2^50 units": (change_layer(1, units=2**50), "expected float32 of shape"),
    "2^70 units": (change_layer(1, units=2**70), "out of range"),
    "2^40 inputs": (change_layer(0, batch_shape=[None, 2**40]), "expected the rows"),
    "many layers": (with_config(lambda config: layers_of(config).extend([{}] * 20_000)), "at most 10,000"),
    "a lambda layer": (
        add_layer({"module": "keras.layers", "class_name": "Lambda", "config": {"function": CODE}}),
        "function: a Python lambda is code",
    ),
    "a lambda as activation": (change_layer(1, activation=CODE), "activation: a Python lambda is code"),
    "a function by name": (
        change_layer(1, activation={"module": "builtins", "class_name": "function", "config": "eval"}),
        "the function 'eval' is not part of fastnn",
    ),
    "a module by name": (add_layer({"module": "os", "class_name": "system", "config": {"command": "id"}}), "'system'"),
    "our class of another module": (
        with_config(lambda config: layers_of(config)[1].update(module="subprocess")), "'Dense' is not of"
    ),
    "an initializer by name": (
        change_layer(1, kernel_initializer={"module": "os", "class_name": "Popen", "config": {}}), "'Popen'"
    ),
    "an optimizer by name": (
        with_config(lambda config: config["compile_config"]["optimizer"].update(class_name="Popen")), "'Popen'"
    ),
    "a loss that is a function": (
        with_config(lambda config: config["compile_config"].update(loss={"class_name": "function", "config": "exec"})),
        "'exec' is not part of fastnn",
    ),
    "a name that is a path": (change_layer(1, name="../../x"), "name of a Dense"),
    "a name that is a list": (change_layer(1, name=["x"]), "name of a Dense"),
    "two layers of one name": (change_layer(2, name="one"), "different names"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_file_is_refused(tmp_path, good, what):
    make, message = HOSTILE[what]
    before = fastnn.config.floatx()
    with pytest.raises(ModelFormatError, match=message) as caught:
        load(tmp_path / "m.fastnn", make(*good))
    assert str(caught.value).startswith(str(tmp_path / "m.fastnn"))
    assert len(str(caught.value)) < 1500
    assert fastnn.config.floatx() == before
    model = Sequential([Input((2,)), Dense(2, name="one"), Dense(1, name="two")])
    weights = model.get_weights()
    if "weights" in what or "tensor" in what:
        with pytest.raises((ModelFormatError, ValueError)):
            model.load_weights(tmp_path / "m.fastnn")
        for a, b in zip(model.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(a, b)


def test_loading_takes_no_more_memory_than_the_file_says(tmp_path):
    """A file of 4 MB is loaded with less than twice that, and a bomb with next to nothing."""
    script = """
import resource, sys
import numpy as np
import fastnn, safetensors.numpy
from fastnn.models import load_model
load_model(sys.argv[1])
import tracemalloc
tracemalloc.start()
try:
    load_model(sys.argv[2])
except fastnn.saving.ModelFormatError as error:
    print(error)
print(tracemalloc.get_traced_memory()[1])
"""
    small = Sequential([Input((2,)), Dense(2)])
    small.save(tmp_path / "small")
    large = Sequential([Input((1000,)), Dense(1000), Dense(100)])
    large.save(tmp_path / "large")
    config = json.loads(large.to_json())
    config["config"]["layers"][2]["config"]["units"] = 2**31
    with zipfile.ZipFile(tmp_path / "large") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "bomb").write_bytes(zipped({**members, "config.json": json.dumps(config).encode()}))

    def peak(name):
        command = [sys.executable, "-c", script, str(tmp_path / "small"), str(tmp_path / name)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])

    size = (tmp_path / "large").stat().st_size
    assert size > 4e6
    assert size < peak("large") < 3.2 * size
    assert peak("bomb") < 3.2 * size


# The parts


@pytest.mark.parametrize("text", ["", "nonsense", '{"a":1}x', "[1,]", "'a'", "{1:2}", '"\\ud800"x'])
def test_json_that_is_none(text):
    with pytest.raises(ModelFormatError, match="member: not JSON"):
        jsontext.read_json(text, "member")


def test_brackets_in_strings_are_no_brackets():
    assert jsontext.read_json('["[[[[\\"[[[["]', "member", depth=2) == ['[[[["[[[[']


def test_tensors_of_all_shapes():
    arrays = {
        "scalar": np.array(1.5, np.float32),
        "empty": np.zeros((0, 3)),
        "strided": np.arange(12.0).reshape(3, 4).T,
        "b": np.array([np.nan, np.inf, -0.0]),
    }
    found = tensors.read_tensors(tensors.write_tensors(arrays), "member")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)
