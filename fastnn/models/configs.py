"""Models to configurations in Keras' schema and back: what ``to_json``, ``clone_model`` and files are made of."""

from ..config import use_floatx
from ..saving import schema
from ..saving.custom import custom_object_scope, find_custom
from ..saving.errors import ModelFormatError
from ..saving.jsontext import read_json
from ..saving.limits import LAYERS


def serialize_model(model, compiled=True):
    """A model in Keras' schema; with ``compiled``, how it is trained too."""
    entry = schema.serialize_model(model)
    if compiled and model.optimizer is not None and model.loss is not None:
        entry["compile_config"] = compile_config(model)
    return entry


def compile_config(model):
    """The arguments of ``compile`` in Keras' schema; the optimizer as it is now."""
    given = model._compile_arguments
    return {
        "optimizer": schema.serialize(model.optimizer),
        "loss": schema.serialize(given["loss"]),
        "loss_weights": None,
        "metrics": schema.serialize(given["metrics"]),
        "weighted_metrics": None,
        "run_eagerly": False,
        "steps_per_execution": 1,
        "jit_compile": "auto",
    }


def deserialize_model(entry, custom_objects=None, where="config.json"):
    """The model that an entry in Keras' schema describes: not compiled, its parameters newly drawn.

    Raises
    ------
    ModelFormatError
        Naming the field that fastnn cannot read.
    """
    from .. import models

    name, config = (entry.get(key) if isinstance(entry, dict) else None for key in ("class_name", "config"))
    cls = find_custom(name, custom_objects)
    if cls is None:
        classes = {k: v for k, v in vars(models).items() if isinstance(v, type) and issubclass(v, models.Model)}
        classes.setdefault("Functional", classes["Model"])
        cls = classes.get(name)
    if cls is None or not isinstance(config, dict):
        raise ModelFormatError(
            f"{where}: expected a model with class_name and config; the class {str(name)[:80]!r} is not one of "
            f"{', '.join(sorted(classes))}. A class of your own is handed over in custom_objects={{'Name': Name}}"
            if cls is None
            else f"{where}.config: expected an object"
        )
    entries = config.get("layers", [])
    if not isinstance(entries, list) or len(entries) > LAYERS:
        raise ModelFormatError(f"{where}.config.layers: expected a list of at most {LAYERS:,} layers")
    dtype = schema.dtype_of(entries, f"{where}.config.layers")
    try:
        with use_floatx(dtype), custom_object_scope(custom_objects or {}):
            model = cls.from_config(config)
            shape = config.get("build_input_shape") or (entry.get("build_config") or {}).get("input_shape")
            if shape is not None and not all(layer.built for layer in model.layers):
                model.build((None, *schema.row_shape(shape, f"{where}.config.build_input_shape")))
            return model
    except ModelFormatError:
        raise
    except MemoryError:
        raise ModelFormatError(f"{where}: there is not enough memory for the arrays of this model") from None
    except (TypeError, ValueError, NotImplementedError, AttributeError, KeyError, OverflowError) as error:
        raise ModelFormatError(f"{where}.config: {error}") from error


def compile_from_config(model, config, custom_objects=None, where="config.json.compile_config"):
    """Compile a model as ``compile_config`` says."""
    if not isinstance(config, dict):
        raise ModelFormatError(f"{where}: expected an object")
    arguments = {}
    for name, module in (("optimizer", "optimizers"), ("loss", "losses"), ("metrics", "metrics")):
        value = schema.deserialize(config.get(name), f"keras.{module}", f"{where}.{name}", custom_objects)
        if value is not None:
            arguments[name] = value
    for name in ("loss_weights", "weighted_metrics"):
        if config.get(name):
            arguments[name] = schema.deserialize(config[name], "keras.metrics", f"{where}.{name}", custom_objects)
    try:
        model.compile(**arguments)
    except ModelFormatError:
        raise
    except (TypeError, ValueError, NotImplementedError, AttributeError, KeyError, OverflowError) as error:
        raise ModelFormatError(f"{where}: {error}") from error


def model_from_config(config, custom_objects=None):
    """The model that a dict as of ``json.loads(model.to_json())`` describes, with new parameters."""
    return deserialize_model(config, custom_objects, "config")


def model_from_json(json_string, custom_objects=None):
    """The model that ``to_json`` described, with new parameters.

    Raises
    ------
    ModelFormatError
        If the text is no JSON, or describes something that fastnn has not.
    """
    return deserialize_model(read_json(json_string, "json_string"), custom_objects, "json_string")


def clone_model(model, input_tensors=None, clone_function=None):
    """A model like this one, with layers of its own and new parameters; not compiled.

    Parameters
    ----------
    model : Sequential or Model
    input_tensors : None
        Not supported.
    clone_function : callable, optional
        ``clone_function(layer)`` returns the new layer; by default one made from its ``get_config``. Only for
        a Sequential model.
    """
    if input_tensors is not None:
        raise NotImplementedError("clone_model: input_tensors is not supported; put the clone behind them instead")
    if clone_function is not None:
        from .sequential import Sequential

        if not isinstance(model, Sequential):
            raise NotImplementedError("clone_model: clone_function is supported for Sequential models only")
        entries = model.get_config()["layers"]
        first = entries[0]["class_name"] == "InputLayer" if entries else False
        start = [schema.deserialize_layer(entries[0], "layers[0]")] if first else []
        return Sequential(start + [clone_function(layer) for layer in model.layers], name=model.name)
    return deserialize_model(serialize_model(model, compiled=False), custom_classes(model), "config")


def custom_classes(model):
    """The classes of a model and its layers by name, where they are not fastnn's."""
    known = schema.tables()["keras.layers"].values()
    found = {type(layer).__name__: type(layer) for layer in model.layers if type(layer) not in known}
    if not type(model).__module__.startswith("fastnn."):
        found[type(model).__name__] = type(model)
    return found
