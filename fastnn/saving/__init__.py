"""Files of models: ``.fastnn`` containers, and Keras' own formats through h5py.

Here are the formats: bytes on one side, configurations and arrays on the other. What a configuration means to a
model stands in ``fastnn.models.files``.
"""

from importlib import import_module

from .custom import CustomObjectScope, custom_object_scope, get_custom_objects, register_keras_serializable
from .errors import ModelFormatError

_OF_MODELS = {
    "deserialize_keras_object": "models.objects",
    "get_registered_name": "models.objects",
    "get_registered_object": "models.objects",
    "load_model": "models",
    "load_weights": "models.files",
    "save_model": "models",
    "save_weights": "models.files",
    "serialize_keras_object": "models.objects",
}
"""What Keras has here, and where it stands in fastnn."""

__all__ = [
    "CustomObjectScope",
    "ModelFormatError",
    "custom_object_scope",
    "get_custom_objects",
    "register_keras_serializable",
    *_OF_MODELS,
]


def __getattr__(name):
    """What knows models is imported when it is used."""
    if name in _OF_MODELS:
        return getattr(import_module(f"fastnn.{_OF_MODELS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
