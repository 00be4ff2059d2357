"""Iris: four measurements of 150 flowers of three species (R. A. Fisher, 1936; public domain).

R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936), 179-188.
These are the rows of R and scikit-learn, which agree with the paper; the copy in the UCI repository has
errors in rows 35 and 38.
"""

import csv
from pathlib import Path

import numpy as np

from fastnn.datasets._split import shuffle_and_split

FILE = Path(__file__).parent / "data" / "iris" / "iris.csv"

FEATURE_NAMES = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
CLASS_NAMES = ("setosa", "versicolor", "virginica")


def load_data(test_split=0.2, seed=113):
    """Load iris from the package, shuffled and split.

    Parameters
    ----------
    test_split : float
        Fraction of the rows kept for testing, at least 0 and below 1.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        x float32 (n, 4), in the order of ``FEATURE_NAMES``; y int64 (n,), an index into ``CLASS_NAMES``.
        With the default split n is 120 for training and 30 for testing.

    Raises
    ------
    ValueError
        If `test_split` is out of range.
    """
    with FILE.open(encoding="ascii", newline="") as file:
        _header, *rows = csv.reader(file)
    x = np.array([row[:4] for row in rows], dtype=np.float32)
    y = np.array([CLASS_NAMES.index(row[4]) for row in rows], dtype=np.int64)
    return shuffle_and_split(x, y, test_split, seed)
