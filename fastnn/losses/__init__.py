"""Losses by name, as objects and as functions. Each chooses the op for a model's output; the mathematics stands in
``fastnn.ops.losses``, ``column_losses`` and ``row_losses``.
"""

from ..registry import deserialize_object, look_up, serialize_object
from .functions import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    cosine_similarity,
    dice,
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
    tversky,
)
from .loss import Loss
from .probabilities import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    Crossentropy,
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

FUNCTIONS = {
    binary_crossentropy: BinaryCrossentropy,
    binary_focal_crossentropy: BinaryFocalCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    categorical_focal_crossentropy: CategoricalFocalCrossentropy,
    categorical_hinge: CategoricalHinge,
    cosine_similarity: CosineSimilarity,
    dice: Dice,
    hinge: Hinge,
    huber: Huber,
    kl_divergence: KLDivergence,
    log_cosh: LogCosh,
    mean_absolute_error: MeanAbsoluteError,
    mean_absolute_percentage_error: MeanAbsolutePercentageError,
    mean_squared_error: MeanSquaredError,
    mean_squared_logarithmic_error: MeanSquaredLogarithmicError,
    poisson: Poisson,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
    squared_hinge: SquaredHinge,
    tversky: Tversky,
}
"""The losses as functions of arrays, and the class of each: ``compile`` takes either."""

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
bce = BCE = binary_crossentropy
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh
cosine_proximity = cosine_similarity

KNOWN = {
    **{function.__name__: cls for function, cls in FUNCTIONS.items()},
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "MAE": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "MAPE": MeanAbsolutePercentageError,
    "msle": MeanSquaredLogarithmicError,
    "MSLE": MeanSquaredLogarithmicError,
    "bce": BinaryCrossentropy,
    "BCE": BinaryCrossentropy,
    "kld": KLDivergence,
    "KLD": KLDivergence,
    "kullback_leibler_divergence": KLDivergence,
    "logcosh": LogCosh,
    "cosine_proximity": CosineSimilarity,
    "huber_loss": Huber,
    "crossentropy": Crossentropy,
    "ce": Crossentropy,
}

__all__ = sorted(
    {"Loss", "deserialize", "get", "serialize"}
    | {name for name in globals() if name in KNOWN or globals()[name] in FUNCTIONS.values()}
)


def get(identifier):
    """The loss called ``identifier``; a loss object is returned as it is, a class is called.

    Parameters
    ----------
    identifier : str, Loss, type, function or dict
        A function of this module stands for its class; a dict is as :func:`serialize` makes it.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name nor a loss.
    """
    if callable(identifier) and not isinstance(identifier, (type, Loss)) and identifier in FUNCTIONS:
        return FUNCTIONS[identifier]()
    if callable(identifier) and not isinstance(identifier, (type, Loss)):
        from .own import OwnLoss

        return OwnLoss(identifier)
    loss = look_up(identifier, KNOWN, Loss, "loss")
    if type(loss).choose is Loss.choose and type(loss).fitting is Loss.fitting:  # it defines ``call`` only
        from .own import OwnLoss

        return OwnLoss(loss.call, loss.name, loss.reduction)
    return loss


def serialize(loss):
    """A loss as a dict of its class and configuration, in Keras' form."""
    return serialize_object(get(loss), "keras.losses")


def deserialize(name, custom_objects=None):
    """The loss that :func:`serialize` has made a dict of; a name is taken too.

    Parameters
    ----------
    name : dict or str
    custom_objects : dict of str to type, optional
        Classes of one's own by name.
    """
    return deserialize_object(name, {**KNOWN, **(custom_objects or {})}, Loss, "loss")
