"""Shuffle and split a data set that has no split of its own."""

import numpy as np


def shuffle_and_split(x, y, test_split, seed):
    """Shuffle rows and cut them in two, as Keras does for its housing data sets.

    Parameters
    ----------
    x : ndarray of shape (n, ...)
    y : ndarray of shape (n,)
    test_split : float
        Fraction of the rows kept for testing, at least 0 and below 1.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        The first ``int(n * (1 - test_split))`` shuffled rows, and the rest.

    Raises
    ------
    ValueError
        If `test_split` is out of range.
    """
    if not 0 <= test_split < 1:
        raise ValueError(f"test_split: expected a fraction with 0 <= test_split < 1, found {test_split!r}")
    # RandomState, not default_rng: NumPy promises that its stream never changes, so the split never does.
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    n_train = int(len(x) * (1 - test_split))
    return (x[:n_train], y[:n_train]), (x[n_train:], y[n_train:])
