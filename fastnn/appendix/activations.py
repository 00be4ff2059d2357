"""Activation functions and their derivatives. The cache is Z, what the derivative needs."""

import numpy as np

from .arrays import apply, check_shape, functions, matrices


def sigmoid(Z):
    """A = 1 / (1 + exp(-Z)).

    Parameters
    ----------
    Z : array (n, m)

    Returns
    -------
    A : array (n, m)
    cache : array (n, m)
        Z, for :func:`sigmoid_backward`.
    """
    (Z,) = matrices("sigmoid", Z=Z)
    return apply("sigmoid", Z), Z


def relu(Z):
    """A = max(Z, 0).

    Parameters
    ----------
    Z : array (n, m)

    Returns
    -------
    A : array (n, m)
    cache : array (n, m)
        Z, for :func:`relu_backward`.
    """
    (Z,) = matrices("relu", Z=Z)
    return apply("relu", Z), Z


def softmax_function(Z):
    """A[i, j] = exp(Z[i, j]) / sum_k exp(Z[k, j]): the columns, one a sample, each add up to 1.

    The largest number of a column is taken off before exp, which changes no quotient and lets nothing overflow.

    Parameters
    ----------
    Z : array (classes, m)

    Returns
    -------
    A : array (classes, m)
    cache : array (classes, m)
        Z, for :func:`softmax_backward`.
    """
    (Z,) = matrices("softmax_function", Z=Z)
    Z = np.ascontiguousarray(Z)
    A = np.empty_like(Z)
    functions().softmax(A, Z)
    return A, Z


def sigmoid_backward(dA, cache):
    """dZ = dA * s * (1 - s), s = 1 / (1 + exp(-Z)).

    Parameters
    ----------
    dA : array (n, m)
        Gradient of the activation.
    cache : array (n, m)
        Z, as :func:`sigmoid` returned it.

    Returns
    -------
    dZ : array (n, m)
    """
    dA, Z = _pair("sigmoid_backward", dA, cache)
    return apply("sigmoid_backward", dA, Z)


def relu_backward(dA, cache):
    """dZ = dA where Z > 0, else 0; dA and cache as for :func:`sigmoid_backward`."""
    dA, Z = _pair("relu_backward", dA, cache)
    return apply("relu_backward", dA, Z)


def softmax_backward(dA, cache):
    """dZ = A * (dA - sum of dA * A over the column); dA and cache as for :func:`sigmoid_backward`.

    :func:`~fastnn.appendix.backward_model` does not need it: with the cross-entropy's dA the result is AL - Y.
    """
    dA, Z = _pair("softmax_backward", dA, cache)
    dA, Z = np.ascontiguousarray(dA), np.ascontiguousarray(Z)
    dZ = np.empty_like(Z)
    functions().softmax_backward(dZ, dA, Z)
    return dZ


def _pair(where, dA, cache):
    dA, Z = matrices(where, dA=dA, cache=cache)
    check_shape(where, "dA", dA, Z.shape, "one gradient for each number of the cache, which is Z")
    return dA, Z
