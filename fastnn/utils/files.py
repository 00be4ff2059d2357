"""``get_file``: a file from the network, kept on this machine."""

import os
import tarfile
import warnings
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

ARCHIVES = {"tar": tarfile.is_tarfile, "zip": zipfile.is_zipfile}


def get_file(
    fname=None,
    origin=None,
    untar=False,
    md5_hash=None,
    file_hash=None,
    cache_subdir="datasets",
    hash_algorithm="auto",
    extract=False,
    archive_format="auto",
    cache_dir=None,
    force_download=False,
):
    """Download a file, unless it is in the cache already.

    Parameters
    ----------
    fname : str, optional
        Name of the file in the cache; by default the one at ``origin``.
    origin : str
        URL.
    file_hash : str, optional
        SHA-256 or MD5 that the file must have, in hexadecimal; ``md5_hash`` is the older argument.
    cache_dir : str or Path, optional
        By default ``KERAS_HOME`` or ``~/.keras``, as in Keras; the file goes into its folder ``cache_subdir``.
    hash_algorithm : {"auto", "sha256", "md5"}
    extract, untar : bool
        Whether to unpack the file, an archive of ``archive_format`` ("auto", "tar" or "zip").
    force_download : bool
        Whether to download it even if it is there.

    Returns
    -------
    str
        Path of the file, or of the folder where it is unpacked.

    Raises
    ------
    OSError
        If it cannot be downloaded.
    ValueError
        If an argument cannot be used, or the file has another hash.
    """
    import pooch

    if origin is None:
        raise ValueError("get_file needs origin=..., the URL of the file")
    name = os.fspath(fname) if fname else Path(urlsplit(origin).path).name
    if not name or Path(name).name != name:
        raise ValueError(f"fname must be the name of a file without folders (use cache_dir for these), got {name!r}")
    folder = Path(cache_dir or os.environ.get("KERAS_HOME") or Path.home() / ".keras").expanduser() / cache_subdir
    target, unpacked = folder / name, None
    if extract or untar:
        if fname and "." in name:
            unpacked = folder / f"{name.partition('.')[0]}_extracted"
        else:
            target, unpacked = folder / f"{name}_archive", folder / name
    if force_download:
        target.unlink(missing_ok=True)
    known = _known_hash(file_hash or md5_hash, "md5" if md5_hash and not file_hash else hash_algorithm)
    if known is None and target.is_file():
        path = target
    else:
        path = pooch.retrieve(origin, known, fname=target.name, path=folder)
    return str(path) if unpacked is None else _unpack(path, unpacked, "tar" if untar else archive_format)


def _known_hash(digest, algorithm):
    """``sha256:...`` as pooch takes it."""
    if digest is None:
        return None
    if algorithm == "auto":
        algorithm = "sha256" if len(digest) == 64 else "md5"
    if algorithm not in ("sha256", "md5"):
        raise ValueError(f"hash_algorithm must be 'auto', 'sha256' or 'md5', got {algorithm!r}")
    return f"{algorithm}:{digest}"


def _unpack(path, folder, archive_format):
    formats = ARCHIVES if archive_format == "auto" else [archive_format] if archive_format else []
    kind = next((kind for kind in formats if ARCHIVES.get(kind, lambda path: False)(path)), None)
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)  # drops what would climb out of the folder
    elif kind == "tar":
        with tarfile.open(path) as archive:
            if not hasattr(tarfile, "data_filter"):  # Python before 3.11.4
                raise ValueError("a tar archive can be unpacked safely by Python 3.11.4 or later only")
            archive.extractall(folder, filter="data")
    else:
        warnings.warn(f"get_file: {path} is no archive that can be unpacked", stacklevel=3)
    return str(folder)
