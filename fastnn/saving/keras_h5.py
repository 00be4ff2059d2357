"""Keras' HDF5 files: ``.weights.h5`` of Keras 3, and the older ``.h5`` of whole models or their weights.

The structure is that of ``keras/src/saving/saving_lib.py`` and ``keras/src/legacy/saving/legacy_h5_format.py``.
"""

import io
import json
from contextlib import contextmanager

import numpy as np

from .errors import ModelFormatError
from .hdf5 import import_h5py, open_hdf5, read_names, read_text, write_names
from .jsontext import read_json
from .keras_content import KerasContent
from .keras_state import all_parameters, keras_paths, layer_paths, optimizer_variables, own_parameters

_TOP = "top_level_model_weights"


# Keras 3


def weights_bytes(model, include_optimizer):
    """The bytes of ``model.weights.h5``."""
    return _written(lambda file: _write_state(file, model, include_optimizer))


def write_weights(model):
    """The bytes of a ``.weights.h5`` file, as a list of parts; with the optimizer's state, as in Keras."""
    return [weights_bytes(model, True)]


def _write_state(file, model, include_optimizer):
    for path, layer in layer_paths(model):
        group = file.create_group(_vars(path))
        group.attrs["name"] = layer.name
        for number, parameter in enumerate(own_parameters(layer)):
            group[str(number)] = parameter.value
    variables = optimizer_variables(model) if include_optimizer else []
    if variables:
        group = file.create_group("optimizer/vars")
        group.attrs["name"] = model.optimizer.name
        for number, (_, array) in enumerate(variables):
            group[str(number)] = array


def _vars(path):
    return f"{path}/vars" if path else "vars"


def read_layers(file, model, by_name=False):
    """``[(layer, parameters, arrays)]`` of the layers that have weights."""
    if by_name:
        raise ValueError("by_name is only for Keras' older .h5 files; this one is in the form of Keras 3")
    groups = {_vars(path): layer for path, layer in layer_paths(model)}
    left = sorted(path.removesuffix("/vars") for path in _groups_of_weights(file) - set(groups))
    if left:
        raise ValueError(f"the file has weights of layers that the model has not: {', '.join(left)}")
    return [(layer, own_parameters(layer), _numbered(file, path)) for path, layer in groups.items() if layer.parameters]


def _groups_of_weights(file):
    """Names of the groups that hold a layer's weights."""
    found = set()

    def note(name, thing):
        group, _, number = name.rpartition("/")
        if number == "0" and not group.startswith("optimizer/"):
            found.add(group)

    file.visititems(note)
    return found


def optimizer_arrays(file):
    """The optimizer's variables, in order; empty where there are none."""
    return _numbered(file, "optimizer/vars")


def _numbered(file, path):
    """The data sets ``0``, ``1``, ... of a group; none where there is no such group."""
    group = file.get(path)
    if group is None:
        return []
    if set(group) != {str(number) for number in range(len(group))}:
        raise ModelFormatError(f"{path}: expected data sets named 0, 1, ..., got {sorted(group)[:8]}")
    return [np.asarray(group[str(number)]) for number in range(len(group))]


# Older files


def write_legacy(entry, model, include_optimizer=True):
    """The bytes of an ``.h5`` file of a whole model, as a list of parts; ``entry`` is in Keras' schema."""

    def write(file):
        file.attrs["keras_version"] = "3.15.1"
        file.attrs["backend"] = "tensorflow"
        config = {"class_name": entry["class_name"], "config": _without_modules(entry["config"])}
        file.attrs["model_config"] = json.dumps(config).encode("utf-8")
        compiled = entry.get("compile_config")
        if compiled is not None and include_optimizer:
            optimizer = compiled["optimizer"]
            training = {name: value for name, value in compiled.items() if name != "optimizer"}
            training["optimizer_config"] = {name: optimizer[name] for name in ("class_name", "config")}
            file.attrs["training_config"] = json.dumps(training).encode("utf-8")
        _write_legacy_weights(file.create_group("model_weights"), model)
        variables = optimizer_variables(model) if include_optimizer else []
        if variables:
            names = [f"{model.optimizer.name}/{name}" for name, _ in variables]
            group = file.create_group("optimizer_weights")
            write_names(group, "weight_names", names)
            for name, (_, array) in zip(names, variables, strict=True):
                group[name] = array

    return [_written(write)]


def write_legacy_weights(model):
    """The bytes of an ``.h5`` file of weights, as Keras 2 wrote it, as a list of parts."""
    return [_written(lambda file: _write_legacy_weights(file, model))]


def _write_legacy_weights(group, model):
    write_names(group, "layer_names", [layer.name for layer in model.layers])
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = b"3.15.1"
    called = keras_paths(model)
    for layer in sorted(model.layers, key=lambda layer: layer.name):
        own = group.create_group(layer.name)
        parameters = all_parameters(layer)
        names = [called[parameter] for parameter in parameters]
        write_names(own, "weight_names", names)
        for name, parameter in zip(names, parameters, strict=True):
            own[name] = parameter.value
    write_names(group.create_group(_TOP), "weight_names", [])


def _without_modules(value, of_layer=False):
    """The older schema: layers, in lists, have no module."""
    if isinstance(value, list):
        return [_without_modules(item, True) for item in value]
    if not isinstance(value, dict):
        return value
    if of_layer and {"class_name", "config"} <= set(value):
        kept = {k: v for k, v in value.items() if k not in ("module", "registered_name", "build_config")}
        return {**kept, "config": _without_modules(value["config"])}
    return {name: _without_modules(item) if name == "layers" else item for name, item in value.items()}


@contextmanager
def read_legacy(path):
    """The :class:`KerasContent` of an ``.h5`` file of a whole model."""
    with open_hdf5(path, "HDF5") as file:
        text = read_text(file, "model_config")
        if text is None:
            raise ModelFormatError("HDF5: the file holds weights only; read it with model.load_weights")
        config = read_json(text, "model_config", most=16 << 20, depth=64)
        training = read_text(file, "training_config")
        yield KerasContent(
            config,
            None if training is None else _compile_config(read_json(training, "training_config", depth=64)),
            lambda model, by_name: _legacy_arrays(file["model_weights"], model, by_name),
            lambda: _named(file, "optimizer_weights"),
        )


@contextmanager
def read_weights(path):
    """The :class:`KerasContent` of any HDF5 file that has weights."""
    with open_hdf5(path, "HDF5") as file:
        legacy = next((g for g in (file, file.get("model_weights")) if g and _has_layer_names(g)), None)
        yield KerasContent(
            None,
            None,
            lambda model, by_name: (
                read_layers(file, model, by_name) if legacy is None else _legacy_arrays(legacy, model, by_name)
            ),
            lambda: optimizer_arrays(file),
        )


def _has_layer_names(group):
    return "layer_names" in group.attrs or "layer_names0" in group.attrs


def _compile_config(training):
    """The older ``training_config`` in the form of ``compile_config``."""
    if not isinstance(training, dict) or not isinstance(training.get("optimizer_config"), dict):
        return None
    optimizer = dict(training["optimizer_config"])
    if isinstance(optimizer.get("class_name"), str):
        optimizer["class_name"] = optimizer["class_name"].rpartition(">")[2]  # "Custom>Adam" in Keras 2.11
    return {**training, "optimizer": optimizer}


def _legacy_arrays(group, model, by_name):
    """``[(layer, parameters, arrays)]``: by position among the layers that have weights, or by name."""
    saved = {}
    for name in read_names(group, "layer_names"):
        arrays = _named(group, name)
        if arrays:
            saved[name] = arrays
    layers = [layer for layer in model.layers if layer.weights]
    if by_name:
        return [(layer, all_parameters(layer), saved[layer.name]) for layer in layers if layer.name in saved]
    if len(saved) != len(layers):
        raise ValueError(
            f"the file has weights of {len(saved)} layers ({', '.join(saved)}), "
            f"the model has {len(layers)} with weights ({', '.join(layer.name for layer in layers)})"
        )
    return [(layer, all_parameters(layer), arrays) for layer, arrays in zip(layers, saved.values(), strict=True)]


def _named(parent, name):
    """The data sets that the attribute weight_names of a group lists; none where there is no such group."""
    group = parent.get(name)
    return [] if group is None else [np.asarray(group[path]) for path in read_names(group, "weight_names")]


def _written(write):
    """The bytes of the file that ``write(file)`` fills."""
    memory = io.BytesIO()
    with import_h5py().File(memory, "w") as file:
        write(file)
    return memory.getvalue()
