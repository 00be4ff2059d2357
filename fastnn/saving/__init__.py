"""Files of models: ``.fastnn`` containers, and Keras' own formats through h5py.

Here are the formats: bytes on one side, configurations and arrays on the other. What a configuration means to a
model stands in ``fastnn.models.files``.
"""

from importlib import import_module

from .custom import CustomObjectScope, custom_object_scope, get_custom_objects, register_keras_serializable
from .errors import ModelFormatError

__all__ = [
    "CustomObjectScope",
    "ModelFormatError",
    "custom_object_scope",
    "get_custom_objects",
    "load_model",
    "register_keras_serializable",
    "save_model",
]


def __getattr__(name):
    """Keras has these two here as well as in ``models``."""
    if name in ("load_model", "save_model"):
        return getattr(import_module("fastnn.models"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
