"""The operations of a layer that computes with NumPy: one for its ``forward``, one for its ``backward``.

They exist in Python only, so a program with them runs in step mode (``fastnn.backends.step``).
"""


import numpy as np

from ..tape import GradientTape
from ..tensor import Tensor, tensor
from .kind import OpKind


class OwnForward(OpKind):
    """Y = layer.forward(X, training).

    Parameters
    ----------
    layer : object
        Has ``forward(x, training)``, ``backward(dy)`` that leaves the parameters' gradients in ``gradients``, and
        ``lend(values)``, a context in which its parameters have these values.
    shapes : tuple of two tuples
        Of the input and of the output, with None first.
    parameters : dict of str to tuple
        Shapes of the parameters by name.
    training : bool
    """

    native = False
    results = ("y",)

    def __init__(self, layer, shapes, parameters, training=True):
        self.layer, self.shapes, self.parameters, self.training = layer, shapes, parameters, training
        self.name = f"{layer.name}.forward"
        self.signature = f"BN <- {_operands(parameters)}"
        super().__init__()

    def free_sizes(self, sizes, attributes):
        return {"N": int(np.prod(self.shapes[1][1:]))}

    @property
    def at_inference(self):
        """The same with ``training=False``."""
        return OwnForward(self.layer, self.shapes, self.parameters, training=False)

    def compute(self, step, x, *parameters):
        with self.layer.lend(parameters):
            y = np.asarray(self.layer.forward(_shaped(x, self.shapes[0]), training=self.training))
        if y.shape != (len(x), *self.shapes[1][1:]):
            raise ValueError(f"{self.layer}: forward returned the shape {y.shape}, expected {self.shapes[1]}")
        return np.ascontiguousarray(y, x.dtype).reshape(len(x), -1)

    def backward(self, builder, op, dy):
        names = [builder.gradient_name(i) for i in op.inputs]
        gradients = builder.emit(OwnBackward(self), dy, *op.inputs, name=names)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        for i, gradient in zip(op.inputs, gradients, strict=True):
            if builder.needs_gradient(i):
                builder.add_gradient(i, gradient)


class OwnBackward(OpKind):
    """dX and the parameters' gradients = layer.backward(dY)."""

    native = False

    def __init__(self, forward):
        self.forward = forward
        self.name = f"{forward.layer.name}.backward"
        operands = _operands(forward.parameters)
        self.signature = f"{operands} <- BN, {operands}"
        self.results = ("dx", *(f"d{name}" for name in forward.parameters))
        super().__init__()

    def compute(self, step, dy, x, *parameters):
        layer, shapes = self.forward.layer, self.forward.shapes
        with layer.lend(parameters):
            dx = np.asarray(layer.backward(_shaped(dy, shapes[1])))
        if dx.shape != (len(x), *shapes[0][1:]):
            raise ValueError(f"{layer}: backward returned the shape {dx.shape}, expected the input's, {shapes[0]}")
        results = [np.ascontiguousarray(dx, x.dtype).reshape(len(x), -1)]
        for name, value in zip(self.forward.parameters, parameters, strict=True):
            if name not in layer.gradients:
                raise ValueError(
                    f"{layer}: backward must leave the gradient of {name!r} in self.gradients[{name!r}]; there are "
                    f"{sorted(layer.gradients)}"
                )
            gradient = np.ascontiguousarray(layer.gradients[name], x.dtype)
            if gradient.size != value.size:
                raise ValueError(f"{layer}: gradient of {name!r}: shape {gradient.shape}, expected {value.shape}")
            results.append(gradient.reshape(value.shape))
        return tuple(results) if len(results) > 1 else results[0]


class OwnPenalty(OpKind):
    """s = so_far + factor f(a), for a regularizer f of one's own."""

    name = "own_penalty"
    native = False
    signature = "S <- *, S?"
    attributes = ("factor",)
    results = ("penalty",)

    def __init__(self, function):
        super().__init__()
        self.function = function

    def compute(self, step, a, so_far=None, *, factor):
        value = factor * float(self.function(tensor(a)))
        return np.array([value + (0 if so_far is None else so_far[0])]).astype(a.dtype)


class OwnPenaltyGradient(OpKind):
    """g += factor df(w)/dw, by a gradient tape."""

    name = "own_penalty_grad"
    native = False
    signature = "* <- *, *"
    attributes = ("factor",)
    in_place = 1

    def __init__(self, function):
        super().__init__()
        self.function = function

    def compute(self, step, g, w, factor):
        with GradientTape() as tape:
            weight = tensor(w)
            tape.watch(weight)
            value = self.function(weight)
        gradient = tape.gradient(value, weight) if isinstance(value, Tensor) else None
        if gradient is None:
            raise TypeError(
                f"the regularizer {self.function!r} returned {value!r}, which no tape can differentiate; compute "
                "it with keras.ops, tf functions or operators, not with NumPy's functions"
            )
        return g + np.asarray(gradient, g.dtype) * g.dtype.type(factor)


class OwnConstraint(OpKind):
    """w = f(w), for a constraint f of one's own."""

    name = "own_constraint"
    native = False
    signature = "* <- *"
    in_place = 1

    def __init__(self, function):
        super().__init__()
        self.function = function

    def compute(self, step, w):
        limited = np.asarray(self.function(tensor(w)))
        if limited.shape != w.shape:
            raise ValueError(f"the constraint {self.function!r} made the shape {limited.shape} of {w.shape}")
        return np.ascontiguousarray(limited, w.dtype)


def _operands(parameters):
    """Operands of the input and the parameters, each size with a letter of its own."""
    letters = iter([c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in "BMNS"])
    dims = ["".join(next(letters) for _ in shape) for shape in parameters.values()]
    return ", ".join(["BM", *dims])


def _shaped(rows, shape):
    return np.array(rows.reshape(len(rows), *shape[1:]))


class OwnFunction(OpKind):
    """Y = function(X), a function of NumPy arrays without parameters.

    Parameters
    ----------
    applied : object
        Has ``function``, which may have ``gradient(x, dy)``, the ``shape`` of the result, ``what`` it is for messages,
        and ``call(x, training)``.
    """

    native = False

    def __init__(self, applied, shape, training=True):
        self.applied, self.input_shape, self.training = applied, shape, training
        self.name = f"{applied.what}.call"
        self.signature = "BN <- BM"
        super().__init__()

    def free_sizes(self, sizes, attributes):
        return {"N": int(np.prod(self.applied.shape[1:]))}

    @property
    def at_inference(self):
        """The same with ``training=False``."""
        return OwnFunction(self.applied, self.input_shape, training=False)

    def compute(self, step, x):
        y = np.asarray(self.applied.call(_shaped(x, self.input_shape), self.training))
        if y.shape != (len(x), *self.applied.shape[1:]):
            raise ValueError(f"{self.applied.what}: returned the shape {y.shape}, expected {self.applied.shape}")
        return np.ascontiguousarray(y, x.dtype).reshape(len(x), -1)

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if not builder.needs_gradient(x):
            return
        if not hasattr(self.applied.function, "gradient"):
            raise ValueError(
                f"{self.applied.what} is run by NumPy ({self.applied.reason}), and something below it learns, so its "
                f"gradient is needed; {self.applied.how}"
            )
        builder.add_gradient(x, builder.emit(OwnFunctionGradient(self), dy, x, name=builder.gradient_name(x)))


class OwnFunctionGradient(OpKind):
    """dX = function.gradient(X, dY)."""

    native = False
    signature = "BM <- BN, BM"

    def __init__(self, forward):
        self.forward, self.name = forward, f"{forward.applied.what}.gradient"
        super().__init__()

    def compute(self, step, dy, x):
        applied, shape = self.forward.applied, self.forward.input_shape
        dx = np.asarray(applied.function.gradient(_shaped(x, shape), _shaped(dy, applied.shape)))
        if dx.shape != (len(x), *shape[1:]):
            raise ValueError(f"{applied.what}: its gradient has the shape {dx.shape}, expected the input's, {shape}")
        return np.ascontiguousarray(dx, x.dtype).reshape(len(x), -1)
