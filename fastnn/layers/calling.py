"""Calling a layer: on symbolic tensors it becomes part of a net, on arrays it computes.

A layer says what it does in one of two ways. It *emits* ops, as those of fastnn do; or it has a ``call`` method made
of other layers and of functions on tensors (``keras.ops``), as is usual for layers of one's own. Such a method is
run once, on symbolic tensors, and what it did is emitted.
"""

import inspect
import math
from contextlib import contextmanager

import numpy as np

from .. import runtime, tape
from ..builder import ProgramBuilder
from ..config import floatx
from ..ops.own import OwnForward
from ..symbolic import Graph, KerasTensor, Node, Operation, flatten, map_structure, tracing
from ..symbolic.applying import as_rows_of_loss
from ..symbolic.graph import emit_inputs
from ..symbolic.tensor import AS_WRITTEN, any_symbolic, trace_mode
from ..tensor import is_tensor, tensor


class Callable(Operation):
    """What is callable in a layer."""

    takes_one_row = False
    """Whether a call takes one row alone too, an array (n,), as what acts on each element may."""

    _is_called_as_base = False

    def __call__(self, *args, **kwargs):
        """A symbolic tensor for symbolic ones, an array for arrays (as at inference, unless ``training=True``)."""
        if any_symbolic(args, kwargs):
            return self._call_symbolic(args, kwargs)
        return self._call_now(*args, **kwargs)

    def call(self, *args, **kwargs):
        """What the layer does with its input. A layer of one's own may define it, with layers and ``keras.ops``."""
        if any_symbolic(args, kwargs):
            self._is_called_as_base = True  # by super().call(x) in a call of its own
            try:
                return self._connect(args, kwargs, None)
            finally:
                self._is_called_as_base = False
        return self._call_now(*args, **kwargs)

    def _call_now(self, inputs, training=None, mask=None):
        if mask is not None:
            raise NotImplementedError(f"{self}: masks are not supported")
        if self.takes_one_row and np.ndim(inputs) == 1 and not _is_list_of_arrays(inputs):
            row = inputs if is_tensor(inputs) else np.asarray(inputs)
            return self._call_now(row[np.newaxis], training)[0]
        if self.is_traced and not isinstance(inputs, (dict, list, tuple)) and np.ndim(inputs) == 1:
            # Numbers, not rows of them: what call makes of them, as they are.
            named = inspect.signature(self.call).parameters
            return self.call(tensor(inputs), **({"training": bool(training)} if "training" in named else {}))
        given = inputs
        if not isinstance(inputs, dict) and not _is_list_of_arrays(inputs):
            inputs = np.asarray(inputs)
            if self.is_numpy:
                self.build((None, *inputs.shape[1:]))
        outputs = map_structure(tensor, self.forward(inputs, training=bool(training)))
        if tape.recording():
            self._note_call(given, outputs, bool(training))
        return outputs

    def _note_call(self, inputs, outputs, training):
        """Let the open tapes know of a call: the layer's own program has its gradient."""
        parts = list(inputs) if _is_list_of_arrays(inputs) else [inputs]
        watched, outputs = [*parts, *self.weights], [*flatten(outputs), *self.called_losses]

        def refuse(why):
            tape.refuse(outputs, watched, f"{self}: {why}")

        if self.is_numpy or isinstance(inputs, dict):
            return refuse("of a layer with a NumPy forward, or with inputs in a dict, there is none")
        runner = self._runner
        if not (training or runner.same_at_inference):
            if runner.draws:
                return refuse(
                    "of a layer that draws numbers at inference, and does something else in training, there is none; "
                    "call it with training=True"
                )
            # Dropout and the like do nothing at inference; the gradient is then that of another program.
            runner = runtime.LayerRunner(self, at_inference=True)
            runner.forward(self.as_rows(inputs), training=True)
        pull = runner.pull()

        def back(dy, number):
            dys = [np.asarray(dy) if i == number else np.zeros_like(y) for i, y in enumerate(outputs)]
            dx, gradients = pull(self._side_by_side(dys))
            columns = np.cumsum([math.prod(np.shape(part)[1:]) for part in parts])[:-1]
            dxs = [dx.reshape(np.shape(x)) for dx, x in zip(np.split(dx, columns, axis=1), parts, strict=True)]
            found = [None if g is None else tensor(g) for g in (*dxs, *gradients)]
            tape.refuse(found, [dy, *watched], f"{self}: of a layer there is a first derivative only")
            return found

        for number, output in enumerate(outputs):  # a gradient is a sum over the outputs
            tape.note(output, watched, lambda dy, number=number: back(dy, number))

    @staticmethod
    def _side_by_side(dys):
        """Gradients of outputs (n, ...) as rows, and those of numbers that were added to the loss in the first row."""
        rows = max(len(dy) for dy in dys if np.ndim(dy))
        columns = [dy.reshape(rows, -1) if np.ndim(dy) else np.eye(rows, 1, dtype=dy.dtype) * dy for dy in dys]
        return np.hstack(columns)

    def _call_symbolic(self, args, kwargs):
        if not args:
            names = list(inspect.signature(self.call).parameters)
            first = names[0] if names and names[0] in kwargs else "inputs"
            kwargs = dict(kwargs)
            args = (kwargs.pop(first, None),)
        if kwargs.pop("mask", None) is not None:
            raise NotImplementedError(f"{self}: masks are not supported")
        self._build_for(map_structure(_shape, args[0]))
        if self.is_traced:
            return self._connect(args, kwargs, self.trace_call(args, kwargs))
        unknown = set(kwargs) - {"training"}
        if unknown or len(args) > 1:
            raise TypeError(f"{self} takes one input (or a list) and training=, got {[*args[1:], *sorted(unknown)]}")
        return self._connect(args, kwargs, None)

    def _build_for(self, shapes):
        """Build for these shapes; a layer without parameters takes others later."""
        if not self.built or self.weights:
            self.build(shapes)

    def _connect(self, args, kwargs, graph):
        """Record the call; return its output tensors."""
        if graph is None:
            shapes = self.compute_output_shape(map_structure(_shape, args[0]))
            structure = KerasTensor(shapes) if is_shape(shapes) else map_shapes(KerasTensor, shapes)
        else:
            structure = map_structure(lambda x: KerasTensor(x.shape, x.dtype), graph.output_structure)
        Node(self, args, {**kwargs, **_training_of(kwargs)}, flatten(structure), graph)
        return structure

    @property
    def is_traced(self):
        """Whether a ``call`` of its own says what the layer does."""
        return self._said_by() == "call"

    @property
    def is_numpy(self):
        """Whether a NumPy ``forward`` of its own says what the layer does."""
        return self._said_by() == "forward"

    @classmethod
    def _said_by(cls):
        """The method that says what the layer does: that of the class itself, or of its nearest base."""
        for base in cls.__mro__:
            for name in ("emit", "call", "forward"):
                if name in vars(base):
                    return name
        return None

    def trace_call(self, args, kwargs):
        """What ``call`` does with symbolic tensors like these, as a :class:`Graph`.

        Raises
        ------
        ValueError
            If it returns something else than symbolic tensors, or at inference others than in training.
        """
        if "training" not in inspect.signature(self.call).parameters:
            return self._trace(args, kwargs, AS_WRITTEN)
        graph, at_inference = self._trace(args, kwargs, True), self._trace(args, kwargs, False)
        graph.keep_as_trained(at_inference)
        if _inference_ops(graph) != _inference_ops(at_inference):
            graph.replace_at_inference(at_inference, self)
        return graph

    def _trace(self, args, kwargs, mode):
        inputs = []

        def stand_in(x):
            if not isinstance(x, KerasTensor):
                return x
            inputs.append(KerasTensor(x.shape, x.dtype, x.name))
            return inputs[-1]

        args, kwargs = map_structure(stand_in, args), map_structure(stand_in, kwargs)
        if mode is not AS_WRITTEN:
            kwargs = {**kwargs, "training": mode}
        with tracing(mode, sees_batches=True) as losses:
            outputs = self.call(*args, **kwargs)
            losses = [as_rows_of_loss(loss) for loss in losses]
        for x in flatten(outputs):
            if not isinstance(x, KerasTensor):
                raise ValueError(
                    f"{self}: call returned {type(x).__name__}, expected a symbolic tensor: use layers and keras.ops "
                    "in it; a layer that needs NumPy defines forward and backward instead"
                )
        for node in Graph(inputs, outputs).nodes:
            if getattr(node.operation, "refused_in_outputs", None):
                raise NotImplementedError(f"{self}: {node.operation.refused_in_outputs}")
        return Graph(inputs, outputs, losses)

    def emit_all(self, builder, x):
        """Append the ops of whatever says what the layer does; return the output's buffer, or a list of several."""
        said_by = {"call": self.emit_traced, "forward": self.emit_numpy}
        return said_by.get(self._said_by(), self.emit)(builder, x)

    def emit_numpy(self, builder, x):
        """Append the op that calls ``forward``."""
        shapes = self.input_shape, self.output_shape
        parameters = {name: parameter.flat_shape for name, parameter in self.parameters.items()}
        values = [parameter.emit(builder) for parameter in self.parameters.values()]
        return builder.emit(OwnForward(self, shapes, parameters), x, *values)

    @contextmanager
    def lend(self, values):
        """While this context lasts, the parameters have these values, as NumPy code of the layer sees them."""
        for parameter, value in zip(self.parameters.values(), values, strict=True):
            parameter.lent = value.reshape(parameter.shape)
        try:
            yield
        finally:
            for parameter in self.parameters.values():
                parameter.lent = None

    def numpy_shape(self, input_shape):
        """Shape of what ``forward`` returns, tried on two rows of zeros."""
        y = np.asarray(self.forward(np.zeros((2, *input_shape[1:]), floatx()), training=False))
        if y.ndim < 2 or len(y) != 2:
            raise ValueError(f"{self}: forward returned the shape {y.shape} for 2 rows; expected (2, ...)")
        return (None, *y.shape[1:])

    def emit_traced(self, builder, x):
        """Append what ``call`` does, for inputs of the shape that the layer was built for."""
        tensors = map_shapes(KerasTensor, self.input_shape)
        outputs = self.trace_call((tensors,), {}).emit(builder, flatten(x))
        return outputs[0] if len(outputs) == 1 else outputs

    def emit_node(self, builder, node, buffers):
        with builder.scope(self.name), builder.training(node.kwargs.get("training")):
            if node.details is not None:
                return node.details.emit(builder, buffers)
            left = iter(buffers)
            x = map_structure(lambda tensor: next(left), node.args[0])
            with self._shaped(map_structure(_shape, node.args[0]), node.outputs):
                # A traced layer has details; without them this is super().call(x) in a call of its own.
                y = (self.emit_numpy if self.is_numpy else self.emit)(builder, x)
        return list(y) if isinstance(y, (list, tuple)) else [y]

    @contextmanager
    def _shaped(self, input_shape, outputs):
        """While this context lasts, the layer has the shapes of one of its calls."""
        own = self.input_shape, self.output_shape
        output_shape = outputs[0].shape if len(outputs) == 1 else [x.shape for x in outputs]
        self.input_shape, self.output_shape = input_shape, output_shape
        try:
            yield
        finally:
            self.input_shape, self.output_shape = own


def is_shape(shape):
    """Whether it is a single shape, and not a list or dict of shapes."""
    return isinstance(shape, (tuple, list)) and not any(isinstance(n, (tuple, list, dict)) for n in shape)


def map_shapes(function, shapes):
    """The same nesting with ``function`` of each shape."""
    if is_shape(shapes):
        return function(tuple(shapes))
    if isinstance(shapes, dict):
        return {key: map_shapes(function, shapes[key]) for key in sorted(shapes)}
    return [map_shapes(function, shape) for shape in shapes]


def _shape(x):
    if not isinstance(x, KerasTensor):
        raise TypeError(f"expected symbolic tensors only, got {type(x).__name__} among them")
    return x.shape


def _is_list_of_arrays(inputs):
    return isinstance(inputs, (list, tuple)) and any(hasattr(x, "shape") for x in inputs)


def _training_of(kwargs):
    """What to remember of ``training``: whether the call is always as in training, or as at inference; else None.

    The ``training`` that a ``call`` hands on to its layers is that of the trace at hand.
    """
    training = kwargs.get("training")
    return {"training": None if training is None or training == trace_mode() else bool(training)}


def _inference_ops(graph):
    """The ops that the graph has at inference, as text: of its outputs, and of what it adds to the loss."""
    builder = ProgramBuilder()
    with builder.added_losses() as losses:
        outputs = graph.emit(builder, emit_inputs(builder, [x.shape for x in graph.inputs]))
    return [builder.build(y).disassemble("predict") for y in (*outputs, *(loss for loss, _ in losses))]
