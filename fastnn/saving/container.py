"""The ``.fastnn`` container: a zip of stored members, with a SHA-256 of each in the first.

Nothing in it is compressed, so that a file cannot become larger by being read; nothing lies outside of the
members, so that it cannot be two things at once.
"""

import hashlib
import io
import os
import struct
import zipfile

from .errors import ModelFormatError
from .jsontext import read_json, write_json

MEMBERS = ("metadata.json", "config.json", "state.json", "weights.safetensors", "state.safetensors")
"""All members there may be, in their order in the file. metadata.json is always there."""

_LOCAL, _CENTRAL, _END = 30, 46, 22
"""Bytes of a zip file's headers, without names."""


def write_container(metadata, members):
    """The bytes of a container, as a list of parts.

    Parameters
    ----------
    metadata : dict
        Of strings and integers.
    members : dict of str to bytes
    """
    hashes = {name: hashlib.sha256(members[name]).hexdigest() for name in MEMBERS if name in members}
    members = {**members, MEMBERS[0]: write_json({**metadata, "sha256": hashes})}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in MEMBERS:
            if name in members:
                entry = zipfile.ZipInfo(name)  # of a fixed date: one model, one file
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, members[name])
    return [file.getbuffer()]


def read_container(path):
    """Metadata and members of the container at ``path``: ``(dict, {name: bytes})``, all checked.

    Raises
    ------
    ModelFormatError
        If it is not exactly what ``write_container`` makes.
    OSError
        If it cannot be read.
    """
    with open(path, "rb") as file:
        try:
            members = _read_members(file, os.fstat(file.fileno()).st_size)
        except zipfile.BadZipFile as error:
            raise ModelFormatError(f"the zip structure is damaged: {error}") from None
        except (struct.error, EOFError, NotImplementedError, RuntimeError, UnicodeError, OverflowError) as error:
            raise ModelFormatError(f"the zip structure is damaged: {error or type(error).__name__}") from None
    metadata = read_json(members.pop(MEMBERS[0]), MEMBERS[0])
    _check_hashes(metadata, members)
    return metadata, members


def _read_members(file, size):
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        for name in names:
            if name not in MEMBERS:
                raise ModelFormatError(f"the member {name[:80]!r} does not belong into a .fastnn file")
        if names != [name for name in MEMBERS if name in names] or MEMBERS[0] not in names:
            raise ModelFormatError(f"the members are {names}; expected some of {list(MEMBERS)}, each once, in order")
        if archive.comment:
            raise ModelFormatError("the zip structure has a comment")
        position = 0
        for entry in entries:
            position = _check_entry(file, entry, position)
        directory = sum(_CENTRAL + len(entry.filename) + len(entry.extra) for entry in entries)
        whole = position + directory + _END
        large = any(entry.file_size >= 2**31 for entry in entries)  # the directory then has a longer end
        if not large and (position != archive.start_dir or whole != size):
            raise ModelFormatError(f"the file has {size} bytes, but its members add up to {whole}")
        return {entry.filename: archive.read(entry) for entry in entries}  # read checks the CRC


def _check_entry(file, entry, position):
    """Refuse an entry of the directory that is not a stored member at ``position``; return where it ends."""
    name = entry.filename
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        raise ModelFormatError(f"{name}: is compressed; the members of a .fastnn file are stored")
    if entry.flag_bits or entry.comment or (entry.extra and entry.file_size < 2**31):
        raise ModelFormatError(f"{name}: its entry has fields that a .fastnn file does not use")
    if entry.header_offset != position:
        raise ModelFormatError(f"{name}: begins at byte {entry.header_offset}, expected {position}")
    file.seek(position)
    header = file.read(_LOCAL)
    if len(header) != _LOCAL or header[:4] != b"PK\3\4":
        raise ModelFormatError(f"{name}: no member begins at byte {position}")
    flags, method = struct.unpack_from("<HH", header, 6)
    crc, stored, whole, of_name, of_extra = struct.unpack_from("<LLLHH", header, 14)
    large = entry.file_size >= 2**31
    if (flags, method, crc) != (0, 0, entry.CRC) or (not large and (stored, whole) != (entry.file_size,) * 2):
        raise ModelFormatError(f"{name}: its header and the directory say different things")
    if of_name != len(name) or (of_extra and not large):
        raise ModelFormatError(f"{name}: its header has fields that a .fastnn file does not use")
    return position + _LOCAL + of_name + of_extra + entry.file_size


def _check_hashes(metadata, members):
    hashes = metadata.get("sha256") if isinstance(metadata, dict) else None
    if not isinstance(hashes, dict) or set(hashes) != set(members):
        raise ModelFormatError("metadata.json: sha256 must have one entry for each other member")
    for name, data in members.items():
        if hashlib.sha256(data).hexdigest() != hashes[name]:
            raise ModelFormatError(f"{name}: its bytes do not have the SHA-256 that metadata.json gives")
