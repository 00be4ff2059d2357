"""Random numbers in a ``call``: drawn anew for each batch, for rows whose number is known only then."""

import numpy as np

from .applying import apply, as_tensor
from .tensor import trace_mode


def is_for_rows(shape):
    """Whether a shape is that of the rows that the ``call`` at hand is given, ``(None, ...)``."""
    sizes = shape if isinstance(shape, (tuple, list)) else ()
    return trace_mode() is not None and len(sizes) > 1 and sizes[0] is None and None not in sizes[1:]


def normal(shape, mean=0.0, stddev=1.0):
    """Normally distributed numbers of such a shape, in training and at inference, as a symbolic tensor.

    They are a function of the seed of all (``set_random_seed``), the step or pass and the row, as those of
    ``GaussianNoise``: the same ones however the rows are cut into batches.
    """
    zeros = as_tensor(np.zeros(int(np.prod(shape[1:]))))

    def emit(builder, buffer):
        with builder.training(True):
            rows = builder.emit("repeat_row", buffer)
            return builder.emit("gaussian_noise", rows, stddev=1.0, stream=builder.next_stream())

    return apply("RandomNormal", [zeros], tuple(shape), emit) * stddev + mean
