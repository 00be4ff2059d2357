"""What a model is made of: its layers, the graph of their calls, shapes and weights. A model is a layer too."""

import math
from contextlib import contextmanager

from ..layers.base import Layer
from ..layers.calling import is_shape, map_shapes
from ..naming import check_name
from ..symbolic import Graph, KerasTensor, flatten, pack


class Structure(Layer):
    """Base of the models.

    Attributes
    ----------
    name : str
    layers : list of Layer
    dtype : str or None
        "float32" or "float64"; None until the model is built.
    inputs, outputs : list of KerasTensor
    input, output
        The same as they were given: a tensor, or a list or dict of tensors.
    input_shape, output_shape : tuple, or list of tuples
        With None first; None while they are not known.
    """

    _builds_itself = True

    def __init__(self, inputs=None, outputs=None, name=None, trainable=True):
        self.name = check_name(name, type(self).__name__)
        self.parameters, self.gradients = {}, {}
        self.given_input_shape = self._runner = self._graph = None
        self._building = False
        if inputs is not None or outputs is not None:
            self._graph = Graph(inputs, outputs)
        self._trainable = True
        if not trainable:  # else layers that were frozen before stay so
            self.trainable = trainable

    # Layers

    @property
    def layers(self):
        """The layers, those of a functional model in Keras' order, with the ``Input`` layers."""
        if self._is_functional:
            return [operation for operation in self._graph.operations if isinstance(operation, Layer)]
        return self.sublayers

    @property
    def sublayers(self):
        if self._is_functional:
            return self.layers
        return super().sublayers

    @property
    def _is_functional(self):
        """Whether the graph is what the model was given, and not what its ``call`` did."""
        return self._graph is not None and not self.is_traced

    def get_layer(self, name=None, index=None):
        """The layer with this name or number; ValueError lists the layers there are."""
        if (name is None) == (index is None):
            raise ValueError("get_layer needs a name or an index, and only one of them")
        for number, layer in enumerate(self.layers):
            if layer.name == name or number == index:
                return layer
        there_are = ", ".join(f"{number}: {layer.name}" for number, layer in enumerate(self.layers))
        raise ValueError(
            f"{self.name!r} has no layer {name if index is None else index!r}; there are {there_are}"
        )

    @property
    def built(self):
        """Whether all layers have their parameters."""
        return bool(self.layers) and all(layer.built for layer in self.layers)

    @built.setter
    def built(self, value):
        """Accepted, as a ``build`` of one's own says it; the layers know."""

    @property
    def dtype(self):
        return next((layer.dtype for layer in self.layers if layer.dtype), None)

    # Shapes

    @property
    def inputs(self):
        return self._known_graph("inputs").inputs

    @property
    def outputs(self):
        return self._known_graph("outputs").outputs

    @property
    def input(self):
        return self._known_graph("input").input_structure

    @property
    def output(self):
        return self._known_graph("output").output_structure

    def _known_graph(self, what):
        if self._graph is None:
            raise AttributeError(f"{self.name!r} has no {what} yet: it is not built; call build(input_shape) or fit")
        return self._graph

    @property
    def input_names(self):
        """Names of the inputs, which a dict of data has."""
        structure = None if self._graph is None else self._graph.input_structure
        if isinstance(structure, dict):
            return sorted(structure)
        return [tensor.name for tensor in flatten(structure)] if structure is not None else []

    @property
    def output_names(self):
        """Names of the layers that give the outputs."""
        return [tensor._keras_history.operation.name for tensor in self.outputs]

    @property
    def output_keys(self):
        """Names by which losses, metrics and data are given by output; None while the outputs are not known.

        They are the keys of a dict of outputs, else the names of the layers; a list that ``call`` returns has none.
        """
        if self._graph is None:
            return None
        keys, count = self.keys_of_outputs, len(self._graph.outputs)
        if keys is not None:
            if len(keys) != count:
                raise ValueError(f"{self.name!r}: a dict of outputs must hold tensors, to be trained")
            return sorted(keys)
        return [None] * count if self.is_traced else self.output_names

    @property
    def keys_of_outputs(self):
        """Where the outputs are in a dict, its keys in its own order; else None."""
        structure = None if self._graph is None else self._graph.output_structure
        return list(structure) if isinstance(structure, dict) else None

    @property
    def input_shape(self):
        if self._graph is None:
            return None
        return _one_or_all([tensor.shape for tensor in self._graph.inputs])

    @property
    def output_shape(self):
        if self._graph is None:
            return None
        return _one_or_all([tensor.shape for tensor in self._graph.outputs])

    def compute_output_shape(self, input_shape):
        """Shape of the output for this shape of the input; ValueError if the model cannot take it."""
        self.build(input_shape)
        return self.output_shape

    def build(self, input_shape=None):
        """Make all parameters.

        Parameters
        ----------
        input_shape : tuple, or list of tuples
            With None (or any number of rows) first; may be left out where the model knows it.
        """
        if not self._building:
            self._build(input_shape, lambda shape: None)

    def _build(self, input_shape, make_parameters):
        if input_shape is not None:
            input_shape = map_shapes(lambda shape: (None, *shape[1:]), input_shape)
        if self._graph is None:
            self._trace_for(input_shape, make_parameters)
        elif input_shape is not None and _flat(input_shape) != _flat(self.input_shape):
            raise ValueError(
                f"{self.name!r} is built for inputs of shape {self.input_shape}, got {input_shape}"
            )

    def _trace_for(self, input_shape, make_parameters):
        if not self.is_traced:
            raise NotImplementedError(
                f"{type(self).__name__} does not say what it computes: define call(self, x), or make the model with "
                "Model(inputs, outputs)"
            )
        if input_shape is None:
            raise ValueError(f"{self.name!r}: build needs input_shape, such as (None, 784)")
        self._building = True
        try:
            make_parameters(input_shape)
            self._graph = self.trace_call((map_shapes(KerasTensor, input_shape),), {})
        finally:
            self._building = False
        self._graph.input_structure = map_shapes(KerasTensor, input_shape)  # of the same nesting

    # Programs

    def emit(self, builder, x):
        """Append the ops of all layers to a program; return the buffer of the output, or a list of several.

        ``x`` is a buffer for each input (in a list, or a dict by name), or one that has all of them side by side.
        """
        buffers = flatten(x)
        counts = [math.prod(tensor.shape[1:]) for tensor in self._graph.inputs]
        if isinstance(x, dict) and not isinstance(self._graph.input_structure, dict):
            buffers = [x[name] for name in self.input_names]
        if len(buffers) == 1 < len(counts):
            buffers = [
                builder.emit("columns", buffers[0], first=sum(counts[:i]), count=n) for i, n in enumerate(counts)
            ]
        outputs = self._graph.emit(builder, buffers)
        return outputs[0] if len(outputs) == 1 else outputs

    emit_traced = emit  # what ``call`` did is known

    @contextmanager
    def _shaped(self, input_shape, outputs):
        yield  # a model has one shape

    def as_outputs(self, arrays):
        """An array, or several in a list, in the nesting of the model's outputs; a list of one is its only array."""
        leaves = arrays if isinstance(arrays, list) else [arrays]
        structure = self.output
        return leaves[0] if len(leaves) == 1 and not isinstance(structure, dict) else pack(structure, leaves)

    def _build_for(self, shapes):
        by_position = self._graph is not None and not isinstance(self._graph.input_structure, dict)
        if isinstance(shapes, dict) and by_position:
            missing = set(self.input_names) - set(shapes)
            if missing:
                raise ValueError(f"{self.name!r} expects inputs called {self.input_names}, got {sorted(shapes)}")
            shapes = [shapes[name] for name in self.input_names]
        self.build(shapes)

    # Weights

    def set_weights(self, weights):
        """Set all parameters; nothing is set unless all fit.

        Raises
        ------
        ValueError
            If there are more or fewer arrays than parameters, or one has another shape; names the layer.
        """
        weights = list(weights)
        if len(weights) != len(self.weights):
            shapes = ", ".join(f"{parameter.path} {parameter.shape}" for parameter in self.weights) or "none"
            raise ValueError(
                f"{self.name!r}: expected {len(self.weights)} weights ({shapes}), got {len(weights)}"
            )
        checked = [parameter.check(value) for parameter, value in zip(self.weights, weights, strict=True)]
        for parameter, value in zip(self.weights, checked, strict=True):
            parameter.value = value

    def _summary_rows(self):
        from ..summary import LayerRow

        chain = not self._is_functional or self._graph.is_chain

        def row(layer):
            connected_to = () if chain else self._graph.connections(layer)
            shape = _one_or_all([x.shape for x in layer.inbound_nodes[-1].outputs]) if layer.inbound_nodes else None
            if not isinstance(layer, Layer):
                return LayerRow(layer.name, layer.class_name, shape, 0, True, connected_to)
            if self.is_traced and _said_in_call(layer):
                shape = None  # Keras says nothing about it
            elif shape is None:
                shape = layer.output_shape
            nested = tuple(map(row, layer.layers)) if isinstance(layer, Structure) else ()
            params = layer.count_params() if layer.built else None
            return LayerRow(
                layer.name, type(layer).__name__, shape, params, layer.trainable, connected_to, nested
            )

        return list(map(row, self._graph.operations if self._is_functional else self.layers))

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _one_or_all(shapes):
    return shapes[0] if len(shapes) == 1 else shapes


def _said_in_call(layer):
    """Whether a ``call`` of its own has the only word on the layer's shape."""
    return layer.is_traced and type(layer).compute_output_shape is Layer.compute_output_shape


def _flat(shapes):
    """Nested shapes as a list."""
    if shapes is None or is_shape(shapes):
        return [shapes]
    items = [shapes[key] for key in sorted(shapes)] if isinstance(shapes, dict) else shapes
    return [shape for item in items for shape in _flat(item)]
