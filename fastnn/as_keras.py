"""``import fastnn.as_keras``: from then on ``keras`` and ``tensorflow`` are fastnn, for scripts that import them.

Design
------
a. A finder on ``sys.meta_path`` answers for these two names, for scikeras, which builds on them, and all that is below
   them, whether or not the real packages are installed. Nothing else of the import system is touched.
b. What it hands out are thin modules that look names up in fastnn's. So fastnn's own modules know nothing of
   it, and a name that is missing is an error that says so.
c. Old module paths (``keras.layers.core``) lead to where their content is today, with one warning each.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types

from . import __version__
from .legacy import warn_old

ROOTS = ("keras", "tensorflow", "scikeras")
KERAS_PATHS = ("tensorflow.compat.v2.keras", "tensorflow.compat.v1.keras", "tensorflow.python.keras",
               "tensorflow.keras", "keras")  # fmt: skip

KERAS_VERSION = f"3.15.1+fastnn.{__version__}"
"""What ``keras.__version__`` says: the Keras whose names and defaults are followed, and by whom."""

MODULES = (
    "activations", "backend", "callbacks", "config", "constraints", "datasets", "initializers", "layers", "losses",
    "metrics", "mixed_precision", "models", "ops", "optimizers", "preprocessing", "random", "regularizers", "saving",
    "utils",
)  # fmt: skip
"""Modules of ``keras`` that stand under the same name in fastnn, as far as it has them."""

INNER = {name: name for name in ("optimizers.schedules", "preprocessing.sequence", "preprocessing.text")} | {
    f"datasets.{name}": f"datasets.{name}"
    for name in ("boston_housing", "california_housing", "fashion_mnist", "imdb", "mnist", "reuters")
}

OLD = {
    "callbacks.callbacks": "callbacks",
    "engine.input_layer": "layers",
    "engine.sequential": "models",
    "engine.topology": "layers",
    "engine.training": "models",
    "layers.advanced_activations": "layers",
    "layers.convolutional": "layers",
    "layers.core": "layers",
    "layers.embeddings": "layers",
    "layers.experimental.preprocessing": "layers",
    "layers.merge": "layers",
    "layers.noise": "layers",
    "layers.normalization": "layers",
    "layers.pooling": "layers",
    "layers.recurrent": "layers",
    "optimizer_v1": "optimizers",
    "optimizers.legacy": "optimizers",
    "utils.data_utils": "utils",
    "utils.generic_utils": "utils",
    "utils.layer_utils": "utils",
    "utils.np_utils": "utils",
    "utils.vis_utils": "utils",
    "wrappers.scikit_learn": "sklearn",
} | {
    f"{path}{name}": "optimizers"
    for path in ("optimizer_v2.", "optimizers.optimizer_v2.", "optimizers.")
    for name in ("adadelta", "adagrad", "adam", "adamax", "gradient_descent", "nadam", "rmsprop")
} | {f"optimizers.{name}_v2": "optimizers" for name in ("adam", "gradient_descent", "rmsprop")}
"""Module paths of Keras 1 and 2, and the module that has their content today."""

NO_CONTENT = ("engine", "optimizer_v2", "optimizers.optimizer_v2", "layers.experimental", "wrappers", "python")
"""Packages that only hold others."""

TENSORFLOW = (
    "autograph", "compat", "config", "data", "dtypes", "io", "math", "nn", "random", "summary", "test", "train"
)  # fmt: skip
SHARED = ("initializers", "losses", "metrics", "optimizers")
"""Modules that ``tensorflow`` has too."""


def install():
    """Make ``keras`` and ``tensorflow`` importable as fastnn. Importing this module does so.

    Raises
    ------
    ImportError
        If the real ``keras`` or ``tensorflow`` has been imported already.
    """
    for root in ROOTS:
        there = sys.modules.get(root)
        if there is not None and not isinstance(there, Alias):
            raise ImportError(
                f"fastnn.as_keras: {root} is imported already, from {getattr(there, '__file__', 'somewhere')}; "
                "put `import fastnn.as_keras` before the first import of keras or tensorflow, or run the script "
                "with `fastnn run`"
            )
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())


def uninstall():
    """Undo ``install``: what has been imported keeps working, new imports find the real packages."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for name, module in list(sys.modules.items()):
        if isinstance(module, Alias):
            del sys.modules[name]


class Alias(types.ModuleType):
    """A module under a name of Keras or TensorFlow that looks names up in a module of fastnn."""

    def __init__(self, name, target):
        super().__init__(name, target.__doc__)
        self.__dict__["_target"] = target
        if name == "keras" or name.endswith(".keras"):
            self.__version__ = KERAS_VERSION
            self.version = lambda: KERAS_VERSION

    def __getattr__(self, name):
        if name == "__all__":
            return public_names(self)
        if not name.startswith("_") and find_target(f"{self.__name__}.{name}"):
            return importlib.import_module(f"{self.__name__}.{name}")
        try:
            return getattr(self._target, name)
        except AttributeError:
            raise AttributeError(_what_there_is(self, name)) from None

    def __dir__(self):
        return public_names(self)


class Finder(importlib.abc.MetaPathFinder):
    """Answers for ``keras``, ``tensorflow`` and all that is below them."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] not in ROOTS:
            return None
        found = find_target(fullname)
        if found is None:
            parent, _, name = fullname.rpartition(".")
            raise ImportError(_what_there_is(importlib.import_module(parent), name), name=fullname)
        return importlib.machinery.ModuleSpec(fullname, Loader(found), origin=found, is_package=True)


class Loader(importlib.abc.Loader):
    """Makes the alias of one module."""

    def __init__(self, target):
        self._target = target

    def create_module(self, spec):
        path, inner = _split(spec.name)
        if inner in OLD:
            new = "fastnn.sklearn" if OLD[inner] == "sklearn" else f"{path}.{OLD[inner]}"
            warn_old(f"the module {spec.name}", new)
        return Alias(spec.name, importlib.import_module(self._target))

    def exec_module(self, module):
        """Nothing to run."""


def find_target(fullname):
    """Name of the module of fastnn that stands for a module of Keras or TensorFlow; None where there is none."""
    path, inner = _split(fullname)
    if path is not None:
        if not inner or inner in NO_CONTENT:
            return "fastnn"
        target = OLD.get(inner) or INNER.get(inner) or (inner if inner in MODULES else None)
        target = target and f"fastnn.{target}"
        return target if target and importlib.util.find_spec(target) else None
    root, _, inner = fullname.partition(".")
    if root == "scikeras":
        return "fastnn.scikeras" if inner in ("", "wrappers") else None
    if inner in ("", "compat.v2", "python"):
        return "fastnn.tf_shim"
    if inner in SHARED:
        return f"fastnn.{inner}"
    return f"fastnn.tf_shim.{inner}" if inner in ("compat.v1", *TENSORFLOW) else None


def public_names(module):
    """Names that a star import takes."""
    target = module._target
    names = getattr(target, "__all__", None) or [name for name in dir(target) if not name.startswith("_")]
    own = [name for name, value in vars(module).items() if not (name.startswith("_") or isinstance(value, Alias))]
    return sorted({*names, *own})


def _split(fullname):
    """``tensorflow.keras.layers.core`` as (``tensorflow.keras``, ``layers.core``); (None, "") for TensorFlow."""
    for path in KERAS_PATHS:
        if fullname == path or fullname.startswith(path + "."):
            return path, fullname[len(path) + 1 :]
    return None, ""


def _what_there_is(module, name):
    return (
        f"{module.__name__} is fastnn here, which has no {name!r}; it has: {', '.join(public_names(module))}"
    )


install()
