"""A model whose layers come one after another."""

from ..checks import check_default
from ..layers.base import Layer, row_shape
from ..layers.input import InputLayer
from .base import Model


class Sequential(Model):
    """Layers one after another.

    Parameters
    ----------
    layers : list of Layer, optional
        The first may be an ``Input``, or have ``input_shape=``; else the shape follows from the data.
    trainable : True
        Only the default yet; layers have their own.
    name : str, optional

    Raises
    ------
    TypeError
        For something that is not a layer.
    ValueError
        For two layers of one name, or a layer that cannot take what the one before it gives.
    """

    def __init__(self, layers=None, trainable=True, name=None):
        check_default("Sequential", trainable=(trainable, True))
        super().__init__(name)
        self._input = None
        self._layers = []
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self):
        """The layers; ``Input`` is none."""
        return list(self._layers)

    def add(self, layer):
        """Put a layer at the end."""
        if not isinstance(layer, Layer):
            raise TypeError(f"{self.name!r}: expected a layer, got {layer!r}")
        if isinstance(layer, InputLayer):
            if self._input is not None or self._layers:
                raise ValueError(f"{self.name!r}: Input must be the first entry, and there can be only one")
            self._input = layer
            return
        if any(layer.name == other.name for other in self._layers):
            raise ValueError(
                f"{self.name!r}: layers must have different names, but {layer.name!r} is there already"
            )
        shape = self._shape_at_end(layer)
        if shape is not None:
            layer.build(shape)
        self._layers.append(layer)

    def pop(self):
        """Take the last layer away and return it."""
        if not self._layers:
            raise ValueError(f"{self.name!r} has no layers to pop")
        return self._layers.pop()

    @property
    def input_shape(self):
        if self._input is not None:
            return self._input.output_shape
        return self._layers[0].input_shape if self._layers else None

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
        self.compute_output_shape(shape)
        for layer in self._layers:
            layer.build(shape)
            shape = layer.output_shape

    def emit(self, builder, x):
        """Append the ops of all layers to a program; return the buffer of the output."""
        for layer in self._layers:
            with builder.scope(layer.name):
                x = layer.emit(builder, x)
        return x

    def get_config(self):
        """Name and layers in Keras' schema, from which ``from_config`` makes a model like this one."""
        from ..saving import schema

        return schema.sequential_config(self, self._input)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """The model that ``get_config`` described, with new parameters.

        Parameters
        ----------
        config : dict
        custom_objects : dict of str to class or function, optional
            Those of your own that the configuration names.

        Raises
        ------
        ModelFormatError
            If the configuration has something that fastnn has not; names it.
        """
        from ..saving import schema
        from ..saving.custom import custom_object_scope

        with custom_object_scope(custom_objects or {}):
            return cls(schema.sequential_layers(config), name=config.get("name"))

    def _shape_at_end(self, layer):
        """Shape that ``layer`` would get; None while it is not known."""
        if self._layers:
            return self._layers[-1].output_shape
        if self._input is not None:
            return self._input.output_shape
        return None if layer.given_input_shape is None else (None, *layer.given_input_shape)

    def __repr__(self):
        return f"<Sequential name={self.name}, layers={len(self._layers)}>"
