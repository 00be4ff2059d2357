"""Digits: 1797 handwritten digits, 8 x 8, trained on in a blink (E. Alpaydin, C. Kaynak; CC BY 4.0).

The test part of "Optical Recognition of Handwritten Digits" in the UCI repository (doi:10.24432/C50P49), also
known as scikit-learn's ``load_digits``.  Each pixel counts the ink in a 4 x 4 block of a 32 x 32 bitmap.
"""

from pathlib import Path

from fastnn.datasets._idx import read_idx
from fastnn.datasets._split import shuffle_and_split

FOLDER = Path(__file__).parent / "data" / "digits"

# Of the uncompressed files.
IMAGES_SHA256 = "359cd13f0f514122884198b78a131df597421cbf5e93a76678fa96fc548f0d96"
LABELS_SHA256 = "ce71631c1f31ce56fa54f31d1d498fafacff59b001e6c30c4a5e29508aa277ad"


def load_data(test_split=0.2, seed=113):
    """Load the 8 x 8 digits from the package, shuffled and split.

    Parameters
    ----------
    test_split : float
        Fraction of the rows kept for testing, at least 0 and below 1.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        x uint8 (n, 8, 8), 0 background to 16 ink; y uint8 (n,), the digits 0 to 9.
        With the default split n is 1437 for training and 360 for testing.

    Raises
    ------
    ValueError
        If `test_split` is out of range, or if a file of the installed package is damaged.
    """
    x = read_idx(FOLDER / "digits-images-idx3-ubyte.gz", 3, IMAGES_SHA256)
    y = read_idx(FOLDER / "digits-labels-idx1-ubyte.gz", 1, LABELS_SHA256)
    return shuffle_and_split(x, y, test_split, seed)
