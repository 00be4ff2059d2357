"""Where data files that are not part of the package come from: a folder of this machine, or a download."""

import os
import sys
from pathlib import Path

SYSTEM_FOLDER = Path("/usr/share/datasets")  # where Debian's dataset-* packages put their files

KERAS_MIRRORS = ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",)

CONNECT_TIMEOUT = 10  # seconds; a firewall that drops packets silently must not look like a hang


def user_cache():
    """Return the folder for downloads, at the place that each system keeps for caches.

    Returns
    -------
    Path
        ``$XDG_CACHE_HOME/fastnn`` if that variable is set; otherwise ``%LOCALAPPDATA%/fastnn/Cache`` on
        Windows, ``~/Library/Caches/fastnn`` on macOS and ``~/.cache/fastnn`` elsewhere.  It need not exist.
    """
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "fastnn"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(local) / "fastnn" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "fastnn"
    return Path.home() / ".cache" / "fastnn"


def own_folder():
    """Return the folder that the user named in ``FASTNN_DATA_DIR``, or None."""
    named = os.environ.get("FASTNN_DATA_DIR")
    return Path(named).expanduser() if named else None


def data_folders():
    """Return the folders that hold data sets, in the order in which they are searched.

    Returns
    -------
    list of Path
        ``FASTNN_DATA_DIR`` if set, the user's cache, the system's folder.  They need not exist.  A data set
        has a subfolder of its own in each, such as ``fashion-mnist``.
    """
    own = own_folder()
    return ([own] if own else []) + [user_cache(), SYSTEM_FOLDER]


def keras_folder():
    """Return the folder where Keras keeps the data sets that it has downloaded."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def find_file(name, path, known_hash, mirrors, homepage):
    """Return the path of the single file of a data set; download it only if it is nowhere.

    Parameters
    ----------
    name : str
        Of the data set, and of its subfolder in ``data_folders()``.
    path : str or Path
        Name of the file; or its place, if there is a file.
    known_hash : str
        Of the file as published: SHA-256, or ``"md5:..."``.
    mirrors, homepage
        As for :func:`find_or_download`.
    """
    if Path(path).is_file():
        return Path(path)
    file = Path(path).name
    return find_or_download(name, {file: known_hash}, mirrors, homepage) / file


def find_or_download(name, files, mirrors, homepage):
    """Return a folder that has all files of a data set; download them only if there is none.

    Parameters
    ----------
    name : str
        Subfolder of the data set, such as ``"fashion-mnist"``.
    files : dict of str to str
        File name to SHA-256 (or ``"md5:..."``) of the file as published.  It guards the download only: a file
        already on this machine may have been compressed anew, so the reader checks its uncompressed content
        instead.
    mirrors : sequence of str
        Base URLs, each ending in ``/``, in order of preference.
    homepage : str
        Where a person can get the files by hand; for the error text.

    Returns
    -------
    Path

    Raises
    ------
    FileNotFoundError
        If no folder has the files and no mirror gave them.  The text lists the folders searched, what each
        lacks, why each mirror failed, and which files to put where.
    """
    searched = [folder / name for folder in data_folders()]
    if own_folder():
        searched.insert(1, own_folder())  # the variable may also name the data set's own folder
    searched += [keras_folder() / name, keras_folder()]
    lacks = []
    for folder in searched:
        missing = [file for file in files if not (folder / file).is_file()]
        if not missing:
            return folder
        lacks.append(f"{folder}: " + (f"lacks {', '.join(missing)}" if folder.is_dir() else "no such folder"))

    target = user_cache() / name
    failures = []
    for mirror in mirrors:
        try:
            _download(files, mirror, target)
        except (ImportError, OSError, ValueError) as error:  # no pooch; no network or no room; wrong hash
            failures.append(f"{mirror}: {error}")
        else:
            return target

    raise FileNotFoundError(
        "\n  ".join([f"{name}: the data files are in none of the folders searched:", *lacks])
        + "\n  ".join(["\nand could not be downloaded:", *failures])
        + "\n  ".join([f"\nGet these files from {homepage}", *files])
        + f"\nand put them into {target}, or set FASTNN_DATA_DIR to the folder that has them."
    )


def _download(files, mirror, target):
    """Download `files` from `mirror` into `target`; files already there with the right hash are kept."""
    import pooch  # here, because importing it takes longer than importing fastnn

    for file, sha256 in files.items():
        pooch.retrieve(
            url=mirror + file,
            known_hash=sha256 if ":" in sha256 else f"sha256:{sha256}",
            fname=file,
            path=target,
            downloader=pooch.HTTPDownloader(timeout=CONNECT_TIMEOUT),
        )
