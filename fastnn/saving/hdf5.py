"""HDF5 files, opened through h5py and searched for what a model file has no business with.

HDF5 can link to other files, keep its numbers in them, and declare arrays far larger than itself. Such files are
refused. The library itself remains a large parser of foreign bytes: these formats carry no security promise.
"""

import io
from contextlib import contextmanager

from .errors import ModelFormatError
from .limits import HDF5_OBJECTS

MEMBER = "model.weights.h5"
_DEPTH = 32


@contextmanager
def open_hdf5(source, member):
    """The root group of a file that has been checked.

    Parameters
    ----------
    source : str or bytes
        A path, or the content.
    member : str
        For messages.

    Raises
    ------
    ImportError
        Without h5py.
    ModelFormatError
        For a file that is damaged, or has links, external or virtual storage, compressed numbers, or data sets
        that are larger than what is stored.
    """
    h5py = import_h5py()
    try:
        with h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r") as file:
            _check_group(h5py, file, member, [0], 0)
            yield file
    except ModelFormatError:
        raise
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, UnicodeError) as error:
        raise ModelFormatError(f"{member}: {error}") from error


def import_h5py():
    """The h5py module; ImportError says how to get it."""
    try:
        import h5py
    except ImportError:
        raise ImportError(
            "this file is in one of Keras' formats, which need h5py; install it with pip install 'fastnn-cpu[keras]'"
        ) from None
    return h5py


def _check_group(h5py, group, member, count, depth):
    if depth > _DEPTH:
        raise ModelFormatError(f"{member}: groups within groups, more than {_DEPTH} deep")
    for name in group:
        count[0] += 1
        where = f"{member}: {group.name.rstrip('/')}/{name}"
        if count[0] > HDF5_OBJECTS:
            raise ModelFormatError(f"{member}: more than {HDF5_OBJECTS:,} objects")
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise ModelFormatError(f"{where}: is a {type(link).__name__}, which may lead out of the file")
        found = group[name]
        if isinstance(found, h5py.Group):
            _check_group(h5py, found, member, count, depth + 1)
        elif isinstance(found, h5py.Dataset):
            _check_dataset(found, where)
        else:
            raise ModelFormatError(f"{where}: expected a group or a data set")


def _check_dataset(dataset, where):
    if dataset.external or dataset.is_virtual:
        raise ModelFormatError(f"{where}: keeps its numbers in another file")
    if dataset.dtype.kind not in "fiub" or dataset.dtype.itemsize > 8:
        raise ModelFormatError(f"{where}: holds {dataset.dtype}, not numbers")
    stored = dataset.id.get_storage_size()
    if stored != dataset.size * dataset.dtype.itemsize and (dataset.chunks is None or stored < dataset.nbytes):
        raise ModelFormatError(f"{where}: shape {dataset.shape} takes {dataset.nbytes} bytes, but {stored} are stored")


def read_text(group, name):
    """An attribute that is text, or None."""
    value = group.attrs.get(name)
    return value.decode("utf-8") if isinstance(value, bytes) else value


def read_names(group, name):
    """An attribute that is a list of texts; Keras cuts long ones into ``name0``, ``name1``, ..."""
    if name in group.attrs:
        pieces = [group.attrs[name]]
    else:
        pieces = []
        while f"{name}{len(pieces)}" in group.attrs:
            pieces.append(group.attrs[f"{name}{len(pieces)}"])
    return [text.decode("utf-8") if isinstance(text, bytes) else str(text) for piece in pieces for text in piece]


def write_names(group, name, texts):
    """The reverse of :func:`read_names`; an attribute has room for 64 kB."""
    encoded, pieces = [text.encode("utf-8") for text in texts], [[]]
    for text in encoded:
        if sum(map(len, pieces[-1])) + len(text) + 16 * len(pieces[-1]) > 50_000:
            pieces.append([])
        pieces[-1].append(text)
    for number, piece in enumerate(pieces):
        group.attrs[f"{name}{number}" if len(pieces) > 1 else name] = piece
