"""Three ways to run a program with one interface: ``reference`` (NumPy), ``native`` (C), and ``step`` (C, op by op)."""

import os

NAMES = ("native", "reference", "step")


def get_backend(name=None):
    """The backend called ``name``; by default ``FASTNN_BACKEND``, else "native".

    Raises
    ------
    ValueError
        For a name that is not one of :data:`NAMES`.
    """
    name = name or os.environ.get("FASTNN_BACKEND") or "native"
    if not isinstance(name, str) or name not in NAMES:
        raise ValueError(f"unknown backend {name!r}; expected one of {NAMES}")
    if name == "native":
        from .native import NativeBackend

        return NativeBackend()
    if name == "step":
        from .step import StepBackend

        return StepBackend()
    from .reference import ReferenceBackend

    return ReferenceBackend()
