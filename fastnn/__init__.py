"""fastnn: dense neural networks on the CPU, fast to train and clear to read, with Keras' names."""

from importlib import import_module

from . import (
    activations,
    config,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    random,
    regularizers,
    runtime,
    utils,
)
from .backends import get_backend
from .layers import Input
from .models import Model, Sequential
from .threads import get_num_threads, set_num_threads
from .trainer import Trainer

__all__ = [
    "Input",
    "Model",
    "Sequential",
    "Trainer",
    "activations",
    "config",
    "constraints",
    "get_backend",
    "get_num_threads",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "numerics_version",
    "optimizers",
    "random",
    "regularizers",
    "set_num_threads",
    "utils",
]

__version__ = "0.1.0"

numerics_version = "fma-2"
"""Name of the arithmetic: for one version and seed, the same results bit for bit."""

_LAZY = (
    "appendix", "backend", "bench", "callbacks", "datasets", "glassbox", "mixed_precision", "plot", "preprocessing",
    "saving", "sklearn", "tf_shim",
)  # fmt: skip
_BASES = {
    "Initializer": initializers, "Layer": layers, "Loss": losses, "Metric": metrics, "Optimizer": optimizers,
    "Regularizer": regularizers,
}  # fmt: skip
"""Classes that Keras has at the top too, and where they stand."""
_ELSEWHERE = {"grad_check": "glassbox", "Variable": "variable"}
"""The same of modules that most programs do not need."""

runtime.install(get_backend)


def __getattr__(name):
    """Submodules that most programs do not need are imported when first used."""
    if name in _LAZY:
        return import_module(f"{__name__}.{name}")
    if name in _BASES:
        return getattr(_BASES[name], name)
    if name in _ELSEWHERE:
        return getattr(import_module(f"{__name__}.{_ELSEWHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_LAZY, *_BASES, *_ELSEWHERE])
