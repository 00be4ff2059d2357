"""Small data sets under Keras' names: ``(x_train, y_train), (x_test, y_test) = mnist.load_data()``.

``mnist``, ``iris`` and ``digits`` are part of the package and need no network.  ``fashion_mnist`` is looked
for in ``data_folders()`` and downloaded once if it is in none of them.
"""

import importlib

__all__ = ["data_folders", "digits", "fashion_mnist", "iris", "mnist"]


def __getattr__(name):
    """Import a submodule on first use: their hashlib, gzip and pathlib would slow ``import fastnn``."""
    if name == "data_folders":
        return importlib.import_module("fastnn.datasets._find").data_folders
    if name in __all__:
        return importlib.import_module(f"fastnn.datasets.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
