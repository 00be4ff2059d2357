"""Old spellings that still work: each is warned of once."""

import sys
import warnings

_warned = set()


def warn_old(old, new):
    """Issue a DeprecationWarning, the first time that ``old`` is met, at the line outside of this package."""
    if old in _warned:
        return
    _warned.add(old)
    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in (__package__, "importlib"):
        # Where an import statement calls us, importlib stands between; ``warn`` does not count its frames.
        level, frame = level + ("importlib" not in frame.f_code.co_filename), frame.f_back
    warnings.warn(f"{old} is an old spelling; write {new}", DeprecationWarning, stacklevel=level)
