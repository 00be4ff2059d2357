"""Models to configurations in Keras' schema and back: what ``to_json``, ``clone_model`` and files are made of."""

from ..checks import check_default
from ..config import use_floatx
from ..layers import InputLayer, Layer
from ..layers.calling import map_shapes
from ..legacy import warn_old
from ..saving import schema
from ..saving.custom import custom_object_scope, find_custom
from ..saving.errors import ModelFormatError
from ..saving.jsontext import read_json
from ..saving.limits import LAYERS
from .base import Model
from .functional import Functional
from .functional_config import check_size, functional_config, functional_tensors
from .sequential import Sequential
from .structure import Structure

# Models to configurations


def serialize_model(model, compiled=True):
    """A model in Keras' schema; with ``compiled``, how it is trained too.

    Raises
    ------
    NotImplementedError
        For a model of one's own class that does not define ``get_config``.
    """
    with schema.sharing():
        entry = schema.describe_layer(model)
    if compiled and model.optimizer is not None and model.loss is not None:
        entry["compile_config"] = compile_config(model)
    return entry


@schema.serialize_layer.register
def _describe(model: Structure):
    """A model as an entry, not how it is trained."""
    entry = schema.wrap(type(model).__name__, _config_as_data(model), type(model))
    if isinstance(model, Functional):
        entry |= {"module": "keras.src.models.functional", "registered_name": "Functional"}
    elif type(model) is Sequential:
        entry |= {"module": "keras", "registered_name": None}
    if model._is_functional:
        entry["build_config"] = {"input_shape": None}  # the graph says it
    elif model.input_shape is not None and model.built:
        entry["build_config"] = {"input_shape": map_shapes(list, model.input_shape)}
    return entry


def _config_as_data(model):
    """What ``get_config`` says; that of fastnn's own classes is data already."""
    config = model.get_config()
    return config if type(model) in (Sequential, Functional) else schema.serialize(config)


def config_of(model):
    """The configuration of a Sequential or functional model."""
    with schema.sharing():
        return sequential_config(model) if isinstance(model, Sequential) else functional_config(model)


def sequential_config(model):
    """Name and layers, an ``Input`` first where the shape is known."""
    entries = [schema.describe_layer(layer) for layer in model.layers]
    shape, first = model.input_shape, model._input
    if first is None and shape is not None:
        first = InputLayer(shape[1:], name="input_layer")
    if first is not None:
        entries.insert(0, schema.serialize_layer(first))
    config = {"name": model.name, "trainable": model.trainable}
    if model.dtype is not None:
        config["dtype"] = schema.dtype_policy(model.dtype)
    config["layers"] = entries
    if shape is not None:
        config["build_input_shape"] = [None, *shape[1:]]
    return config


def check_legacy(model):
    """NotImplementedError for what the older ``.h5`` format cannot hold, in which functions look like layers."""
    if not model._is_functional and not isinstance(model, Sequential):
        what = f"a {type(model).__name__} model, only Sequential and functional ones"
    elif functions := sorted({op.name for op in _operations(model) if not isinstance(op, Layer)}):
        what = f"calls of functions ({', '.join(functions)[:200]}), only of layers"
    else:
        return
    raise NotImplementedError(
        f"{model.name!r}: an .h5 file cannot hold {what}; save to a path that ends in .keras or .fastnn, or the "
        "weights alone with save_weights to one that ends in .weights.h5"
    )


def _operations(model):
    """All layers and functions of a model and the models within it."""
    for layer in model.walk():
        yield from layer._graph.operations if isinstance(layer, Structure) and layer._is_functional else (layer,)


def compile_config(model):
    """The arguments of ``compile`` in Keras' schema; the optimizer as it is now."""
    return {"optimizer": schema.serialize(model.optimizer), **schema.serialize(model._compile_arguments)}


# Configurations to models


def deserialize_model(entry, custom_objects=None, where="config.json"):
    """The model that an entry in Keras' schema describes: not compiled, its parameters newly drawn.

    Raises
    ------
    ModelFormatError
        Naming the field that fastnn cannot read.
    """
    name, config = (entry.get(key) if isinstance(entry, dict) else None for key in ("class_name", "config"))
    known = {cls.__name__: cls for cls in (Functional, Model, Sequential)}
    cls = find_custom(isinstance(entry, dict) and entry.get("registered_name"), custom_objects)
    cls = cls or find_custom(name, custom_objects) or (known.get(name) if name and schema.is_of_keras(entry) else None)
    if cls is None:
        raise ModelFormatError(
            f"{where}: expected a model with class_name and config; the class {str(name)[:80]!r} is not one of "
            f"{', '.join(sorted(known))}. A class of your own is handed over in custom_objects={{'Name': Name}}"
        )
    if not isinstance(config, dict):
        raise ModelFormatError(f"{where}.config: expected an object")
    entries = config.get("layers", [])
    dtype = schema.dtype_of(entries if isinstance(entries, list) else [], f"{where}.config.layers")
    try:
        with use_floatx(dtype), custom_object_scope(custom_objects or {}), schema.sharing():
            described_here = issubclass(cls, Model) and cls.from_config.__func__ is Model.from_config.__func__
            model = model_of_class(cls, config, None, f"{where}.config") if described_here else cls.from_config(config)
            shape = config.get("build_input_shape") or (entry.get("build_config") or {}).get("input_shape")
            if shape is not None and not (model.layers and model.built):
                model.build(_shapes(shape, f"{where}.config.build_input_shape"))
        check_size(model, where)
        return model
    except ModelFormatError:
        raise
    except MemoryError:
        raise ModelFormatError(f"{where}: there is not enough memory for the arrays of this model") from None
    except (TypeError, ValueError, NotImplementedError, AttributeError, KeyError, OverflowError) as error:
        raise ModelFormatError(f"{where}.config: {error}") from error


schema.MODELS.update(dict.fromkeys(("Functional", "Model", "Sequential"), deserialize_model))


def model_of_class(cls, config, custom_objects=None, where="config"):
    """The model of a class whose configuration is in the form of this module, or has the class's arguments."""
    with custom_object_scope(custom_objects or {}), schema.sharing():
        if issubclass(cls, Sequential):
            return cls(_layers_of(config, where), trainable=config.get("trainable", True), name=config.get("name"))
        if "layers" not in config and cls not in (Functional, Model):
            return super(Model, cls).from_config(config)
        _check_layers(config, where)
        inputs, outputs = functional_tensors(config, where)
        return cls(inputs, outputs, name=config.get("name"), trainable=config.get("trainable", True))


def _layers_of(config, where):
    entries = _check_layers(config, where)
    return [schema.deserialize_layer(entry, f"{where}.layers[{number}]") for number, entry in enumerate(entries)]


def _check_layers(config, where):
    entries = config.get("layers")
    if not isinstance(entries, list) or len(entries) > LAYERS:
        raise ModelFormatError(f"{where}.layers: expected a list of at most {LAYERS:,} layers")
    return entries


def _shapes(shape, where):
    """Nested shapes of a file, with None for the rows."""
    if isinstance(shape, dict) and "class_name" not in shape:
        return {key: _shapes(item, f"{where}.{key[:80]}") for key, item in shape.items()}
    if isinstance(shape, list) and shape and isinstance(shape[0], (list, dict)):
        return [_shapes(item, f"{where}[{number}]") for number, item in enumerate(shape)]
    return (None, *schema.row_shape(shape, where))


def compile_from_config(model, config, custom_objects=None, where="config.json.compile_config"):
    """Compile a model as ``compile_config`` says; not at all where that is empty, as Keras writes it."""
    if not config:
        return
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


def model_from_yaml(yaml_string, custom_objects=None):
    """The model that ``to_yaml`` described here, in JSON, which is YAML too; other YAML is an error."""
    warn_old("model_from_yaml", "model_from_json")
    return model_from_json(yaml_string, custom_objects)


def clone_model(model, input_tensors=None, clone_function=None, call_function=None, recursive=False):
    """A model like this one, with layers of its own and new parameters; not compiled.

    Parameters
    ----------
    model : Sequential or functional Model
        Or one of a class of one's own that defines ``get_config``.
    input_tensors : None
        Not supported.
    clone_function : callable, optional
        ``clone_function(layer)`` returns the new layer; by default one made from its ``get_config``. It is not asked
        about ``Input``. Only for a Sequential or functional model.
    call_function, recursive
        Only the defaults: calls are as they were, and models within the model are cloned as they are.
    """
    check_default("clone_model", call_function=(call_function, None), recursive=(recursive, False))
    if input_tensors is not None:
        raise NotImplementedError("clone_model: input_tensors is not supported; put the clone behind them instead")
    with custom_object_scope(custom_classes(model)):
        if clone_function is None:
            return deserialize_model(serialize_model(model, compiled=False), None, "config")
        config = config_of(model) if type(model) in (Sequential, Functional) else None
        if config is None:
            raise NotImplementedError(
                f"clone_model: clone_function is supported for Sequential and functional models, "
                f"not for a {type(model).__name__}"
            )

        def layer_of(entry, where):
            if entry["class_name"] == "InputLayer":
                return schema.deserialize_layer(entry, where)
            return clone_function(model.get_layer(entry["config"]["name"]))

        if isinstance(model, Sequential):
            return Sequential([layer_of(entry, "layers") for entry in config["layers"]], name=model.name)
        return Functional(*functional_tensors(config, "config", layer_of=layer_of), name=model.name)


def custom_classes(model):
    """The classes of a model and of all layers inside of it by name, where they are not fastnn's."""
    known = {*schema.tables()["keras.layers"].values(), Functional, Sequential}
    return {type(layer).__name__: type(layer) for layer in model.walk() if type(layer) not in known}
