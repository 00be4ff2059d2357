"""Objects as configurations in Keras' schema, and back again through fixed tables.

Design
------
a. An object is ``{"module", "class_name", "config", "registered_name"}``, as Keras 3 writes it; the shorter form
   of Keras 2, ``{"class_name", "config"}``, is read too.
b. Nothing is imported by name. A class is one of the tables below, or one that the caller handed over in
   ``custom_objects`` or registered before; any other name is an error.
c. A configuration holds only what its class takes. What Keras writes beyond that is listed in ``KERAS_ONLY``,
   with the only value that means what fastnn does anyway.
"""

import inspect
from contextlib import contextmanager
from functools import cache, singledispatch

import numpy as np

from .. import initializers, layers, losses, metrics, optimizers
from ..activations import ActivationFunction
from ..layers.calling import map_shapes
from ..optimizers import schedules
from ..symbolic.functions import keras_op
from ..symbolic.recording import KerasOp
from .custom import find_custom, registered_name
from .errors import ModelFormatError


def _optional(name):
    """A module of fastnn that has a table ``KNOWN``; empty where there is none."""
    import importlib

    try:
        return importlib.import_module(f"..{name}", __package__).KNOWN
    except ImportError:
        return {}


@cache
def tables():
    """``{module of Keras: {class name: class}}`` of all that may be named in a file."""
    found = {
        "keras.layers": {
            name: cls for name, cls in ((name, getattr(layers, name)) for name in layers.__all__)
            if isinstance(cls, type) and issubclass(cls, layers.Layer) and cls is not layers.Layer
        },
        "keras.initializers": initializers.KNOWN,
        "keras.regularizers": _optional("regularizers"),
        "keras.constraints": _optional("constraints"),
        "keras.losses": losses.KNOWN,
        "keras.metrics": metrics.KNOWN,
        "keras.optimizers": optimizers.KNOWN,
        "keras.optimizers.schedules": schedules.KNOWN,
    }  # fmt: skip
    return {
        module: {cls.__name__: cls for cls in table.values() if isinstance(cls, type)}
        for module, table in found.items()
    }


ANY = object()

KERAS_ONLY = {
    "Dense": {"quantization_config": None, "lora_rank": None, "lora_alpha": None},
    "Flatten": {"data_format": "channels_last"},
    "BatchNormalization": {"synchronized": False, "renorm": False, "renorm_clipping": None, "renorm_momentum": ANY},
    "LayerNormalization": {"rms_scaling": False},
    "GlorotUniform": {"input_axes": None, "output_axes": None},
}  # fmt: skip
for _name in ("GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal", "VarianceScaling"):
    KERAS_ONLY[_name] = KERAS_ONLY["GlorotUniform"]
"""Arguments that Keras writes and fastnn need not read, with the only value that they may have."""


# Objects to configurations


def serialize(value):
    """``value`` in Keras' schema: numbers, texts, lists and dicts stay, objects become configurations.

    Raises
    ------
    ValueError
        For an object that has no ``get_config``.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [serialize(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {"class_name", "config"}:
            return wrap(value["class_name"], serialize(value["config"]))
        return {str(key): serialize(item) for key, item in value.items()}
    if isinstance(value, ActivationFunction) and isinstance(getattr(value, "name", None), str):
        return value.name
    if isinstance(value, layers.Layer):
        return describe_layer(value)
    if isinstance(value, type):
        return value.__name__
    if hasattr(value, "get_config"):
        return wrap(type(value).__name__, serialize(value.get_config()), type(value))
    if callable(value) and hasattr(value, "__name__"):
        name = value.__name__
        return {"module": "builtins", "class_name": "function", "config": name, "registered_name": name}
    raise ValueError(f"{value!r} cannot be saved: it has no get_config()")


def wrap(class_name, config, cls=None):
    """An entry in Keras' schema, for an object of the class ``cls``."""
    known = tables()
    module = next((m for m, table in known.items() if class_name in table and cls in (None, table[class_name])), None)
    return {
        "module": module or getattr(cls, "__module__", None),
        "class_name": class_name,
        "config": config,
        "registered_name": None if module else registered_name(cls, class_name),
    }


def dtype_policy(dtype):
    """Keras' form of a type of real numbers."""
    config = {"name": dtype}
    return {"module": "keras", "class_name": "DTypePolicy", "config": config, "registered_name": None}


@singledispatch
def serialize_layer(layer):
    """A layer in Keras' schema, with the shape that it is built for; how models are described stands above."""
    if isinstance(layer, layers.InputLayer):
        return wrap("InputLayer", input_config(layer.name, layer.output_shape, layer.dtype), type(layer))
    config = layer.get_config()
    config.pop("input_shape", None)  # Keras has an InputLayer for it
    named = {name: config.pop(name) for name in ("name", "trainable") if name in config}
    if layer.dtype is not None:
        named["dtype"] = dtype_policy(layer.dtype)
    entry = wrap(type(layer).__name__, {**named, **serialize(config)}, type(layer))
    if layer.built:
        entry["build_config"] = {"input_shape": map_shapes(list, layer.input_shape)}
    return entry


def input_config(name, shape, dtype):
    """The configuration of an ``InputLayer`` whose tensor has this shape, the rows first."""
    shape = [None, *shape[1:]]
    return {"batch_shape": shape, "dtype": dtype, "sparse": False, "ragged": False, "name": name, "optional": False}


_shared = []  # while a model is described: entries by layer; while one is made: layers by their number


@contextmanager
def sharing():
    """Within the outermost of these contexts, a layer that is in several models is one layer."""
    if _shared:
        yield
        return
    _shared.append({})
    try:
        yield
    finally:
        _shared.pop()


def describe_layer(layer):
    """:func:`serialize_layer`, with a number where the layer has been described before, in another model."""
    entry = serialize_layer(layer)
    if _shared:
        number, first = _shared[-1].setdefault(layer, (len(_shared[-1]), entry))
        if first is not entry:
            first["shared_object_id"] = entry["shared_object_id"] = number
    return entry


@serialize_layer.register
def _serialize_op(operation: KerasOp):
    module = "keras.src.activations.activations" if operation.module == "activations" else _OPS + operation.module
    name = operation.class_name
    return {
        "module": module, "class_name": name, "config": serialize(operation.get_config()), "registered_name": name
    }  # fmt: skip


_OPS = "keras.src.ops."

MODELS = {}
"""What makes a model of its entry, by class name: ``make(entry, custom_objects, where)``; put in from above."""


# Configurations to objects


def deserialize_layer(entry, where, custom_objects=None):
    """The layer that ``entry`` describes; not built.

    Parameters
    ----------
    entry : dict
    where : str
        Its place in the file, for messages.
    custom_objects : dict of str to class or function, optional

    Raises
    ------
    ModelFormatError
        Naming ``where`` and the field.
    """
    number = entry.get("shared_object_id") if isinstance(entry, dict) and _shared else None
    if number is None:
        return _layer(entry, where, custom_objects)
    place = number, str(entry.get("class_name"))
    if type(number) is not int:
        raise ModelFormatError(f"{where}.shared_object_id: expected an integer, got {str(number)[:80]}")
    if place not in _shared[-1]:
        _shared[-1][place] = _layer(entry, where, custom_objects)
    return _shared[-1][place]


def _layer(entry, where, custom_objects):
    class_name, config = _open(entry, where)
    if class_name in MODELS and find_custom(class_name, custom_objects) is None:
        return MODELS[class_name](entry, custom_objects, where)
    module = str(entry.get("module"))
    if module.startswith(_OPS) or module == "keras.src.activations.activations":
        return _operation(module.rpartition(".")[2], class_name, config, where)
    cls = find_class(entry, "keras.layers", where, custom_objects)
    if cls is layers.InputLayer:
        return layers.InputLayer(input_shape_of(config, where), name=config.get("name"))
    config = dict(config)
    config.pop("dtype", None)  # one for the whole model; see dtype_of
    shape = config.pop("batch_input_shape", None)  # Keras 2
    arguments = _arguments(cls, class_name, config, where, custom_objects)
    if shape is not None:
        arguments["input_shape"] = row_shape(shape, f"{where}.config.batch_input_shape")
    return _make(cls, arguments, where)


def _operation(module, class_name, config, where):
    """A function of ``keras.ops``, from the table of those that can be on symbolic tensors."""
    config = dict(config)
    name = config.pop("name", None)
    try:
        found = keras_op(module, class_name, config, name)
    except (TypeError, ValueError) as error:
        raise ModelFormatError(f"{where}.config: {error}") from error
    if found is None:
        raise ModelFormatError(f"{where}.class_name: {class_name[:80]!r} is not one of fastnn's functions on tensors")
    return found


def deserialize(value, module, where, custom_objects=None):
    """The object that ``value`` describes: a name, ``{"class_name", "config"}``, or a plain value, as it is.

    ``module`` is that of Keras in which it is looked for, such as "keras.losses".
    """
    if isinstance(value, list):
        return [
            deserialize(item, module, f"{where}[{number}]", custom_objects) for number, item in enumerate(value)
        ]
    if isinstance(value, str):
        found = find_custom(value, custom_objects)
        return value if found is None else found
    if not isinstance(value, dict):
        return value
    if "class_name" not in value:
        return {
            key: deserialize(item, module, f"{where}.{key}", custom_objects) for key, item in value.items()
        }
    if value["class_name"] == "__lambda__":
        raise ModelFormatError(
            f"{where}: a Python lambda is code, which is never run from a file, whatever safe_mode is; save a function "
            "with a name instead, and hand it over in custom_objects={'name': function}"
        )
    if value["class_name"] == "function":
        name = value.get("config")
        found = find_custom(name, custom_objects)
        if found is None:
            raise ModelFormatError(
                f"{where}: the function {str(name)[:80]!r} is not part of fastnn; "
                "hand it over in custom_objects={'name': function}"
            )
        return found
    if module == "keras.layers":
        return deserialize_layer(value, where, custom_objects)
    class_name, config = _open(value, where)
    cls = find_class(value, module, where, custom_objects)
    return _make(cls, _arguments(cls, class_name, config, where, custom_objects), where)


def find_class(entry, module, where, custom_objects=None):
    """The class that ``entry`` names: one of the caller's, or one of fastnn's."""
    name = entry["class_name"]
    found = find_custom(entry.get("registered_name"), custom_objects) or find_custom(name, custom_objects)
    if found is not None:
        return found
    known = tables()[module]
    if name in known and is_of_keras(entry):
        return known[name]
    raise ModelFormatError(
        f"{where}.class_name: {str(name)[:80]!r} is not of fastnn's {module.rpartition('.')[2]}; "
        f"known are {', '.join(sorted(known))}. A class of your own is handed over in custom_objects={{'Name': Name}}"
    )


def is_of_keras(entry):
    """Whether the module that an entry names is one of Keras' or ours; in Keras 2, entries name none."""
    theirs = entry.get("module") or "keras"
    return isinstance(theirs, str) and theirs.partition(".")[0] in ("keras", "fastnn", "tf_keras")


def _open(entry, where):
    """Class name and configuration of an entry that has the right form."""
    if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
        raise ModelFormatError(f"{where}: expected an object with class_name and config")
    config = entry.get("config", {})
    if not isinstance(config, dict):
        raise ModelFormatError(f"{where}.config: expected an object, got {type(config).__name__}")
    return entry["class_name"], config


_SUFFIXES = {
    "_initializer": "keras.initializers",
    "_regularizer": "keras.regularizers",
    "_constraint": "keras.constraints",
    "learning_rate": "keras.optimizers.schedules",
    "fn": "keras.losses",
    "loss": "keras.losses",
}
"""Ends of the names of arguments that are objects, and where these are looked for."""

_NAMED = ("activation", "fn", "_initializer", "_regularizer", "_constraint")
"""Ends of the names of arguments that may be a function of the caller's, by its name."""


def _arguments(cls, class_name, config, where, custom_objects):
    """The arguments for ``cls``, without those that only Keras has."""
    only = KERAS_ONLY.get(class_name, {})
    takes = {} if cls.__init__ is object.__init__ else inspect.signature(cls).parameters
    free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in takes.values())
    found = {}
    for name, value in config.items():
        place = f"{where}.config.{name[:80]}"
        if name in only:
            if only[name] is not ANY and value != only[name] and not (value is None and name in takes):
                raise ModelFormatError(f"{place}: {str(value)[:80]!r} is not supported, only {only[name]!r}")
            continue
        late = name in ("name", "trainable") and issubclass(cls, layers.Layer)  # set once it is made
        if name not in takes and not free and not late:
            raise ModelFormatError(f"{place}: {class_name} has no argument of this name")
        found[name] = _value(name, value, place, custom_objects)
    return found


def _value(name, value, where, custom_objects):
    if isinstance(value, dict) and "class_name" in value:
        if value["class_name"] == "__tuple__":
            return tuple(value.get("items", ()))
        module = next((module for suffix, module in _SUFFIXES.items() if name.endswith(suffix)), "keras.layers")
        return deserialize(value, module, where, custom_objects)
    if isinstance(value, str) and name.endswith(_NAMED):
        found = find_custom(value, custom_objects)
        return value if found is None else found
    if name == "axis" and isinstance(value, list) and len(value) == 1:
        return value[0]  # as Keras writes LayerNormalization's
    return value


def _make(cls, arguments, where):
    """Call the class; what it objects to is an error of the file."""
    try:
        if hasattr(cls, "from_config"):
            return cls.from_config(arguments)
        return cls(**arguments)
    except ModelFormatError:
        raise
    except (TypeError, ValueError, NotImplementedError, AttributeError, KeyError, OverflowError) as error:
        raise ModelFormatError(f"{where}.config: {error}") from error


def input_shape_of(config, where):
    """Shape of one row that an InputLayer's configuration gives."""
    for name in ("batch_shape", "batch_input_shape"):
        if config.get(name) is not None:
            return row_shape(config[name], f"{where}.config.{name}")
    if config.get("shape") is not None:
        return row_shape([None, *config["shape"]], f"{where}.config.shape")
    raise ModelFormatError(f"{where}.config.batch_shape: is missing")


def row_shape(shape, where):
    """The sizes of a row, from a shape with the rows first."""
    if isinstance(shape, dict) and shape.get("class_name") == "__tuple__":
        shape = shape.get("items")
    fits = isinstance(shape, (list, tuple)) and 2 <= len(shape) <= 8
    if not fits or not all(type(n) is int and 0 < n < 2**31 for n in shape[1:]):
        raise ModelFormatError(f"{where}: expected the rows (null) and 1 to 7 sizes above 0, got {str(shape)[:80]}")
    return tuple(shape[1:])


def dtype_of(entries, where):
    """The one type of real numbers of layers' configurations; None where they have none."""
    found = set()
    for number, entry in enumerate(entries):
        config = entry.get("config") if isinstance(entry, dict) else None
        dtype = config.get("dtype") if isinstance(config, dict) else None
        if isinstance(dtype, dict):
            dtype = dtype.get("config", {}).get("name") if isinstance(dtype.get("config"), dict) else dtype
        if dtype is None:
            continue
        if dtype not in ("float32", "float64"):
            raise ModelFormatError(
                f"{where}[{number}].config.dtype: {str(dtype)[:80]!r} is not supported, only float32 and float64"
            )
        if entry.get("class_name") != "InputLayer":  # the type of the data does not matter
            found.add(dtype)
    if len(found) > 1:
        raise ModelFormatError(f"{where}: all layers must have one dtype, found {sorted(found)}")
    return found.pop() if found else None
