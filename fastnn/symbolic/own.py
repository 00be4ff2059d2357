"""Functions of one's own on one tensor: traced where they are made of ``keras.ops``, else run by NumPy in step mode.

A NumPy function can have an attribute ``gradient``: ``function.gradient(x, dy)`` returns dL/dx, where ``dy`` is dL/dy.
Without it nothing below the function can learn, which is no matter where it is applied to the data.
"""

import inspect

import numpy as np

from ..config import floatx
from ..ops.own import OwnFunction
from .graph import Graph
from .tensor import KerasTensor, flatten, tracing

HOW = (
    "write it with keras.ops and operators; or with NumPy, and where something below it learns, give the function its "
    "gradient: function.gradient = lambda x, dy: dL/dx"
)


class Applied:
    """A function applied to a tensor (or to several in a list) of given shape.

    Parameters
    ----------
    function : callable
    shapes : tuple, or nested tuples
        Of what it is given, with None first.
    what : str
        Who has it, for messages.
    **arguments
        Further arguments of the function.

    Attributes
    ----------
    graph : Graph or None
        What the function does, where it could be traced.
    shape : tuple
        Of its result.
    reason : Exception or None
        Why it could not be traced.

    Raises
    ------
    TypeError
        If it can neither be traced nor be run on NumPy arrays.
    """

    how = HOW

    def __init__(self, function, shapes, what, **arguments):
        self.function, self.given, self.what, self.arguments = function, shapes, what, arguments
        self.takes_training = "training" in _names(function)
        self.graph = self.reason = None
        inputs = shapes_to(KerasTensor, shapes)
        try:
            with tracing(True):
                y = self.call(inputs, training=True)
        except (TypeError, NotImplementedError, AttributeError) as error:
            self.reason = error
        else:
            if isinstance(y, KerasTensor):
                self.graph, self.shape = Graph(inputs, y), y.shape
            else:
                self.reason = TypeError(f"returned {type(y).__name__}, expected one symbolic tensor")
        if self.graph is None:
            self.shape = self._try_numpy(shapes)

    def call(self, x, training):
        """The function's result."""
        options = {"training": training} if self.takes_training else {}
        return self.function(x, **self.arguments, **options)

    def _try_numpy(self, shapes):
        """Shape of the result for two rows of zeros."""
        zeros = shapes_to(lambda shape: np.zeros((2, *shape[1:]), floatx()), shapes)
        try:
            if not isinstance(zeros, np.ndarray):
                raise TypeError("of several tensors only a function of keras.ops can be made")
            y = np.asarray(self.call(zeros, training=False))
            if y.ndim < 2 or len(y) != 2 or y.dtype.kind not in "fiub":
                raise TypeError(f"returned the shape {y.shape} for 2 rows, expected (2, ...)")
        except Exception as error:
            raise TypeError(f"{self.what} cannot be traced: {self.reason}; nor run by NumPy: {error}; {HOW}") from error
        return (None, *y.shape[1:])

    def emit(self, builder, x):
        """Append the ops of the function; return the buffer of its result."""
        if self.graph is not None:
            return self.graph.emit(builder, flatten(x))[0]
        return builder.emit(OwnFunction(self, self.given), x)


def shapes_to(function, shapes):
    """The same nesting with ``function`` of each shape."""
    if any(isinstance(n, (tuple, list)) for n in shapes):
        return [shapes_to(function, shape) for shape in shapes]
    return function(tuple(shapes))


def _names(function):
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # one of NumPy's own
        return {}
