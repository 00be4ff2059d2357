"""Small data sets under Keras' names: ``(x_train, y_train), (x_test, y_test) = mnist.load_data()``.

``mnist``, ``iris`` and ``digits`` are part of the package and need no network.  The others are looked for in
``data_folders()`` and in Keras' own folder, and downloaded once if they are in none of them.
"""

import importlib

__all__ = [
    "boston_housing",
    "california_housing",
    "data_folders",
    "digits",
    "fashion_mnist",
    "imdb",
    "iris",
    "mnist",
    "reuters",
]


def __getattr__(name):
    """Import a submodule on first use: their hashlib, gzip and pathlib would slow ``import fastnn``."""
    if name == "data_folders":
        return importlib.import_module("fastnn.datasets._find").data_folders
    if name in __all__:
        return importlib.import_module(f"fastnn.datasets.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
