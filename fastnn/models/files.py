"""Models to files and back: what of a model is saved, and how one is made again from what a file says.

Design
------
a. The format of a file that is read follows from its first bytes, never from its name.
b. A model is made completely, and everything in the file checked, before anybody sees it. Weights that are
   loaded into a model that exists are set together, or none of them.
c. Layers are built with parameters that take no memory, whose shapes are then compared with what the file holds: a
   file cannot make fastnn allocate more than it holds itself.
"""

import importlib.util
import os
import warnings

import numpy as np

from ..checks import check_default
from ..layers.base import parameters_from
from ..saving.atomic import write_file
from ..saving.container import read_container, write_container
from ..saving.errors import ModelFormatError
from ..saving.jsontext import read_json, write_json
from ..saving.keras_content import checked_weights
from ..saving.limits import JSON_BYTES
from ..saving.names import renamed, weight_names
from ..saving.tensors import read_header, read_tensors, write_tensors
from ..training_state import get_state, set_state
from .configs import check_legacy, compile_from_config, deserialize_model, serialize_model

FORMAT_VERSION = 1
KERAS_ENDINGS = (".keras", ".h5", ".hdf5")

_warned_of_h5py = False


# Saving


def save_model(model, filepath, overwrite=True, zipped=None, include_optimizer=True, save_format=None):
    """Write a model to a file, which holds either all of it or what it held before.

    Parameters
    ----------
    model : Model
    filepath : str or path
        Ending in ``.keras``, ``.h5`` or ``.hdf5``: Keras' own format, where h5py is installed. Else, and
        without h5py, a ``.fastnn`` container.
    overwrite : bool
        Whether a file that is there is replaced.
    zipped : bool, optional
        Not False: a model is always one file.
    include_optimizer : bool
        Whether the optimizer's state is saved too, so that training can go on.
    save_format : str, optional
        Of older notes; the ending of the path decides.

    Raises
    ------
    FileExistsError
        Without ``overwrite``, if there is a file already.
    OSError
        If the file cannot be written; the old one is then as it was.
    """
    if zipped is False:
        raise ValueError("zipped=False is not supported: a model is one file; leave it out")
    path = _target(filepath, overwrite)
    if save_format is not None:
        from ..legacy import warn_old

        warn_old("save(save_format=...)", "a path that ends in .keras, .h5 or .fastnn")
        if str(save_format) in ("h5", "keras") and not path.endswith(KERAS_ENDINGS):
            path += f".{save_format}"
    if path.endswith(KERAS_ENDINGS) and _has_h5py(path):
        from ..saving import keras_h5, keras_zip

        if path.endswith(".keras"):
            parts = keras_zip.write_keras(serialize_model(model), model, include_optimizer)
        else:
            check_legacy(model)
            parts = keras_h5.write_legacy(serialize_model(model), model, include_optimizer)
    else:
        parts = container_of(model, include_optimizer)
    write_file(path, parts)


def container_of(model, include_optimizer=True, extra=None, extra_arrays=None):
    """The bytes of a ``.fastnn`` file, as a list of parts.

    ``extra`` is added to the trainer's state, ``extra_arrays`` to its arrays.
    """
    state, arrays = (None, {})
    if include_optimizer and model._trainer is not None:
        state, arrays = get_state(model._trainer)
    if extra is not None:
        state, arrays = {**(state or {}), **extra}, {**arrays, **(extra_arrays or {})}
    members = {"config.json": _config(model), "weights.safetensors": _weights(model)}
    if state is not None:
        members["state.json"] = write_json(state)
        members["state.safetensors"] = write_tensors(arrays)
    return write_container(_metadata("model", model), members)


def _config(model):
    config = write_json(serialize_model(model))
    if len(config) > JSON_BYTES:
        raise ValueError(
            f"{model.name!r}: the configuration of its layers takes {len(config):,} bytes, of which at most "
            f"{JSON_BYTES:,} would be read; save the weights alone with save_weights"
        )
    return config


def _weights(model):
    return write_tensors({name: parameter.value for parameter, name in weight_names(model).items()})


def save_weights(model, filepath, overwrite=True, max_shard_size=None, save_format=None):
    """Write a model's weights to a file; paths as for :func:`save_model`, or ending in ``.weights.h5``.

    ``max_shard_size`` must be None, as weights are always one file.
    """
    check_default("save_weights", max_shard_size=(max_shard_size, None))
    path = _target(filepath, overwrite)
    if path.endswith((".h5", ".hdf5")) and _has_h5py(path):
        from ..saving import keras_h5

        write = keras_h5.write_weights if path.endswith(".weights.h5") else keras_h5.write_legacy_weights
        parts = write(model)
    else:
        parts = write_container(_metadata("weights", model), {"weights.safetensors": _weights(model)})
    write_file(path, parts)


def _metadata(kind, model):
    from .. import __version__, numerics_version

    return {
        "format": "fastnn",
        "format_version": FORMAT_VERSION,
        "kind": kind,
        "fastnn_version": __version__,
        "numerics_version": numerics_version,
        "parameters": list(weight_names(model).values()),
    }


def _target(filepath, overwrite):
    path = os.fspath(filepath)
    if not overwrite and os.path.exists(path):
        raise FileExistsError(f"{path} is there already; save with overwrite=True, or to another path")
    if path.endswith(".ckpt"):  # TensorFlow's checkpoints of older scripts, which made their folders
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    return path


def _has_h5py(path):
    """Whether h5py is there; if not, say once what becomes of such files."""
    global _warned_of_h5py
    if importlib.util.find_spec("h5py") is not None:
        return True
    if not _warned_of_h5py:
        _warned_of_h5py = True
        warnings.warn(
            f"{path}: Keras' formats need h5py, which is not installed (pip install 'fastnn-cpu[keras]'); the file "
            "gets fastnn's own format, which fastnn reads under any name",
            stacklevel=4,
        )
    return False


# Loading


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """Read a model from a file of any format that fastnn writes.

    What the file says is looked up in fixed tables; loading never runs code from it, opens another file, or
    uses the network. The promise is for ``.fastnn`` files: the others go through the HDF5 library.

    Parameters
    ----------
    filepath : str or path
        The format follows from the content, not from the name.
    custom_objects : dict of str to class or function, optional
        Those of your own that the file names.
    compile : bool
        Whether the model is compiled as the saved one was, with its optimizer's state.
    safe_mode : bool
        Accepted; there is no other mode.

    Raises
    ------
    ModelFormatError
        If the file is damaged, or of something that fastnn has not; names the member and the field.
    OSError
        If the file cannot be read.
    """
    return _naming(filepath, _load_model, custom_objects, compile)


def _load_model(path, custom_objects, compiled):
    kind = kind_of(path)
    if kind == "container":
        return load_container(path, custom_objects, compiled)[0]
    from ..saving import keras_h5, keras_zip

    read = keras_zip.read_keras if kind == "keras" else keras_h5.read_legacy
    with read(path) as content:
        with parameters_from(_no_memory):
            model = deserialize_model(content.config, custom_objects)
        content.set_weights(model)
        if compiled and content.compile_config is not None:
            compile_from_config(model, content.compile_config, custom_objects)
            content.set_optimizer(model)
    return model


def load_container(path, custom_objects=None, compiled=True):
    """Model, state and further arrays of a ``.fastnn`` file: ``(model, dict or None, {name: array})``."""
    metadata, members = read_container(path)
    _check_metadata(metadata)
    if metadata.get("kind") != "model":
        raise ModelFormatError("metadata.json: kind: the file holds weights only; read it with model.load_weights")
    _require(members, "config.json", "weights.safetensors")
    entry = read_json(members["config.json"], "config.json")
    with parameters_from(_no_memory):
        model = deserialize_model(entry, custom_objects)
    _fill(model, members.pop("weights.safetensors"), metadata.get("parameters"))
    state = None
    if "state.json" in members:
        _require(members, "state.safetensors")
        state = read_json(members["state.json"], "state.json", depth=64)
        if not isinstance(state, dict):
            raise ModelFormatError("state.json: expected an object")
    arrays, more = {}, {}
    if compiled and isinstance(entry, dict) and entry.get("compile_config") is not None:
        compile_from_config(model, entry["compile_config"], custom_objects)
        if state is not None:
            arrays = read_tensors(members.pop("state.safetensors"), "state.safetensors")
            more = {name: arrays.pop(name) for name in list(arrays) if name.startswith("callbacks/")}
            if "step" in state:
                now = list(_names_of(model))
                set_state(model._trainer, state, renamed(arrays, metadata.get("parameters"), now))
    return model, state, more


def load_weights(model, filepath, skip_mismatch=False, by_name=None):
    """Set a model's weights to those of a file, all of them or none.

    Parameters
    ----------
    model : Model
        Built, unless the file has the weights by position only.
    filepath : str or path
        Any file of :func:`save_weights` or :func:`save_model`.
    skip_mismatch : bool
        Whether layers whose weights do not fit are left as they are, with a warning.
    by_name : bool, optional
        Only for Keras' older ``.h5`` files: layers that have the name of a saved one are set, the others not.

    Raises
    ------
    ModelFormatError
        If the file is damaged.
    ValueError
        If the weights do not fit the model.
    """
    values = _naming(filepath, _read_weights, model, by_name)
    _set_weights(model, values, skip_mismatch, os.fspath(filepath))


def _read_weights(path, model, by_name):
    """``[(whose, parameters, arrays)]``, of which each entry is set together."""
    kind = kind_of(path)
    if kind == "container":
        if by_name:
            raise ValueError("by_name is only for Keras' older .h5 files")
        metadata, members = read_container(path)
        _check_metadata(metadata)
        _require(members, "weights.safetensors")
        arrays = read_tensors(members["weights.safetensors"], "weights.safetensors")
        return _by_layer(model, arrays, metadata.get("parameters"))
    from ..saving import keras_h5, keras_zip

    read = keras_zip.read_keras if kind == "keras" else keras_h5.read_weights
    with read(path) as content:
        return content.weights(model, by_name)


def _by_layer(model, arrays, order):
    """The arrays of each layer: by name; where the names are others, as of a model made anew, by position."""
    _check_order(order, arrays)
    saved, there_are = _grouped({name: arrays[name] for name in order}), _grouped(_names_of(model))
    left = sorted(set(saved) - set(there_are))
    if left and len(saved) == len(there_are):
        in_order = zip(there_are.values(), saved.values(), strict=True)
        return [(_owner(own), list(own.values()), list(arrays.values())) for own, arrays in in_order]
    if left:
        raise ValueError(f"the file has weights of layers that the model has not: {', '.join(left)}")
    return [
        (_owner(own), list(own.values()), [saved[layer][name] for name in own if name in saved.get(layer, ())])
        for layer, own in there_are.items()
    ]


def _owner(parameters):
    """The layer that has these parameters, by name."""
    return next(iter(parameters.values())).owner


def _names_of(model):
    return {name: parameter for parameter, name in weight_names(model).items()}


def _grouped(named):
    """``{layer: {name of the weight: what it stands for}}``"""
    grouped = {}
    for path, value in named.items():
        layer, _, name = path.rpartition("/")
        grouped.setdefault(layer, {})[name] = value
    return grouped


def _check_order(order, names):
    """Refuse a list that has not exactly these names."""
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
        raise ModelFormatError("metadata.json: parameters: expected a list of names")
    for name in order:
        if name not in names:
            raise ModelFormatError(f"weights.safetensors: the tensor {name[:80]!r} of the model is missing")
    if len(order) != len(names) or len(set(order)) != len(order):
        raise ModelFormatError("metadata.json: parameters: expected the names of all tensors, each once")


def _set_weights(model, values, skip_mismatch, path):
    checked = []
    for whose, parameters, arrays in values:
        try:
            checked += checked_weights(whose, parameters, arrays)
        except ValueError as error:
            if not skip_mismatch:
                raise ValueError(f"{path}: {error}") from None
            warnings.warn(f"{path}: left {whose} as it is: {error}", stacklevel=4)
    for parameter, array in checked:
        parameter.value = array


def kind_of(path):
    """ "container", "keras" or "hdf5", by the content of a file."""
    if os.path.isdir(path):
        raise IsADirectoryError(f"{os.fspath(path)} is a folder; fastnn reads single files (.fastnn, .keras, .h5)")
    with open(path, "rb") as file:
        start = file.read(8)
    if start == b"\x89HDF\r\n\x1a\n":
        return "hdf5"
    if start[:4] == b"PK\3\4":
        from ..saving.keras_zip import is_keras

        return "keras" if is_keras(path) else "container"
    what = "a pickle, which fastnn never reads" if start[:1] == b"\x80" else "neither a zip nor an HDF5 file"
    raise ModelFormatError(f"not a model file: {what}" if start else "not a model file: it is empty")


def _no_memory(path, shape, dtype):
    """Zeros of any shape in the memory of one."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def _fill(model, data, order, member="weights.safetensors"):
    """Set the parameters to a member's tensors, which are exactly theirs: by name, or under other names in order."""
    header = read_header(data, member)
    _check_order(order, header)
    names = _names_of(model)
    if set(names) != set(header) and len(names) == len(order):
        names = dict(zip(order, names.values(), strict=True))
    expected = {name: (parameter.dtype, parameter.shape) for name, parameter in names.items()}
    arrays = read_tensors(data, member, expected)
    for name, parameter in names.items():
        parameter.value = arrays.pop(name)


def _check_metadata(metadata):
    if metadata.get("format") != "fastnn":
        raise ModelFormatError("metadata.json: format: expected 'fastnn'")
    version = metadata.get("format_version")
    if type(version) is not int or version < 1:
        raise ModelFormatError("metadata.json: format_version must be an integer of at least 1")
    if version > FORMAT_VERSION:
        raise ModelFormatError(
            f"metadata.json: format_version {version} is of a later fastnn; this one reads up to {FORMAT_VERSION}"
        )


def _require(members, *names):
    for name in names:
        if name not in members:
            raise ModelFormatError(f"{name}: this member is missing")


def _naming(filepath, read, *arguments):
    """``read(path, ...)``, where errors name the file."""
    path = os.fspath(filepath)
    try:
        return read(path, *arguments)
    except ModelFormatError as error:
        raise ModelFormatError(f"{path}: {error}") from error.__cause__
