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
    loss : Loss or None
        Says which targets fit; without one, only inputs can be checked.
    """

    def __init__(self, model, loss):
        self.model = model
        self.loss = loss

    @property
    def dtype(self):
        """Type of the model's numbers."""
        return np.dtype(self.model.dtype or floatx())

    def input_shape(self, x):
        """Shape of the model's input: that of the data where the model has not been told."""
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
        """The rows as the backends take them: ``x, y, weights or None``."""
        x, _, _ = self._check_inputs(batch, input_shape, names)
        _, y, weights = batch
        output_shape = self.model.compute_output_shape(input_shape)
        self.loss = self.loss.fitting(y, output_shape)
        y = data.targets(y, self.loss, output_shape, self.dtype, names[1])
        data.check_lengths(x, y, names)
        return x, y, None if weights is None else sample_weights(weights, len(x), self.dtype, names[2])

    def _check_inputs(self, batch, input_shape, names):
        if isinstance(self.model.output_shape, list):
            raise NotImplementedError(
                f"{self.model.name!r} has {len(self.model.output_shape)} outputs; one can be trained and predicted: "
                "make a model for each over the same layers, Model(model.input, model.outputs[0])"
            )
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
        return x, y, class_weights(class_weight, y, self.dtype)

    def weigh_by_one(self, rows):
        """The rows with weights of 1, where they have none."""
        x, y, weights = rows
        return x, y, np.ones(len(x), self.dtype) if weights is None else weights


def _refuse_weights(rows):
    """The rows, of a source that began without weights; the program was compiled for that."""
    if rows[2] is not None:
        raise ValueError("a batch has a sample_weight, but the first batch had no sample_weight; give one to each")
    return rows
