"""Files that are either the old ones or the new ones, whatever kills the process.

The bytes go to a temporary file in the same folder, which takes the old file's place once it is safely on the
disk. Source: Pillai et al., "All file systems are not created equal" (OSDI 2014), on why both calls of fsync
are needed.
"""

import contextlib
import os
import re
import secrets


def write_file(path, parts):
    """Write a file atomically.

    Parameters
    ----------
    path : str or path
        A file that is there is replaced; where anything fails it stays as it was.
    parts : iterable of bytes
        What to write, in order.

    Raises
    ------
    OSError
        As the system reports it; the temporary file has been removed where that was possible.
    """
    path = os.path.realpath(os.fspath(path))  # a link keeps pointing to the file
    folder, name = os.path.split(path)
    _remove_stale(folder, name)
    temporary = os.path.join(folder, f"{name}.tmp-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            for part in parts:
                _write_all(descriptor, part)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with contextlib.suppress(FileNotFoundError):
            os.chmod(temporary, os.stat(path).st_mode & 0o7777)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _write_all(descriptor, part):
    """``os.write`` may write less than it is given."""
    view = memoryview(part).cast("B")
    while len(view):
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder):
    """Put the new name on the disk; Windows cannot open folders, and does this by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_stale(folder, name):
    """Remove what processes left behind that died while writing this file."""
    pattern = re.compile(re.escape(name) + r"\.tmp-(\d+)-[0-9a-f]{8}")
    try:
        found = [match for entry in os.listdir(folder or ".") if (match := pattern.fullmatch(entry))]
    except OSError:
        return  # a folder may be written to without being readable
    for match in found:
        if not _alive(int(match[1])):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, match[0]))


def _alive(process):
    if process == os.getpid():
        return True  # another thread may be at work
    if os.name == "nt":
        return True  # there, os.kill would end the process
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
