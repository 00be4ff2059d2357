"""The layers: parameters, shapes, and which operations they emit. No layer computes."""

from .activation import Activation
from .base import Layer, Parameter
from .dense import Dense
from .dropout import Dropout
from .flatten import Flatten
from .input import Input, InputLayer
from .relu import ReLU
from .softmax import Softmax

__all__ = [
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "InputLayer",
    "Layer",
    "Parameter",
    "ReLU",
    "Softmax",
]
