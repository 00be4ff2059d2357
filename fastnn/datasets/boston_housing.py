"""Boston housing: 506 districts of Boston in 1978, 13 properties each, and the price of a home.

D. Harrison, D. Rubinfeld, "Hedonic prices and the demand for clean air", J. Environ. Economics & Management 5 (1978).
Its variable B assumes that racial segregation pays; prefer ``california_housing`` where no book asks for this one.
"""

from fastnn.datasets._find import KERAS_MIRRORS, find_file
from fastnn.datasets._npz import read_npz
from fastnn.datasets._split import shuffle_and_split

HOMEPAGE = "http://lib.stat.cmu.edu/datasets/boston"
SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(path="boston_housing.npz", test_split=0.2, seed=113):
    """Load the districts from a folder of this machine, or download them once into the user's cache.

    Parameters
    ----------
    path : str
        Name of the file, or where it is.
    test_split : float
        Fraction of the rows kept for testing, at least 0 and below 1.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        x float64 (n, 13); y float64 (n,), in thousands of dollars.

    Raises
    ------
    FileNotFoundError
        If the file is nowhere and cannot be downloaded; the text says where to put it.
    ValueError
        If the file is damaged, or `test_split` is out of range.
    """
    arrays = read_npz(find_file("boston_housing", path, SHA256, KERAS_MIRRORS, HOMEPAGE))
    return shuffle_and_split(arrays["x"], arrays["y"], test_split, seed)
