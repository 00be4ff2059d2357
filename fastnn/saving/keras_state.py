"""How Keras numbers what it saves: the weights of each layer, and the optimizer's variables."""

import numpy as np

from ..layers import Layer
from ..naming import snake_case
from ..ops.optimizers import nadam_product
from ..optimizers.state import slot_groups


def unique_names(layers):
    """Keras' name for each of a list of layers: the class in snake case, numbered within the list."""
    return _numbered(snake_case(type(layer).__name__) for layer in layers)


def _numbered(names):
    """The names, the later of equal ones with a number."""
    used, found = {}, []
    for name in names:
        used[name] = used.get(name, -1) + 1
        found.append(f"{name}_{used[name]}" if used[name] else name)
    return found


def own_parameters(layer):
    """The parameters of a layer, not of layers inside of it, in Keras' order: those made to be trained first."""
    return sorted(layer.parameters.values(), key=lambda parameter: not parameter.trainable)


def all_parameters(layer):
    """Those of layers inside of it too, in the order of Keras' older files."""
    return layer.trainable_weights + layer.non_trainable_weights


def layer_paths(model):
    """``[(group, layer)]`` of a model and all that is inside of it, as Keras calls the groups of a weights file.

    The layers of a model stand in "layers", called by their classes; those of a class of one's own are called by
    the attributes that hold them. The model itself is the group "".
    """
    found, visited = [], set()

    def visit(layer, path):
        visited.add(layer)
        found.append((path, layer))
        for name, inner in _children(layer):
            if inner not in visited:
                visit(inner, f"{path}/{name}" if path else name)

    visit(model, "")
    return found


def _children(layer):
    """Names and layers directly inside of a layer."""
    if _is_model(layer) and not layer.is_traced:
        for name, inner in zip(unique_names(layer.layers), layer.layers, strict=True):
            yield f"layers/{name}", inner
        return
    held = dict(vars(layer))
    if _is_model(layer):  # Keras goes through it as through any attribute, in the order of their names
        held["layers"] = layer.layers
    for name, value in sorted(held.items(), key=lambda item: (item[0].startswith("_"), item[0])):
        yield from _within(name, value)


def _is_model(layer):
    return hasattr(layer, "get_layer")


def _within(name, value):
    """A layer, or those in a list, tuple or dict, with the names of their groups."""
    if isinstance(value, Layer):
        yield name, value
    elif isinstance(value, (list, tuple, dict)):
        items = list(value.values()) if isinstance(value, dict) else value
        items = [item for item in items if isinstance(item, (Layer, list, tuple, dict))]
        names = [snake_case(type(item).__name__) if isinstance(item, Layer) else "container" for item in items]
        for inner, item in zip(_numbered(names), items, strict=True):
            yield from _within(f"{name}/{inner}", item)


def keras_paths(model):
    """``{parameter: name}`` as Keras calls it: after all models and layers around it, but for functional models."""
    found, visited = {}, set()

    def visit(layer, prefix):
        visited.add(layer)
        for parameter in layer.parameters.values():
            found.setdefault(parameter, prefix + parameter.path)
        inside = prefix if _is_model(layer) and layer._is_functional else f"{prefix}{layer.name}/"
        for inner in layer.sublayers:
            if inner not in visited:
                visit(inner, inside)

    visit(model, "")
    return dict(zip(found, _numbered(found.values()), strict=True))


def optimizer_variables(model):
    """Keras' variables of the model's optimizer: ``[(name, array)]``; empty before training.

    First the number of steps and the learning rate, then the slots, then what the optimizer keeps besides.
    """
    trainer = model._trainer
    if trainer is None or trainer.optimizer is None or trainer._session is None:
        return []
    optimizer, called, own = trainer.optimizer, keras_paths(model), trainer.optimizer.variables
    slots = [(p, slot) for group in slot_groups(optimizer) for p in optimizer.state.names for slot in group]
    found = [(variable.name, variable.value) for variable in own[: len(own) - len(slots)]]
    found += [(f"{called[p]}_{slot}".replace("/", "_"), optimizer.state.get(p, slot)) for p, slot in slots]
    if type(optimizer).__name__ == "Nadam":
        product = nadam_product(optimizer.beta_1, optimizer.iterations)
        found.append(("variable", np.array(product, trainer._session.executable.dtype)))
    return found


def set_optimizer_variables(model, values):
    """Set the optimizer's state from the arrays of :func:`optimizer_variables`.

    Raises
    ------
    ValueError
        If they are not those of this optimizer; nothing has been set then.
    """
    trainer = model._trainer
    trainer._open(model.input_shape)
    optimizer, expected = trainer.optimizer, optimizer_variables(model)
    if len(values) != len(expected):
        raise ValueError(f"{len(values)} variables, expected {len(expected)}")
    for (name, wanted), got in zip(expected, values, strict=True):
        if np.shape(got) != wanted.shape:
            raise ValueError(f"{name}: expected shape {wanted.shape}, got {np.shape(got)}")
    if int(values[0]) < 0 or not all(np.isfinite(value).all() for value in values):
        raise ValueError("numbers that are not finite, or a negative number of steps")
    for variable, value in zip(optimizer.variables, values, strict=False):  # Keras may keep more, which follows
        variable.assign(value)
