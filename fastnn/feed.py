"""Turns what ``fit``, ``evaluate`` and ``predict`` are given into checked sources of batches."""

import numpy as np

from . import data, inputs
from .config import floatx
from .sources import ArraySource, BatchStream, refuse_beside_batches, unpack, yields_batches
from .weights import class_weights, sample_weights

NAMES = ("x", "y", "sample_weight")


class Feed:
    """Checks the data of one model.

    Parameters
    ----------
    model : Model
    objective : Objective
        Says which targets fit; without losses, only inputs can be checked.
    """

    def __init__(self, model, objective):
        self.model = model
        self.objective = objective

    @property
    def dtype(self):
        """Type of the model's numbers."""
        return np.dtype(self.model.dtype or floatx())

    def input_shape(self, x):
        """Shape of the model's input: that of the data where the model has not been told."""
        if self.model.input_shape is None and inputs.are_several(x) and self.model.is_traced:
            self.model.build(inputs.shapes_of(x))
        return self.model.input_shape or data.shape_of(x)

    def source(self, x, y, weights, batch_size, steps, order=None, names=NAMES, predicting=False):
        """Where the batches come from, and the shape of the model's input.

        Of arrays a batch has ``batch_size`` rows, or all of them for None. ``predicting`` leaves targets out.
        """
        check = self._check_inputs if predicting else self._check
        if not yields_batches(x):
            shape = self.input_shape(x)
            rows = check((x, y, weights), shape, names)
            return ArraySource(rows, batch_size or len(rows[0]), steps, order), shape
        refuse_beside_batches(x, y=y, sample_weight=weights)
        stream = BatchStream(x, steps, order)
        shape = self.input_shape(unpack(stream.first)[0])
        names = [f"{name} of a batch" for name in names]
        stream.apply(lambda batch: check(unpack(batch), shape, names))
        if not predicting and not stream.weighted:
            stream.apply(_refuse_weights)
        return stream, shape

    def validation_source(self, validation_data, input_shape, batch_size, steps):
        """The source that ``validation_data`` is; ValueError for what is neither arrays nor batches."""
        names = [f"validation_data[{i}]" for i in range(3)]
        if yields_batches(validation_data):
            return self.source(validation_data, None, None, batch_size, steps, names=names)[0]
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
            raise ValueError(
                "validation_data must be a pair (x, y), (x, y, sample_weight), or a source of such batches, "
                f"got {type(validation_data).__name__}"
            )
        return ArraySource(self._check(unpack(validation_data), input_shape, names), batch_size, steps)

    def _check(self, batch, input_shape, names):
        """The rows as the backends take them: ``x, targets, weights or None``, the latter two in tuples."""
        x, _, _ = self._check_inputs(batch, input_shape, names)
        shapes = self.model.compute_output_shape(input_shape)
        shapes = shapes if isinstance(shapes, list) else [shapes]
        trained = [(head, shape) for head, shape in zip(self.objective.heads, shapes, strict=True) if head.loss]
        targets = []
        for (head, shape), (y, name) in zip(trained, self._by_head(batch[1], names[1], len(x)), strict=True):
            head.loss = head.loss.fitting(y, shape)
            targets.append(data.targets(y, head.loss, shape, self.dtype, name))
            data.check_lengths(x, targets[-1], (names[0], name))
        return x, tuple(targets), self._check_weights(batch[2], len(x), names[2])

    def _check_weights(self, given, rows, name):
        """The rows' weights for each output that is trained: its own, or the same for all."""
        if given is None:
            return None
        if len(self.objective.heads) > 1 and _is_by_output(given):
            own = self._by_head(given, name, rows)
        else:
            own = [(given, name)] * len(self.objective.trained)
        ones = np.ones(rows, self.dtype)
        return tuple(ones if a is None else sample_weights(a, rows, self.dtype, label) for a, label in own)

    def _by_head(self, given, name, rows):
        """``[(array, name)]`` for each output that is trained, from a list, or a dict by name."""
        heads, trained = self.objective.heads, self.objective.trained
        keys = [head.key for head in heads]
        if isinstance(given, dict):
            missing = [head.key for head in trained if head.key not in given]
            if missing or set(given) - set(keys):
                raise ValueError(f"{name}: expected a dict of arrays by output, {keys}, got {list(given)}")
            return [(given[head.key], f"{name}[{head.key!r}]") for head in trained]
        if len(heads) == 1:
            return [(given[0] if _is_list_of_one(given, rows) else given, name)]
        if not isinstance(given, (list, tuple)) or len(given) not in (len(heads), len(trained)):
            got = f"{len(given)} arrays" if isinstance(given, (list, tuple)) else f"one {type(given).__name__}"
            named, by_name = ("", "") if None in keys else (f", {keys}", ", or a dict by name")
            raise ValueError(
                f"{name}: {self.model.name!r} has {len(heads)} outputs{named}; expected a list of as many "
                f"arrays{by_name}, got {got}"
            )
        numbers = [i for i, head in enumerate(heads) if head.loss] if len(given) == len(heads) else range(len(given))
        return [(given[i], f"{name}[{i}]") for i in numbers]

    def _check_inputs(self, batch, input_shape, names):
        if isinstance(input_shape, list):
            return inputs.features(batch[0], input_shape, self.model.input_names, self.dtype, names[0]), None, None
        x = batch[0]
        if isinstance(x, dict) and len(x) == 1 == len(self.model.input_names):
            (x,) = x.values()
        return data.features(x, input_shape, self.dtype, names[0]), None, None

    def weigh_by_class(self, rows, class_weight):
        """The rows with weights by class: those of training, as validation has none."""
        x, y, weights = rows
        if weights is not None:
            raise ValueError(
                "class_weight and sample_weight cannot be given at the same time; "
                "give their product as sample_weight"
            )
        if len(self.objective.heads) > 1:
            raise ValueError(
                "`class_weight` is only supported for Models with a single output; give sample_weight, a list of arrays"
            )
        return x, y, (class_weights(class_weight, y[0], self.dtype),)

    def weigh_by_one(self, rows):
        """The rows with weights of 1, where they have none."""
        x, y, weights = rows
        return x, y, (np.ones(len(x), self.dtype),) * len(y) if weights is None else weights


def _is_by_output(given):
    """Whether it is a list or dict of arrays, and no array."""
    if isinstance(given, (list, tuple)):
        return all(item is None or np.ndim(item) for item in given)
    return isinstance(given, dict)


def _is_list_of_one(given, rows):
    """Whether it is a list of one array, and not a list of one row."""
    if not isinstance(given, (list, tuple)) or len(given) != 1 or not hasattr(given[0], "shape"):
        return False
    return len(given[0].shape) > (1 if rows == 1 else 0)


def _refuse_weights(rows):
    """The rows, of a source that began without weights; the program was compiled for that."""
    if rows[2] is not None:
        raise ValueError("a batch has a sample_weight, but the first batch had no sample_weight; give one to each")
    return rows
