"""The symbolic tensor, the call that makes one, and what can be called."""

from collections import namedtuple
from contextlib import contextmanager

from ..config import floatx
from ..naming import next_name
from ..shape import Shape

History = namedtuple("History", "operation node_index tensor_index")
"""Where a tensor comes from: what was called, which of its calls it was, and which of the outputs it is."""


class Arithmetic:
    """Operators, for symbolic tensors and parameters; what they do stands in ``functions``, the module above."""

    def __add__(self, other):
        return _function("add")(self, other)

    def __radd__(self, other):
        return _function("add")(other, self)

    def __sub__(self, other):
        return _function("subtract")(self, other)

    def __rsub__(self, other):
        return _function("subtract")(other, self)

    def __mul__(self, other):
        return _function("multiply")(self, other)

    def __rmul__(self, other):
        return _function("multiply")(other, self)

    def __truediv__(self, other):
        return _function("true_divide")(self, other)

    def __rtruediv__(self, other):
        return _function("true_divide")(other, self)

    def __matmul__(self, other):
        return _function("matmul")(self, other)

    def __rmatmul__(self, other):
        return _function("matmul")(other, self)

    def __pow__(self, other):
        return _function("power")(self, other)

    def __neg__(self):
        return _function("negative")(self)

    def __abs__(self):
        return _function("absolute")(self)

    def __gt__(self, other):
        return _function("greater")(self, other)

    def __ge__(self, other):
        return _function("greater_equal")(self, other)

    def __lt__(self, other):
        return _function("less")(self, other)

    def __le__(self, other):
        return _function("less_equal")(self, other)

    def __getitem__(self, key):
        return _function("get_item")(self, key)


class KerasTensor(Arithmetic):
    """A tensor that has no numbers yet.

    Parameters
    ----------
    shape : tuple
        With None first where it has one row for each sample; a parameter's has numbers only.
    dtype : str, optional
    name : str, optional
    parameter : Parameter, optional
        Whose values it stands for.

    Attributes
    ----------
    node : Node or None
        The call that made it; None for what a program is given from outside.
    """

    def __init__(self, shape, dtype=None, name=None, parameter=None):
        self.shape = Shape(shape)
        self.dtype = dtype or floatx()
        self.name = name or next_name("KerasTensor")
        self.parameter = parameter
        self.node, self.tensor_index = None, 0

    @property
    def ndim(self):
        return len(self.shape)

    rank = ndim

    def get_shape(self):
        """The shape, as TensorFlow's tensors give it."""
        return self.shape

    @property
    def _keras_history(self):
        if self.node is None:
            return History(None, None, None)
        return History(self.node.operation, self.node.index, self.tensor_index)

    @property
    def has_rows(self):
        """Whether there is one row for each sample."""
        return bool(self.shape) and self.shape[0] is None

    # What needs numbers says so.

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        known = {"true_divide": "divide", "power": "power", "absolute": "absolute", "negative": "negative"}
        known |= {name: name for name in ("add", "subtract", "multiply", "divide", "matmul", "maximum", "minimum")}
        if method == "__call__" and not options and ufunc.__name__ in known:
            return _function(known[ufunc.__name__])(*inputs)
        raise self._no_numpy(ufunc)

    def __array_function__(self, function, types, arguments, options):
        raise self._no_numpy(function)

    def _no_numpy(self, function):
        return TypeError(
            f"np.{function.__name__} was called on {self}: a model's call is run once on symbolic tensors, which have "
            f"no numbers; use keras.ops.{function.__name__} or a layer (a layer that needs NumPy defines forward and "
            "backward instead of call)"
        )

    def __array__(self, *_, **__):
        raise TypeError(
            f"{self} has no numbers and cannot become a NumPy array; call the model on an array, or use predict"
        )

    def numpy(self):
        """A symbolic tensor has no numbers: TypeError."""
        return self.__array__()

    def _no_number(self, *_):
        raise TypeError(
            f"{self} has no numbers, so Python cannot branch or loop on it; use keras.ops.where(condition, a, b), "
            "keras.ops.maximum or a layer instead"
        )

    __bool__ = __float__ = __int__ = __index__ = __iter__ = _no_number

    def __len__(self):
        if self.has_rows or not self.shape:
            raise TypeError(f"{self} has a row for each sample of a batch; their number is not known yet")
        return self.shape[0]

    def __eq__(self, other):
        """While a ``call``, loss or metric is being run: element by element. Else whether it is the same tensor."""
        return self is other if trace_mode() is None else _function("equal")(self, other)

    def __ne__(self, other):
        return self is not other if trace_mode() is None else _function("not_equal")(self, other)

    __hash__ = object.__hash__

    def __repr__(self):
        return (
            f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False, name={self.name}>"
        )


class Node:
    """One call of an operation on symbolic tensors.

    Attributes
    ----------
    operation : Operation
    args, kwargs
        As it was called.
    inputs, outputs : list of KerasTensor
    index : int
        Number of the call among those of the operation.
    details
        What the operation wants to remember about it.
    """

    def __init__(self, operation, args, kwargs, outputs, details=None):
        self.operation, self.args, self.kwargs, self.details = operation, args, kwargs, details
        self.inputs = [x for x in flatten((args, kwargs)) if isinstance(x, KerasTensor)]
        self.outputs = list(outputs)
        self.index = len(operation.inbound_nodes)
        operation.inbound_nodes.append(self)
        for i, tensor in enumerate(self.outputs):
            tensor.node, tensor.tensor_index = self, i

    def __repr__(self):
        return f"<Node {self.index} of {self.operation.name}>"


class Operation:
    """Something with a name that can be called on symbolic tensors; each call leaves a :class:`Node`."""

    @property
    def inbound_nodes(self):
        """The calls so far."""
        return self.__dict__.setdefault("_inbound_nodes", [])

    def emit_node(self, builder, node, buffers):
        """Append the ops of one call; return the list of its output buffers.

        ``buffers`` are those of ``node.inputs``.
        """
        raise NotImplementedError(type(self).__name__)

    def _of_first_node(self, what):
        if not self.inbound_nodes:
            raise AttributeError(f"{self.name!r} has never been called, so it has no {what}")
        tensors = getattr(self.inbound_nodes[0], f"{what}s")
        return tensors[0] if len(tensors) == 1 else tensors

    @property
    def input(self):
        """The symbolic tensor (or tensors) of the first call."""
        return self._of_first_node("input")

    @property
    def output(self):
        """The symbolic tensor (or tensors) that the first call gave."""
        return self._of_first_node("output")


AS_WRITTEN = "as written"
"""Mode of the trace of a ``call`` that takes no ``training``: what it gives its layers is then a choice of its own."""

_traces = []


@contextmanager
def tracing(mode, sees_batches=False):
    """While this context lasts, a function is being run on symbolic tensors: the ``call`` of a layer, with
    ``training=mode`` if it takes it, or a loss or metric, which ``sees_batches`` and may take the rows of a batch
    together. The context is a list, of what is added to the loss in it.
    """
    _traces.append((mode, sees_batches, []))
    try:
        yield _traces[-1][2]
    finally:
        _traces.pop()


def trace_mode():
    """The ``training`` of the trace at hand, or AS_WRITTEN; None outside of any."""
    return _traces[-1][0] if _traces else None


def sees_batches():
    """Whether what is being run may take the rows of a batch together."""
    return bool(_traces) and _traces[-1][1]


def add_to_losses(x):
    """Note a symbolic tensor that is added to the loss by the ``call`` at hand; False outside of any."""
    if _traces:
        _traces[-1][2].append(x)
    return bool(_traces)


def flatten(structure):
    """The leaves of nested lists, tuples and dicts, in order (dicts by key, as in Keras)."""
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for item in structure for leaf in flatten(item)]
    return [structure]


def map_structure(function, structure):
    """The same nesting with ``function`` of each leaf."""
    if isinstance(structure, dict):
        return {key: map_structure(function, structure[key]) for key in sorted(structure)}
    if isinstance(structure, (list, tuple)):
        return type(structure)(map_structure(function, item) for item in structure)
    return function(structure)


def pack(structure, leaves):
    """``leaves``, in the order of :func:`flatten`, in the nesting of ``structure``."""
    left = iter(leaves)
    return map_structure(lambda _: next(left), structure)


def any_symbolic(*structures):
    """Whether there is a symbolic tensor in it."""
    return any(isinstance(leaf, KerasTensor) for leaf in flatten(structures))


def _function(name):
    from . import functions

    return getattr(functions, name)
