"""Cross-entropies: losses of probabilities.

They read the logits where the model ends in sigmoid or softmax, and are then exact where probabilities would be rounded
to 0 or 1. As Keras does on TensorFlow, they do so after either of the two: ``categorical_crossentropy`` after sigmoid
is that of the softmax of what went into the sigmoid, ``binary_crossentropy`` after softmax that of its sigmoid.
"""

import warnings

import numpy as np

from .. import activations
from ..checks import check_bool, check_real
from .loss import FromProbabilities, Loss


class _CrossEntropy(FromProbabilities):
    from_logits_op: str
    from_probabilities_op: str

    def read(self, builder, output):
        """The op, and the buffer that it reads: ``(kind, buffer)``."""
        for made_by in (activations.sigmoid, activations.softmax):
            logits = activations.logits(builder, output, made_by)
            if logits is not None:
                if self.from_logits:
                    warnings.warn(
                        f"{self.name}: from_logits=True, but the model ends in {made_by.name}; "
                        "the loss is taken from what goes into it. Use from_logits=False instead",
                        stacklevel=2,
                    )
                return self.from_logits_op, logits
        return (self.from_logits_op if self.from_logits else self.from_probabilities_op), output


class BinaryCrossentropy(_CrossEntropy):
    """-(t log p + (1 - t) log(1 - p)), mean over the columns.

    Parameters
    ----------
    from_logits : bool
        The model's output is a logit, to which sigmoid has not been applied.
    label_smoothing : float
        Targets become t (1 - s) + s / 2.
    axis : int
        Of the columns, in calls on arrays.
    """

    activation = activations.sigmoid
    from_logits_op, from_probabilities_op = "sigmoid_cross_entropy", "binary_cross_entropy"

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_crossentropy",
        dtype=None,
    ):
        super().__init__(from_logits, label_smoothing, axis, name=name, reduction=reduction, dtype=dtype)

    def choose(self, builder, output, target):
        return *self.read(builder, output), self.smooth(builder, target, 0.5), {}


class CategoricalCrossentropy(_CrossEntropy):
    """-sum_j t_j log p_j for one-hot targets t.

    Parameters
    ----------
    from_logits : bool
        The model's output are logits, to which softmax has not been applied.
    label_smoothing : float
        Targets become t (1 - s) + s / C with C classes.
    axis : int
        Of the classes, in calls on arrays.
    """

    activation = activations.softmax
    from_logits_op, from_probabilities_op = "softmax_cross_entropy", "categorical_cross_entropy"

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(from_logits, label_smoothing, axis, name=name, reduction=reduction, dtype=dtype)

    def choose(self, builder, output, target):
        classes = builder.buffer(output).shape[1]
        return *self.read(builder, output), self.smooth(builder, target, 1 / classes), {}


class SparseCategoricalCrossentropy(_CrossEntropy):
    """-log p_label for class numbers as targets.

    Parameters
    ----------
    from_logits : bool
        The model's output are logits, to which softmax has not been applied.
    ignore_class : None
        Rows of a class that does not count are not supported; give them the weight 0 with ``sample_weight``.
    """

    integer_target = True
    activation = activations.softmax
    from_logits_op, from_probabilities_op = "sparse_softmax_cross_entropy", "sparse_categorical_cross_entropy"

    def __init__(
        self,
        from_logits=False,
        ignore_class=None,
        reduction="sum_over_batch_size",
        axis=-1,
        name="sparse_categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(from_logits, 0.0, axis, name=name, reduction=reduction, dtype=dtype)
        if ignore_class is not None:
            raise NotImplementedError(
                f"SparseCategoricalCrossentropy: ignore_class={ignore_class!r} is not supported; "
                "give the rows of that class the weight 0 with sample_weight"
            )

    def choose(self, builder, output, target):
        return *self.read(builder, output), target, {}

    def get_config(self):
        config = super().get_config()
        del config["label_smoothing"], config["axis"]
        return {**config, "ignore_class": None}


class Crossentropy(Loss):
    """``loss="crossentropy"``: the cross-entropy that fits output and targets, by Keras' rule.

    One output: binary. Class numbers: sparse categorical. Else categorical.
    """

    integer_target = None

    def fitting(self, y, output_shape):
        shape = np.shape(y)
        if output_shape[-1] == 1:
            return BinaryCrossentropy(name=self.name)
        if len(shape) < len(output_shape) or shape[-1] == 1:
            return SparseCategoricalCrossentropy(name=self.name)
        return CategoricalCrossentropy(name=self.name)


class BinaryFocalCrossentropy(FromProbabilities):
    """Binary cross-entropy that counts what is right already less: times (1 - p_t)^gamma, mean over the columns.

    p_t is the probability that is given to the target. Source: Lin et al., "Focal loss for dense object detection".

    Parameters
    ----------
    apply_class_balancing : bool
        Whether to weigh targets of 1 with ``alpha``, those of 0 with 1 - alpha.
    alpha, gamma : float
    from_logits, label_smoothing, axis
        As for :class:`BinaryCrossentropy`.
    """

    activation = activations.sigmoid

    def __init__(
        self,
        apply_class_balancing=False,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_focal_crossentropy",
        dtype=None,
    ):
        super().__init__(from_logits, label_smoothing, axis, name=name, reduction=reduction, dtype=dtype)
        owner = type(self).__name__
        self.apply_class_balancing = check_bool(apply_class_balancing, f"{owner}: apply_class_balancing")
        self.alpha, self.gamma = (check_real(x, f"{owner}: {n}", 0) for x, n in ((alpha, "alpha"), (gamma, "gamma")))

    def choose(self, builder, output, target):
        if self.from_logits:
            output = self.activation.emit(builder, output)
        numbers = {"alpha": self.alpha, "gamma": self.gamma, "balance": float(self.apply_class_balancing)}
        return "binary_focal_cross_entropy", output, self.smooth(builder, target, 0.5), numbers

    def get_config(self):
        numbers = {"alpha": self.alpha, "gamma": self.gamma, "apply_class_balancing": self.apply_class_balancing}
        return {**super().get_config(), **numbers}


class CategoricalFocalCrossentropy(FromProbabilities):
    """Categorical cross-entropy that counts what is right already less: -alpha sum_j (1 - p_j)^gamma t_j log p_j.

    Parameters
    ----------
    alpha, gamma : float
    from_logits, label_smoothing, axis
        As for :class:`CategoricalCrossentropy`.
    """

    activation = activations.softmax

    def __init__(
        self,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_focal_crossentropy",
        dtype=None,
    ):
        super().__init__(from_logits, label_smoothing, axis, name=name, reduction=reduction, dtype=dtype)
        owner = type(self).__name__
        self.alpha, self.gamma = (check_real(x, f"{owner}: {n}", 0) for x, n in ((alpha, "alpha"), (gamma, "gamma")))

    def choose(self, builder, output, target):
        classes = builder.buffer(output).shape[1]
        if self.from_logits:
            output = self.activation.emit(builder, output)
        numbers = {"alpha": self.alpha, "gamma": self.gamma}
        return "categorical_focal_cross_entropy", output, self.smooth(builder, target, 1 / classes), numbers

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha, "gamma": self.gamma}
