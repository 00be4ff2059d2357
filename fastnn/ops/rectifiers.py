"""Activation functions made of straight lines, elementwise on (B, N), and their derivatives.

At a kink the derivative is taken from the side named in the formula. NaN stays NaN in all of them. Formulas:
``keras.activations``.
"""

import numpy as np

from .activations import Activation, ActivationGradient


class Rectify(Activation):
    """y = min(x, max_value) where x > threshold, else negative_slope * (x - threshold).

    Leaky rectification, with Keras' further arguments. Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve
    neural network acoustic models" (2013).
    """

    name = "rectify"
    attributes = ("negative_slope", "threshold", "max_value")
    gradient_reads = "x"

    def compute(self, step, x, negative_slope, threshold, max_value):
        return np.where(x > threshold, np.minimum(x, max_value), negative_slope * (x - threshold))


class RectifyGradient(ActivationGradient):
    """dx = dy where threshold < x < max_value, 0 from max_value on, negative_slope * dy up to threshold."""

    name = "rectify_grad"
    attributes = ("negative_slope", "threshold", "max_value")

    def compute(self, step, dy, x, negative_slope, threshold, max_value):
        return np.where(x > threshold, np.where(x < max_value, dy, np.zeros_like(dy)), negative_slope * dy)


class ClippedLine(Activation):
    """y = slope * x + offset, clipped to low .. high: relu6, hard_sigmoid, hard_tanh.

    Source: Courbariaux, Bengio, David, "BinaryConnect" (2015), section 2.3 (hard sigmoid); Krizhevsky, "Convolutional
    deep belief networks on CIFAR-10" (2010) (relu6).
    """

    name = "clipped_line"
    attributes = ("slope", "offset", "low", "high")

    def compute(self, step, x, slope, offset, low, high):
        return np.clip(slope * x + offset, low, high)


class ClippedLineGradient(ActivationGradient):
    """dx = slope * dy where low < y < high, else 0."""

    name = "clipped_line_grad"
    attributes = ("slope", "offset", "low", "high")

    def compute(self, step, dy, y, slope, offset, low, high):
        return np.where((y > low) & (y < high), slope * dy, np.zeros_like(dy))


class HardSilu(Activation):
    """y = x * clip(x / 6 + 1/2, 0, 1). Source: Howard et al., "Searching for MobileNetV3" (2019), section 5.2."""

    name = "hard_silu"
    gradient_reads = "x"

    def compute(self, step, x):
        return x * np.clip(x / 6 + 0.5, 0, 1)


class HardSiluGradient(ActivationGradient):
    """dx = dy * (x / 3 + 1/2) where -3 < x < 3, dy from 3 on, else 0."""

    name = "hard_silu_grad"

    def compute(self, step, dy, x):
        return np.where(np.abs(x) < 3, dy * (x / 3 + 0.5), np.where(x < 3, np.zeros_like(dy), dy))


class SoftShrink(Activation):
    """y = x - threshold where x > threshold, x + threshold where x < -threshold, else 0."""

    name = "soft_shrink"
    attributes = ("threshold",)

    def compute(self, step, x, threshold):
        return np.where(np.abs(x) <= threshold, np.zeros_like(x), x - np.copysign(x.dtype.type(threshold), x))


class SoftShrinkGradient(ActivationGradient):
    """dx = dy where y is not 0, else 0."""

    name = "soft_shrink_grad"
    attributes = ("threshold",)

    def compute(self, step, dy, y, threshold):
        return np.where(y == 0, np.zeros_like(dy), dy)


class HardShrink(Activation):
    """y = x where abs(x) > threshold, else 0."""

    name = "hard_shrink"
    attributes = ("threshold",)

    def compute(self, step, x, threshold):
        return np.where(np.abs(x) <= threshold, np.zeros_like(x), x)


class HardShrinkGradient(ActivationGradient):
    """dx = dy where y is not 0, else 0."""

    name = "hard_shrink_grad"
    attributes = ("threshold",)

    def compute(self, step, dy, y, threshold):
        return np.where(y == 0, np.zeros_like(dy), dy)


class Threshold(Activation):
    """y = x where x > threshold, else default_value."""

    name = "threshold"
    attributes = ("threshold", "default_value")
    gradient_reads = "x"

    def compute(self, step, x, threshold, default_value):
        return np.where(x <= threshold, x.dtype.type(default_value), x)


class ThresholdGradient(ActivationGradient):
    """dx = dy where x > threshold, else 0."""

    name = "threshold_grad"
    attributes = ("threshold", "default_value")

    def compute(self, step, dy, x, threshold, default_value):
        return np.where(x > threshold, dy, np.zeros_like(dy))
