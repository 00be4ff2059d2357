"""What a class of one's own may redefine of training, with Keras' names, and what it does that with.

``train_step(data)`` and its like here are what Keras does for a batch, written with a gradient tape. They only run
where a class defines one of them: else whole epochs run natively, with the same results.
"""

import inspect

import numpy as np

from ..eager import same_rank
from ..legacy import warn_old
from ..metrics import Mean, Metric
from ..sources import unpack
from ..symbolic import flatten
from ..tape import GradientTape
from ..tensor import tensor

STEPS = ("train_step", "test_step", "predict_step", "compute_loss")
"""``compute_loss`` is the part of the first two that they ask for the loss."""
TRACKERS = "_trackers_of_steps"
"""The attribute of a model that holds the means of its losses."""


class OwnSteps:
    """The part of a model for steps in Python."""

    def train_step(self, data):
        """Learn from one batch; return what was measured since ``reset_metrics``, by name.

        Parameters
        ----------
        data : tensors
            ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.
        """
        x, y, weights = unpack(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self._own_loss(x, y, y_pred, weights, True)
        self.loss_tracker_of_steps.update_state(loss, sample_weight=_rows(x))
        variables = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return self.compute_metrics(x, y, y_pred, weights)

    def test_step(self, data):
        """Measure one batch; return what was measured since ``reset_metrics``, by name."""
        x, y, weights = unpack(data)
        y_pred = self(x, training=False)
        loss = self._own_loss(x, y, y_pred, weights, False)
        self.loss_tracker_of_steps.update_state(loss, sample_weight=_rows(x))
        return self.compute_metrics(x, y, y_pred, weights)

    def _own_loss(self, x, y, y_pred, weights, training):
        given = {"x": x, "y": y, "y_pred": y_pred, "sample_weight": weights, "training": training}
        named = inspect.signature(self.compute_loss).parameters
        if "training" not in named and not any(p.kind == p.VAR_KEYWORD for p in named.values()):
            del given["training"]  # younger than the others
        return self.compute_loss(**given)

    def predict_step(self, data):
        """The outputs for one batch."""
        return self(unpack(data)[0], training=False)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The loss that ``compile`` was told, of one batch, with the penalties of the weights.

        Returns
        -------
        Tensor

        Raises
        ------
        ValueError
            If ``compile`` was given no loss.
        """
        total = self._loss_of(y, y_pred, sample_weight)
        for penalty in self.losses:
            total = total + penalty
        return total

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Update the metrics of ``compile``; return the results of all metrics by name."""
        objective = self._trainer.objective
        heads = self._by_head(y, y_pred, sample_weight)
        for metric, number, weighted, _ in objective.measured:
            target, output, weights = heads[number]
            metric.take(*same_rank(np.asarray(target), np.asarray(output)), weights if weighted else None)
        return self.get_metrics_result()

    def get_metrics_result(self):
        """The results of all metrics, by name."""
        names = {id(item.metric): item.name for item in self._trainer.objective.measured}
        return {names.get(id(metric), metric.name): metric.result() for metric in self.metrics}

    def reset_metrics(self):
        """Let all metrics measure from the beginning. Each call of ``fit`` and the like does it."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def has_own_steps(self):
        """Whether the class defines a step, so that Python runs one for each batch."""
        return any(self.is_own(step) for step in STEPS)

    @classmethod
    def is_own(cls, step):
        """Whether the class defines this step."""
        return getattr(cls, step) is not getattr(OwnSteps, step)

    @property
    def loss_tracker_of_steps(self):
        """The metric "loss" that steps update, the first of ``metrics``."""
        return self._trackers(["loss"])[0]

    @property
    def metrics_of_steps(self):
        """What Keras has as a model's metrics: the loss, those that are attributes, those of ``compile``."""
        tracker = self.loss_tracker_of_steps
        values = [value for name, value in vars(self).items() if name != TRACKERS]
        own = [leaf for value in values for leaf in flatten(value) if isinstance(leaf, Metric)]
        return list(dict.fromkeys([tracker, *own, *self._trainer.metrics, *self._trackers_of_outputs()]))

    def _trackers_of_outputs(self):
        """The mean of each output's loss, where several are trained."""
        objective = self._trainer.objective
        return [] if objective.loss is None else self._trackers(objective.loss_names)

    def _trackers(self, names):
        known = vars(self).setdefault(TRACKERS, {})
        return [known.setdefault(name, Mean(name=name)) for name in names]

    # Keras 2

    def compiled_loss(self, y_true, y_pred, sample_weight=None, regularization_losses=()):
        """The loss of a batch, noted as the metric "loss": ``compute_loss`` of Keras 2."""
        warn_old("compiled_loss(y, y_pred)", "compute_loss(y=y, y_pred=y_pred)")
        total = self._loss_of(y_true, y_pred, sample_weight)
        for penalty in regularization_losses:
            total = total + penalty
        self.loss_tracker_of_steps.update_state(total, sample_weight=_rows(y_pred))
        return total

    @property
    def compiled_metrics(self):
        """The metrics of ``compile``, with Keras 2's ``update_state(y, y_pred)``."""
        return _CompiledMetrics(self)

    def _loss_of(self, y, y_pred, sample_weight):
        if self._trainer is None or self._trainer.loss is None:
            raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")
        active = [layer.name for layer in self.walk() if getattr(layer, "activity_regularizer", None) is not None]
        if active:
            raise NotImplementedError(
                f"{self.name!r}: a loss computed in Python does not see the activity_regularizer of {active[0]!r}; add "
                "that penalty in train_step"
            )
        total, trained = None, self._trainer.objective.trained
        trackers = self._trackers_of_outputs()
        for head, (target, output, weights) in zip(trained, self._by_head(y, y_pred, sample_weight), strict=True):
            if head.loss is None:
                continue
            target, output = np.asarray(target), output if hasattr(output, "dtype") else tensor(output)
            if target.ndim == 1 and output.ndim == 2 and output.shape[1] == 1:
                target = target[:, np.newaxis]
            head.loss = head.loss.fitting(target, (None, *output.shape[1:]))
            loss = head.loss(target, output, weights)
            if trackers:
                trackers.pop(0).update_state(loss, sample_weight=len(target))
            loss = loss if head.factor == 1 else loss * head.factor
            total = loss if total is None else total + loss
        return total

    def _by_head(self, y, y_pred, weights):
        """(target, output, weights) of each output that is trained."""
        heads = self._trainer.objective.heads

        def each(given):
            if isinstance(given, dict):
                return [given.get(head.key) for head in heads]
            return list(given) if isinstance(given, (list, tuple)) else [given] * len(heads)

        outputs = [y_pred] if len(heads) == 1 else flatten(y_pred)
        found = zip(heads, each(y), outputs, each(weights), strict=True)
        trained = self._trainer.objective.trained
        return [(target, output, own) for head, target, output, own in found if head in trained]


class _CompiledMetrics:
    def __init__(self, model):
        self._model = model

    def update_state(self, y_true, y_pred, sample_weight=None):
        self._model.compute_metrics(None, y_true, y_pred, sample_weight)


def _rows(x):
    return len(flatten(x)[0])
