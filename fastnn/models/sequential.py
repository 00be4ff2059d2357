"""A model whose layers come one after another."""

from ..layers.arguments import row_shape
from ..layers.base import Layer
from ..layers.input import InputLayer
from ..naming import next_name
from ..symbolic import Graph, KerasTensor
from .base import Model
from .structure import Structure


class Sequential(Model):
    """Layers one after another.

    Parameters
    ----------
    layers : list of Layer, optional
        The first may be an ``Input``, or have ``input_shape=``; else the shape follows from the data.
    trainable : bool
        Whether an optimizer may change the parameters.
    name : str, optional

    Raises
    ------
    TypeError
        For something that is not a layer.
    ValueError
        For two layers of one name, or a layer that cannot take what the one before it gives.
    """

    _builds_itself = True

    def __init__(self, layers=None, trainable=True, name=None):
        super().__init__(name=name)
        self._input = None
        self._layers = []
        self._tensors = None  # input, then the output of each layer; None while shapes are not known
        for layer in layers or ():
            self._append(layer)
        self._take_name()
        if not trainable:
            self.trainable = trainable

    @property
    def layers(self):
        """The layers; ``Input`` is none."""
        return list(self._layers)

    def add(self, layer):
        """Put a layer (or model) at the end."""
        self._append(layer)
        self._take_name()

    def _take_name(self):
        """Count a functional model, as Keras makes one beneath for each change; so others have Keras' names."""
        if self._tensors is not None and self._layers:
            next_name("Functional")

    def _append(self, layer):
        if isinstance(layer, KerasTensor) and isinstance(layer._keras_history.operation, InputLayer):
            layer = layer._keras_history.operation
        if not isinstance(layer, Layer):
            raise TypeError(f"{self.name!r}: expected a layer, got {layer!r}")
        if isinstance(layer, InputLayer):
            if self._input is not None or self._layers:
                raise ValueError(f"{self.name!r}: Input must be the first entry, and there can be only one")
            self._input, self._tensors = layer, [layer.output]
            return
        if any(layer.name == other.name for other in self._layers):
            raise ValueError(
                f"{self.name!r}: layers must have different names, but {layer.name!r} is there already"
            )
        if self._tensors is None and not self._layers:
            shape = getattr(layer, "input_shape", None) if isinstance(layer, Structure) else layer.given_input_shape
            if shape is not None:
                shape = shape[1:] if isinstance(layer, Structure) else shape
                self._tensors = [InputLayer(shape).output]
        if self._tensors is not None:
            self._tensors.append(_one(self, layer, layer(self._tensors[-1])))
        self._layers.append(layer)
        self._runner = None

    def pop(self):
        """Take the last layer away and return it."""
        if not self._layers:
            raise ValueError(f"{self.name!r} has no layers to pop")
        if self._tensors is not None:
            self._tensors.pop()
        self._runner = None
        layer = self._layers.pop()
        self._take_name()
        return layer

    @property
    def input_shape(self):
        return None if self._tensors is None else self._tensors[0].shape

    @property
    def output_shape(self):
        return self._tensors[-1].shape if self._tensors and self._layers else None

    def _known_graph(self, what):
        if not self._tensors or not self._layers:
            return super()._known_graph(what)
        return Graph(self._tensors[0], self._tensors[-1])

    @property
    def output_names(self):
        return [self._layers[-1].name] if self._layers else []

    @property
    def output_keys(self):
        return self.output_names or [None]

    @property
    def input_names(self):
        return [] if self._tensors is None else [self._tensors[0].name]

    def compute_output_shape(self, input_shape):
        """Shape of the output for this shape of the input; ValueError if a layer cannot take what it gets."""
        if not self._layers:
            raise ValueError(f"{self.name!r} has no layers; add one with add(layer)")
        for layer in self._layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def build(self, input_shape=None):
        """Make all parameters.

        Parameters
        ----------
        input_shape : tuple
            With None (or any number of rows) first; may be left out where the model knows it.
        """
        input_shape = input_shape or self.input_shape
        if input_shape is None:
            raise ValueError(f"{self.name!r}: build needs input_shape, such as (None, 784)")
        shape = (None, *row_shape(input_shape[1:], self.name))
        if self._tensors is not None:
            if shape != self.input_shape:
                raise ValueError(f"{self.name!r} is built for inputs of shape {self.input_shape}, got {shape}")
            return
        if not any(isinstance(layer, Structure) or layer.is_traced for layer in self._layers):
            self.compute_output_shape(shape)  # a shape that does not fit is refused before anything is made
        tensors = [InputLayer(shape[1:]).output]
        for layer in self._layers:
            tensors.append(_one(self, layer, layer(tensors[-1])))
        self._tensors = tensors
        self._take_name()

    def emit(self, builder, x):
        """Append the ops of all layers to a program; return the buffer of the output."""
        return self._known_graph("output").emit(builder, [x])[0]

    def get_config(self):
        """Name and layers in Keras' schema, from which ``from_config`` makes a model like this one."""
        from .configs import config_of

        return config_of(self)

    def __repr__(self):
        return f"<Sequential name={self.name}, layers={len(self._layers)}>"


def _one(model, layer, output):
    """The layer's only output; ValueError where it has several."""
    if not isinstance(output, KerasTensor):
        raise ValueError(f"{model.name!r}: {layer} has several outputs; use Model(inputs, outputs)")
    return output
