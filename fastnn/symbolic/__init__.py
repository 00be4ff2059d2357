"""Symbolic tensors: what layers and functions are called on before there are numbers.

Design
------
a. A :class:`KerasTensor` has a shape and knows the call that made it. A :class:`Graph` is the part of these calls
   between some inputs and some outputs; it emits the ops of all of them.
b. ``Model(inputs, outputs)`` is such a graph. So is whatever a ``call`` method of a user's own does, which is
   called once on symbolic tensors instead of at every batch on numbers.
"""

from .graph import Graph
from .tensor import KerasTensor, Node, Operation, flatten, map_structure, pack, tracing

__all__ = ["Graph", "KerasTensor", "Node", "Operation", "flatten", "map_structure", "pack", "tracing"]
