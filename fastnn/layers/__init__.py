"""The layers: parameters, shapes, and which operations they emit. No layer computes."""

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
    "Concatenate",
    "Dense",
    "Dot",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "Input",
    "InputLayer",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Maximum",
    "Minimum",
    "Multiply",
    "PReLU",
    "Parameter",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Softmax",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]

# Those that may be given as the activation of another layer.
activations.LAYERS.update({cls.__name__: cls for cls in (Activation, ELU, LeakyReLU, ReLU, Softmax)})
