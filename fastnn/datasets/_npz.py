"""Reader for NumPy archives (``.npz``), those of lists included, which runs no code from the file.

NumPy stores arrays of Python objects as pickles, and loading a pickle may call anything. Here only what builds
arrays, lists and numbers is let through.
"""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np

LARGEST = 2**30
"""Bytes that an archive may have when unpacked; IMDB has 0.1 of it."""


def read_npz(path):
    """Read all arrays of an archive.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, is no such archive, is far too large, or holds anything but arrays, lists and
        numbers.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > LARGEST:
                raise ValueError(f"expected at most {LARGEST} bytes when unpacked, found {size}")
            return {name.removesuffix(".npy"): _read_array(archive.read(name)) for name in archive.namelist()}
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever a damaged or hostile file brings about
        raise ValueError(f"{path}: expected an archive of arrays and lists of numbers: {error}") from error


def _read_array(content):
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read_header:
        raise ValueError(f"unknown version {version} of NumPy's format")
    _, _, dtype = read_header[version](stream)
    if not dtype.hasobject:
        stream.seek(0)
        return np.load(stream, allow_pickle=False)
    array = _ArrayUnpickler(stream).load()
    if not isinstance(array, np.ndarray):
        raise ValueError(f"expected an array, found {type(array).__name__}")
    return array


_ARRAY = "ndarray"  # stands for the class, which a file cannot call then


def _reconstruct(subtype, shape, dtype):
    """An empty array, which its state then fills; the shape in the file is not believed."""
    if subtype != _ARRAY:
        raise pickle.UnpicklingError("arrays of other classes are not read")
    return np.ndarray((0,), np.dtype(dtype))


ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _ARRAY,
    ("numpy", "dtype"): np.dtype,
}


class _ArrayUnpickler(pickle.Unpickler):
    """Reads arrays, lists and numbers, and refuses everything else."""

    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not read: it is no part of an array")
        return ALLOWED[module, name]
