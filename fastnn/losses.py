"""Losses by name. Each chooses the op for a model's output; the mathematics stands in ``fastnn.ops.losses``.

Cross-entropies read the logits where the model ends in the activation that belongs to them: the result is the
same, and exact where probabilities would be rounded to 0 or 1.
"""

import warnings

from . import activations
from .checks import check_bool, check_default
from .naming import snake_case
from .registry import look_up


class Loss:
    """Base of the losses.

    Attributes
    ----------
    name : str
    integer_target : bool
        True where the target is one class number a row, else it has the output's columns.
    """

    integer_target = False

    def __init__(self, name=None, reduction="sum_over_batch_size", dtype=None):
        owner = type(self).__name__
        check_default(owner, reduction=(reduction, "sum_over_batch_size"), dtype=(dtype, None))
        self.name = name or snake_case(owner)

    def choose(self, builder, output):
        """The op for this output, and the buffer it reads: ``(kind, buffer)``."""
        raise NotImplementedError(type(self).__name__)

    def emit(self, builder, output, target):
        """Append the loss to the program; return the buffer whose gradient is then known."""
        kind, prediction = self.choose(builder, output)
        return builder.loss(kind, prediction, target)

    def get_config(self):
        return {"name": self.name}


class MeanSquaredError(Loss):
    """Mean over the columns of (y - t)^2, averaged over the rows."""

    def choose(self, builder, output):
        return "mean_squared_error", output


class _CrossEntropy(Loss):
    """A cross-entropy of probabilities, or of the logits that ``activation`` makes probabilities of."""

    activation: activations.ActivationFunction
    from_logits_op: str
    from_probabilities_op: str

    def __init__(self, from_logits=False, name=None, **arguments):
        super().__init__(name, **arguments)
        self.from_logits = check_bool(from_logits, "from_logits")

    def choose(self, builder, output):
        logits = activations.logits(builder, output, self.activation)
        if logits is not None:
            if self.from_logits:
                warnings.warn(
                    f"{self.name}: from_logits=True, but the model ends in {self.activation.name}; "
                    "the loss is taken from what goes into it. Use from_logits=False instead",
                    stacklevel=2,
                )
            return self.from_logits_op, logits
        return (self.from_logits_op if self.from_logits else self.from_probabilities_op), output

    def get_config(self):
        return {"from_logits": self.from_logits, **super().get_config()}


class BinaryCrossentropy(_CrossEntropy):
    """-(t log p + (1 - t) log(1 - p)), mean over the columns, averaged over the rows.

    Parameters
    ----------
    from_logits : bool
        The model's output is a logit, to which sigmoid has not been applied.
    """

    activation = activations.sigmoid
    from_logits_op, from_probabilities_op = "sigmoid_cross_entropy", "binary_cross_entropy"

    def __init__(self, from_logits=False, label_smoothing=0.0, axis=-1, name=None, **arguments):
        check_default("BinaryCrossentropy", label_smoothing=(label_smoothing, 0.0), axis=(axis, -1))
        super().__init__(from_logits, name, **arguments)


class CategoricalCrossentropy(_CrossEntropy):
    """-sum_j t_j log p_j for one-hot targets t, averaged over the rows.

    Parameters
    ----------
    from_logits : bool
        The model's output are logits, to which softmax has not been applied.
    """

    activation = activations.softmax
    from_logits_op, from_probabilities_op = "softmax_cross_entropy", "categorical_cross_entropy"

    def __init__(self, from_logits=False, label_smoothing=0.0, axis=-1, name=None, **arguments):
        check_default("CategoricalCrossentropy", label_smoothing=(label_smoothing, 0.0), axis=(axis, -1))
        super().__init__(from_logits, name, **arguments)


class SparseCategoricalCrossentropy(_CrossEntropy):
    """-log p_label for class numbers as targets, averaged over the rows.

    Parameters
    ----------
    from_logits : bool
        The model's output are logits, to which softmax has not been applied.
    """

    integer_target = True
    activation = activations.softmax
    from_logits_op, from_probabilities_op = "sparse_softmax_cross_entropy", "sparse_categorical_cross_entropy"

    def __init__(self, from_logits=False, ignore_class=None, axis=-1, name=None, **arguments):
        check_default("SparseCategoricalCrossentropy", ignore_class=(ignore_class, None), axis=(axis, -1))
        super().__init__(from_logits, name, **arguments)


KNOWN = {
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
    "binary_crossentropy": BinaryCrossentropy,
    "bce": BinaryCrossentropy,
    "BCE": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
}


def get(identifier):
    """The loss called ``identifier``; a loss object is returned as it is, a class is called.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name nor a loss.
    """
    return look_up(identifier, KNOWN, Loss, "loss")
