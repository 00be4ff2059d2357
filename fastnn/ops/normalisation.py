"""Batch normalisation and its gradients.

Over the rows b of a batch, for each column: mean m, variance v = mean of (x - m)^2, xhat = (x - m) / sqrt(v + epsilon),
y = gamma xhat + beta. The chain rule through m and v gives

    dbeta  = sum_b dy,   dgamma = sum_b dy xhat
    dx     = gamma / sqrt(v + epsilon) * (dy - dbeta / B - xhat dgamma / B)

Source: Ioffe, Szegedy, "Batch normalization" (2015), algorithm 1 and section 3. Prediction uses moving averages.
"""

from contextlib import nullcontext

import numpy as np

from .kind import OpKind


def _normalised(x, mean, variance, epsilon):
    return (x - mean) / np.sqrt(variance + epsilon)


def _scaled(xhat, gamma, beta):
    y = xhat if gamma is None else gamma * xhat
    return y if beta is None else y + beta


def _sums(builder, op, dy, x, mean, variance):
    """The gradients of gamma and beta, named after the layer that the op is of."""
    layer = builder.buffer(op.outputs[0]).name.rpartition("/")[0]
    with builder.scope(layer) if layer else nullcontext():
        return builder.emit("batch_norm_sums", dy, x, mean, variance, **op.attributes)


class BatchNorm(OpKind):
    """y = gamma xhat + beta, with mean and variance of the batch, which are results too.

    At inference it becomes ``batch_norm_inference``, which reads the moving averages; here they are not read.
    """

    name = "batch_norm"
    signature = "BN, N, N <- BN, N?, N?, N, N"
    attributes = ("epsilon",)
    results = ("y", "mean", "variance")

    def compute(self, step, x, gamma, beta, moving_mean, moving_variance, epsilon):
        mean = x.mean(axis=0)
        variance = np.square(x - mean).mean(axis=0)
        return _scaled(_normalised(x, mean, variance, epsilon), gamma, beta), mean, variance

    def backward(self, builder, op, dy):
        (x, gamma, beta, _, _), (_, mean, variance) = op.inputs, op.outputs
        sums = _sums(builder, op, dy, x, mean, variance)
        if builder.needs_gradient(x):
            inputs = dy, x, gamma, mean, variance, *sums
            builder.add_gradient(
                x, builder.emit("batch_norm_dx", *inputs, name=builder.gradient_name(x), **op.attributes)
            )
        for parameter, gradient in ((gamma, sums[0]), (beta, sums[1])):
            if parameter is not None:
                builder.add_gradient(parameter, gradient)


class BatchNormSums(OpKind):
    """dgamma = sum of the rows of dy xhat, dbeta = sum of the rows of dy."""

    name = "batch_norm_sums"
    signature = "N, N <- BN, BN, N, N"
    attributes = ("epsilon",)
    results = ("dgamma", "dbeta")

    def compute(self, step, dy, x, mean, variance, epsilon):
        return (dy * _normalised(x, mean, variance, epsilon)).sum(axis=0), dy.sum(axis=0)


class BatchNormDX(OpKind):
    """dx = gamma / sqrt(v + epsilon) * (dy - dbeta / B - xhat dgamma / B)."""

    name = "batch_norm_dx"
    signature = "BN <- BN, BN, N?, N, N, N, N"
    attributes = ("epsilon",)

    def compute(self, step, dy, x, gamma, mean, variance, dgamma, dbeta, epsilon):
        xhat, rows = _normalised(x, mean, variance, epsilon), len(x)
        centred = dy - dbeta / rows - xhat * (dgamma / rows)
        return _scaled(centred / np.sqrt(variance + epsilon), gamma, None)


class BatchNormInference(OpKind):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with given mean and variance."""

    name = "batch_norm_inference"
    signature = "BN <- BN, N?, N?, N, N"
    attributes = ("epsilon",)

    def compute(self, step, x, gamma, beta, mean, variance, epsilon):
        return _scaled(_normalised(x, mean, variance, epsilon), gamma, beta)

    def backward(self, builder, op, dy):
        x, gamma, beta, mean, variance = op.inputs
        if builder.needs_gradient(x):
            inputs = dy, gamma, variance
            builder.add_gradient(
                x, builder.emit("batch_norm_inference_dx", *inputs, name=builder.gradient_name(x), **op.attributes)
            )
        learnt = [p is not None and builder.needs_gradient(p) for p in (gamma, beta)]
        if any(learnt):
            sums = _sums(builder, op, dy, x, mean, variance)
            for parameter, gradient, wanted in zip((gamma, beta), sums, learnt, strict=True):
                if wanted:
                    builder.add_gradient(parameter, gradient)


BatchNorm.at_inference = BatchNormInference()


class BatchNormInferenceDX(OpKind):
    """dx = gamma dy / sqrt(variance + epsilon)."""

    name = "batch_norm_inference_dx"
    signature = "BN <- BN, N?, N"
    attributes = ("epsilon",)

    def compute(self, step, dy, gamma, variance, epsilon):
        return _scaled(dy / np.sqrt(variance + epsilon), gamma, None)


class MovingAverage(OpKind):
    """m = momentum m + (1 - momentum) x."""

    name = "moving_average"
    signature = "* <- *, *"
    attributes = ("momentum",)
    in_place = 1

    def compute(self, step, m, x, momentum):
        return momentum * m + (1 - momentum) * x
