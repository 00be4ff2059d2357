"""Models: layers put together. Reading and writing files of them is imported when first used."""

from importlib import import_module

from .base import Model
from .functional import Functional
from .sequential import Sequential

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_config",
    "model_from_json",
    "model_from_yaml",
    "save_model",
]


def __getattr__(name):
    if name in __all__:
        module = "files" if name in ("load_model", "save_model") else "configs"
        return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
