"""California housing: 20640 districts of California in 1990, 8 properties each, and the price of a house.

R. Pace, R. Barry, "Sparse Spatial Autoregressions", Statistics and Probability Letters 33 (1997), 291-297.
"""

from fastnn.datasets._find import KERAS_MIRRORS, find_file
from fastnn.datasets._npz import read_npz
from fastnn.datasets._split import shuffle_and_split

HOMEPAGE = "https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html"
SHA256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
SMALL = 600


def load_data(version="large", path="california_housing.npz", test_split=0.2, seed=113):
    """Load the districts from a folder of this machine, or download them once into the user's cache.

    Parameters
    ----------
    version : {"large", "small"}
        All rows, or the first 600.
    path : str
        Name of the file, or where it is.
    test_split : float
        Fraction of the rows kept for testing, at least 0 and below 1.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        x (n, 8); y (n,), in dollars.

    Raises
    ------
    FileNotFoundError
        If the file is nowhere and cannot be downloaded; the text says where to put it.
    ValueError
        If the file is damaged, or an argument is out of range.
    """
    if version not in ("large", "small"):
        raise ValueError(f"version must be 'large' or 'small', got {version!r}")
    arrays = read_npz(find_file("california_housing", path, SHA256, KERAS_MIRRORS, HOMEPAGE))
    rows = slice(SMALL if version == "small" else None)
    return shuffle_and_split(arrays["x"][rows], arrays["y"][rows], test_split, seed)
