"""Activation functions on (B, N), and their derivatives written with the *output* Y.

With y = f(x), the backward op is dX = dY * f'(x). Each f here has a derivative that needs only y. More of them are in
``rectifiers.py`` and ``smooth.py``. Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), sections 6.2.2
and 6.3.
"""

import numpy as np

from .kind import OpKind


class Activation(OpKind):
    """An activation whose gradient op is called ``<name>_grad`` and reads dY, and Y or else X.

    The gradient op has the attributes of the activation.
    """

    signature = "BN <- BN"
    results = ("a",)
    gradient_reads = "y"

    def backward(self, builder, op, dy):
        (x,) = op.inputs
        if builder.needs_gradient(x):
            read = x if self.gradient_reads == "x" else op.outputs[0]
            dx = builder.emit(self.name + "_grad", dy, read, name=builder.gradient_name(x), **op.attributes)
            builder.add_gradient(x, dx)


class ActivationGradient(OpKind):
    signature = "BN <- BN, BN"


class Relu(Activation):
    """y = max(x, 0); NaN stays NaN."""

    name = "relu"

    def compute(self, step, x):
        return np.maximum(x, 0)


class ReluGradient(ActivationGradient):
    """dx = dy where y > 0, else 0 (the derivative at the kink x = 0 is taken as 0)."""

    name = "relu_grad"

    def compute(self, step, dy, y):
        return np.where(y > 0, dy, np.zeros_like(dy))


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), computed with exp(-abs(x)) so that nothing overflows."""

    name = "sigmoid"

    def compute(self, step, x):
        e = np.exp(-np.abs(x))
        return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


class SigmoidGradient(ActivationGradient):
    """dx = dy * y * (1 - y)."""

    name = "sigmoid_grad"

    def compute(self, step, dy, y):
        return dy * (y * (1 - y))


class Tanh(Activation):
    """y = tanh(x)."""

    name = "tanh"

    def compute(self, step, x):
        return np.tanh(x)


class TanhGradient(ActivationGradient):
    """dx = dy * (1 - y^2)."""

    name = "tanh_grad"

    def compute(self, step, dy, y):
        return dy * (1 - y * y)


class Softmax(Activation):
    """y_j = exp(x_j - max x) / sum_k exp(x_k - max x), over each row."""

    name = "softmax"

    def compute(self, step, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)


class SoftmaxGradient(ActivationGradient):
    """dx_j = y_j * (dy_j - sum_k dy_k y_k), over each row."""

    name = "softmax_grad"

    def compute(self, step, dy, y):
        return y * (dy - (dy * y).sum(axis=1, keepdims=True))


class LogSoftmax(Activation):
    """y_j = x_j - max x - log(sum_k exp(x_k - max x)), over each row."""

    name = "log_softmax"

    def compute(self, step, x):
        shifted = x - x.max(axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


class LogSoftmaxGradient(ActivationGradient):
    """dx_j = dy_j - exp(y_j) * sum_k dy_k, over each row."""

    name = "log_softmax_grad"

    def compute(self, step, dy, y):
        return dy - np.exp(y) * dy.sum(axis=1, keepdims=True)
