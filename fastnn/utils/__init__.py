"""Helpers under Keras' names."""

from importlib import import_module

from ..progress import Progbar
from ..random import set_random_seed
from .arrays import normalize, to_categorical
from .py_dataset import PyDataset

Sequence = PyDataset
"""The name that ``PyDataset`` had before Keras 3."""

_LAZY = {"get_file": "files", "plot_model": "model_graph", "split_dataset": "split"}
_ELSEWHERE = {
    "clear_session": "backend", "disable_interactive_logging": "config", "enable_interactive_logging": "config",
    "is_interactive_logging_enabled": "config", "is_keras_tensor": "backend", "pad_sequences": "preprocessing.sequence",
}  # fmt: skip
"""What Keras has here as well as elsewhere."""
_SAVING = (
    "CustomObjectScope", "custom_object_scope", "deserialize_keras_object", "get_custom_objects",
    "get_registered_name", "get_registered_object", "register_keras_serializable", "serialize_keras_object",
)  # fmt: skip
"""What Keras has here as well as in ``saving``."""

__all__ = [
    "Progbar", "PyDataset", "Sequence", "normalize", "set_random_seed", "to_categorical", *_LAZY, *_SAVING, *_ELSEWHERE
]  # fmt: skip


def __getattr__(name):
    """What few programs need is imported when first used."""
    if name in _LAZY:
        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    if name in _SAVING:
        return getattr(import_module("fastnn.saving"), name)
    if name in _ELSEWHERE:
        return getattr(import_module(f"fastnn.{_ELSEWHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
