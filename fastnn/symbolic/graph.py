"""The calls between some symbolic inputs and outputs, in order."""

import math
from collections import Counter
from itertools import zip_longest

from ..program import ProgramError
from .applying import Constant
from .tensor import KerasTensor, flatten


class Graph:
    """Part of a net: from given inputs to given outputs.

    Parameters
    ----------
    inputs, outputs : KerasTensor, or lists or dicts of such
    losses : list of KerasTensor
        What is added to the loss, (None, 1), the mean over whose rows counts.

    Attributes
    ----------
    inputs, outputs, losses : list of KerasTensor
    input_structure, output_structure
        As they were given.
    nodes : list of Node
        In an order in which they can run.
    operations : list of Operation
        In Keras' order: by distance from the outputs, then as they are met walking back.
    nodes_by_depth : list of list of Node
        Largest distance from the outputs first.

    Raises
    ------
    ValueError
        If something is no symbolic tensor, an output does not follow from the inputs, or two operations have one
        name.
    """

    def __init__(self, inputs, outputs, losses=()):
        self.input_structure, self.output_structure = inputs, outputs
        self.inputs, self.outputs, self.losses = flatten(inputs), flatten(outputs), list(losses)
        for what, tensors in (("inputs", self.inputs), ("outputs", self.outputs)):
            for tensor in tensors:
                if not isinstance(tensor, KerasTensor):
                    raise ValueError(
                        f"all {what} must be symbolic tensors, such as Input(shape) returns and a layer makes of it; "
                        f"got {tensor!r} of type {type(tensor).__name__}"
                    )
        self._are_inputs = {id(tensor) for tensor in self.inputs}
        self.nodes, met, visited = [], {}, set()
        for output in (*self.outputs, *self.losses):
            self._walk(output, met, visited)
        self._order(met)
        self._at_inference = None  # graph of what is done there instead

    def keep_as_trained(self, at_inference):
        """Take over which calls are as in training at inference too, from a trace of the same ``call`` there.

        In the trace for training, ``training=True`` may also be what ``call`` was given and has handed on.
        """
        if [_what(node) for node in self.nodes] == [_what(node) for node in at_inference.nodes]:
            for node, other in zip(self.nodes, at_inference.nodes, strict=True):
                if other.kwargs.get("training"):
                    node.kwargs = {**node.kwargs, "training": True}

    def replace_at_inference(self, graph, what):
        """At inference do what another graph does, of the same inputs; ValueError where its outputs are others."""
        shapes, others = [x.shape for x in self.outputs], [x.shape for x in graph.outputs]
        if shapes != others:
            raise ValueError(
                f"{what}: call returns the shapes {shapes} with training=True and {others} with training=False; "
                "expected the same"
            )
        self._at_inference = graph

    def _walk(self, tensor, met, visited):
        """Append the node of ``tensor`` after those that it needs; ``met`` numbers operations as they are seen.

        ``visited`` has the nodes that have been appended.
        """
        stack = [(tensor, False)]
        while stack:
            tensor, done = stack.pop()
            node = tensor.node
            if done:
                if id(node) not in visited:
                    visited.add(id(node))
                    self.nodes.append(node)
                continue
            if node is None:
                if tensor.parameter is None and id(tensor) not in self._are_inputs:
                    raise ValueError(f"{tensor} does not follow from the inputs {self.inputs}: the graph is cut")
                continue
            if id(node) in visited:
                continue
            is_input = id(tensor) in self._are_inputs
            if is_input and node.inputs:
                continue  # made by a layer, which then is no part of this graph
            met.setdefault(node.operation, len(met))
            if not node.inputs and not is_input:
                raise ValueError(
                    f"{tensor} does not follow from the inputs given, {[x.name for x in self.inputs]}: "
                    f"it comes from {node.operation.name!r}, which is not among them"
                )
            stack.append((tensor, True))
            stack += [(x, False) for x in reversed(node.inputs)]

    def _order(self, met):
        """Distances from the outputs, as ``keras.src.ops.function.map_graph`` has them."""
        inside = {id(node) for node in self.nodes}
        node_depths, depths = {}, {}
        for node in reversed(self.nodes):
            depth = max(node_depths.setdefault(node, 0), depths.get(node.operation, 0))
            node_depths[node] = depths[node.operation] = depth
            for x in node.inputs:
                if x.node is not None and id(x.node) in inside:
                    node_depths[x.node] = max(depth + 1, node_depths.get(x.node, 0))
        for x in self.inputs:  # an input that nothing uses
            if x.node is not None and not x.node.inputs and x.node.operation not in depths:
                depths[x.node.operation] = node_depths[x.node] = 0
                met[x.node.operation] = -1
        self.operations = sorted(depths, key=lambda operation: (-depths[operation], met[operation]))
        by_depth = {}
        for node, depth in node_depths.items():
            by_depth.setdefault(depth, []).append(node)
        self.nodes_by_depth = [by_depth[depth] for depth in sorted(by_depth, reverse=True)]
        for name, times in Counter(operation.name for operation in self.operations).items():
            if times > 1:
                raise ValueError(f"the name {name!r} is used {times} times in the model; all must be different")

    @property
    def is_chain(self):
        """Whether each operation follows the one before, so that a summary need not say what is connected."""
        if any(len(nodes) > 1 or len(nodes[0].inputs) > 1 for nodes in self.nodes_by_depth):
            return False
        return len({id(nodes[0].operation) for nodes in self.nodes_by_depth}) == len(self.nodes_by_depth)

    def connections(self, operation):
        """What the operation is called on, as the summary says it: ``("dense[0][0]", ...)``."""
        inside = {id(node) for nodes in self.nodes_by_depth for node in nodes}
        return tuple(
            f"{h.operation.name}[{h.node_index}][{h.tensor_index}]"
            for node in operation.inbound_nodes
            if id(node) in inside
            for h in (x._keras_history for x in node.inputs)
            if h.operation is not None
        )

    def emit(self, builder, buffers):
        """Append the ops of all calls to a program.

        Parameters
        ----------
        builder : fastnn.builder.ProgramBuilder
        buffers : list of int
            Of the inputs.

        Returns
        -------
        list of int
            Buffers of the outputs.
        """
        if self._at_inference is not None and builder.at_inference:
            return self._at_inference.emit(builder, buffers)
        if self._at_inference is None:
            instead, other_losses = None, []
        else:
            with builder.training(False):
                instead, other_losses = self._emit(builder, buffers, self._at_inference)
        outputs, losses = self._emit(builder, buffers, self)
        if instead is None:
            for loss in losses:
                builder.add_loss(*loss)
            return outputs
        for one, other in zip_longest(losses, other_losses):
            name = (one or other)[1]
            builder.add_loss(builder.instead(*(loss[0] if loss else _zeros(builder) for loss in (one, other))), name)
        outputs = [_copied(builder, y) if y in buffers else y for y in outputs]  # others read an input too
        return [builder.instead(*pair) for pair in zip(outputs, instead, strict=True)]

    @staticmethod
    def _emit(builder, buffers, graph):
        """The buffers of a graph's outputs, and what it and the layers in it add to the loss."""
        with builder.added_losses() as losses:
            outputs, own = graph._emit_nodes(builder, buffers)
            for buffer in own:
                builder.add_loss(buffer)
        return outputs, losses

    def _emit_nodes(self, builder, buffers):
        known = {id(tensor): buffer for tensor, buffer in zip(self.inputs, buffers, strict=True)}

        def buffer_of(tensor):
            if id(tensor) not in known and tensor.parameter is not None:
                known[id(tensor)] = tensor.parameter.emit(builder)
            return known[id(tensor)]

        for node in self.nodes:
            if all(id(tensor) in known for tensor in node.outputs):
                continue  # an input
            outputs = node.operation.emit_node(builder, node, [buffer_of(x) for x in node.inputs])
            if len(outputs) != len(node.outputs):
                raise ProgramError(f"{node.operation.name}: expected {len(node.outputs)} outputs, got {len(outputs)}")
            known.update((id(tensor), buffer) for tensor, buffer in zip(node.outputs, outputs, strict=True))
        return [buffer_of(tensor) for tensor in self.outputs], [buffer_of(tensor) for tensor in self.losses]


def _what(node):
    """What is called, the same for the same function in another trace."""
    return getattr(node.operation, "class_name", node.operation)


def _copied(builder, buffer):
    """A buffer of the same numbers, which nothing else reads."""
    return builder.emit("scale", buffer, factor=1.0)


def _zeros(builder):
    """A buffer of zeros, (B, 1)."""
    return builder.emit("repeat_row", Constant([0.0]).emit(builder))


def features(shape):
    """Numbers in one row of this shape."""
    return math.prod(shape[1:])


def emit_inputs(builder, shapes, **options):
    """The data's buffers, for inputs of these shapes.

    A program has one input. Where a net has several, the rows of it have all of them side by side, and each is a
    part of the columns.
    """
    counts = [features(shape) for shape in shapes]
    x = builder.input(sum(counts), **options)
    if len(counts) == 1:
        return [x]
    return [builder.emit("columns", x, first=sum(counts[:i]), count=n) for i, n in enumerate(counts)]


def side_by_side(builder, buffers):
    """A buffer that has the columns of all these, as a program's single output has them."""
    whole = buffers[0]
    for i, buffer in enumerate(buffers[1:], 2):
        whole = builder.emit("concatenate", whole, buffer, name="outputs" if i == len(buffers) else "outputs_so_far")
    return whole
