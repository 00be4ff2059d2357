"""Losses in which the columns of a row act together. Formulas: Keras, ``keras/src/losses/losses.py``."""

import numpy as np

from .column_losses import power
from .losses import EPSILON, Loss


class CategoricalHinge(Loss):
    """value = max(n - p + 1, 0) with p = sum_j t_j x_j and n = max_j (1 - t_j) x_j, for one-hot targets t.

    d_j = (m_j (1 - t_j) - t_j) / B, m_j being 1 at the largest (1 - t_j) x_j, shared evenly among equals; 0 where
    n - p + 1 < 0. Source: Crammer, Singer, "On the algorithmic implementation of multiclass kernel-based vector
    machines" (2001).
    """

    name = "categorical_hinge"

    def compute(self, step, x, t):
        others = (1 - t) * x
        largest = others.max(axis=1, keepdims=True)
        margin = largest - (t * x).sum(axis=1, keepdims=True) + 1
        share = (others == largest) / (others == largest).sum(axis=1, keepdims=True, dtype=x.dtype)
        d = np.where(margin < 0, np.zeros_like(x), (share * (1 - t) - t) + (margin - margin))  # NaN stays NaN
        return np.maximum(margin, 0)[:, 0], (d / len(x)).astype(x.dtype)


class CosineSimilarity(Loss):
    """value = -sum_j u_j v_j, u and v being t and x divided by their norms, or by EPSILON where those are smaller.

    With the norms R of t and S of x: d = -(t / R - (sum u v) x / S) / (S B); the second term is left out where the
    norm of x is below EPSILON.
    """

    name = "cosine_similarity"

    def compute(self, step, x, t):
        floor = x.dtype.type(EPSILON)
        squares = [(a * a).sum(axis=1, keepdims=True) for a in (t, x)]
        r, s = (np.maximum(np.sqrt(square), floor) for square in squares)
        similarity = (t * x).sum(axis=1, keepdims=True) / r / s
        pull = np.where(np.sqrt(squares[1]) < floor, np.zeros_like(s), similarity / s)
        return -similarity[:, 0], (pull * x - t / r) / (s * len(x))


class CategoricalFocalCrossEntropy(Loss):
    """value = -alpha sum_j (1 - q_j)^gamma t_j log q_j;  q = p / sum p, clipped to [EPSILON, 1 - EPSILON].

    With g_j = alpha t_j (gamma (1 - q_j)^(gamma - 1) log q_j - (1 - q_j)^gamma / q_j), 0 where q_j was clipped,
    d_j = (g_j - sum_k g_k q_k) / (B sum p). Source: Lin et al., "Focal loss for dense object detection" (2018).
    """

    name = "categorical_focal_cross_entropy"
    attributes = ("alpha", "gamma")

    def compute(self, step, p, t, alpha, gamma):
        alpha = p.dtype.type(alpha)
        total = p.sum(axis=1, keepdims=True)
        q = p / total
        clipped = np.clip(q, p.dtype.type(EPSILON), p.dtype.type(1) - p.dtype.type(EPSILON))
        logarithm, focus = np.log(clipped), power(1 - clipped, gamma)
        value = -(alpha * (focus * (t * logarithm))).sum(axis=1)
        g = -focus / clipped
        if gamma:
            g = g + p.dtype.type(gamma) * power(1 - clipped, gamma - 1) * logarithm
        g = np.where(q == clipped, alpha * (t * g), np.zeros_like(t))
        return value, (g - (g * q).sum(axis=1, keepdims=True)) / (total * len(p))


class Tversky(Loss):
    """value = 1 - I / D with D = I + alpha F + beta M + epsilon, of the whole batch: the same in every row.

    Sums over rows and columns: I of t p, what both have; F of t (1 - p), what the target has alone; M of p (1 - t),
    what the prediction has alone. d = (I D' - t D) / D^2 with D' = t - alpha t + beta (1 - t).
    With alpha = beta = 1/2 it is the loss called dice. Source: Salehi et al., "Tversky loss function for image
    segmentation using 3D fully convolutional deep networks" (2017).
    """

    name = "tversky"
    attributes = ("alpha", "beta", "epsilon")

    def compute(self, step, p, t, alpha, beta, epsilon):
        alpha, beta = p.dtype.type(alpha), p.dtype.type(beta)
        both, targets, predictions = (t * p).sum(), t.sum(), p.sum()
        d = both + alpha * (targets - both) + beta * (predictions - both) + p.dtype.type(epsilon)
        slope = both * (t - alpha * t + beta * (1 - t)) - t * d
        return np.full(len(p), 1 - both / d, p.dtype), slope / (d * d)
