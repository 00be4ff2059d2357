"""The layers: parameters, shapes, and which operations they emit. No layer computes."""

from importlib import import_module

from .. import activations
from .activation import Activation
from .base import Layer
from .batch_normalization import BatchNormalization
from .dense import Dense
from .dropout import Dropout
from .elu import ELU
from .flatten import Flatten
from .input import Input, InputLayer
from .layer_normalization import LayerNormalization
from .parameter import Parameter
from .prelu import PReLU
from .relu import LeakyReLU, ReLU
from .simple import ActivityRegularization, Identity, Rescaling, Reshape
from .softmax import Softmax

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "BatchNormalization",
    "CategoryEncoding",
    "Concatenate",
    "Dense",
    "Discretization",
    "Dot",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "Input",
    "InputLayer",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "PReLU",
    "Parameter",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Softmax",
    "Subtract",
    "UnitNormalization",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]

_LATER = {
    "arranging": ("Permute", "RepeatVector", "UnitNormalization"),
    "encoding": ("CategoryEncoding", "Discretization"),
    "lambda_layer": ("Lambda",),
    "merge": (
        "Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract", "add", "average",
        "concatenate", "dot", "maximum", "minimum", "multiply", "subtract",
    ),
    "noise": ("AlphaDropout", "GaussianDropout", "GaussianNoise"),
    "normalization": ("Normalization",),
}  # fmt: skip
"""Modules that most programs do without, imported when one of their names is asked for."""

# Those that may be given as the activation of another layer.
activations.LAYERS.update({cls.__name__: cls for cls in (Activation, ELU, LeakyReLU, ReLU, Softmax)})


def serialize(layer):
    """A layer as a dict in Keras' schema, from which :func:`deserialize` makes one like it."""
    return import_module("fastnn.saving").serialize_keras_object(layer)


def deserialize(config, custom_objects=None):
    """The layer that :func:`serialize` described, with new parameters.

    Parameters
    ----------
    config : dict
    custom_objects : dict of str to class or function, optional
        Those of your own that the configuration names.
    """
    return import_module("fastnn.saving").deserialize_keras_object(config, custom_objects)


def __getattr__(name):
    """The layers of modules that are imported late.

    Those of Keras that are not here can be imported too; who makes one is told what to use instead.
    """
    for module, names in _LATER.items():
        if name in names:
            found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
            return found
    if not name.startswith("_"):
        from .elsewhere import INSTEAD, stand_in, thresholded_relu

        if name == "ThresholdedReLU":
            return thresholded_relu

        if name in INSTEAD:
            return stand_in(name)
    raise AttributeError(f"fastnn.layers has no layer {name!r}; there are {', '.join(sorted(__all__))}")


def __dir__():
    return sorted({*globals(), *__all__})
