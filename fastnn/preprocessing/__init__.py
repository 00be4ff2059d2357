"""``keras.preprocessing``: sequences and texts for dense nets; what concerns images says what to use instead."""

from importlib import import_module

__all__ = ["sequence", "text"]


def __getattr__(name):
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    if name.startswith("image"):
        raise AttributeError(
            f"keras.preprocessing.{name} is not part of fastnn, which trains dense networks; read images with Pillow, "
            "np.asarray(PIL.Image.open(path)), and put them together with np.stack"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")
