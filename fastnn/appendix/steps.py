"""One layer, forward and backward."""

import numpy as np

from . import activations
from .arrays import check_shape, functions, matmul, matrices

FORWARD = {
    "sigmoid": activations.sigmoid,
    "relu": activations.relu,
    "softmax": activations.softmax_function,
}
BACKWARD = {
    "sigmoid": activations.sigmoid_backward,
    "relu": activations.relu_backward,
    "softmax": activations.softmax_backward,
}


def linear_forward(A, W, b):
    """Z = W A + b.

    Parameters
    ----------
    A : array (n_previous, m)
        Activations of the layer before, or X.
    W : array (n, n_previous)
    b : array (n, 1)

    Returns
    -------
    Z : array (n, m)
    cache : tuple
        (A, W, b), for :func:`linear_backward`.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    A, W, b = matrices("linear_forward", A=A, W=W, b=b)
    check_shape("linear_forward", "W", W, (None, A.shape[0]), f"a column for each row of A, which is {A.shape}")
    check_shape("linear_forward", "b", b, (W.shape[0], 1), f"a number for each row of W, which is {W.shape}")
    return matmul(W, A, b), (A, W, b)


def linear_activation(A_prev, W, b, activation):
    """A = activation(W A_prev + b).

    Parameters
    ----------
    A_prev, W, b
        As A, W, b of :func:`linear_forward`.
    activation : {"sigmoid", "relu", "softmax"}

    Returns
    -------
    A : array (n, m)
    cache : tuple
        (linear_cache, activation_cache), for :func:`linear_activation_backward`.
    """
    function = _choose("linear_activation", activation, FORWARD)
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = function(Z)
    return A, (linear_cache, activation_cache)


def linear_backward(dZ, cache):
    """Gradients of Z = W A_prev + b, dW and db as the mean over the m samples.

        dA_prev = W^T dZ        dW = dZ A_prev^T / m        db = sum of dZ over the samples / m

    Parameters
    ----------
    dZ : array (n, m)
        Gradient of each sample's own loss.
    cache : tuple
        (A_prev, W, b), as :func:`linear_forward` returned it.

    Returns
    -------
    dA_prev : array (n_previous, m)
    dW : array (n, n_previous)
    db : array (n, 1)
    """
    dZ, (A_prev, W, _) = _checked("linear_backward", dZ, cache)
    return matmul(W.T, dZ), *parameter_gradients(dZ, A_prev)


def linear_activation_backward(dA, cache, activation):
    """Gradients of A = activation(W A_prev + b): dA_prev, dW, db, as :func:`linear_backward` returns them.

    Parameters
    ----------
    dA : array (n, m)
    cache : tuple
        (linear_cache, activation_cache), as :func:`linear_activation` returned it.
    activation : {"sigmoid", "relu", "softmax"}
    """
    backward = _choose("linear_activation_backward", activation, BACKWARD)
    linear_cache, activation_cache = pair("linear_activation_backward", cache)
    return linear_backward(backward(dA, activation_cache), linear_cache)


def parameter_gradients(dZ, A_prev):
    """dW and db of checked arrays."""
    m = dZ.shape[1]
    db = np.empty((dZ.shape[0], 1), dZ.dtype)
    functions().row_sums(db, np.ascontiguousarray(dZ), float(m))
    return matmul(dZ, A_prev.T, divisor=float(m)), db


def pair(where, cache):
    """The two parts of a cache of ``linear_activation``."""
    if not isinstance(cache, tuple) or len(cache) != 2:
        raise ValueError(
            f"{where}: cache must be the pair (linear_cache, activation_cache) that linear_activation returned, "
            f"got {_what(cache)}"
        )
    return cache


def _checked(where, dZ, cache):
    if not isinstance(cache, tuple) or len(cache) != 3:
        raise ValueError(
            f"{where}: cache must be the triple (A_prev, W, b) that linear_forward returned, got {_what(cache)}"
        )
    dZ, A_prev, W, b = matrices(where, dZ=dZ, **dict(zip(("A_prev", "W", "b"), cache, strict=True)))
    check_shape(where, "W", W, (None, A_prev.shape[0]), f"a column for each row of A_prev, which is {A_prev.shape}")
    check_shape(where, "dZ", dZ, (W.shape[0], A_prev.shape[1]), "rows as W has, columns as A_prev has")
    return dZ, (A_prev, W, b)


def _what(cache):
    return f"a tuple of {len(cache)}" if isinstance(cache, tuple) else type(cache).__name__


def _choose(where, activation, functions_by_name):
    if activation not in functions_by_name:
        raise ValueError(f"{where}: unknown activation {activation!r}; expected one of {list(functions_by_name)}")
    return functions_by_name[activation]
