"""Checks and converts arrays, once, before anything is trained.

Design
------
a. Rows that are C-contiguous float32, float64 or uint8 are used in place; the backend converts them batch by
   batch.
b. A check that fails has changed nothing: these functions know no model, and the trainer calls them first.
c. Finiteness is one sum over the array; only a sum that is not finite makes a search for the element
   necessary.
"""

import math

import numpy as np

IN_PLACE = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.uint8))
"""Types of the data that are not converted beforehand."""


def shape_of(x):
    """Shape of the rows of ``x``, with None first; a row of a 1-D array is one number."""
    shape = as_array(x, "x").shape
    return (None, *(shape[1:] or (1,)))


def features(x, input_shape, dtype, name="x"):
    """The data as rows.

    Parameters
    ----------
    x : array-like (n, *input_shape[1:])
        (n,) too where a row is a single number.
    input_shape : tuple
        Of the model, with None first.
    dtype : numpy.dtype
        Of the model.
    name : str
        Of the argument, for messages.

    Returns
    -------
    numpy.ndarray (n, features)
        C-contiguous; ``x`` itself where its type is one of :data:`IN_PLACE`, else converted to ``dtype``.

    Raises
    ------
    TypeError
        If ``x`` is not made of numbers.
    ValueError
        If it is empty, has another shape, or holds NaN or infinity.
    """
    array = as_array(x, name)
    if array.ndim == 1 and tuple(input_shape[1:]) == (1,):
        array = array[:, np.newaxis]
    if array.shape[1:] != tuple(input_shape[1:]):
        hint = ""
        if array.shape == tuple(input_shape[1:]):
            hint = f"; for a single row use {name}[np.newaxis]"
        elif math.prod(array.shape[1:]) == math.prod(input_shape[1:]):
            hint = (
                f"; reshape {name} with {name}.reshape({', '.join(map(str, (len(array), *input_shape[1:])))})"
            )
        raise ValueError(f"{name}: the model expects inputs of shape {input_shape}, got {array.shape}{hint}")
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(array, array.dtype if array.dtype in IN_PLACE else dtype)
    rows = rows.reshape(len(rows), -1)
    check_finite(rows, dtype, name)
    return rows


def targets(y, loss, output_shape, dtype, name="y"):
    """The targets in the form that the loss takes.

    Parameters
    ----------
    y : array-like
        Class numbers (n,) or (n, 1) for a loss with ``integer_target``, else (n, *output_shape[1:]), or (n,)
        where the model has one output.
    loss : fastnn.losses.Loss
    output_shape : tuple
        Of the model, with None first.
    dtype : numpy.dtype
        Of the model.
    name : str
        Of the argument, for messages.

    Returns
    -------
    numpy.ndarray
        int32 (n,), or (n, columns) of ``dtype``.

    Raises
    ------
    TypeError
        If ``y`` is not made of numbers, or not of integers where class numbers are expected.
    ValueError
        If it is empty, has another shape, holds NaN, infinity, or a class that the model has no output for.
    """
    array = as_array(y, name)
    columns = math.prod(output_shape[1:])
    if loss.integer_target:
        return _class_numbers(array, loss, columns, name)
    if array.shape == (len(array),) and columns == 1:
        array = array[:, np.newaxis]
    if array.shape[1:] != tuple(output_shape[1:]) and not (columns == 1 and array.shape[1:] == (1,)):
        hint = ""
        if array.size == len(array) and array.dtype.kind in "iub":
            hint = (
                "; for class numbers use loss='sparse_categorical_crossentropy', or make them one-hot with "
                f"fastnn.utils.to_categorical({name}, {columns})"
            )
        raise ValueError(
            f"{name}: loss {loss.name!r} expects targets of the shape of the output, {output_shape}, "
            f"got {array.shape}{hint}"
        )
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(array, dtype).reshape(len(array), -1)
    check_finite(rows, dtype, name)
    return rows


def _class_numbers(array, loss, classes, name):
    if classes < 2:
        raise ValueError(
            f"loss {loss.name!r} expects an output for each class, but the model has {classes}; "
            "use loss='binary_crossentropy', or as many units as there are classes"
        )
    if array.size != len(array):
        raise ValueError(
            f"{name}: loss {loss.name!r} expects class numbers of shape (n,), got {array.shape}; "
            f"for one-hot rows use loss='categorical_crossentropy', or {name}.argmax(axis=1)"
        )
    labels = array.reshape(-1)
    with np.errstate(invalid="ignore"):
        broken = np.flatnonzero(labels != np.floor(labels)) if array.dtype.kind == "f" else ()
    if len(broken):
        row = int(broken[0])
        raise TypeError(
            f"{name}: loss {loss.name!r} expects integer class numbers, but {name}[{row}] is {labels[row]} "
            f"({array.dtype}); use one-hot rows with loss='categorical_crossentropy', or loss='mse' for numbers"
        )
    if not (labels.min() >= 0 and labels.max() < classes):
        row = int(np.flatnonzero(~((labels >= 0) & (labels < classes)))[0])
        raise ValueError(
            f"{name}[{row}] is {labels[row]}, expected a class number from 0 to {classes - 1}, "
            f"as the model has {classes} outputs"
        )
    return np.ascontiguousarray(labels, np.int32)


def check_lengths(x, y, names=("x", "y")):
    """Raise ValueError unless ``x`` and ``y`` have as many rows."""
    if len(x) != len(y):
        raise ValueError(
            f"{names[0]} and {names[1]} must have the same number of rows, got {len(x)} and {len(y)}"
        )


def split_row(rows, validation_split):
    """First of the rows that are held out: the last part of the data, by Keras' rule.

    Raises
    ------
    ValueError
        If nothing would be left on one of the two sides.
    """
    split = math.floor(rows * (1 - validation_split))
    if split == 0 or split == rows:
        raise ValueError(
            f"validation_split={validation_split:g} of {rows} rows leaves {split} for training and "
            f"{rows - split} for validation; each needs at least one"
        )
    return split


def as_array(values, name):
    """``values`` as an array of at least one row of numbers, else TypeError or ValueError."""
    if values is None:
        raise ValueError(f"{name} is missing: expected an array, got None")
    try:
        array = _table(values) if hasattr(values, "dtypes") else np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{name}: expected rows of equal length, got a ragged {type(values).__name__}"
        ) from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name}: expected an array of numbers, got {type(values).__name__} of dtype {array.dtype}; "
            f"convert it, for example with np.asarray({name}, dtype='float32')"
        )
    if array.size == 0 or array.ndim == 0:
        raise ValueError(f"{name}: expected at least one row of numbers, got an array of shape {array.shape}")
    return array


def _table(values):
    """A pandas DataFrame or Series as an array; columns of different numbers, True and False meet in float64."""
    array = np.asarray(values)
    types = np.atleast_1d(np.asarray(values.dtypes, object))
    if array.dtype == object and all(getattr(dtype, "kind", "O") in "fiub" for dtype in types):
        array = array.astype(np.float64)  # a value that is missing becomes NaN, which is found later
    return array


def check_finite(rows, dtype, name):
    """Raise ValueError naming the first row and column that ``dtype`` cannot hold as a finite number."""
    if rows.dtype.kind != "f":
        return
    limit = np.finfo(dtype).max
    with np.errstate(all="ignore"):
        if rows.dtype.itemsize > np.dtype(dtype).itemsize:
            fine = rows.max() <= limit and rows.min() >= -limit  # a number may be too large for dtype
        else:
            fine = np.isfinite(rows.sum())
        bad = () if fine else np.argwhere(~(np.abs(rows) <= limit))
    if len(bad):
        row, column = (int(i) for i in bad[0])
        raise ValueError(
            f"{name}: expected finite numbers, but row {row}, column {column} is {rows[row, column]} "
            f"({len(bad)} such numbers in all)"
        )
