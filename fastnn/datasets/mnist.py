"""MNIST: 70000 handwritten digits, 28 x 28 (Yann LeCun, Corinna Cortes, Christopher Burges; CC BY-SA 3.0)."""

from pathlib import Path

from fastnn.datasets._idx import read_mnist_files

FOLDER = Path(__file__).parent / "data" / "mnist"

SHA256 = {  # of the uncompressed files
    "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def load_data(path="mnist.npz"):
    """Load MNIST from the package; no network is used.

    Parameters
    ----------
    path : str
        Not used.  Keras caches its download under this name; scripts that pass it run unchanged.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        `x_train` uint8 (60000, 28, 28), 0 background to 255 ink; `y_train` uint8 (60000,), the digits 0 to 9;
        `x_test` and `y_test` the same for 10000 images.

    Raises
    ------
    ValueError
        If a file of the installed package is damaged; the text names it.
    """
    return read_mnist_files(FOLDER, SHA256)
