"""Named arrays as safetensors: a JSON header with types, shapes and places, then the numbers.

The header is checked here first, against what the model expects, so that nothing is allocated for a tensor that
the model has not.
"""

import math
import struct

import numpy as np

from .errors import ModelFormatError
from .jsontext import read_json

_NAMES = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8"), "I64": np.dtype("<i8")}
_HEADER = 16 << 20
"""Most bytes of a header: a hundred thousand tensors."""


def write_tensors(arrays):
    """The bytes of ``{name: array}``, in order of the names within each type."""
    from safetensors.numpy import save

    return save({name: np.asarray(array, order="C") for name, array in arrays.items()})


def read_header(data, member):
    """``{name: (dtype, shape)}`` of the tensors in ``data``, all of whose bytes belong to one of them.

    Raises
    ------
    ModelFormatError
        Naming ``member`` and the tensor.
    """
    if len(data) < 8:
        raise ModelFormatError(f"{member}: {len(data)} bytes are too few for a header")
    (length,) = struct.unpack_from("<Q", data)
    if length > min(_HEADER, len(data) - 8):
        raise ModelFormatError(f"{member}: a header of {length} bytes does not fit into {len(data)}")
    header = read_json(bytes(data[8 : 8 + length]), f"{member}: header", most=_HEADER, depth=4)
    if not isinstance(header, dict):
        raise ModelFormatError(f"{member}: the header must be an object")
    found, places = {}, []
    for name, entry in header.items():
        where = f"{member}: tensor {name[:80]!r}"
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise ModelFormatError(f"{where}: expected dtype, shape and data_offsets")
        if entry["dtype"] not in _NAMES:
            raise ModelFormatError(f"{where}: dtype must be one of {', '.join(_NAMES)}")
        dtype, shape, offsets = _NAMES[entry["dtype"]], entry["shape"], entry["data_offsets"]
        for numbers, what in ((shape, "shape"), (offsets, "data_offsets")):
            if not isinstance(numbers, list) or not all(type(n) is int and n >= 0 for n in numbers):
                raise ModelFormatError(f"{where}: {what} must be a list of integers, none negative")
        if len(offsets) != 2 or len(shape) > 8:
            raise ModelFormatError(f"{where}: expected two data_offsets and at most 8 dimensions")
        # Python's integers do not overflow.
        if offsets[1] - offsets[0] != math.prod(shape) * dtype.itemsize:
            raise ModelFormatError(f"{where}: shape {shape} does not fit its {offsets[1] - offsets[0]} bytes")
        found[name] = (dtype, tuple(shape))
        places.append(offsets)
    position = 0
    for first, last in sorted(places):
        if first != position:
            raise ModelFormatError(f"{member}: tensors overlap or leave gaps at byte {position}")
        position = last
    if position != len(data) - 8 - length:
        raise ModelFormatError(f"{member}: {len(data) - 8 - length} bytes of data, of which {position} are used")
    return found


def read_tensors(data, member, expected=None):
    """``{name: array}``.

    Parameters
    ----------
    data : bytes
    member : str
        For messages.
    expected : dict of str to (dtype, shape), optional
        All tensors that must be there, and the only ones.

    Raises
    ------
    ModelFormatError
        Naming the member and the tensor.
    """
    found = read_header(data, member)
    if expected is not None:
        check_tensors({name: (dtype.newbyteorder("="), shape) for name, (dtype, shape) in found.items()},
                      expected, member)  # fmt: skip
    if not found:
        return {}
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(data)
    except SafetensorError as error:
        raise ModelFormatError(f"{member}: {error}") from None


def check_tensors(found, expected, member):
    """Refuse tensors that are not exactly those of the model: ``{name: (dtype, shape)}`` on both sides."""
    for name, (dtype, shape) in expected.items():
        if name not in found:
            raise ModelFormatError(f"{member}: the tensor {name!r} of the model is missing")
        if found[name] != (np.dtype(dtype), tuple(shape)):
            got = found[name]
            raise ModelFormatError(
                f"{member}: tensor {name!r}: expected {np.dtype(dtype).name} of shape {tuple(shape)}, "
                f"got {got[0].name} of shape {got[1]}"
            )
    for name in found:
        if name not in expected:
            raise ModelFormatError(f"{member}: the model has no tensor {name[:80]!r}")
