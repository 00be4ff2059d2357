"""What scripts take from ``keras.backend``, by custom called ``K``: settings, and values of variables.

Functions of tensors under the names that they had in Keras 2 (``K.square``, ``K.dot``) stand in ``keras.ops`` today;
they take arrays, tensors and symbolic tensors.

Not to be confused with :mod:`fastnn.backends`, which run programs.
"""

import gc

import numpy as np

from . import naming, random
from .checks import check_real
from .config import backend, epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format
from .symbolic import draws
from .symbolic import functions as ops
from .tensor import Variable, tensor

__all__ = [
    "backend", "batch_flatten", "binary_crossentropy", "categorical_crossentropy", "clear_session", "constant",
    "dtype", "epsilon", "eval", "flatten", "floatx", "function", "get_value", "image_data_format", "int_shape",
    "is_keras_tensor", "l2_normalize", "learning_phase", "ndim", "random_normal", "random_uniform", "set_epsilon",
    "set_floatx", "set_image_data_format", "set_learning_phase", "set_value",
    "sparse_categorical_crossentropy", "variable",
]  # fmt: skip


def clear_session(free_memory=True):
    """Count the names of layers and models from the beginning again, as after a fresh start.

    The seed stays as it is.

    Parameters
    ----------
    free_memory : bool
        Whether to run Python's garbage collection.
    """
    naming.clear()
    if free_memory:
        gc.collect()


def get_value(x):
    """The value of a parameter, of an optimizer's learning rate, or of anything made of numbers, as NumPy has it."""
    value = x.numpy() if hasattr(x, "numpy") else x
    return value if np.ndim(value) else np.asarray(value)[()]


def set_value(x, value):
    """Set a parameter, or an optimizer's learning rate as in ``K.set_value(model.optimizer.lr, 0.01)``.

    Raises
    ------
    TypeError
        For something that cannot be set, such as a plain number or array.
    """
    if not hasattr(x, "assign"):
        raise TypeError(
            f"set_value expects a parameter of a layer or optimizer.learning_rate, got {type(x).__name__}"
        )
    x.assign(check_real(float(value), "value", 0) if np.ndim(x) == 0 else value)


eval = get_value


def function(inputs, outputs, updates=None, name=None):
    """A function of arrays that computes symbolic tensors, such as the outputs of hidden layers.

    Parameters
    ----------
    inputs : KerasTensor or list of such
        ``K.learning_phase()`` may stand among them: 1 for it is ``training=True``.
    outputs : KerasTensor or list of such
    updates : None
        Not supported: a function changes nothing.
    name : str, optional

    Returns
    -------
    function
        Of a list of arrays (or one), that returns a list of arrays, or one where ``outputs`` is no list.
    """
    from .models import Model

    if updates:
        raise NotImplementedError("K.function: updates are not supported; assign to the variables after the call")
    places = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    model = Model([x for x in places if is_keras_tensor(x)], outputs)

    def run(values):
        values = list(values) if isinstance(values, (list, tuple)) else [values]
        if len(values) != len(places):
            raise ValueError(f"expected {len(places)} inputs, got {len(values)}")
        pairs = list(zip(places, values, strict=True))
        arrays = [np.asarray(value) for place, value in pairs if is_keras_tensor(place)]
        training = any(bool(value) for place, value in pairs if not is_keras_tensor(place))
        found = model(arrays if len(arrays) > 1 else arrays[0], training=training)
        if not isinstance(outputs, (list, tuple)):
            return np.asarray(found)
        return [np.asarray(y) for y in (found if isinstance(found, (list, tuple)) else [found])]

    return run


def is_keras_tensor(x):
    """Whether ``x`` is an output of a layer of a functional model that is being put together."""
    return type(x).__name__ == "KerasTensor"


# Functions of Keras 2 that keras.ops has under the same name, or under another one.

SAME_NAME = (
    "abs", "all", "any", "arange", "argmax", "argmin", "cast", "clip", "concatenate", "cos", "cumsum", "dot", "elu",
    "equal", "exp", "expand_dims", "eye", "greater", "greater_equal", "hard_sigmoid", "less", "less_equal", "log",
    "max", "maximum", "mean", "min", "minimum", "not_equal", "one_hot", "ones", "ones_like", "prod", "relu", "repeat",
    "reshape", "round", "shape", "sigmoid", "sign", "sin", "softmax", "softplus", "softsign", "sqrt", "square",
    "squeeze", "stack", "std", "stop_gradient", "sum", "tanh", "tile", "transpose", "var", "zeros", "zeros_like",
)  # fmt: skip
OTHER_NAME = {"gather": "take", "logsumexp": "logsumexp", "pow": "power", "switch": "where"}


def __getattr__(name):
    found = name if name in SAME_NAME else OTHER_NAME.get(name)
    if found is None:
        raise AttributeError(f"keras.backend has no {name!r} here; it has: {', '.join(__dir__())}")
    return getattr(ops, found)


def __dir__():
    return sorted([*__all__, *SAME_NAME, *OTHER_NAME])


def constant(value, dtype=None, shape=None, name=None):
    """The value as a tensor."""
    array = tensor(value, dtype or floatx())
    return array if shape is None else tensor(np.broadcast_to(array, shape))


def variable(value, dtype=None, name=None, constraint=None):
    """An array that can be assigned to."""
    if constraint is not None:
        raise ValueError("variable: constraints are for weights of layers; give add_weight(constraint=...)")
    return Variable(value, dtype=dtype or floatx(), name=name)


def batch_flatten(x):
    """Each sample as a row of numbers."""
    return ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))


def flatten(x):
    """All elements in a row."""
    return ops.reshape(x, (-1,))


def l2_normalize(x, axis=-1):
    """``x`` divided by its Euclidean norm along an axis."""
    squares = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return ops.divide(x, ops.sqrt(ops.maximum(squares, 1e-12)))


def binary_crossentropy(target, output, from_logits=False):
    """The cross-entropy of each element."""
    if from_logits:
        return ops.subtract(ops.softplus(output), ops.multiply(target, output))
    p = ops.clip(output, epsilon(), 1 - epsilon())
    one = ops.multiply(target, ops.log(p))
    return ops.negative(ops.add(one, ops.multiply(ops.subtract(1.0, target), ops.log(ops.subtract(1.0, p)))))


def categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """The cross-entropy of each row."""
    from .losses import categorical_crossentropy

    return categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """The cross-entropy of each row, for class numbers."""
    from .losses import sparse_categorical_crossentropy

    return sparse_categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def int_shape(x):
    """The shape as a tuple."""
    return tuple(x.shape)


def ndim(x):
    """The number of axes."""
    return len(x.shape)


def dtype(x):
    """The name of the type."""
    return str(np.dtype(x.dtype))


def learning_phase():
    """0: outside of ``fit`` layers behave as at inference."""
    return 0


def set_learning_phase(value):
    """Refused: each call says it by ``training=``."""
    raise ValueError(f"set_learning_phase({value!r}): say it with each call instead, model(x, training=True)")


def random_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normally distributed numbers; of the shape of a symbolic tensor, drawn anew for each batch."""
    if draws.is_for_rows(shape):
        return draws.normal(shape, mean, stddev)
    draw = random.generator(random.next_key("backend") if seed is None else seed)
    return tensor(draw.normal(mean, stddev, shape), dtype or floatx())


def random_uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    """Evenly distributed numbers."""
    draw = random.generator(random.next_key("backend") if seed is None else seed)
    return tensor(draw.uniform(minval, maxval, shape), dtype or floatx())
