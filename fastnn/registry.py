"""Looking things up by name: one rule and one error text for losses, optimizers, metrics, initializers."""

from .naming import snake_case


def look_up(identifier, table, base, what):
    """Turn a name, class, configuration or instance into an instance of ``base``.

    Parameters
    ----------
    identifier : str, type, dict or base
        A key of ``table`` or the name of one of its classes; such a class; ``{"class_name": ..., "config":
        ...}``; or an instance, which is returned as it is.
    table : dict
        Known names and the classes they stand for.
    base : type
        Class of all of them.
    what : str
        What is looked up, for messages: "loss", "optimizer", ...

    Raises
    ------
    ValueError
        For None or an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name nor such an object.
    """
    if identifier is None:
        raise ValueError(f"{what} is missing; known are: {', '.join(sorted(table))}")
    if isinstance(identifier, base):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, base):
        return identifier()
    if isinstance(identifier, dict) and "class_name" in identifier:
        return find_class(identifier["class_name"], table, what)(**identifier.get("config", {}))
    if isinstance(identifier, str):
        return find_class(identifier, table, what)()
    raise TypeError(f"expected the name of a {what} or a {base.__name__} object, got {identifier!r}")


def find_class(name, table, what):
    """The class that ``name`` stands for."""
    for known, cls in table.items():
        if name in (known, cls.__name__) or snake_case(str(name)) == known:
            return cls
    raise ValueError(f"unknown {what} {name!r}; known are: {', '.join(sorted(table))}")


def serialize_object(thing, module):
    """A dict from which :func:`deserialize_object` makes the same object again, in the form of Keras' own files."""
    return {
        "module": module,
        "class_name": type(thing).__name__,
        "config": thing.get_config(),
        "registered_name": None,
    }


def deserialize_object(config, table, base, what):
    """The object of a dict as :func:`serialize_object` makes it, or of anything that :func:`look_up` takes."""
    if isinstance(config, dict) and "class_name" in config:
        return find_class(config["class_name"], table, what).from_config(config.get("config", {}))
    return look_up(config, table, base, what)
