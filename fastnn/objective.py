"""What a model is trained for: a loss, its weight, and metrics for each output.

Design
------
a. ``compile`` takes each of them once for all outputs, in a list, or in a dict by name. A :class:`Head` is one output
   with what has been found for it; all that follows (data, program, logs) goes through the heads, be it one or more.
b. The loss is the sum of the heads' losses, each times its weight. Where there are several, each is logged too.
c. Names in the logs, and their order, are those of Keras 3 (``CompileLoss``, ``CompileMetrics``).
"""

import numbers
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from . import losses, metrics
from .symbolic import flatten


@dataclass
class Head:
    """One output of a model.

    Attributes
    ----------
    key : str or None
        Its name in dicts, and in the logs where there are several; None where it has none.
    loss : Loss or None
        None where it is not trained.
    label : str
        What the loss is called in the logs of a model whose outputs have no names.
    factor : float
        What the loss is multiplied with.
    plain, weighted : list of Metric
        The latter take the rows' weights into account.
    columns : slice
        Of the program's output; known once a program has been made.
    """

    key: str | None
    loss: losses.Loss | None
    label: str
    factor: float
    plain: list = field(default_factory=list)
    weighted: list = field(default_factory=list)
    columns: slice | None = None

    def check(self):
        """Refuse metrics that do not fit the loss."""
        for metric in (*self.plain, *self.weighted):
            if self.loss is None:
                where = "" if self.key is None else f" of output {self.key!r}"
                raise ValueError(f"metric {metric.name!r}{where} needs a loss, whose targets it takes; give loss=...")
            metric.check_target(self.loss)


class Measured(NamedTuple):
    """A metric of one head, and what it is called in the logs."""

    metric: metrics.Metric
    head: int
    """Number among the heads that are trained."""
    weighted: bool
    name: str


class Objective:
    """Losses and metrics of one model, as ``compile`` was told.

    Parameters
    ----------
    model : Model
        Its outputs need not be known yet.
    loss, loss_weights, plain, weighted
        Arguments ``loss``, ``loss_weights``, ``metrics`` and ``weighted_metrics`` of ``compile``.

    Raises
    ------
    ValueError
        For an unknown name, a metric that does not fit its loss, or what does not fit the model's outputs, as soon as
        these are known.
    """

    def __init__(self, model, loss, loss_weights=None, plain=None, weighted=None):
        self._model, self._heads = model, None
        self._labels, self._loss = loss, _map(losses.get, loss)
        self._factors = loss_weights
        self._plain, self._weighted = _map(metrics.get, plain), _map(metrics.get, weighted)
        if model.output_keys is not None:
            self._heads = self._make_heads(model.output_keys)

    @property
    def heads(self):
        """The :class:`Head` s in the order of the outputs."""
        if self._heads is None:
            keys = self._model.output_keys
            if keys is None:
                raise ValueError(f"{self._model.name!r} is not built yet, so its outputs are not known")
            self._heads = self._make_heads(keys)
        return self._heads

    @cached_property
    def trained(self):
        """The heads that have a loss; or, where steps of the model's class may do without one, metrics."""
        return [head for head in self.heads if head.loss is not None or head.plain or head.weighted]

    @property
    def loss(self):
        """The loss of a model with one output; of others what ``compile`` was given, as objects."""
        return self._heads[0].loss if self._heads is not None and len(self._heads) == 1 else self._loss

    @property
    def metrics(self):
        """All metrics, weighted ones last."""
        if self._heads is None:
            given = [*flatten(self._plain), *flatten(self._weighted)]
            return [metric for metric in given if metric is not None]
        return [item.metric for item in self.measured]

    @property
    def wants_outputs(self):
        """Whether a metric must be handed the model's outputs, in the program last made."""
        return not all(metric.by_row for metric in self.metrics)

    @property
    def counts_batches(self):
        """Whether a metric is a mean over the batches, which that program counts then."""
        return any(metric.by_batch for metric in self.metrics)

    # Names

    @cached_property
    def loss_names(self):
        """Names of the heads' losses in the logs; none where there is only one."""
        trained, found = self.trained, []
        if len(trained) > 1:
            for head in trained:
                found.append(_free(f"{head.label if head.key is None else head.key}_loss", found))
        return found

    @cached_property
    def measured(self):
        """All :class:`Measured`, weighted ones last."""
        found, names = [], []
        for weighted in (False, True):
            for number, head in enumerate(self.trained):
                prefix = "" if head.key is None or len(self.heads) == 1 else f"{head.key}_"
                for metric in head.weighted if weighted else head.plain:
                    name = f"{prefix}{metric.name}"
                    if weighted and name in names:
                        name = f"{prefix}weighted_{metric.name}"
                    names.append(_free(name, names))
                    found.append(Measured(metric, number, weighted, names[-1]))
        return found

    @property
    def names(self):
        """Keys of the logs in the order of ``evaluate``: the loss; then names that a metric or loss has by itself, in
        the order of ``compile``; then those with the name of an output, sorted. Outputs in a dict have its order.
        """
        if self._heads is None and self._model.output_keys is None:
            return ["loss", *(metric.name for metric in self.metrics)]
        return self._names

    @cached_property
    def _names(self):
        losses_in_order = self.loss_names
        if self._model.keys_of_outputs is not None and losses_in_order:
            by_key = {head.key: name for head, name in zip(self.trained, losses_in_order, strict=True)}
            keys = self._loss if _is_dict(self._loss) else self._model.keys_of_outputs
            losses_in_order = [by_key[key] for key in keys if key in by_key]
        known = ["loss", *(item.name for item in self.measured), *losses_in_order]
        own = ["loss", *(item.metric.name for item in self.measured), *losses_in_order]
        first = [name for name in dict.fromkeys(own) if name in known]
        return first + sorted(set(known) - set(first))

    # Program

    def emit(self, builder, outputs, weighted):
        """Append losses and metrics for these outputs (buffers) to a program.

        ``weighted`` where rows have weights. The program's values are the loss, the losses by name, the metrics that
        are ops, the number of batches where one of these is a mean over batches, and the sums of the weights that go
        with the weighted ones among these.
        """
        operands, parts, column = [], [], 0
        for head, output in zip(self.heads, outputs, strict=True):
            shape = builder.buffer(output).shape[1:]
            head.columns, column = slice(column, column + shape[0]), column + shape[0]
            if head.loss is None:
                continue
            integer, several = bool(head.loss.integer_target), len(self.heads) > 1
            with builder.scope(head.key or head.label) if several else nullcontext():
                target = builder.target(() if integer else shape, integer)
                weight = builder.weight() if weighted else None
            operands.append((output, target, weight))
        names = self.loss_names or ["loss"]
        for head, (output, target, weight), name in zip(self.trained, operands, names, strict=True):
            parts.append(head.loss.part(builder, output, target, weight, head.factor, name))
        builder.losses(parts)
        for metric, number, takes_weights, name in self.measured:
            output, target, weight = operands[number]
            own = output, target, weight if takes_weights else None
            metric.fit_to(builder, *own)
            if metric.by_row:
                metric.emit(builder, *own, name)
        if self.counts_batches:
            builder.count_batches()
        for number in self.sums_of_weights if weighted else ():
            builder.sum_of_weights(operands[number][2])

    @cached_property
    def sums_of_weights(self):
        """Numbers of the heads whose weights a program adds up."""
        return sorted({item.head for item in self.measured if item.weighted})

    # From the arguments of ``compile``

    def _make_heads(self, keys):
        may_lack_loss = getattr(self._model, "has_own_steps", False)
        if self._loss is None and self.metrics and not may_lack_loss:
            raise ValueError(f"metric {self.metrics[0].name!r} needs a loss, whose targets it takes; give loss=...")
        loss, labels = self._spread(self._loss, keys, "loss"), self._spread(self._labels, keys, "loss")
        named = zip(labels, loss, strict=True)
        labels = [label if isinstance(label, str) else getattr(own, "name", "") for label, own in named]
        plain = self._metrics(self._plain, keys, "metrics")
        weighted = self._metrics(self._weighted, keys, "weighted_metrics")
        factors = self._spread_factors(keys, [one is not None for one in loss])
        heads = [Head(*item) for item in zip(keys, loss, labels, factors, plain, weighted, strict=True)]
        for head in heads:
            if head.loss is not None or not may_lack_loss:
                head.check()
        if self._loss is not None and not any(head.loss for head in heads):
            raise ValueError(f"{self._model.name!r}: loss has nothing but None; give at least one output a loss")
        return heads

    def _spread(self, given, keys, what):
        """What each output gets: the same, or its own from a list or dict."""
        if _is_dict(given):
            names = list(given)
            if None in keys:
                raise ValueError(
                    f"{what}: the outputs of {self._model.name!r} have no names, as its call returns them in a list; "
                    f"give a list of {len(keys)}"
                )
            all_needed = what == "loss" and self._model.keys_of_outputs is None
            if set(names) - set(keys) or (all_needed and set(names) != set(keys)):
                raise ValueError(f"Expected keys {keys} in {what} dict, but found {what}.keys()={names}")
            return [given.get(key) for key in keys]
        if isinstance(given, (list, tuple)):
            if len(given) != len(keys):
                raise ValueError(
                    f"{what}: {self._model.name!r} has {_outputs(keys)}; expected a list of as many, got {len(given)}: "
                    f"{given!r}"
                )
            return list(given)
        return [given] * len(keys)

    def _metrics(self, given, keys, what):
        """A list of metrics for each output."""
        if given is None:
            return [[] for _ in keys]
        if len(keys) == 1:
            return [[metric for metric in flatten(given) if metric is not None]]
        if not isinstance(given, (list, tuple, dict)):
            raise ValueError(
                f"Expected `{what}` argument to be a list, tuple, or dict. Received instead: {what}={given} of type "
                f"{type(given)}"
            )
        return [[m for m in flatten(own) if m is not None] for own in self._spread(given, keys, what)]

    def _spread_factors(self, keys, trained):
        """The number for each output that its loss is multiplied with."""
        given = self._factors
        if given is None:
            return [1.0] * len(keys)
        several = isinstance(given, (dict, list, tuple))
        if len(keys) == 1:
            own = list(given.values()) if isinstance(given, dict) else list(given) if several else [given]
            if len(own) != 1 or not _is_number(own[0]):
                raise ValueError(f"loss_weights must be one number, as the model has one output; got {given!r}")
            return [float(own[0])]
        if not several and (isinstance(self._loss, (list, tuple)) or _is_dict(self._loss)):
            raise ValueError(f"loss_weights must be a list or dict, as loss is one; got {given!r}")
        own = self._spread(given, keys, "loss_weights")
        for key, number, needed in zip(keys, own, trained, strict=True):
            if needed and not _is_number(number):
                where = "" if key is None else f" for output {key!r}"
                raise ValueError(f"loss_weights: expected a number{where}, got {number!r}; 1.0 leaves a loss as it is")
        return [float(number) if needed else 1.0 for number, needed in zip(own, trained, strict=True)]


def _map(get, given):
    """The same nesting with ``get`` of each leaf but None; a dict of a class and its configuration is a leaf."""
    if given is None:
        return None
    if _is_dict(given):
        return {key: _map(get, item) for key, item in given.items()}
    if isinstance(given, (list, tuple)):
        return [_map(get, item) for item in given]
    return get(given)


def _is_dict(given):
    return isinstance(given, dict) and "class_name" not in given


def _is_number(value):
    return isinstance(value, numbers.Real) and bool(np.isfinite(value))


def _outputs(keys):
    names = "" if None in keys else f" {keys}"
    return f"{len(keys)} output{'s' if len(keys) > 1 else ''}{names}"


def _free(name, taken):
    """The name, with a number where it is taken."""
    if name not in taken:
        return name
    return next(new for n in range(1, len(taken) + 2) if (new := f"{name}_{n}") not in taken)
