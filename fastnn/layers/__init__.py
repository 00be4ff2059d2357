"""The layers: parameters, shapes, and which operations they emit. No layer computes."""

from importlib import import_module

from .. import activations
from .activation import Activation
from .arranging import Permute, RepeatVector, UnitNormalization
from .base import Layer
from .batch_normalization import BatchNormalization
from .dense import Dense
from .dropout import Dropout
from .elu import ELU
from .encoding import CategoryEncoding, Discretization
from .flatten import Flatten
from .input import Input, InputLayer
from .lambda_layer import Lambda
from .layer_normalization import LayerNormalization
from .merge import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from .noise import AlphaDropout, GaussianDropout, GaussianNoise
from .normalization import Normalization
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
    """Layers of Keras that are not here can be imported; who makes one is told what to use instead."""
    if not name.startswith("_"):
        from .elsewhere import INSTEAD, stand_in, thresholded_relu

        if name == "ThresholdedReLU":
            return thresholded_relu

        if name in INSTEAD:
            return stand_in(name)
    raise AttributeError(f"fastnn.layers has no layer {name!r}; there are {', '.join(sorted(__all__))}")
