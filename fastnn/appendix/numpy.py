"""The appendix in plain NumPy, in the notes' own form, with their faults mended: read here how it works.

Shapes: X (features, m), one column a sample; W (n, n_previous), b (n, 1); Z, A, dZ, dA (n, m).

``fastnn.appendix`` has the same functions compiled, and checks its arguments.
"""

import numpy as np


def sigmoid(Z):
    with np.errstate(over="ignore"):  # exp(-Z) may be infinite; 1 / (1 + inf) is 0, as it should be
        A = 1 / (1 + np.exp(-Z))
    return A, Z


def relu(Z):
    return np.maximum(0, Z), Z


def softmax_function(Z):
    e = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    return e / np.sum(e, axis=0, keepdims=True), Z


def sigmoid_backward(dA, cache):
    s, _ = sigmoid(cache)
    return dA * s * (1 - s)


def relu_backward(dA, cache):
    dZ = np.array(dA, copy=True)
    dZ[cache <= 0] = 0
    return dZ


def softmax_backward(dA, cache):
    A, _ = softmax_function(cache)
    return A * (dA - np.sum(dA * A, axis=0, keepdims=True))


def initialize_parameters(layer_dims, dtype=np.float64):
    random = np.random.RandomState(3)  # the numbers of np.random.seed(3); np.random.randn
    parameters = {}
    for l in range(1, len(layer_dims)):  # noqa: E741
        parameters["W" + str(l)] = (random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01).astype(dtype)
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1), dtype)
    return parameters


def linear_forward(A, W, b):
    Z = np.dot(W, A) + b
    return Z, (A, W, b)


def linear_activation(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    elif activation == "softmax":
        A, activation_cache = softmax_function(Z)
    return A, (linear_cache, activation_cache)


def forward_model(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):  # noqa: E741
        A, cache = linear_activation(A, parameters["W" + str(l)], parameters["b" + str(l)], "relu")
        caches.append(cache)
    last = "sigmoid" if len(parameters["W" + str(L)]) == 1 else "softmax"
    AL, cache = linear_activation(A, parameters["W" + str(L)], parameters["b" + str(L)], last)
    caches.append(cache)
    return AL, caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    tiny = np.finfo(AL.dtype).tiny  # log(0) is -inf
    log_likelihood = np.sum(Y * np.log(np.maximum(AL, tiny)))
    if len(AL) == 1:
        log_likelihood += np.sum((1 - Y) * np.log(np.maximum(1 - AL, tiny)))
    return float(0 - log_likelihood / m)


def linear_backward(dZ, cache):
    A_prev, W, _ = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    if activation == "relu":
        dZ = relu_backward(dA, activation_cache)
    elif activation == "sigmoid":
        dZ = sigmoid_backward(dA, activation_cache)
    elif activation == "softmax":
        dZ = softmax_backward(dA, activation_cache)
    return linear_backward(dZ, linear_cache)


def backward_model(AL, Y, caches):
    grads = {}
    L = len(caches)
    linear_cache, _ = caches[L - 1]
    dA, dW, db = linear_backward(AL - Y, linear_cache)  # softmax or sigmoid and the cost together: dZ = AL - Y
    grads["dA" + str(L - 1)], grads["dW" + str(L)], grads["db" + str(L)] = dA, dW, db
    for l in reversed(range(1, L)):  # noqa: E741
        dA, dW, db = linear_activation_backward(grads["dA" + str(l)], caches[l - 1], "relu")
        grads["dA" + str(l - 1)], grads["dW" + str(l)], grads["db" + str(l)] = dA, dW, db
    return grads


def update_parameters(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for l in range(1, L + 1):  # noqa: E741
        parameters["W" + str(l)] = parameters["W" + str(l)] - learning_rate * grads["dW" + str(l)]
        parameters["b" + str(l)] = parameters["b" + str(l)] - learning_rate * grads["db" + str(l)]
    return parameters
