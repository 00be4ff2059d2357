"""Losses: one value per row, and the gradient of their mean over the batch.

Every loss returns (value, d) with value (B) and d (B, N) = d mean(value) / d input, so d carries the factor 1/B.
Keras' formulas: ``keras.losses``, reduction "sum_over_batch_size"; EPSILON is ``keras.config.epsilon()``.
"""

import numpy as np

from .activations import Sigmoid
from .kind import OpKind

EPSILON = 1e-7


class Loss(OpKind):
    """A loss of predictions and targets of one shape. ``d`` may be left out where only the value is wanted."""

    signature = "B, BN? <- BN, BN"
    results = ("loss", "d")

    def backward(self, builder, op, dy):
        """Of a loss that is a part of another one, made of ordinary ops: dx_r = dy_r B d_r (d is of the mean)."""
        x, *targets = op.inputs
        if any(builder.needs_gradient(i) for i in targets if i is not None):
            raise ValueError(f"operation {self.name!r} has no gradient of its targets; let them not depend on weights")
        builder.add_gradient(x, builder.emit("loss_dx", dy, op.outputs[1], name=builder.gradient_name(x)))


def log_softmax(z):
    """z - log(sum(exp z)) over each row, shifted by the row's maximum so that nothing overflows."""
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def one_hot(labels, classes, dtype):
    """Labels (B) to rows of zeros with a single 1: (B, classes)."""
    return np.eye(classes, dtype=dtype)[labels]


class SoftmaxCrossEntropy(Loss):
    """value = -sum_j t_j log softmax(z)_j;  d = (softmax(z) * sum_j t_j - t) / B.

    Softmax and logarithm are taken together, from the logits z, so no probability is ever 0 or rounded to 1.
    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), equation 4.109.
    """

    name = "softmax_cross_entropy"

    def compute(self, step, z, t):
        logp = log_softmax(z)
        value = -(t * logp).sum(axis=1)
        return value, (np.exp(logp) * t.sum(axis=1, keepdims=True) - t) / len(z)


class SparseSoftmaxCrossEntropy(Loss):
    """The same for integer labels: value = -log softmax(z)_label."""

    name = "sparse_softmax_cross_entropy"
    signature = "B, BN? <- BN, B:i"

    def compute(self, step, z, labels):
        logp = log_softmax(z)
        value = -logp[np.arange(len(z)), labels]
        return value, (np.exp(logp) - one_hot(labels, z.shape[1], z.dtype)) / len(z)


class CategoricalCrossEntropy(Loss):
    """From probabilities: q = p / sum p, clipped to [EPSILON, 1 - EPSILON]; value = -sum_j t_j log q_j.

    With g_j = t_j / q_j where q_j lies inside the clip and 0 elsewhere, d_j = (sum_k g_k q_k - g_j) / (B sum p).
    """

    name = "categorical_cross_entropy"

    def compute(self, step, p, t):
        total = p.sum(axis=1, keepdims=True)
        q = p / total
        clipped = np.clip(q, p.dtype.type(EPSILON), p.dtype.type(1) - p.dtype.type(EPSILON))
        value = -(t * np.log(clipped)).sum(axis=1)
        g = np.where(q == clipped, t / clipped, np.zeros_like(t))
        return value, ((g * q).sum(axis=1, keepdims=True) - g) / (total * len(p))


class SparseCategoricalCrossEntropy(Loss):
    """The same for integer labels."""

    name = "sparse_categorical_cross_entropy"
    signature = "B, BN? <- BN, B:i"

    def compute(self, step, p, labels):
        return CategoricalCrossEntropy.compute(self, step, p, one_hot(labels, p.shape[1], p.dtype))


class SigmoidCrossEntropy(Loss):
    """Binary cross-entropy from logits, mean over the columns: max(z, 0) - z t + log(1 + exp(-abs z)).

    d = (sigmoid(z) - t) / (B N). Source of the stable form: TensorFlow, ``sigmoid_cross_entropy_with_logits``.
    """

    name = "sigmoid_cross_entropy"

    def compute(self, step, z, t):
        value = (np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean(axis=1)
        return value, (Sigmoid.compute(self, step, z) - t) / z.size


class BinaryCrossEntropy(Loss):
    """From probabilities p clipped to [EPSILON, 1 - EPSILON], mean over the columns: -(t log p + (1-t) log(1-p)).

    d = (p - t) / (p (1 - p) B N) inside the clip, 0 where p was clipped.
    """

    name = "binary_cross_entropy"

    def compute(self, step, p, t):
        clipped = np.clip(p, p.dtype.type(EPSILON), p.dtype.type(1) - p.dtype.type(EPSILON))
        value = -(t * np.log(clipped) + (1 - t) * np.log(1 - clipped)).mean(axis=1)
        d = (clipped - t) / (clipped * (1 - clipped) * p.size)
        return value, np.where((p == clipped) | np.isnan(p), d, np.zeros_like(d))


class MeanSquaredError(Loss):
    """value = mean over the columns of (y - t)^2;  d = 2 (y - t) / (B N)."""

    name = "mean_squared_error"

    def compute(self, step, y, t):
        difference = y - t
        return (difference * difference).mean(axis=1), 2 * difference / y.size


class WeighLoss(OpKind):
    """A loss and its gradient, each row times its weight: loss_r = w_r value_r;  d_r = w_r dvalue_r.

    The mean over the batch stays a division by the number of rows, not by the sum of the weights.
    Source: Keras, ``reduce_weighted_values`` with reduction "sum_over_batch_size".
    """

    name = "weigh_loss"
    signature = "B, BN? <- BN, B, B"
    results = ("loss", "d")

    def compute(self, step, dvalue, value, weight):
        return weight * value, weight[:, np.newaxis] * dvalue


class WeighLossMean(WeighLoss):
    """The same, but the mean over the batch is one by weight: loss_r = w_r value_r B / sum w.

    Source: Keras, ``reduce_values`` with reduction "mean_with_sample_weight"; all is 0 where the weights add up to 0.
    """

    name = "weigh_loss_mean"

    def compute(self, step, dvalue, value, weight):
        total = weight.sum()
        scale = len(weight) / total if total else total * 0
        return super().compute(step, dvalue, value, weight * weight.dtype.type(scale))


class ScaleLoss(OpKind):
    """A loss and its gradient times a number: ``loss_weights`` of Keras."""

    name = "scale_loss"
    signature = "B, BN? <- BN, B"
    attributes = ("factor",)
    results = ("loss", "d")

    def compute(self, step, dvalue, value, factor):
        factor = value.dtype.type(factor)
        return factor * value, factor * dvalue


class SumLoss(OpKind):
    """The sum over the batch in the place of the mean: loss and gradient times the number of rows.

    The run adds the values of the rows up and divides by their number, so the result is the mean of the batches' sums,
    each counted with its rows, as Keras shows it.
    """

    name = "sum_loss"
    signature = "B, BN? <- BN, B"
    results = ("loss", "d")

    def compute(self, step, dvalue, value):
        rows = value.dtype.type(len(value))
        return rows * value, rows * dvalue


class RowValue(OpKind):
    """value_r = x_r;  d = 1 / B: where a loss ends that is made of ordinary ops, and its gradient begins."""

    name = "row_value"
    signature = "B, BS? <- BS"
    results = ("loss", "d")

    def compute(self, step, x):
        return x[:, 0].copy(), np.full_like(x, 1 / len(x))


class LossRows(OpKind):
    """y_r = value_r: a loss as a column, which ordinary ops can take."""

    name = "loss_rows"
    signature = "BS <- B"

    def compute(self, step, value):
        return value[:, np.newaxis].copy()

    def backward(self, builder, op, dy):
        builder.add_gradient(op.inputs[0], dy)


class LossInputGradient(OpKind):
    """dx_r = dy_r B d_r, for a loss whose rows' gradients are dy and d = d mean(value) / dx."""

    name = "loss_dx"
    signature = "BN <- BS, BN"
    results = ("dx",)

    def compute(self, step, dy, d):
        return dy * dy.dtype.type(len(dy)) * d


class SmoothTargets(OpKind):
    """t keep + add: label smoothing moves a part of each target to all classes.

    Source: Szegedy et al., "Rethinking the inception architecture for computer vision" (2016).
    """

    name = "smooth_targets"
    signature = "BN <- BN"
    attributes = ("keep", "add")
    results = ("smoothed",)

    def compute(self, step, t, keep, add):
        return t * t.dtype.type(keep) + t.dtype.type(add)
