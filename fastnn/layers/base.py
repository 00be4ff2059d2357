"""What every layer has: a name, shapes, parameters, and the ops it emits.

How a layer is called, on symbolic tensors or on arrays, stands in ``calling``.

Shapes are written as in Keras, with None first for the rows: ``(None, 784)``. In a program a row is flat,
whatever its axes; so a layer that works element by element takes any shape.
"""

import functools
import inspect
import math
from contextlib import contextmanager

import numpy as np

from .. import runtime
from ..checks import check_bool
from ..config import floatx
from ..naming import check_name
from ..shape import Shape
from ..symbolic import KerasTensor, flatten
from ..symbolic.tensor import add_to_losses
from ..tensor import Variable, tensor
from .arguments import leaves, plain_arguments, row_shape, with_common_arguments
from .calling import Callable, is_shape, map_shapes
from .parameter import Parameter, add_weight, check_dtype

_source = None  # takes the initializers' place while a file is loaded


@contextmanager
def parameters_from(source):
    """Within this context, parameters start from ``source(path, shape, dtype)``, not from an initializer.

    So a model that is loaded draws no numbers, and a shape that a file makes up is refused before there is
    memory for it.
    """
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


class Layer(Callable):
    """Base of the layers.

    A layer defines ``compute_output_shape`` where it changes shapes, ``add_parameters`` where it has
    parameters, ``emit``, and ``get_config`` for its own arguments.

    A layer of your own may be written as in Keras instead: ``build(input_shape)`` that calls ``add_weight``, and
    ``call(x)``, made of other layers and of ``keras.ops``, which is run once on symbolic tensors. Or with NumPy:
    ``forward(x, training)``, and ``backward(dy)`` that returns dL/dx and leaves the gradients of the parameters in
    ``self.gradients`` by name; the model is then run op by op.

    Parameters
    ----------
    name : str, optional
        By default the class's name in snake case, numbered.
    trainable : bool
        Whether an optimizer may change the parameters.
    input_shape : tuple of int, optional
        Shape of one row, where this is the first layer of a model.
    dtype : str, optional
        Only that of ``fastnn.config.floatx()``, in which all layers compute.

    Attributes
    ----------
    parameters : dict of str to Parameter
        In the order of ``get_weights``; empty until the layer is built.
    gradients : dict of str to numpy.ndarray
        Of each parameter, as of the last ``backward``.
    input_shape, output_shape : tuple or None
        With None first; None until the layer is built.
    """

    called_losses = ()
    """What was added to the loss in the last call on arrays."""

    def __new__(cls, *args, **kwargs):
        layer = super().__new__(cls)
        if not cls.__module__.startswith("fastnn."):
            layer._given = plain_arguments(cls, args, kwargs)
        return layer

    def __init__(self, name=None, trainable=True, input_shape=None, dtype=None):
        owner = type(self).__name__
        check_dtype(dtype, owner)
        self.given_input_shape = None if input_shape is None else row_shape(input_shape, owner)
        self.trainable = trainable
        self.name = check_name(name, owner)
        self._building = False
        self.parameters = {}
        self.gradients = {}
        self.input_shape = self.output_shape = self.dtype = None
        self._runner = None

    @property
    def built(self):
        """Whether the layer knows its shapes and has its parameters."""
        return self.input_shape is not None

    @built.setter
    def built(self, value):
        """Accepted, as layers of one's own say it at the end of ``build``; ``build`` itself knows."""

    @property
    def input_features(self):
        """Numbers in one row of the input, or of all inputs together."""
        shapes = [self.input_shape] if is_shape(self.input_shape) else self.input_shape
        return sum(math.prod(shape[1:]) for shape in shapes)

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if "__init__" in vars(cls) and cls.__module__.startswith(__package__ + "."):
            cls.__init__ = with_common_arguments(vars(cls)["__init__"])
        if "build" in vars(cls) and not vars(cls).get("_builds_itself"):
            cls.build = _wrapped(vars(cls)["build"])

    @property
    def trainable(self):
        """Whether an optimizer may change the parameters; setting it sets it in the layers inside of this one too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        self._trainable = check_bool(value, f"{type(self).__name__}: trainable")
        for layer in self.sublayers:
            layer.trainable = value

    def build(self, input_shape):
        """Fix the shapes and make the parameters; does nothing the second time.

        Parameters
        ----------
        input_shape : tuple
            With the rows (None, or any number) first.

        Raises
        ------
        ValueError
            If the layer cannot take this shape, or is built for another one.
        """
        if self._building:  # super().build(input_shape) in a build of one's own
            return self.add_parameters(input_shape)
        self._build(input_shape, self.add_parameters)

    def _build(self, input_shape, make_parameters):
        input_shape = map_shapes(lambda shape: Shape((None, *row_shape(shape[1:], f"{self}"))), input_shape)
        if self.built:
            if input_shape != self.input_shape:
                raise ValueError(
                    f"{self}: is built for inputs of shape {self.input_shape}, got {input_shape}"
                )
            return
        if self.given_input_shape not in (None, input_shape[1:]):
            raise ValueError(
                f"{self}: was given input_shape={self.given_input_shape}, but gets {input_shape}"
            )
        if not (self.is_traced or self.is_numpy):
            self.compute_output_shape(input_shape)
        self.dtype, self._building = floatx(), True
        try:
            make_parameters(input_shape)
            output_shape = self.compute_output_shape(input_shape)
        except BaseException:
            self.parameters.clear()
            raise
        finally:
            self._building = False
        self.input_shape, self.output_shape = input_shape, output_shape
        if not self.trainable:
            self.trainable = False  # layers inside of this one that were made later than the flag was set

    def compute_output_shape(self, input_shape):
        """Shape of the output for this shape of the input; ValueError if the layer cannot take it."""
        if self._is_called_as_base or not (self.is_traced or self.is_numpy):
            return input_shape
        if self.built and input_shape == self.input_shape:
            return self.output_shape
        if self.is_numpy:
            return self.numpy_shape(input_shape)
        if not (self.built or self._building):
            self.build(input_shape)  # whose weights call takes
            return self.output_shape
        graph = self.trace_call((map_shapes(KerasTensor, input_shape),), {})
        shapes = [tensor.shape for tensor in graph.outputs]
        return shapes[0] if len(shapes) == 1 else shapes

    def add_parameters(self, input_shape):
        """Make the parameters (``add_parameter`` for each); called once, by ``build``."""

    def add_parameter(self, name, shape, initializer, trainable=True):
        """Make a parameter, which becomes an attribute too where layers have none of this name."""
        path = f"{self.name}/{name}"
        value = initializer(shape, self.dtype) if _source is None else _source(path, shape, self.dtype)
        value = np.reshape(value, shape)  # a single number may have come as an array of one
        self.parameters[name] = parameter = Parameter(name, path, value, initializer, trainable)
        parameter.owner = self
        if not hasattr(type(self), name):
            setattr(self, name, parameter)
        return parameter

    def __setattr__(self, name, value):
        """A variable that becomes an attribute becomes a parameter, as in Keras; whole numbers stay what they are."""
        if isinstance(value, Variable) and value.dtype.kind == "f" and "parameters" in vars(self):
            given, first = value.name.removesuffix(":0"), np.array(value)
            value = self.add_weight(
                shape=value.shape,
                initializer=lambda shape, dtype: first.astype(dtype),
                trainable=value.trainable,
                name=name if given.lower() == "variable" else given,
            )
        super().__setattr__(name, value)

    def add_weight(self, *arguments, **options):
        """Make a parameter of a layer of one's own, in ``build`` or ``__init__``; see ``parameter.add_weight``."""
        if arguments and isinstance(arguments[0], str):  # the order of older Keras
            old = dict(zip(("name", "shape", "dtype", "initializer"), arguments, strict=False))
            return add_weight(self, **old, **options)
        return add_weight(self, *arguments, **options)

    def emit(self, builder, x):
        """Append the layer's forward ops to a program.

        Parameters
        ----------
        builder : fastnn.builder.ProgramBuilder
        x : int
            Buffer of the input, (B, features).

        Returns
        -------
        int
            Buffer of the output.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say what it computes: define emit(builder, x), or call(x)"
        )

    def emit_parameter(self, builder, name):
        """The buffer of a parameter."""
        return self.parameters[name].emit(builder)

    @property
    def weights(self):
        """The parameters, in the order of ``get_weights``: the layer's own, then those of layers inside of it."""
        found = sorted(self.parameters.values(), key=lambda parameter: not parameter.trainable)
        for layer in self.sublayers:
            found += layer.weights
        return list(dict.fromkeys(found))

    @property
    def sublayers(self):
        """Layers that are attributes of this one, also in lists, tuples and dicts, in the order of assignment."""
        found = []
        for value in vars(self).values():
            found += [leaf for leaf in leaves(value) if isinstance(leaf, Layer) and leaf is not self]
        return list(dict.fromkeys(found))

    def walk(self):
        """This layer, and all that are inside of it at any depth, each once."""
        known, waiting = {self}, [self]
        for layer in waiting:
            waiting += [inner for inner in layer.sublayers if inner not in known]
            known.update(layer.sublayers)
        return waiting

    @property
    def losses(self):
        """What was added to the loss in the last call on arrays, and the penalties of the weights that are trained."""
        trained = [p for p in self.weights if p.is_trained and p.regularizer is not None]
        return [*self.called_losses, *(parameter.regularizer(parameter) for parameter in trained)]

    def add_loss(self, loss):
        """Add a tensor, or several, to the loss of the model; for a ``call`` of one's own.

        The sum of all elements of the batch counts, as in Keras: give a mean, such as ``ops.mean(...)``.
        """
        for x in flatten(loss):
            if not (hasattr(x, "symbol") or isinstance(x, KerasTensor)) or not add_to_losses(x):
                raise ValueError(
                    f"{self}: `add_loss()` can only be called from inside `call()`, on a tensor that keras.ops make of "
                    f"its input or of weights; received {x!r}. Give a weight a regularizer, or add the loss in a loop "
                    "of your own with tf.GradientTape"
                )

    @property
    def trainable_weights(self):
        return [p for p in self.weights if p.is_trained and self.trainable]

    @property
    def non_trainable_weights(self):
        return [p for p in self.weights if not (p.is_trained and self.trainable)]

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights
    variables = weights

    def count_params(self):
        """Number of numbers in all parameters."""
        return sum(math.prod(p.shape) for p in self.weights)

    def get_weights(self):
        """Copies of the parameters' values."""
        return [p.value for p in self.weights]

    def set_weights(self, weights):
        """Set all parameters; nothing is set unless all fit.

        Raises
        ------
        ValueError
            If there are more or fewer arrays than parameters, or one has another shape.
        """
        for parameter, value in zip(self.weights, self.check_weights(weights), strict=True):
            parameter.value = value

    def check_weights(self, weights):
        """Return ``weights`` in the parameters' type; ValueError unless they fit."""
        weights = list(weights)
        if len(weights) != len(self.weights):
            expected = ", ".join(f"{p.name} {p.shape}" for p in self.weights) or "none"
            unbuilt = "" if self.built else "; the layer is not built yet"
            raise ValueError(
                f"{self}: expected {len(self.weights)} weights ({expected}), got {len(weights)}{unbuilt}"
            )
        return [parameter.check(value) for parameter, value in zip(self.weights, weights, strict=True)]

    def forward(self, x, training=False):
        """The layer's output, computed now: for loops written by hand.

        Parameters
        ----------
        x : array-like (n, ...)
            A layer that is not built yet is built for this shape.
        training : bool
            Whether to behave as in training (dropout drops).

        Returns
        -------
        numpy.ndarray (n, ...), or several as the layer gives them
        """
        rows = self.as_rows(x)
        if self._runner is None or not self._runner.is_current():
            self._runner = runtime.LayerRunner(self)
        y = self._runner.forward(rows, training)
        self.called_losses = [tensor(loss) for loss in self._runner.losses]
        return self.as_outputs(_apart(y, self.output_shape))

    def as_rows(self, x):
        """An array, or several, as the rows that the layer's program takes; the layer is built for them.

        Raises
        ------
        ValueError
            If they do not fit.
        """
        if isinstance(x, dict):
            self._build_for({name: (None, *np.shape(part)[1:]) for name, part in x.items()})
            x = [x[name] for name in getattr(self, "input_names", sorted(x))]
        several = isinstance(x, (list, tuple)) and any(hasattr(part, "shape") for part in x)
        parts = [np.asarray(part) for part in x] if several else [np.asarray(x)]
        for part in parts:
            if part.ndim < 2 or not len(part):
                raise ValueError(f"{self}: forward expected rows, an array of shape (n, ...), got {part.shape}")
        shapes = [(None, *part.shape[1:]) for part in parts]
        if self.built and not self.weights and not self.inbound_nodes and not several and shapes[0] != self.input_shape:
            self.input_shape = self.output_shape = self._runner = None  # nothing of it depends on the shape
        self.build(shapes if several else shapes[0])
        rows = [
            runtime.as_rows(part, shape, self.dtype, f"{self}: x")
            for part, shape in zip(parts, shapes, strict=True)
        ]
        return np.hstack(rows) if several else rows[0]

    def backward(self, dy):
        """The gradient of a loss, carried back through the layer, for the rows of the last ``forward``.

        Parameters
        ----------
        dy : array-like (n, ...), or several
            dL/d(output).

        Returns
        -------
        numpy.ndarray (n, ...)
            dL/d(input). Those of the parameters are in ``gradients`` afterwards.

        Raises
        ------
        RuntimeError
            If there was no ``forward`` before.
        """
        if self._runner is None:
            raise RuntimeError(f"{self}: call forward(x, training=True) before backward(dy)")
        shapes, given = [self.output_shape], [dy]
        if not is_shape(self.output_shape):
            shapes, given = self.output_shape, flatten(dy)
            if len(given) != len(shapes):
                raise ValueError(f"{self}: expected dy for each of {len(shapes)} outputs, got {len(given)}")
        pairs = zip(given, shapes, strict=True)
        rows = [runtime.as_rows(part, shape, self.dtype, f"{self}: dy") for part, shape in pairs]
        dx, self.gradients = self._runner.backward(np.hstack(rows) if len(rows) > 1 else rows[0])
        return _apart(dx, self.input_shape)

    def as_outputs(self, arrays):
        """An array, or several in a list, in the nesting of the layer's outputs."""
        return arrays

    def get_config(self):
        """The arguments that make a layer like this one.

        A class of one's own that does not say it is described by what it was made with, as in Keras.

        Raises
        ------
        NotImplementedError
            If these are not numbers, texts, and lists and dicts of such.
        """
        config = {"name": self.name, "trainable": self.trainable}
        if getattr(self, "given_input_shape", None) is not None:
            config["input_shape"] = self.given_input_shape
        if type(self).get_config is not Layer.get_config or not hasattr(self, "_given"):
            return config
        if self._given is None:
            name = type(self).__name__
            raise NotImplementedError(
                f"{self.name!r}: a {name} is made with arguments that a file cannot hold, so {name} must define "
                "get_config(), and return with super().get_config() what __init__ takes; or save the weights alone "
                "with model.save_weights(path), and load them into the model made by the same code"
            )
        return {**config, **self._given}

    @classmethod
    def from_config(cls, config):
        """A layer from what ``get_config`` returned."""
        takes = inspect.signature(cls.__init__).parameters
        free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in takes.values())
        late = {} if free else {name: config[name] for name in {"name", "trainable"} & set(config) - set(takes)}
        layer = cls(**{name: value for name, value in config.items() if name not in late})
        if "name" in late:
            layer.name = check_name(late["name"], cls.__name__)
        if "trainable" in late:
            layer.trainable = late["trainable"]
        return layer

    def __format__(self, specification):
        """As messages name the layer; ``print`` shows it as Keras does."""
        return format(f"{type(self).__name__} layer {self.name!r}", specification)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _apart(rows, shapes):
    """Rows (n, columns) as an array of this shape; with several shapes, the columns of each."""
    if is_shape(shapes):
        return rows.reshape(len(rows), *shapes[1:])
    parts = np.split(rows, np.cumsum([math.prod(shape[1:]) for shape in shapes])[:-1], axis=1)
    return [part.reshape(len(rows), *shape[1:]) for part, shape in zip(parts, shapes, strict=True)]


def _wrapped(own):
    """A layer's own ``build``, with what every layer does around it."""

    @functools.wraps(own)
    def build(self, input_shape=None):
        if self._building:
            return own(self, input_shape)
        return self._build(input_shape, lambda shape: own(self, shape))

    return build


Layer.add_weight.__signature__ = inspect.signature(add_weight)  # but that the layer is called self
Layer.__init__ = with_common_arguments(Layer.__init__)  # of layers of one's own, which hand their options on
