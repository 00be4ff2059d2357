"""Metrics by name: what is measured beside the loss. The mathematics stands in ``fastnn.ops.metrics``."""

from . import activations, losses
from .checks import check_real
from .naming import snake_case
from .registry import find_class, look_up


class Metric:
    """Base of the metrics.

    Attributes
    ----------
    name : str
        The key in the logs.
    integer_target : bool or None
        Form of the targets, as for losses; None where the metric takes either.
    direction : "up", "down" or None
        Whether large or small values are good, for callbacks with ``mode="auto"``; None if not known.
    """

    integer_target = None
    direction = None

    def __init__(self, name=None):
        self.name = name or snake_case(type(self).__name__)

    def check_target(self, loss):
        """Raise ValueError unless the metric takes targets of the form that the loss takes."""
        if self.integer_target not in (None, loss.integer_target):
            wanted, given = ("class numbers", "one column for each output")[
                :: 1 if self.integer_target else -1
            ]
            raise ValueError(
                f"metric {self.name!r} takes {wanted} as targets, but the loss {loss.name!r} takes {given}; "
                "metric 'accuracy' fits either"
            )

    def emit(self, builder, output, target):
        """Append the metric to the program."""
        raise NotImplementedError(type(self).__name__)


class SparseCategoricalAccuracy(Metric):
    """Share of the rows whose largest output is the one that the class number names."""

    integer_target = True
    direction = "up"

    def emit(self, builder, output, target):
        builder.metric("sparse_categorical_accuracy", _scores(builder, output), target, self.name)


class CategoricalAccuracy(Metric):
    """Share of the rows whose largest output is the largest of the one-hot target."""

    integer_target = False
    direction = "up"

    def emit(self, builder, output, target):
        builder.metric("categorical_accuracy", _scores(builder, output), target, self.name)


class BinaryAccuracy(Metric):
    """Share of the outputs that lie on the target's side of the threshold.

    Parameters
    ----------
    threshold : float
        An output strictly above it counts as 1.
    """

    integer_target = False
    direction = "up"

    def __init__(self, name=None, threshold=0.5):
        super().__init__(name)
        self.threshold = check_real(threshold, "BinaryAccuracy: threshold", 0, 1)

    def emit(self, builder, output, target):
        builder.metric("binary_accuracy", output, target, self.name, threshold=self.threshold)


class Accuracy(Metric):
    """The accuracy that fits output and target, by Keras' rule.

    One output: binary. Targets of class numbers: sparse categorical. Else categorical.
    """

    direction = "up"

    def emit(self, builder, output, target):
        if builder.buffer(target).integer:
            kind = SparseCategoricalAccuracy
        else:
            kind = BinaryAccuracy if builder.buffer(output).shape[1] == 1 else CategoricalAccuracy
        kind(self.name).emit(builder, output, target)


class LossMetric(Metric):
    """A loss, measured only."""

    direction = "down"

    def __init__(self, loss, name=None):
        self.loss = losses.get(loss)
        self.integer_target = self.loss.integer_target
        super().__init__(name or self.loss.name)

    def emit(self, builder, output, target):
        kind, prediction = self.loss.choose(builder, output)
        builder.metric(kind, prediction, target, self.name)


KNOWN = {
    "accuracy": Accuracy,
    "acc": Accuracy,
    "binary_accuracy": BinaryAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "sparse_categorical_accuracy": SparseCategoricalAccuracy,
}


def get(identifier):
    """The metric called ``identifier``, which keeps this spelling as its name; losses may be measured too.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name nor a metric or loss.
    """
    if isinstance(identifier, losses.Loss):
        return LossMetric(identifier)
    if isinstance(identifier, str):
        found = find_class(identifier, {**KNOWN, **losses.KNOWN}, "metric")
        return LossMetric(found, identifier) if issubclass(found, losses.Loss) else found(name=identifier)
    return look_up(identifier, KNOWN, Metric, "metric")


def get_list(identifiers):
    """The metrics of ``compile(metrics=...)``: None, a single one, or a list of them."""
    if identifiers is None:
        return []
    if not isinstance(identifiers, (list, tuple)):
        identifiers = [identifiers]
    return [get(identifier) for identifier in identifiers]


def _scores(builder, output):
    """What the largest output is looked for in: the logits, where the model ends in softmax.

    Softmax keeps the order, so the answer is the same and training need not compute the probabilities.
    """
    logits = activations.logits(builder, output, activations.softmax)
    return output if logits is None else logits
