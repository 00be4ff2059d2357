"""How Keras numbers what it saves: the weights of each layer, and the optimizer's variables."""

import math

import numpy as np

from ..layers import Layer
from ..naming import snake_case
from ..ops.optimizers import nadam_product
from ..optimizers.schedules import LearningRateSchedule

_GROUPED = {
    "RMSprop": (("velocity",), ("momentum",), ("average_gradient",)),
    "Adam": (("momentum", "velocity"), ("velocity_hat",)),
    "AdamW": (("momentum", "velocity"), ("velocity_hat",)),
}
"""Slots as Keras makes them: group after group; within a group, parameter after parameter. Else all are one group."""

AVERAGE, ACCUMULATOR = "average", "gradient_accumulator"
"""Slots that any optimizer may have; Keras makes them first."""


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


def ordered_slots(optimizer, parameters):
    """``[(parameter, slot)]`` of all the optimizer's slots, in Keras' order.

    Parameters
    ----------
    optimizer : Optimizer
    parameters : list of Parameter
        Those that are trained, in order.
    """
    own = [slot for slot in optimizer.slots if slot not in (AVERAGE, ACCUMULATOR)]
    groups = [(slot,) for slot in (AVERAGE, ACCUMULATOR) if slot in optimizer.slots]
    groups += _GROUPED.get(type(optimizer).__name__, (tuple(own),))
    return [
        (parameter, slot) for group in groups for parameter in parameters for slot in group if slot in optimizer.slots
    ]


def optimizer_variables(model):
    """Keras' variables of the model's optimizer: ``[(name, array)]``; empty before training.

    First the number of steps and the learning rate, then the slots, then what the optimizer keeps besides.
    """
    trainer = model._trainer
    if trainer is None or trainer.optimizer is None or trainer._session is None:
        return []
    optimizer, executable, names = trainer.optimizer, trainer._session.executable, trainer._session.names
    steps = executable.step
    found = [("iteration", np.array(steps, np.int64))]
    if not isinstance(optimizer._learning_rate, LearningRateSchedule):
        found.append(("learning_rate", np.array(optimizer.learning_rate, executable.dtype)))
    called = keras_paths(model)
    for parameter, slot in ordered_slots(optimizer, model.trainable_weights):
        name = f"{called[parameter]}_{slot}".replace("/", "_")
        value = executable.get(f"{names[parameter]}/{slot}")
        found.append((name, value.reshape(parameter.shape)))
    if type(optimizer).__name__ == "Nadam":
        found.append(("variable", np.array(nadam_product(optimizer.beta_1, steps), executable.dtype)))
    return found


def set_optimizer_variables(model, values):
    """Set the optimizer's state from the arrays of :func:`optimizer_variables`.

    Raises
    ------
    ValueError
        If they are not those of this optimizer; nothing has been set then.
    """
    trainer = model._trainer
    session = trainer._open(model.input_shape)
    optimizer, executable, names = trainer.optimizer, session.executable, session.names
    expected = optimizer_variables(model)
    if len(values) != len(expected):
        raise ValueError(f"{len(values)} variables, expected {len(expected)}")
    for (name, wanted), got in zip(expected, values, strict=True):
        if np.shape(got) != wanted.shape:
            raise ValueError(f"{name}: expected shape {wanted.shape}, got {np.shape(got)}")
    named = dict(zip((name for name, _ in expected), values, strict=True))
    steps = int(named["iteration"])
    if steps < 0 or not all(np.isfinite(value).all() for value in values):
        raise ValueError("numbers that are not finite, or a negative number of steps")
    slots = ordered_slots(optimizer, model.trainable_weights)
    first = 1 + ("learning_rate" in named)
    for (parameter, slot), value in zip(slots, values[first : first + len(slots)], strict=True):
        executable.set(f"{names[parameter]}/{slot}", value.reshape(parameter.flat_shape))
    executable.step = steps
    if "learning_rate" in named:
        rate = float(named["learning_rate"])
        # Keras holds it in the type of the weights, which a number given as 0.1 need not be.
        if not math.isclose(rate, optimizer.learning_rate, rel_tol=1e-6):
            optimizer.learning_rate = rate
