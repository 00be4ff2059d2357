"""Runs a single layer, for teaching and for training loops written by hand.

A layer emits ops and computes nothing. Here its ops become a program of one layer, and the backend that was
installed when fastnn was imported runs it. The start gradient of that program is fed in place of a target.
"""

import numpy as np

from . import random
from .builder import ProgramBuilder
from .compiling import noise_key
from .loss_part import LossPart
from .session import Session
from .symbolic import flatten
from .symbolic.graph import emit_inputs, side_by_side

_load_backend = None


def install(load_backend):
    """Set the function without arguments that returns the active backend."""
    global _load_backend
    _load_backend = load_backend


def load(program, dtype, seed=0, fused=True):
    """An executable of ``program`` on the active backend."""
    backend = _load_backend()
    return (backend if fused else backend.unfused()).load(program, dtype, seed)


class FunctionRunner:
    """The program of a function of rows that has no parameters: an activation.

    Parameters
    ----------
    emit : callable
        ``emit(builder, x)`` appends its ops and returns the buffer of the result.
    columns : int
    dtype : numpy.dtype
    """

    def __init__(self, emit, columns, dtype):
        builder = ProgramBuilder()
        x = builder.input(columns, differentiable=True)
        y = emit(builder, x)
        builder.add_gradient(y, builder.target(builder.buffer(y).shape[1:]))
        builder.backward(y)
        self._gradient = builder.buffer(builder.gradient(x)).name
        self._executable = load(builder.build(y), dtype)

    def backward(self, x, dy):
        """The gradient for the rows ``x``, where ``dy`` is that of the result: (n, columns)."""
        self._executable.run("forward", x)
        self._executable.run("backward", y=dy)
        return self._executable.get(self._gradient)


class LossRunner:
    """The program of a loss.

    Parameters
    ----------
    loss : fastnn.losses.Loss
    columns : int
        Of the prediction.
    integer : bool
        Whether the target is one class number a row.
    dtype : numpy.dtype
    """

    def __init__(self, loss, columns, integer, dtype):
        builder = ProgramBuilder()
        x = builder.input(columns, differentiable=True)
        target = builder.target(() if integer else (columns,), integer)
        kind, prediction, target, attributes = loss.choose(builder, x, target)
        builder.losses([LossPart(kind, prediction, target, attributes)])
        builder.backward()
        self._gradient = builder.buffer(builder.gradient(x)).name
        self._executable = load(builder.build(x), dtype, fused=False)

    def gradients(self, x, target):
        """The gradient of each row's loss for the prediction ``x``: (n, columns)."""
        self._executable.run("forward", x, target)
        self._executable.run("backward")
        return self._executable.get(self._gradient) * len(x)


class LayerRunner:
    """The program of one layer.

    Parameters
    ----------
    layer : fastnn.layers.Layer
        Built.
    at_inference : bool
        Whether a gradient is that of the layer as it is at inference.
    """

    def __init__(self, layer, at_inference=False):
        self._layer = layer
        builder = ProgramBuilder()
        several = isinstance(layer.input_shape, list)
        parts = emit_inputs(builder, layer.input_shape if several else [layer.input_shape], differentiable=True)
        with builder.scope(layer.name), builder.training(False if at_inference else None):
            with builder.added_losses() as losses:
                outputs = flatten(layer.emit_all(builder, parts if several else parts[0]))
            self._columns = sum(builder.buffer(output).shape[1] for output in outputs)
            y = side_by_side(builder, [*outputs, *(loss for loss, _ in losses)])
        self.losses = [None] * len(losses)  # what the last forward has added to the loss
        builder.add_gradient(y, builder.target(builder.buffer(y).shape[1:]))
        builder.backward(y)
        self._averages = builder.update_averages()
        program = builder.build(y)
        self._outputs = {
            True: builder.buffer(y).name,
            False: builder.buffer(program.output).name,
        }  # by training
        names = builder.parameter_names()
        self._features = builder.buffer(program.input).shape[1]
        dx = builder.gradient(program.input)
        self._input_gradient = None if dx is None else builder.buffer(dx).name  # None: the output is made of steps
        gradients = {key: builder.gradient(program.index(name)) for key, name in names.items()}
        self._gradients = {
            name: builder.buffer(gradients[parameter]).name
            for name, parameter in _named(layer).items()
            if gradients.get(parameter) is not None
        }
        self._parameters, self._trained = _named(layer), _trained(layer)
        self.same_at_inference = program.sections["forward"] == program.sections["predict"]
        self.draws = program.draws("predict")
        executable = load(program, layer.dtype, _seed(layer))
        self._session = Session(executable, names)
        self._run = None  # (rows, training) of the last forward

    def is_current(self):
        """Whether the layer still has the parameters, frozen or not, that it had."""
        return _trained(self._layer) == self._trained

    def forward(self, x, training):
        """The layer's output for the rows ``x`` (n, features): (n, columns).

        As in Keras, a training pass moves the moving averages of batch normalisation.
        """
        executable, training = self._session.executable, bool(training)
        training = training or (self.same_at_inference and self.draws)
        self._session.upload()
        if training:
            executable.step += 1  # a new mask for each training pass
        else:
            executable.begin_pass()
        executable.run("forward" if training else "predict", x)
        self._run = len(x), training, x, executable.step
        y = executable.get(self._outputs[training])
        if training and self._averages:
            self._session.lend(self._averages)
            executable.run("update")
        if not self.losses:
            return y
        self.losses = list(y[0, self._columns :])  # each row has them
        return y[:, : self._columns]

    def backward(self, dy):
        """Gradients for dL/dy of the last forward pass: dL/dx (n, features), and the parameters' by name.

        ``dy`` may have the columns of what was added to the loss behind its own.
        """
        executable = self._session.executable
        if self._run is None:
            raise RuntimeError(f"{self._layer}: call forward(x, training=True) before backward(dy)")
        rows, training, *_ = self._run
        if not training and not self.same_at_inference:
            raise RuntimeError(
                f"{self._layer}: forward was called with training=False, where this layer does something "
                "else; call forward(x, training=True) before backward(dy)"
            )
        if len(dy) != rows:
            raise ValueError(
                f"{self._layer}: backward expected dy with {rows} rows as in forward, got {len(dy)}"
            )
        if dy.shape[1] == self._columns and self.losses:
            dy = np.hstack([dy, np.zeros((rows, len(self.losses)), executable.dtype)])
        executable.run("backward", y=dy)
        gradients = {name: executable.get(buffer) for name, buffer in self._gradients.items()}
        if self._input_gradient is None:
            return np.zeros((rows, self._features), executable.dtype), gradients
        return executable.get(self._input_gradient), gradients

    def pull(self):
        """A function like ``backward`` for the pass just made, whatever is run in between.

        It returns dL/dx and the gradients in the order of ``layer.weights``, None for those that are not trained.
        """
        run, executable = self._run, self._session.executable

        def backward(dy):
            if self._run is not run:  # another pass has taken its place
                (_, training, x, step), now = run, executable.step
                executable.step = step
                executable.run("forward" if training else "predict", x)
                self._run, executable.step = run, now
            dx, gradients = self.backward(dy)
            by_parameter = {self._parameters[name]: gradient for name, gradient in gradients.items()}
            found = [by_parameter.get(p) for p in self._layer.weights]
            return dx, [None if g is None else g.reshape(p.shape)
                        for g, p in zip(found, self._layer.weights, strict=True)]  # fmt: skip

        return backward


def _named(layer):
    """The layer's own parameters by name, and those of layers inside of it by path."""
    inside = {parameter.path: parameter for parameter in layer.weights}
    own = {parameter: name for name, parameter in layer.parameters.items()}
    return {own.get(parameter, path): parameter for path, parameter in inside.items()}


def _trained(layer):
    return [(id(parameter), parameter.is_trained) for parameter in layer.weights]


def _seed(layer):
    """64-bit key of a layer that draws random numbers, itself or in layers inside of it; else any number."""
    seeds = [inner.seed for inner in layer.walk() if hasattr(inner, "seed")]
    if not seeds:
        return 0
    key = random.next_key("layer") if None in seeds else None
    if hasattr(layer, "seed"):
        return random.philox_key(key if layer.seed is None else layer.seed, "layer") & (2**64 - 1)
    return noise_key(layer, key)


def as_rows(array, shape, dtype, what):
    """``array`` (n, *shape[1:]) as C-contiguous rows (n, features); ValueError if of another shape."""
    array = np.asarray(array, dtype)
    if array.ndim != len(shape) or array.shape[1:] != tuple(shape[1:]):
        raise ValueError(f"{what}: expected an array of shape {shape}, got {array.shape}")
    return np.ascontiguousarray(array.reshape(len(array), -1) if len(array) else array.reshape(0, 0))
