"""Metrics by name, as objects and as functions: what is measured beside the loss.

A :class:`RowMetric` is an op of the model's program; any other metric is handed the model's outputs.
"""

from .. import losses
from ..losses import (  # noqa: F401 (in Keras they are metrics by this name too)
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    cosine_similarity,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from ..naming import snake_case
from ..registry import deserialize_object, look_up, serialize_object
from .accuracy import (
    Accuracy,
    AutoAccuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from .auc import AUC
from .confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)
from .from_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    KLDivergence,
    LogCoshError,
    LossMetric,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    RootMeanSquaredError,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from .functions import (
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from .mean import Mean, MeanMetricWrapper, RowMetric, Sum  # noqa: F401
from .metric import Metric
from .scores import F1Score, FBetaScore, R2Score

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error

CLASSES = (
    AUC,
    Accuracy,
    BinaryAccuracy,
    BinaryCrossentropy,
    CategoricalAccuracy,
    CategoricalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    F1Score,
    FBetaScore,
    FalseNegatives,
    FalsePositives,
    Hinge,
    KLDivergence,
    LogCoshError,
    Mean,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    Precision,
    PrecisionAtRecall,
    R2Score,
    Recall,
    RecallAtPrecision,
    RootMeanSquaredError,
    SensitivityAtSpecificity,
    SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy,
    SpecificityAtSensitivity,
    SquaredHinge,
    Sum,
    TopKCategoricalAccuracy,
    TrueNegatives,
    TruePositives,
)

FUNCTIONS = {
    binary_accuracy: BinaryAccuracy,
    categorical_accuracy: CategoricalAccuracy,
    sparse_categorical_accuracy: SparseCategoricalAccuracy,
    sparse_top_k_categorical_accuracy: SparseTopKCategoricalAccuracy,
    top_k_categorical_accuracy: TopKCategoricalAccuracy,
}
"""Metrics as functions of arrays, and the class of each; functions of ``fastnn.losses`` are metrics too."""

KNOWN = {
    **{snake_case(cls.__name__): cls for cls in CLASSES},
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "MAE": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "MAPE": MeanAbsolutePercentageError,
    "msle": MeanSquaredLogarithmicError,
    "MSLE": MeanSquaredLogarithmicError,
    "rmse": RootMeanSquaredError,
    "cosine": CosineSimilarity,
    "cosine_proximity": CosineSimilarity,
}

__all__ = sorted(
    {"MeanMetricWrapper", "Metric", "deserialize", "get", "serialize"}
    | {name for name, thing in globals().items() if callable(thing) and (thing in CLASSES or name in losses.KNOWN)}
    | {function.__name__ for function in FUNCTIONS}
)


def get(identifier):
    """The metric called ``identifier``, which keeps this spelling as its name; losses may be measured too.

    Parameters
    ----------
    identifier : str, Metric, Loss, type, function or dict
        A function of this module or of ``fastnn.losses`` stands for its class.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name nor a metric, loss or function.
    """
    if isinstance(identifier, str):
        return _by_name(identifier)
    if isinstance(identifier, losses.Loss):
        return LossMetric(identifier)
    if callable(identifier) and not isinstance(identifier, (type, Metric)):
        for functions in (FUNCTIONS, losses.FUNCTIONS):
            if identifier in functions:
                return _by_name(identifier.__name__)
        return MeanMetricWrapper(identifier)
    return look_up(identifier, KNOWN, Metric, "metric")


def _by_name(name):
    if name.lower() in ("accuracy", "acc"):
        return AutoAccuracy(name)
    known = {**losses.KNOWN, **KNOWN}
    metric = look_up(name, known, (Metric, losses.Loss), "metric")
    if isinstance(metric, losses.Loss):
        metric = LossMetric(metric)
    metric.name = name
    return metric


def serialize(metric):
    """A metric as a dict of its class and configuration, in Keras' form."""
    return serialize_object(get(metric), "keras.metrics")


def deserialize(config, custom_objects=None):
    """The metric that :func:`serialize` has made ``config`` of; a name is taken too.

    Parameters
    ----------
    config : dict or str
    custom_objects : dict of str to type, optional
        Classes of one's own by name.
    """
    if isinstance(config, str):
        return get(config)
    return deserialize_object(config, {**KNOWN, **(custom_objects or {})}, Metric, "metric")
