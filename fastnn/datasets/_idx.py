"""Reader for IDX, the file format of MNIST and of the data sets made in its likeness.

An IDX file is ``00 00 type ndim``, then one big-endian 32-bit length per dimension, then the elements in C
order.  The format was published with MNIST (Y. LeCun, C. Cortes, C. Burges).
"""

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path

import numpy as np

UNSIGNED_BYTE = 0x08  # the only element type that these data sets use

MNIST_FILES = {  # name: number of dimensions
    "train-images-idx3-ubyte.gz": 3,
    "train-labels-idx1-ubyte.gz": 1,
    "t10k-images-idx3-ubyte.gz": 3,
    "t10k-labels-idx1-ubyte.gz": 1,
}


def read_idx(path, ndim, sha256):
    """Read one gzipped IDX file of unsigned bytes and prove that it is the expected one.

    Parameters
    ----------
    path : str or Path
        The ``.gz`` file.
    ndim : int
        Number of dimensions that the file must have: 3 for images, 1 for labels.
    sha256 : str
        SHA-256 of the uncompressed file, in hexadecimal.  Not of the ``.gz``: two copies of the same data may
        differ in time stamp and compression level, and either is good.

    Returns
    -------
    ndarray of uint8 with `ndim` dimensions
        A new, writable, C-contiguous array.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is cut short, is not gzip, is not IDX of `ndim` dimensions, or holds other data.
    """
    path = Path(path)
    try:
        raw = gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: expected a complete gzip file, found a damaged one ({error})") from error

    # Structure first, hash last: "expected 47040016 bytes, found 1000" says more than two hashes that differ.
    magic = bytes([0, 0, UNSIGNED_BYTE, ndim])
    if raw[:4] != magic:
        raise ValueError(
            f"{path}: expected an IDX file of unsigned bytes in {ndim} dimension(s), which starts with "
            f"{magic.hex(' ')}, found {raw[:4].hex(' ') or 'an empty file'}"
        )
    header = 4 + 4 * ndim
    if len(raw) < header:
        raise ValueError(f"{path}: expected an IDX header of {header} bytes, found {len(raw)} bytes in all")
    shape = struct.unpack_from(f">{ndim}I", raw, offset=4)
    expected = header + math.prod(shape)
    if len(raw) != expected:
        raise ValueError(
            f"{path}: expected {expected} uncompressed bytes, as the shape {shape} in its header asks, "
            f"found {len(raw)}"
        )
    found = hashlib.sha256(raw).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{path}: expected uncompressed data with SHA-256 {sha256}, found {found}. The file is damaged, "
            f"or it belongs to another data set (MNIST and Fashion-MNIST use the same file names)"
        )
    # frombuffer gives a read-only view of `raw`; users expect arrays that they may write to.
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape).copy()


def read_mnist_files(folder, sha256):
    """Read the four files of a data set laid out like MNIST.

    Parameters
    ----------
    folder : str or Path
        Folder with the files named in ``MNIST_FILES``.
    sha256 : dict of str to str
        SHA-256 of the uncompressed content, by file name.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        Images uint8 of shape (n, rows, columns) and labels uint8 of shape (n,).

    Raises
    ------
    FileNotFoundError, ValueError
        See `read_idx`.
    """
    x_train, y_train, x_test, y_test = (
        read_idx(Path(folder) / name, ndim, sha256[name]) for name, ndim in MNIST_FILES.items()
    )
    return (x_train, y_train), (x_test, y_test)
