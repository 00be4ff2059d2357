"""Conversions of arrays."""

import numpy as np

from ..checks import check_int
from ..legacy import old_arguments


@old_arguments(nb_classes="num_classes")
def to_categorical(x, num_classes=None):
    """Class numbers to one-hot rows.

    Parameters
    ----------
    x : array-like of int (...) or (..., 1)
    num_classes : int, optional
        By default the largest number plus one.

    Returns
    -------
    numpy.ndarray of float64 (..., num_classes)

    Raises
    ------
    ValueError
        For numbers that are not whole, negative, or not below ``num_classes``.
    """
    x = np.asarray(x)
    if x.dtype.kind not in "fiub" or x.size == 0 or not np.array_equal(x, np.floor(x)):
        raise ValueError(
            f"to_categorical: expected class numbers (integers), got an array of {x.dtype} {x.shape}"
        )
    labels = x.astype(np.int64)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    classes = int(labels.max()) + 1 if num_classes is None else check_int(num_classes, "num_classes", 1)
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"to_categorical: expected class numbers from 0 to {classes - 1}, "
            f"got {labels.min()} to {labels.max()}"
        )
    return np.eye(classes)[labels]


def normalize(x, axis=-1, order=2):
    """``x`` divided by its norm of this order along ``axis``; a norm of 0 counts as 1."""
    x = np.asarray(x)
    norm = np.atleast_1d(np.linalg.norm(x, order, axis))
    norm[norm == 0] = 1
    return x / np.expand_dims(norm, axis)
