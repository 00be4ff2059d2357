"""``.keras`` files as Keras 3 writes them: a zip of metadata.json, config.json and model.weights.h5."""

import io
import zipfile
from contextlib import contextmanager

from . import keras_h5
from .errors import ModelFormatError
from .hdf5 import MEMBER, open_hdf5
from .jsontext import read_json, write_json
from .keras_content import KerasContent
from .limits import JSON_BYTES

MEMBERS = ("metadata.json", "config.json", MEMBER)
KERAS_VERSION = "3.15.1"
"""Of the Keras that these formats were compared with. Keras reads it to know how old a file is."""

_EXPANSION = 100
"""How many times larger a compressed member may become; Keras does not compress them."""


def is_keras(path):
    """Whether a zip is a ``.keras`` file."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return False
    return MEMBER in names or "model.weights.npz" in names


@contextmanager
def read_keras(path):
    """The :class:`KerasContent` of a ``.keras`` file."""
    try:
        members = _read_members(path)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        raise ModelFormatError(f"the zip structure is damaged: {error or type(error).__name__}") from None
    config = read_json(members["config.json"], "config.json", depth=64)
    if not isinstance(config, dict):
        raise ModelFormatError("config.json: expected an object")
    with open_hdf5(members.pop(MEMBER), MEMBER) as file:
        yield KerasContent(
            config,
            config.get("compile_config"),
            lambda model, by_name: keras_h5.read_layers(file, model, by_name),
            lambda: keras_h5.optimizer_arrays(file),
        )


def _read_members(path):
    with zipfile.ZipFile(path) as archive:
        entries = {}
        for entry in archive.infolist():
            if entry.filename in entries or (entry.filename not in MEMBERS and not _is_asset(entry.filename)):
                raise ModelFormatError(f"the member {entry.filename[:80]!r} does not belong into a .keras file")
            if entry.file_size > _EXPANSION * max(entry.compress_size, 1000):
                raise ModelFormatError(f"{entry.filename[:80]}: grows {entry.file_size // max(entry.compress_size, 1)}"
                                       f" times by being read; at most {_EXPANSION} is taken")  # fmt: skip
            entries[entry.filename] = entry
        for name in MEMBERS:
            if name not in entries:
                raise ModelFormatError(f"{name}: this member is missing")
            if name.endswith(".json") and entries[name].file_size > JSON_BYTES:
                raise ModelFormatError(f"{name}: {entries[name].file_size:,} bytes; at most {JSON_BYTES:,} are read")
        return {name: archive.read(name) for name in MEMBERS}


def _is_asset(name):
    """Files of layers that have some; none of fastnn's has, and they are not read."""
    return name.startswith("assets/") and ".." not in name


def write_keras(entry, model, include_optimizer=True):
    """The bytes of a ``.keras`` file, as a list of parts; ``entry`` is the model in Keras' schema."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in (
            ("metadata.json", write_json({"keras_version": KERAS_VERSION, "date_saved": "1980-01-01@00:00:00"})),
            ("config.json", write_json(entry)),
            (MEMBER, keras_h5.weights_bytes(model, include_optimizer)),
        ):
            archive.writestr(zipfile.ZipInfo(name), data)
    return [file.getbuffer()]
