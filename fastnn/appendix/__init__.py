"""Backpropagation written by hand, as the lecture's appendix does it: one function a step, compiled.

Everything is features-first: X is (features, m), one *column* a sample, and Z = W A + b. The names and the
results are those of the lecture notes; what is wrong in the notes' code is right here
(``examples/40_appendix_faults.py`` shows each fault). The notes' loop::

    parameters = initialize_parameters([784, 128, 64, 10])
    for _ in range(iterations):
        AL, caches = forward_model(X, parameters)
        cost = compute_cost(AL, Y)
        grads = backward_model(AL, Y, caches)
        parameters = update_parameters(parameters, grads, learning_rate)

Design
------
a. ``fastnn.appendix.numpy`` has the same functions in a few lines of NumPy each: read there how it works. A test
   compares the two.
b. Arrays are float32 where all are, else float64; results are new C-contiguous arrays. The arrays may lie in any
   order: ``x.T`` of an array (m, features) is not copied.
c. Each number of a product is one chain of fused multiply-adds, the same bits on every CPU; the GIL is released.
"""

from .activations import relu, relu_backward, sigmoid, sigmoid_backward, softmax_backward, softmax_function
from .model import (
    Gradients,
    backward_model,
    compute_cost,
    forward_model,
    initialize_parameters,
    update_parameters,
)
from .steps import linear_activation, linear_activation_backward, linear_backward, linear_forward

__all__ = [
    "Gradients",
    "backward_model",
    "compute_cost",
    "forward_model",
    "initialize_parameters",
    "linear_activation",
    "linear_activation_backward",
    "linear_backward",
    "linear_forward",
    "relu",
    "relu_backward",
    "sigmoid",
    "sigmoid_backward",
    "softmax_backward",
    "softmax_function",
    "update_parameters",
]
