"""Losses as functions of arrays: one value for each row, computed with the NumPy formulas of ``fastnn.ops``.

Shapes are those of Keras: ``y_true`` and ``y_pred`` (..., N), the result (...). Numbers are computed in the type of
``y_pred`` where that is an array of reals, else in ``config.floatx()``.
"""

from .probabilities import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    SparseCategoricalCrossentropy,
)
from .regression import (
    CategoricalHinge,
    CosineSimilarity,
    Dice,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SquaredHinge,
    Tversky,
)


def mean_squared_error(y_true, y_pred):
    """See :class:`MeanSquaredError`.

    Example
    -------
    >>> mean_squared_error([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]])
    array([0.5, 0.5], dtype=float32)
    """
    return MeanSquaredError().call(y_true, y_pred)


def mean_absolute_error(y_true, y_pred):
    """See :class:`MeanAbsoluteError`."""
    return MeanAbsoluteError().call(y_true, y_pred)


def mean_absolute_percentage_error(y_true, y_pred):
    """See :class:`MeanAbsolutePercentageError`."""
    return MeanAbsolutePercentageError().call(y_true, y_pred)


def mean_squared_logarithmic_error(y_true, y_pred):
    """See :class:`MeanSquaredLogarithmicError`."""
    return MeanSquaredLogarithmicError().call(y_true, y_pred)


def huber(y_true, y_pred, delta=1.0):
    """See :class:`Huber`."""
    return Huber(delta).call(y_true, y_pred)


def log_cosh(y_true, y_pred):
    """See :class:`LogCosh`."""
    return LogCosh().call(y_true, y_pred)


def hinge(y_true, y_pred):
    """See :class:`Hinge`."""
    return Hinge().call(y_true, y_pred)


def squared_hinge(y_true, y_pred):
    """See :class:`SquaredHinge`."""
    return SquaredHinge().call(y_true, y_pred)


def categorical_hinge(y_true, y_pred):
    """See :class:`CategoricalHinge`."""
    return CategoricalHinge().call(y_true, y_pred)


def kl_divergence(y_true, y_pred):
    """See :class:`KLDivergence`."""
    return KLDivergence().call(y_true, y_pred)


def poisson(y_true, y_pred):
    """See :class:`Poisson`."""
    return Poisson().call(y_true, y_pred)


def cosine_similarity(y_true, y_pred, axis=-1):
    """See :class:`CosineSimilarity`."""
    return CosineSimilarity(axis).call(y_true, y_pred)


def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """See :class:`BinaryCrossentropy`."""
    return BinaryCrossentropy(from_logits, label_smoothing, axis).call(y_true, y_pred)


def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """See :class:`CategoricalCrossentropy`."""
    return CategoricalCrossentropy(from_logits, label_smoothing, axis).call(y_true, y_pred)


def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False, ignore_class=None, axis=-1):
    """See :class:`SparseCategoricalCrossentropy`."""
    return SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis).call(y_true, y_pred)


def binary_focal_crossentropy(
    y_true,
    y_pred,
    apply_class_balancing=False,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
):
    """See :class:`BinaryFocalCrossentropy`."""
    loss = BinaryFocalCrossentropy(apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis)
    return loss.call(y_true, y_pred)


def categorical_focal_crossentropy(
    y_true, y_pred, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1
):
    """See :class:`CategoricalFocalCrossentropy`."""
    return CategoricalFocalCrossentropy(alpha, gamma, from_logits, label_smoothing, axis).call(y_true, y_pred)


def dice(y_true, y_pred, axis=None):
    """See :class:`Dice`: one value for the whole batch."""
    return Dice(axis=axis).call(y_true, y_pred)


def tversky(y_true, y_pred, alpha=0.5, beta=0.5, axis=None):
    """See :class:`Tversky`: one value for the whole batch."""
    return Tversky(alpha, beta, axis=axis).call(y_true, y_pred)
