"""The whole net: parameters, forward, cost, backward, update.

Hidden layers are ReLU. The last layer is softmax, or sigmoid where it has a single row (a net of one output tells
two classes apart). Either way the cost is the cross-entropy, and dZ of the last layer is AL - Y.
"""

from itertools import pairwise

import numpy as np

from ..checks import check_int
from . import activations
from .arrays import apply, check_shape, functions, matmul, matrices
from .steps import linear_activation, pair, parameter_gradients


class Gradients(dict):
    """dA1 ..., dW1 ..., db1 ...; and dA0, the gradient of the data, worked out when it is asked for.

    No update needs dA0, and it costs as much as the first layer's forward pass.
    """

    def __init__(self, W1, dZ1):
        super().__init__()
        self._first = W1, dZ1

    def __missing__(self, key):
        if key != "dA0":
            raise KeyError(f"{key!r}; there are {', '.join(sorted({*self, 'dA0'}))}")
        W1, dZ1 = self._first
        self[key] = matmul(W1.T, dZ1)
        return self[key]


def initialize_parameters(layer_dims, dtype=np.float64):
    """W1, b1, W2, b2, ...: weights 0.01 times a normal random number, zero biases.

    Parameters
    ----------
    layer_dims : sequence of int
        Numbers of the input and of each layer: [784, 128, 64, 10].
    dtype : dtype
        float64 or float32.

    Returns
    -------
    dict of str to array
        "W1" (n1, n0), "b1" (n1, 1), ... The random numbers are those after ``np.random.seed(3)``, whose state
        is left alone.
    """
    sizes = [check_int(size, "initialize_parameters: each number of layer_dims", 1) for size in layer_dims]
    if len(sizes) < 2:
        raise ValueError(f"initialize_parameters: layer_dims needs an input and a layer at least, got {layer_dims}")
    dtype = np.dtype(dtype)
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"initialize_parameters: dtype must be float32 or float64, got {dtype}")
    random = np.random.RandomState(3)
    parameters = {}
    for layer, (previous, size) in enumerate(pairwise(sizes), 1):
        parameters[f"W{layer}"] = (random.randn(size, previous) * 0.01).astype(dtype)
        parameters[f"b{layer}"] = np.zeros((size, 1), dtype)
    return parameters


def forward_model(X, parameters):
    """The net's output.

    Parameters
    ----------
    X : array (features, m)
    parameters : dict
        As :func:`initialize_parameters` makes it.

    Returns
    -------
    AL : array (classes, m)
    caches : list of tuple
        That of each layer, for :func:`backward_model`.
    """
    layers = _layers("forward_model", X, parameters)
    A, caches = X, []
    for layer in range(1, layers + 1):
        W = np.asarray(parameters[f"W{layer}"])
        last = "sigmoid" if W.shape[0] == 1 else "softmax"
        A, cache = linear_activation(A, W, parameters[f"b{layer}"], "relu" if layer < layers else last)
        caches.append(cache)
    return A, caches


def compute_cost(AL, Y):
    """The mean cross-entropy of the samples: -sum(Y log AL) / m, or with a single row that of both classes.

    log takes no number below the smallest normal one of the type: the cost stays finite and no other is changed.

    Parameters
    ----------
    AL : array (classes, m)
    Y : array (classes, m)
        One column a sample: a 1 in the row of its class.

    Returns
    -------
    float
    """
    AL, Y = _output("compute_cost", AL, Y)
    AL, Y = np.ascontiguousarray(AL), np.ascontiguousarray(Y)
    return 0.0 - functions().log_likelihood(AL, Y, AL.shape[0] == 1) / AL.shape[1]


def backward_model(AL, Y, caches):
    """Gradients of the cost.

    The last layer's activation and the cost are taken together: dZ = AL - Y, without the quotient Y / AL.

    Parameters
    ----------
    AL : array (classes, m)
    Y : array (classes, m)
    caches : list of tuple
        As :func:`forward_model` returned them.

    Returns
    -------
    Gradients
        A dict: "dA1", ..., of each sample's own loss; "dW1", "db1", ..., of the cost.
    """
    AL, Y = _output("backward_model", AL, Y)
    if not caches:
        raise ValueError("backward_model: caches is empty; give what forward_model returned")
    (A_prev, W, _), Z = pair("backward_model", caches[-1])
    check_shape("backward_model", "AL", AL, Z.shape, "the shape of the last layer's Z")
    dZ = apply("subtract", AL, Y)
    found = {}
    for layer in range(len(caches), 0, -1):
        (A_prev, W, _), _ = pair("backward_model", caches[layer - 1])
        W, A_prev, dZ = matrices("backward_model", W=W, A_prev=A_prev, dZ=dZ)
        found[f"dW{layer}"], found[f"db{layer}"] = parameter_gradients(dZ, A_prev)
        if layer > 1:
            found[f"dA{layer - 1}"] = matmul(W.T, dZ)
            dZ = activations.relu_backward(found[f"dA{layer - 1}"], caches[layer - 2][1])
    grads = Gradients(W, dZ)
    grads.update(found)
    return grads


def update_parameters(parameters, grads, learning_rate):
    """One step of gradient descent: W = W - learning_rate dW, b = b - learning_rate db.

    Parameters
    ----------
    parameters, grads : dict
    learning_rate : float

    Returns
    -------
    dict
        ``parameters`` itself with new arrays in it; those that were there stay as they are.
    """
    layers, rate, updated = len(parameters) // 2, float(learning_rate), {}
    for layer in range(1, layers + 1):
        for name in (f"W{layer}", f"b{layer}"):
            missing = name if name not in parameters else f"d{name}" if f"d{name}" not in grads else None
            if missing:
                raise ValueError(f"update_parameters: there is no {missing!r} for layer {layer} of {layers}")
            value, gradient = matrices(
                "update_parameters", **{name: parameters[name], f"d{name}": grads[f"d{name}"]}
            )
            check_shape("update_parameters", f"d{name}", gradient, value.shape, f"that of {name}")
            updated[name] = apply("step", value, gradient, rate)
    parameters.update(updated)
    return parameters


def _layers(where, X, parameters):
    """Number of layers; ValueError unless the parameters fit X and each other."""
    (X,) = matrices(where, X=X)
    layers, features, before = len(parameters) // 2, X.shape[0], f"X, which is {X.shape}"
    if not layers:
        raise ValueError(f"{where}: parameters is empty; give what initialize_parameters returned")
    for layer in range(1, layers + 1):
        for name in (f"W{layer}", f"b{layer}"):
            if name not in parameters:
                raise ValueError(f"{where}: parameters has no {name!r}; there are {', '.join(parameters)}")
        W, b = matrices(where, **{name: parameters[name] for name in (f"W{layer}", f"b{layer}")})
        check_shape(where, f"W{layer}", W, (None, features), f"a column for each row of {before}")
        check_shape(where, f"b{layer}", b, (W.shape[0], 1), f"a number for each row of W{layer}")
        features, before = W.shape[0], f"A{layer}, which has those of W{layer} {W.shape}"
    return layers


def _output(where, AL, Y):
    AL = np.asarray(AL)
    if np.ndim(Y) == 1 and AL.ndim == 2:
        raise ValueError(
            f"{where}: Y has shape {np.shape(Y)}, expected {AL.shape}: one column a sample; from class numbers "
            f"make it with np.eye({AL.shape[0]})[Y].T"
        )
    AL, Y = matrices(where, AL=AL, Y=Y)
    check_shape(where, "Y", Y, AL.shape, "the shape of AL, one column a sample")
    return AL, Y
