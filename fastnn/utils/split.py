"""``split_dataset``: a data set in two parts."""

import numbers

import numpy as np

from ..random import generator, next_key


def split_dataset(dataset, left_size=None, right_size=None, shuffle=False, seed=None, preferred_backend=None):
    """Split arrays, or a ``Dataset``, into a left and a right part.

    Parameters
    ----------
    dataset : array, tuple or list of arrays, or Dataset
        Arrays are split by rows, a ``Dataset`` by elements, which are then held in memory.
    left_size, right_size : float or int, optional
        A share from 0 to 1, or a number of rows; one may be left out.
    shuffle : bool
        Whether to split in another order.
    seed : int, optional
        Of that order; by default it follows the seed of the process.
    preferred_backend : None or "fastnn"

    Returns
    -------
    left, right : Dataset
        Which ``fit`` takes after ``batch``.

    Raises
    ------
    TypeError
        If ``dataset`` is neither of these.
    ValueError
        If the sizes are missing, out of range or larger than the data set.
    """
    from ..tf_shim.data import Dataset

    if preferred_backend not in (None, "fastnn"):
        raise ValueError(f"preferred_backend must be None or 'fastnn', got {preferred_backend!r}")
    if isinstance(dataset, Dataset):
        elements = list(dataset)
        count = len(elements)

        def take(rows):
            return Dataset(lambda: (elements[row] for row in rows), len(rows))

    else:
        if isinstance(dataset, (tuple, list)) and dataset and hasattr(dataset[0], "__len__"):
            arrays = tuple(np.asarray(array) for array in dataset)
        elif hasattr(dataset, "__array__") or isinstance(dataset, list):
            arrays = np.asarray(dataset)
        else:
            raise TypeError(f"split_dataset: expected arrays or a Dataset, got {type(dataset).__name__}")
        count = len(arrays[0] if isinstance(arrays, tuple) else arrays)

        def take(rows):
            return Dataset.from_tensor_slices(
                tuple(array[rows] for array in arrays) if isinstance(arrays, tuple) else arrays[rows]
            )

    left, right = _sizes(left_size, right_size, count)
    order = np.arange(count)
    if shuffle:
        order = generator(next_key("split_dataset") if seed is None else seed).permutation(count)
    return take(order[:left]), take(order[count - right :])


def _sizes(left, right, count):
    """Both sizes as numbers of rows, by Keras' rules."""
    if left is None and right is None:
        raise ValueError("split_dataset needs left_size or right_size")
    left, right = (_rows(size, name, count) for size, name in ((left, "left_size"), (right, "right_size")))
    left = count - right if left is None else left
    right = count - left if right is None else right
    if left + right > count:
        raise ValueError(f"left_size and right_size ask for {left + right} rows, but there are {count}")
    return left, right


def _rows(size, name, count):
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, numbers.Real):
        raise TypeError(f"{name} must be a share between 0 and 1 or a number of rows, got {size!r}")
    share = not isinstance(size, numbers.Integral)
    if not 0 < size < (1 if share else count):
        raise ValueError(f"{name} must be a share between 0 and 1, or from 1 to {count - 1} rows, got {size!r}")
    return round(size * count) if share else int(size)
