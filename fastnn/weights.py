"""How much each row counts in the loss: ``sample_weight`` and ``class_weight``."""

import numbers

import numpy as np

from . import data


def sample_weights(given, rows, dtype, name="sample_weight"):
    """The weight of each row.

    Parameters
    ----------
    given : array-like (n,) or (n, 1)
    rows : int
        The n that is expected.
    dtype : numpy.dtype
        Of the model.
    name : str
        Of the argument, for messages.

    Returns
    -------
    numpy.ndarray (n,) of ``dtype``

    Raises
    ------
    TypeError
        If ``given`` is not made of numbers.
    ValueError
        If it has another shape, or holds NaN or infinity.
    """
    array = data.as_array(given, name)
    if array.shape not in ((rows,), (rows, 1)):
        raise ValueError(f"{name}: expected a weight for each of {rows} rows, ({rows},), got {array.shape}")
    with np.errstate(over="ignore"):
        weights = np.ascontiguousarray(array, dtype).reshape(rows, 1)
    data.check_finite(weights, dtype, name)
    return weights[:, 0]


def class_weights(given, y, dtype):
    """The weight of each row, by its class; 1 for a class that has none.

    Parameters
    ----------
    given : dict of class number to weight
        The numbers may be written as text, as in JSON.
    y : array
        Targets as ``fastnn.data`` makes them: class numbers (n,), one column (n, 1), or one-hot rows.
    dtype : numpy.dtype
        Of the model.

    Returns
    -------
    numpy.ndarray (n,) of ``dtype``

    Raises
    ------
    ValueError
        If ``given`` is no such dict.
    """
    if not isinstance(given, dict):
        raise ValueError(
            f"class_weight must be a dict of class number to weight, got {type(given).__name__}; "
            "a list can be turned into one with dict(enumerate(class_weight))"
        )
    classes = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else np.round(y).astype(np.int64).reshape(-1)
    weights = np.ones(len(y), dtype)
    for key, weight in given.items():
        try:
            number = int(key)
        except (TypeError, ValueError):
            raise ValueError(f"class_weight: expected a class number, got {key!r}") from None
        if not isinstance(weight, numbers.Real) or not np.isfinite(weight):
            raise ValueError(f"class_weight[{key!r}] must be a finite number, got {weight!r}")
        weights[classes == number] = weight
    return weights
