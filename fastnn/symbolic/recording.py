"""Functions of ``keras.ops`` in functional models, remembered as they were called, so that a file can hold them.

What a function does with its arguments may take several ops, and ops that Keras has not. To the model it is one call
of one thing, under Keras' name and with Keras' arguments. In a ``call`` of one's own nothing needs to be remembered:
the class is what a file names.
"""

import functools
import inspect

from ..naming import check_name
from .graph import Graph
from .tensor import KerasTensor, Node, Operation, any_symbolic, flatten, trace_mode

KNOWN = {}
"""``{(module, class name): (function, arguments that Keras keeps with the operation)}`` of all that can be read."""

_running = []  # while a function that is remembered calls others


class KerasOp(Operation):
    """An operation of Keras on symbolic tensors.

    Parameters
    ----------
    function : callable
        ``function(*args, **config)`` appends what it does to the graph.
    module, class_name : str
        Where Keras has it: "numpy", "Add".
    config : dict
        The arguments that Keras keeps with the operation; the others come with each call.
    name : str, optional
    """

    def __init__(self, function, module, class_name, config, name=None):
        self._function, self.module, self.class_name, self.config = function, module, class_name, config
        self.name = check_name(name, class_name)

    def __call__(self, *args):
        """The result, as a symbolic tensor."""
        _running.append(self)
        try:
            y = self._function(*args, **self.config)
        finally:
            _running.pop()
        graph = Graph([x for x in flatten(args) if isinstance(x, KerasTensor)], y)
        result = KerasTensor(y.shape, y.dtype)
        Node(self, args, {}, [result], graph)
        return result

    def emit_node(self, builder, node, buffers):
        return node.details.emit(builder, buffers)

    def get_config(self):
        return {"name": self.name, **self.config}


def is_remembered(*inputs):
    """Whether a function that is called on these is a call of the model at hand."""
    return not _running and trace_mode() is None and any_symbolic(inputs)


def recorded(module, class_name, *kept):
    """Decorate a function: on symbolic tensors it is the operation ``class_name`` of Keras' module.

    ``kept`` names the arguments that Keras keeps with the operation.
    """

    def decorate(function):
        KNOWN[module, class_name] = function, kept

        @functools.wraps(function)
        def call(*args, **kwargs):
            if not is_remembered(args, kwargs):
                return function(*args, **kwargs)
            signature = inspect.signature(function)
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            config = {name: given.arguments.pop(name) for name in kept}
            called = list(given.arguments.items())
            while called[-1][1] is signature.parameters[called[-1][0]].default:  # Keras' may have fewer
                called.pop()
            return KerasOp(function, module, class_name, config)(*(value for _, value in called))

        return call

    return decorate
