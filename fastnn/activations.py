"""Activation functions by Keras' names. The mathematics of each stands in ``fastnn.ops``.

An activation can be called on an array, ``activations.relu(x)``, or be given to a layer, by name or as it is. It
emits one op.
"""

import inspect
from functools import cached_property, partial

import numpy as np

from . import tape
from .checks import check_real
from .config import floatx
from .ops import KINDS, StepState
from .tensor import tensor


class ActivationFunction:
    """An activation, with the values of its arguments.

    Parameters
    ----------
    name : str
    choose : callable
        Takes the activation's own arguments, in Keras' order and with Keras' defaults; returns the op that computes
        it and the op's attributes, ``(kind, {name: number})``, or ``(None, {})`` for the identity.
    elementwise : bool
        False where a whole row counts (softmax), so that the rows must not have further axes.

    Attributes
    ----------
    op : str or None
        The op, as it is with the default arguments; None for the identity, and where there is no default.
    attributes : dict
    """

    def __init__(self, name, choose, elementwise=True):
        self.name = self.__name__ = name
        self.elementwise = elementwise
        self._choose = choose
        arguments = choose.__code__.co_varnames[: choose.__code__.co_argcount]
        self._needed = arguments[: len(arguments) - len(choose.__defaults__ or ())]
        self.__doc__ = (choose.__doc__ or "") + "\n\nTakes an array, returns one of the same shape."
        self.op, self.attributes = (None, {}) if self._needed else choose()
        self._runners = {}  # for gradient tapes

    @cached_property
    def __signature__(self):
        first = [inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        last = [] if self.elementwise else [inspect.Parameter("axis", first[0].kind, default=-1)]
        return inspect.Signature([*first, *inspect.signature(self._choose).parameters.values(), *last])

    def emit(self, builder, x):
        """Append the op to the program; return its output buffer."""
        if self._needed:
            needed = " and ".join(self._needed)
            raise ValueError(f"activation {self.name!r} needs {needed}, which a layer cannot give it")
        return x if self.op is None else builder.emit(self.op, x, **self.attributes)

    def __call__(self, x, *arguments, **named):
        """The activation of an array, computed now with the op's NumPy formula; of a symbolic tensor, one such.

        Parameters
        ----------
        x : array-like or KerasTensor
            Of any shape.
        *arguments, **named
            The activation's own; ``axis`` where a whole row counts.

        Returns
        -------
        numpy.ndarray
            Of the shape and type of ``x``; of ``fastnn.config.floatx()`` where that holds integers.
        """
        y = self._compute(x, arguments, dict(named))
        if not isinstance(y, np.ndarray):
            return y
        y = tensor(y)
        if tape.recording():
            tape.note(y, [x], lambda dy: [self._pull(x, dy, arguments, named)])
        return y

    def _pull(self, x, dy, arguments, named):
        dx = tensor(self._backward(x, dy, arguments, dict(named)))
        tape.refuse(dx, [dy, x], f"of the activation {self.name!r} there is a first derivative only")
        return dx

    def _backward(self, x, dy, arguments, named):
        """The gradient of an array ``x``, where ``dy`` is that of the result."""
        axis = named.pop("axis", -1) if not self.elementwise else None
        kind, attributes = self._choose(*arguments, **named)
        dy = np.asarray(dy)
        if kind is None or not dy.size:
            return dy
        shape, columns = dy.shape, 1 if axis is None else dy.shape[axis]
        key = (kind, *attributes.values(), columns, dy.dtype)
        if key not in self._runners:
            from . import runtime

            emit = partial(_emit_op, kind=kind, attributes=attributes)
            self._runners[key] = runtime.FunctionRunner(emit, columns, dy.dtype)
        rows = [a if axis is None else np.moveaxis(a, axis, -1) for a in (np.asarray(x, dy.dtype), dy)]
        moved = rows[1].shape
        dx = self._runners[key].backward(*[np.ascontiguousarray(a.reshape(-1, columns)) for a in rows])
        return dx.reshape(shape) if axis is None else np.moveaxis(dx.reshape(moved), -1, axis)

    def _compute(self, x, arguments, named):
        axis = named.pop("axis", -1) if not self.elementwise else None
        kind, attributes = self._choose(*arguments, **named)
        if hasattr(x, "_keras_history"):
            from .symbolic.functions import activation

            named = {**named, "axis": axis} if axis is not None else named
            return activation(self, x, kind, attributes, self._bound(arguments, named))
        x = np.asarray(x)
        x = x if x.dtype.kind == "f" else x.astype(floatx())
        if kind is None or not x.size:
            return x.copy()
        with np.errstate(all="ignore"):
            if axis is None:
                return np.asarray(KINDS[kind].compute(StepState(), x.reshape(-1), **attributes)).reshape(x.shape)
            rows = np.moveaxis(x, axis, -1)
            y = KINDS[kind].compute(StepState(), rows.reshape(-1, rows.shape[-1]), **attributes)
            return np.moveaxis(y.reshape(rows.shape), -1, axis)

    @property
    def own_arguments(self):
        """Names of the arguments beside ``x``."""
        return tuple(self.__signature__.parameters)[1:]

    def _bound(self, arguments, named):
        """All arguments beside ``x`` by name, with their defaults."""
        given = self.__signature__.bind(None, *arguments, **named)
        given.apply_defaults()
        return {name: given.arguments[name] for name in self.own_arguments}

    def __repr__(self):
        return f"<activation {self.name}>"


class OwnActivation:
    """A function of one's own as an activation: of ``keras.ops``, or of NumPy with its gradient.

    Parameters
    ----------
    function : callable
        Takes a tensor, returns one of the same shape. A NumPy function runs in step mode, and has an attribute
        ``gradient``, a function of x and dL/dy that returns dL/dx.
    """

    elementwise = False  # a row is handed over as a whole

    def __init__(self, function):
        self.function, self.op, self.attributes = function, None, {}
        self.name = self.__name__ = getattr(function, "__name__", type(function).__name__)
        self._applied = {}

    def emit(self, builder, x):
        """Append the function's ops to the program; return its output buffer."""
        from .symbolic.own import Applied

        columns = builder.buffer(x).shape[1]
        if columns not in self._applied:
            applied = Applied(self.function, (None, columns), f"activation {self.name!r}")
            if applied.shape != (None, columns):
                raise ValueError(f"activation {self.name!r}: expected the shape (None, {columns}), got {applied.shape}")
            self._applied[columns] = applied
        return self._applied[columns].emit(builder, x)

    def __call__(self, x):
        """The function of an array, or of a symbolic tensor."""
        y = self.function(x)
        return tensor(y) if isinstance(y, np.ndarray) else y

    def __repr__(self):
        return f"<activation {self.name}>"


def _emit_op(builder, x, kind, attributes):
    return builder.emit(kind, x, **attributes)


def rectify(negative_slope=0.0, max_value=None, threshold=0.0):
    """The op of a rectification with these arguments, and its attributes.

    Parameters
    ----------
    negative_slope : float
        Slope below ``threshold``.
    max_value : float, optional
        What the result does not exceed.
    threshold : float
        Below it the result is ``negative_slope * (x - threshold)``.

    Raises
    ------
    ValueError
        If an argument is no number, or ``negative_slope`` or ``max_value`` are negative.
    """
    slope = check_real(negative_slope, "relu: negative_slope", 0)
    threshold = check_real(threshold, "relu: threshold", -np.inf)
    if max_value is not None:
        max_value = check_real(max_value, "relu: max_value", 0)
    if slope == threshold == 0:
        line = {"slope": 1.0, "offset": 0.0, "low": 0.0, "high": max_value}
        return ("relu", {}) if max_value is None else ("clipped_line", line)
    most = np.inf if max_value is None else max_value
    return "rectify", {"negative_slope": slope, "threshold": threshold, "max_value": most}


def elu_op(alpha=1.0, scale=1.0, divisor=1.0):
    """The op of the exponential linear units and its attributes; ValueError for a negative ``alpha``."""
    return "elu", {"alpha": check_real(alpha, "elu: alpha", 0), "scale": scale, "divisor": divisor}


def _relu(negative_slope=0.0, max_value=None, threshold=0.0):
    """Rectification: max(x, 0); with its arguments as in ``layers.ReLU``."""
    return rectify(negative_slope, max_value, threshold)


def _leaky_relu(negative_slope=0.2):
    """x where x > 0, else negative_slope * x."""
    return rectify(negative_slope)


def _relu6():
    """min(max(x, 0), 6)."""
    return rectify(max_value=6.0)


def _elu(alpha=1.0):
    """x where x > 0, else alpha * (exp(x) - 1)."""
    return elu_op(alpha)


def _selu():
    """Scaled exponential linear unit: elu with alpha 1.67326..., times 1.05070...."""
    return elu_op(1.6732632423543772, 1.0507009873554805)


def _celu(alpha=1.0):
    """x where x > 0, else alpha * (exp(x / alpha) - 1)."""
    if check_real(alpha, "celu: alpha", 0) == 0:
        raise ValueError("celu: alpha must be above 0")
    return elu_op(alpha, 1.0, float(alpha))


def _squareplus(b=4):
    """(x + sqrt(x^2 + b)) / 2."""
    if check_real(b, "squareplus: b", 0) == 0:
        raise ValueError("squareplus: b must be above 0; relu is what it would be")
    return "squareplus", {"b": float(b)}


def _gelu(approximate=False):
    """x times the normal distribution at x; ``approximate`` takes tanh in place of erf."""
    return ("gelu_tanh" if approximate else "gelu"), {}


def _hard_sigmoid():
    """x / 6 + 1/2, clipped to 0 .. 1."""
    return "clipped_line", {"slope": 1 / 6, "offset": 0.5, "low": 0.0, "high": 1.0}


def _hard_tanh():
    """x clipped to -1 .. 1."""
    return "clipped_line", {"slope": 1.0, "offset": 0.0, "low": -1.0, "high": 1.0}


def _sparse_sigmoid():
    """(x + 1) / 2, clipped to 0 .. 1."""
    return "clipped_line", {"slope": 0.5, "offset": 0.5, "low": 0.0, "high": 1.0}


def _soft_shrink(threshold=0.5):
    """x drawn towards 0 by threshold; 0 where it would change its sign."""
    return "soft_shrink", {"threshold": check_real(threshold, "soft_shrink: threshold", 0)}


def _hard_shrink(threshold=0.5):
    """x where abs(x) > threshold, else 0."""
    return "hard_shrink", {"threshold": check_real(threshold, "hard_shrink: threshold", 0)}


def _threshold(threshold, default_value):
    """x where x > threshold, else default_value."""
    limit = check_real(threshold, "threshold: threshold", -np.inf)
    return "threshold", {
        "threshold": limit,
        "default_value": check_real(default_value, "threshold: default_value", -np.inf),
    }


def _plain(name, op, elementwise=True):
    """An activation without arguments."""

    def choose():
        return op, {}

    choose.__doc__ = f"{name}: see the op {op!r} in ``fastnn.ops``." if op else "x itself."
    return ActivationFunction(name, choose, elementwise)


linear = _plain("linear", None)
relu = ActivationFunction("relu", _relu)
leaky_relu = ActivationFunction("leaky_relu", _leaky_relu)
relu6 = ActivationFunction("relu6", _relu6)
sigmoid = _plain("sigmoid", "sigmoid")
tanh = _plain("tanh", "tanh")
softmax = _plain("softmax", "softmax", elementwise=False)
log_softmax = _plain("log_softmax", "log_softmax", elementwise=False)
elu = ActivationFunction("elu", _elu)
selu = ActivationFunction("selu", _selu)
celu = ActivationFunction("celu", _celu)
softplus = _plain("softplus", "softplus")
softsign = _plain("softsign", "softsign")
squareplus = ActivationFunction("squareplus", _squareplus)
silu = swish = _plain("silu", "silu")
gelu = ActivationFunction("gelu", _gelu)
mish = _plain("mish", "mish")
exponential = _plain("exponential", "exponential")
log_sigmoid = _plain("log_sigmoid", "log_sigmoid")
hard_sigmoid = ActivationFunction("hard_sigmoid", _hard_sigmoid)
hard_silu = hard_swish = _plain("hard_silu", "hard_silu")
hard_tanh = ActivationFunction("hard_tanh", _hard_tanh)
sparse_sigmoid = ActivationFunction("sparse_sigmoid", _sparse_sigmoid)
tanh_shrink = _plain("tanh_shrink", "tanh_shrink")
soft_shrink = ActivationFunction("soft_shrink", _soft_shrink)
hard_shrink = ActivationFunction("hard_shrink", _hard_shrink)
threshold = ActivationFunction("threshold", _threshold)

KNOWN = {name: item for name, item in vars().items() if isinstance(item, ActivationFunction)}
"""By name; silu and hard_silu have two names each."""

__all__ = sorted({"deserialize", "get", "serialize", *KNOWN})

LAYERS = {}
"""Layers that may be given as an activation, by class name; ``fastnn.layers`` fills it."""


def get(identifier):
    """The activation called ``identifier``; None means linear, and an activation is returned as it is.

    A layer without weights that computes elementwise, such as ``layers.LeakyReLU(0.1)``, counts as an activation, and
    so does a function of one's own; see :class:`OwnActivation`.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything else.
    """
    if identifier is None:
        return linear
    if isinstance(identifier, (ActivationFunction, OwnActivation, *LAYERS.values())):
        return identifier
    if isinstance(identifier, type) and identifier in LAYERS.values():
        return identifier()
    if isinstance(identifier, dict) and identifier.get("class_name") in LAYERS:
        return LAYERS[identifier["class_name"]].from_config(identifier.get("config", {}))
    if callable(identifier) and not isinstance(identifier, type) and not hasattr(identifier, "add_weight"):
        return OwnActivation(identifier)
    if not isinstance(identifier, str):
        raise TypeError(
            f"an activation is a function, or given by name, one of {', '.join(sorted(KNOWN))}; got {identifier!r}"
        )
    if identifier not in KNOWN:
        raise ValueError(f"unknown activation {identifier!r}; known are: {', '.join(sorted(KNOWN))}")
    return KNOWN[identifier]


def serialize(activation):
    """The name of an activation, or class name and configuration of a layer, from which ``get`` makes it again."""
    activation = get(activation)
    if isinstance(activation, ActivationFunction):
        return activation.name
    if isinstance(activation, OwnActivation):
        return activation.function
    return {"class_name": type(activation).__name__, "config": activation.get_config()}


def deserialize(config, custom_objects=None):
    """The activation that ``serialize`` told of; one of ``custom_objects`` goes before a known name."""
    if custom_objects and isinstance(config, str) and config in custom_objects:
        return get(custom_objects[config])
    return get(config)


def logits(builder, buffer, activation):
    """What ``activation`` was applied to where it made ``buffer``, else None.

    Losses that take logarithm and exponential together read the logits, where nothing has been rounded to 0
    or 1.
    """
    source = builder.source(buffer)
    return source.inputs[0] if source is not None and source.kind.name == activation.op else None
