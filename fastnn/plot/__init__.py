"""Figures. Only the modules of this folder import matplotlib, and they are imported only to draw.

Every function draws into ``ax`` where it is given one, else into a new figure of pyplot, and returns the Axes.
Its words are Korean with ``language="ko"``, or by default where ``FASTNN_LANG`` or the locale says so, if a Korean
font is installed; else English.  No setting of matplotlib is changed: a font is chosen for the texts alone that need
it, those that the caller passes included.
"""

from importlib import import_module

_HOME = {
    "activation_histograms": "histograms",
    "animate_paths": "paths",
    "confusion_matrix": "classes",
    "decision_boundary": "classes",
    "gradient_histograms": "histograms",
    "history": "training",
    "korean_font": "style",
    "mistakes": "images",
    "network": "diagram",
    "optimizer_paths": "paths",
    "weights": "images",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
