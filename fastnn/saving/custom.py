"""Classes and functions of the caller's own, which files may name."""

from contextlib import contextmanager

_registered = {}
_scopes = []


def register_keras_serializable(package="Custom", name=None):
    """Decorate a class or function, so that files may name it; as Keras' function of this name.

    Parameters
    ----------
    package : str
    name : str, optional
        By default that of the class.
    """

    def register(thing):
        _registered[f"{package}>{name or thing.__name__}"] = thing
        return thing

    return register


def get_custom_objects():
    """What has been registered: a dict that may be changed."""
    return _registered


@contextmanager
def custom_object_scope(custom_objects):
    """Within this context, files may name these classes and functions: ``{"name": thing}``."""
    _scopes.append(dict(custom_objects))
    try:
        yield
    finally:
        _scopes.pop()


CustomObjectScope = custom_object_scope
"""Its older name."""


def find_custom(name, custom_objects=None):
    """The caller's class or function of this name, or None."""
    if not isinstance(name, str):
        return None
    for known in (custom_objects or {}, *reversed(_scopes), _registered):
        if name in known:
            return known[name]
    return next((thing for full, thing in _registered.items() if full.partition(">")[2] == name), None)


def registered_name(cls, class_name):
    """The name that ``cls`` was registered under, else its own."""
    return next((full for full, thing in _registered.items() if thing is cls), class_name)
