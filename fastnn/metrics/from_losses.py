"""Losses that are measured beside the one that is trained, and what follows from them."""

import math

from .. import losses
from .mean import RowMetric


class LossMetric(RowMetric):
    """A loss, measured only: its mean over all rows.

    Parameters
    ----------
    loss : str or Loss
    name : str, optional
        By default the loss's.
    """

    direction = "down"

    def __init__(self, loss, name=None, dtype=None):
        self.loss = losses.get(loss)
        self.integer_target = self.loss.integer_target
        self.axis = self.loss.axis
        super().__init__(name or self.loss.name, dtype)

    def choose(self, builder, output, target):
        return self.loss.choose(builder, output, target)


class _Measured(LossMetric):
    """A loss without arguments; the subclass names it."""

    of: type

    def __init__(self, name=None, dtype=None):
        super().__init__(self.of(), name or self.default_name(), dtype)

    @classmethod
    def default_name(cls):
        return cls.of().name


class MeanSquaredError(_Measured):
    """Mean of (y - t)^2."""

    of = losses.MeanSquaredError


class RootMeanSquaredError(_Measured):
    """Square root of the mean of (y - t)^2 over all rows."""

    of = losses.MeanSquaredError
    elementwise = True

    @classmethod
    def default_name(cls):
        return "root_mean_squared_error"

    def finish(self, mean):
        return math.sqrt(mean) if mean >= 0 else math.nan


class MeanAbsoluteError(_Measured):
    """Mean of abs(y - t)."""

    of = losses.MeanAbsoluteError


class MeanAbsolutePercentageError(_Measured):
    """Mean of 100 abs(y - t) / abs t."""

    of = losses.MeanAbsolutePercentageError


class MeanSquaredLogarithmicError(_Measured):
    """Mean of (log(y + 1) - log(t + 1))^2."""

    of = losses.MeanSquaredLogarithmicError


class LogCoshError(_Measured):
    """Mean of log(cosh(y - t))."""

    of = losses.LogCosh

    @classmethod
    def default_name(cls):
        return "logcosh"


class Hinge(_Measured):
    """Mean of max(1 - t y, 0)."""

    of = losses.Hinge


class SquaredHinge(_Measured):
    """Mean of max(1 - t y, 0)^2."""

    of = losses.SquaredHinge


class CategoricalHinge(_Measured):
    """Mean of the categorical hinge."""

    of = losses.CategoricalHinge


class KLDivergence(_Measured):
    """Mean of the Kullback-Leibler divergence of the rows."""

    of = losses.KLDivergence


class Poisson(_Measured):
    """Mean of y - t log y."""

    of = losses.Poisson


class CosineSimilarity(LossMetric):
    """Mean of the cosine of the angle between target and output: 1 where they point the same way."""

    direction = "up"

    def __init__(self, name="cosine_similarity", dtype=None, axis=-1):
        super().__init__(losses.CosineSimilarity(axis), name, dtype)

    def finish(self, mean):
        return -mean


class BinaryCrossentropy(LossMetric):
    """Mean of the binary cross-entropy; arguments as for the loss."""

    def __init__(self, name="binary_crossentropy", dtype=None, from_logits=False, label_smoothing=0):
        super().__init__(losses.BinaryCrossentropy(from_logits, label_smoothing), name, dtype)

    def get_config(self):
        loss = self.loss
        return {**super().get_config(), "from_logits": loss.from_logits, "label_smoothing": loss.label_smoothing}


class CategoricalCrossentropy(LossMetric):
    """Mean of the categorical cross-entropy; arguments as for the loss."""

    def __init__(self, name="categorical_crossentropy", dtype=None, from_logits=False, label_smoothing=0, axis=-1):
        super().__init__(losses.CategoricalCrossentropy(from_logits, label_smoothing, axis), name, dtype)

    def get_config(self):
        loss = self.loss
        numbers = {"label_smoothing": loss.label_smoothing, "axis": loss.axis}
        return {**super().get_config(), "from_logits": loss.from_logits, **numbers}


class SparseCategoricalCrossentropy(LossMetric):
    """Mean of the sparse categorical cross-entropy; arguments as for the loss."""

    def __init__(
        self, name="sparse_categorical_crossentropy", dtype=None, from_logits=False, ignore_class=None, axis=-1
    ):
        loss = losses.SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis)
        super().__init__(loss, name, dtype)

    def get_config(self):
        loss = self.loss
        return {**super().get_config(), "from_logits": loss.from_logits, "ignore_class": None, "axis": loss.axis}
