"""Fashion-MNIST: 70000 articles of clothing, 28 x 28, a harder stand-in for MNIST (Zalando SE; MIT licence).

H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
Algorithms", arXiv:1708.07747.
"""

from fastnn.datasets._find import find_or_download
from fastnn.datasets._idx import read_mnist_files

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

HOMEPAGE = "https://github.com/zalandoresearch/fashion-mnist"

MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",  # no https; the hash guards it
)

DOWNLOAD_SHA256 = {  # of the .gz files as published
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}

SHA256 = {  # of the uncompressed files
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def load_data():
    """Load Fashion-MNIST from a folder of this machine, or download it once (30 MB) into the user's cache.

    Searched in this order: ``$FASTNN_DATA_DIR/fashion-mnist``, ``$FASTNN_DATA_DIR``, ``fashion-mnist`` in the
    user's cache, ``/usr/share/datasets/fashion-mnist``.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        `x_train` uint8 (60000, 28, 28); `y_train` uint8 (60000,), an index into ``CLASS_NAMES``; `x_test` and
        `y_test` the same for 10000 images.

    Raises
    ------
    FileNotFoundError
        If the files are nowhere and cannot be downloaded; the text says where to put them.
    ValueError
        If a file is damaged or is another data set's; the text names it.
    """
    folder = find_or_download("fashion-mnist", DOWNLOAD_SHA256, MIRRORS, HOMEPAGE)
    return read_mnist_files(folder, SHA256)
