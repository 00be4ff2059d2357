"""Objects of any kind as configurations, under the names that ``keras.saving`` has for it."""

from ..layers import Layer
from ..saving import schema
from ..saving.custom import find_custom, registered_name
from . import configs


def serialize_keras_object(obj):
    """A layer, model, loss, optimizer, function or the like as a dict in Keras' schema; plain values stay as they are.

    Raises
    ------
    ValueError
        For an object that has no ``get_config``.
    """
    return schema.serialize(obj)


def deserialize_keras_object(config, custom_objects=None, safe_mode=True):
    """The object that :func:`serialize_keras_object` described; a model comes with new parameters, not compiled.

    Parameters
    ----------
    config : dict
    custom_objects : dict of str to class or function, optional
        Those of your own that the configuration names.
    safe_mode : bool
        Accepted; there is no other mode.

    Raises
    ------
    ModelFormatError
        If the configuration has something that fastnn has not; names it.
    """
    if not isinstance(config, dict) or "class_name" not in config:
        return schema.deserialize(config, "keras.layers", "config", custom_objects)
    name, own = config["class_name"], find_custom(config.get("registered_name"), custom_objects)
    own = own or find_custom(name, custom_objects)
    if name in schema.MODELS and own is None:
        return configs.deserialize_model(config, custom_objects, "config")
    return schema.deserialize(config, _module_of(name, config.get("module"), own), "config", custom_objects)


def _module_of(name, stated, own):
    """The module of Keras in which a class is looked for; for one of the caller's, what kind of object it is."""
    tables = schema.tables()
    if own is not None:
        is_layer = not isinstance(own, type) or issubclass(own, Layer)
        return "keras.layers" if is_layer else "keras.losses"  # made of its arguments, whatever it is
    if stated in tables:
        return stated
    return next((module for module, table in tables.items() if name in table), "keras.layers")


def get_registered_name(obj):
    """The name that a class or function was registered under, "package>name"; else its own."""
    return registered_name(obj, obj.__name__)


def get_registered_object(name, custom_objects=None, module_objects=None):
    """The class or function that was registered under this name; None where there is none."""
    found = find_custom(name, custom_objects)
    return (module_objects or {}).get(name) if found is None else found

