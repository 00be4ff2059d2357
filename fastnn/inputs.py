"""The data of models with several inputs: arrays in a list or a dict, put side by side as a program takes them."""

import numpy as np

from . import data


def are_several(x):
    """Whether it is a dict, or a list of several arrays, and not one array or a list of rows."""
    if isinstance(x, dict):
        return True
    return isinstance(x, (list, tuple)) and len(x) > 1 and all(np.ndim(part) and hasattr(part, "shape") for part in x)


def shapes_of(x):
    """Shapes of such inputs, in a list or a dict."""
    if isinstance(x, dict):
        return {key: data.shape_of(part) for key, part in x.items()}
    return [data.shape_of(part) for part in x]


def features(x, shapes, names, dtype, name="x"):
    """All inputs as one array, each row of it with the rows of all inputs side by side.

    Parameters
    ----------
    x : list or tuple of arrays in the order of the inputs, or dict of arrays by name of the input
    shapes : list of tuples
        Of the inputs, with None first.
    names : list of str
        Of the inputs.
    dtype : numpy.dtype
        Of the model.
    name : str
        Of the argument, for messages.

    Returns
    -------
    numpy.ndarray (n, sum of the inputs' columns)

    Raises
    ------
    TypeError, ValueError
        If there are too few or too many arrays, one does not fit, or their numbers of rows differ.
    """
    if isinstance(x, dict):
        if set(x) != set(names):
            raise ValueError(f"{name}: the model has the inputs {names}, got {sorted(x)}")
        parts, labels = [x[key] for key in names], [f"{name}[{key!r}]" for key in names]
    elif isinstance(x, (list, tuple)) and len(x) == len(shapes):
        parts, labels = list(x), [f"{name}[{i}]" for i in range(len(x))]
    else:
        got = f"{len(x)} arrays" if isinstance(x, (list, tuple)) else f"one {type(x).__name__}"
        raise ValueError(
            f"{name}: the model has {len(shapes)} inputs, {names}; expected a list of as many arrays, or a dict by "
            f"name, got {got}"
        )
    rows = [data.features(*item) for item in zip(parts, shapes, [dtype] * len(shapes), labels, strict=True)]
    for part, label in zip(rows, labels, strict=True):
        data.check_lengths(rows[0], part, (labels[0], label))
    return np.hstack([part.astype(dtype, copy=False) for part in rows])
