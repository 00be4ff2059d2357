"""Functional models in Keras' schema: the layers, and the calls between them.

Design
------
a. A call is ``{"args", "kwargs"}``, in which ``{"class_name": "__keras_tensor__"}`` stands for a symbolic tensor:
   name of the layer that made it, which of the layer's calls, which of its outputs. The calls of a layer are counted
   within the model at hand. Keras 2 wrote lists, ``["layer", 0, 0, {}]``, which are read too.
b. All references are checked before anything is called. Calls are made as soon as the tensors that they need are
   there; where some are left over, they need each other, and the model is refused.
c. A model within a model is emitted at each call, so a small file could describe a net that grows with every level;
   the calls are counted, and too many refused.
"""

from collections import defaultdict

import numpy as np

from ..layers.input import InputLayer
from ..saving import schema
from ..saving.errors import ModelFormatError
from ..saving.limits import CALLS
from ..symbolic import KerasTensor, flatten, map_structure
from .structure import Structure


def functional_config(model):
    """The configuration of a functional model.

    Raises
    ------
    ValueError
        If a call has something that cannot be described.
    """
    graph = model._graph
    places = _Places(graph)
    entries = [places.input_entry(tensor) for tensor in graph.inputs if places.is_inner_input(tensor)]
    for operation in graph.operations:
        entry = schema.describe_layer(operation)
        nodes = [] if isinstance(operation, InputLayer) else places.nodes_of(operation)
        entry |= {"name": operation.name, "inbound_nodes": [places.describe(node) for node in nodes]}
        entries.append(entry)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": entries,
        "input_layers": map_structure(places.of_end, graph.input_structure),
        "output_layers": map_structure(places.of_end, graph.output_structure),
    }


class _Places:
    """Where the tensors of a graph come from, as the schema says it."""

    def __init__(self, graph):
        self._inputs = {id(tensor): tensor for tensor in graph.inputs}
        self._inside = {id(node) for node in graph.nodes}

    def is_inner_input(self, tensor):
        """Whether a layer made it, which is then no part of the model."""
        return id(tensor) in self._inputs and (tensor.node is None or bool(tensor.node.inputs))

    def input_entry(self, tensor):
        """An ``InputLayer`` in the place of a tensor that a layer outside of the model made."""
        config = schema.input_config(tensor.name, tensor.shape, tensor.dtype)
        return {**schema.wrap("InputLayer", config, InputLayer), "name": tensor.name, "inbound_nodes": []}

    def nodes_of(self, operation):
        return [node for node in operation.inbound_nodes if id(node) in self._inside]

    def describe(self, node):
        """Arguments of a call."""
        named = {key: value for key, value in node.kwargs.items() if key != "training" or value is not None}
        return {"args": self._value(list(node.args), node), "kwargs": self._value(named, node)}

    def _value(self, value, node):
        if isinstance(value, KerasTensor):
            shape, dtype = list(value.shape), value.dtype
            history = {"shape": shape, "dtype": dtype, "keras_history": self._of(value, node)}
            return {"class_name": "__keras_tensor__", "config": history}
        if isinstance(value, (list, tuple)):
            return [self._value(item, node) for item in value]
        if isinstance(value, dict):
            return {str(key): self._value(item, node) for key, item in value.items()}
        if isinstance(value, slice):
            parts = {"start": value.start, "stop": value.stop, "step": value.step}
            return {"class_name": "__slice__", "config": schema.serialize(parts)}
        if value is Ellipsis:
            return {"class_name": "__ellipsis__", "config": {}}
        if hasattr(value, "symbol"):
            raise self._works_with_a_weight(node)
        if isinstance(value, np.ndarray) and value.ndim:
            return {"class_name": "__numpy__", "config": {"value": value.tolist(), "dtype": value.dtype.name}}
        return schema.serialize(value)

    def _of(self, tensor, node):
        if self.is_inner_input(tensor):
            return [tensor.name, 0, 0]
        if tensor.node is None:
            raise self._works_with_a_weight(node)
        operation = tensor.node.operation
        index = 0 if isinstance(operation, InputLayer) else self.nodes_of(operation).index(tensor.node)
        return [operation.name, index, tensor.tensor_index]

    @staticmethod
    def _works_with_a_weight(node):
        return ValueError(
            f"{node.operation.name!r} cannot be described in a file: it works with a weight of a layer as it is, not "
            "with what the layer makes of its input; put it into a layer of your own"
        )

    def of_end(self, tensor):
        """An input or output of the model; Keras counts the calls of a functional model from 1 there."""
        name, index, which = self._of(tensor, tensor.node)
        counted = not self.is_inner_input(tensor) and _counts_from_one(tensor.node.operation)
        return [name, index + counted, which]


def _counts_from_one(operation):
    return isinstance(operation, Structure) and operation._is_functional


def functional_tensors(config, where, custom_objects=None, layer_of=None):
    """Inputs and outputs of the net that a configuration describes, with layers made anew.

    Parameters
    ----------
    config : dict
    where : str
        Its place in the file, for messages.
    custom_objects : dict of str to class or function, optional
    layer_of : callable, optional
        ``layer_of(entry, where)`` returns a layer; by default the one that the entry describes.

    Returns
    -------
    inputs, outputs
        Symbolic tensors, nested as they were.

    Raises
    ------
    ModelFormatError
        Naming the field, for calls that refer to nothing or to each other.
    """
    net = _Net(where)
    for number, entry in enumerate(config["layers"]):
        place = f"{where}.layers[{number}]"
        if layer_of is None:
            layer = schema.deserialize_layer(entry, place, custom_objects)
        else:
            layer = layer_of(entry, place)
        net.add(entry, layer, place)
    net.check_references()
    net.call_all()
    inputs, outputs = (net.ends(config.get(name), f"{where}.{name}") for name in ("input_layers", "output_layers"))
    for tensor in flatten(inputs):
        if not isinstance(tensor.node.operation, InputLayer):
            raise ModelFormatError(f"{where}.input_layers: {tensor.node.operation.name!r} is no InputLayer")
    return inputs, outputs


class _Net:
    """Layers by name, their calls, and the tensors that these have made so far."""

    def __init__(self, where):
        self._where = where
        self._layers, self._calls, self._made = {}, {}, {}
        self._of_keras_2 = False

    def add(self, entry, layer, where):
        name, nodes = entry.get("name", layer.name), entry.get("inbound_nodes", [])
        if isinstance(name, str) and "name" not in entry.get("config", {}):
            layer.name = name  # of one's own, whose get_config does not tell it
        if name != layer.name:
            raise ModelFormatError(f"{where}.name: {str(name)[:80]!r}, but the layer is called {layer.name!r}")
        if name in self._layers:
            raise ModelFormatError(f"{where}.name: there are two layers of the name {name[:80]!r}")
        if not isinstance(nodes, list):
            raise ModelFormatError(f"{where}.inbound_nodes: expected a list")
        self._layers[name] = layer
        is_input = isinstance(layer, InputLayer)
        if is_input != (not nodes):
            what = "an InputLayer takes no input" if is_input else f"the layer {name!r} is never called"
            raise ModelFormatError(f"{where}.inbound_nodes: {what}")
        if is_input:
            self._made[name, 0] = [layer.output]
        self._of_keras_2 |= any(isinstance(node, list) for node in nodes)
        self._calls[name] = [_read_call(node, f"{where}.inbound_nodes[{i}]") for i, node in enumerate(nodes)]

    def check_references(self):
        """Refuse references to layers or calls that there are not."""
        for calls in self._calls.values():
            for call in calls:
                call.references = [self._checked(reference, call.where) for reference in call.references]

    def _checked(self, reference, where, is_end=False):
        name, index, which = reference
        layer = self._layers.get(name)
        if layer is None:
            raise ModelFormatError(f"{where}: there is no layer {name[:80]!r}")
        if isinstance(layer, Structure) and (self._of_keras_2 or (is_end and _counts_from_one(layer))):
            index -= 1
        if not 0 <= index < max(1, len(self._calls[name])):
            raise ModelFormatError(f"{where}: the layer {name!r} is called {len(self._calls[name])} times, not {index}")
        return name, index, which

    def call_all(self):
        """Make the calls, each once its tensors are there; refuse those that wait for each other."""
        missing, waiting, ready = {}, defaultdict(list), []
        for name, calls in self._calls.items():
            for index, call in enumerate(calls):
                needed = {(other, which) for other, which, _ in call.references if (other, which) not in self._made}
                if index:
                    needed.add((name, index - 1))  # the calls of a layer are counted in their order
                missing[name, index] = len(needed)
                for place in needed:
                    waiting[place].append((name, index))
                if not needed:
                    ready.append((name, index))
        ready.reverse()
        while ready:
            place = ready.pop()
            del missing[place]
            self._make_call(*place)
            for other in waiting[place]:
                missing[other] -= 1
                if not missing[other]:
                    ready.append(other)
        if missing:
            names = ", ".join(repr(name) for name in dict.fromkeys(name for name, _ in missing))
            raise ModelFormatError(f"{self._where}.layers: the calls of {names[:200]} need each other's results")

    def _make_call(self, name, index):
        call = self._calls[name][index]
        tensors = iter([self._tensor(reference, call.where) for reference in call.references])
        args, named = (_fill(part, tensors) for part in (call.args, call.kwargs))
        for key in ("mask", "training"):
            if named.get(key, 0) is None:
                del named[key]
        self._made[name, index] = flatten(self._layers[name](*args, **named))

    def _tensor(self, reference, where):
        name, index, which = reference
        made = self._made[name, index]
        if not 0 <= which < len(made):
            raise ModelFormatError(f"{where}: the layer {name!r} has {len(made)} outputs, not an output {which}")
        return made[which]

    def ends(self, structure, where):
        """Inputs or outputs of the model."""
        if _is_reference(structure):
            return self._tensor(self._checked(tuple(structure), where, is_end=True), where)
        if isinstance(structure, list) and structure:
            return [self.ends(item, f"{where}[{number}]") for number, item in enumerate(structure)]
        if isinstance(structure, dict) and structure:
            return {key: self.ends(item, f"{where}.{key[:80]}") for key, item in structure.items()}
        raise ModelFormatError(f"{where}: expected [layer, call, output], or a list or dict of such")


class _Call:
    """One call as a file has it: ``_TENSOR`` stands in the arguments for each of the references, in order."""

    def __init__(self, args, kwargs, references, where):
        self.args, self.kwargs, self.references, self.where = args, kwargs, references, where


_TENSOR = object()


def _is_reference(value):
    whole = isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)
    return whole and all(type(n) is int for n in value[1:])


def _read_call(node, where):
    references = []
    if isinstance(node, list):
        return _read_keras_2(node, where)
    if not isinstance(node, dict) or not isinstance(node.get("args"), list):
        raise ModelFormatError(f"{where}: expected an object with args and kwargs")
    kwargs = node.get("kwargs", {})
    if not isinstance(kwargs, dict):
        raise ModelFormatError(f"{where}.kwargs: expected an object")
    args = _take_references(node["args"], references, f"{where}.args")
    kwargs = {key: _take_references(value, references, f"{where}.kwargs") for key, value in sorted(kwargs.items())}
    if not references:
        raise ModelFormatError(f"{where}: the call takes no tensor of the model")
    return _Call(args, kwargs, references, where)


def _read_keras_2(node, where):
    """``[["layer", call, output, kwargs], ...]``"""
    if not node or not all(isinstance(entry, list) and _is_reference(entry[:3]) for entry in node):
        raise ModelFormatError(f"{where}: expected [layer, call, output, arguments] for each input")
    kwargs = node[0][3] if len(node[0]) > 3 else {}
    if not isinstance(kwargs, dict):
        raise ModelFormatError(f"{where}: expected an object of arguments, got {str(kwargs)[:80]}")
    args = [_TENSOR if len(node) == 1 else [_TENSOR] * len(node)]
    return _Call(args, kwargs, [tuple(entry[:3]) for entry in node], where)


def _take_references(value, references, where):
    """``value`` with ``_TENSOR`` in the place of each symbolic tensor; these are appended to ``references``."""
    if isinstance(value, list):
        return [_take_references(item, references, where) for item in value]
    if not isinstance(value, dict):
        return value
    if "class_name" not in value:
        return {key: _take_references(value[key], references, where) for key in sorted(value)}
    config = value.get("config")
    history = config.get("keras_history") if isinstance(config, dict) else None
    if value["class_name"] == "__keras_tensor__":
        if not _is_reference(history):
            raise ModelFormatError(f"{where}: keras_history: expected [layer, call, output], got {str(history)[:80]}")
        references.append(tuple(history))
        return _TENSOR
    return _read_constant(value["class_name"], config, where)


def _read_constant(class_name, config, where):
    """A slice, an ellipsis, or an array of numbers among the arguments of a call."""
    if class_name == "__ellipsis__":
        return Ellipsis
    try:
        if class_name == "__slice__":
            return slice(*(None if config[key] is None else int(config[key]) for key in ("start", "stop", "step")))
        if class_name in ("__numpy__", "__tensor__") and config["dtype"] in ("float32", "float64", "int32", "int64"):
            return np.array(config["value"], config["dtype"])
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise ModelFormatError(f"{where}: {class_name}: {error}") from error
    raise ModelFormatError(f"{where}: {str(class_name)[:80]!r} cannot stand among the arguments of a call")


def _fill(value, tensors):
    if value is _TENSOR:
        return next(tensors)
    if isinstance(value, list):
        return [_fill(item, tensors) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, tensors) for key, item in value.items()}
    return value


def check_size(model, where):
    """Refuse a model whose models within models come to more calls than ``CALLS``."""
    known = {}

    def calls(layer):
        if not isinstance(layer, Structure) or layer.is_traced:
            return 1
        if id(layer) not in known:
            if layer._is_functional:
                known[id(layer)] = sum(calls(node.operation) for node in layer._graph.nodes)
            else:
                known[id(layer)] = sum(map(calls, layer.layers))
        return known[id(layer)]

    if calls(model) > CALLS:
        raise ModelFormatError(f"{where}: the models within models come to more than {CALLS:,} calls of layers")
