"""How Keras numbers what it saves: the weights of each layer, and the optimizer's variables."""

import math

import numpy as np

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


def unique_names(things):
    """Keras' name for each of a list of layers: the class in snake case, numbered within the list."""
    used, names = {}, []
    for thing in things:
        name = snake_case(type(thing).__name__)
        used[name] = used.get(name, -1) + 1
        names.append(f"{name}_{used[name]}" if used[name] else name)
    return names


def layer_parameters(layer):
    """A layer's parameters in Keras' order: those that are made to be trained first."""
    return sorted(layer.weights, key=lambda parameter: not parameter.trainable)


def slot_names(optimizer, parameters):
    """The names of an optimizer's slots, ``path/slot``, in Keras' order.

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
        f"{parameter.path}/{slot}" for group in groups for parameter in parameters for slot in group
        if slot in optimizer.slots
    ]  # fmt: skip


def optimizer_variables(model):
    """Keras' variables of the model's optimizer: ``[(name, array)]``; empty before training.

    First the number of steps and the learning rate, then the slots, then what the optimizer keeps besides.
    """
    trainer = model._trainer
    if trainer is None or trainer.optimizer is None or trainer._session is None:
        return []
    optimizer, executable = trainer.optimizer, trainer._session.executable
    steps = executable.step
    found = [("iteration", np.array(steps, np.int64))]
    if not isinstance(optimizer._learning_rate, LearningRateSchedule):
        found.append(("learning_rate", np.array(optimizer.learning_rate, executable.dtype)))
    for name in slot_names(optimizer, model.trainable_weights):
        found.append((f"{model.name}_{name.replace('/', '_')}", executable.get(name)))
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
    optimizer, executable = trainer.optimizer, session.executable
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
    slots = slot_names(optimizer, model.trainable_weights)
    first = 1 + ("learning_rate" in named)
    for name, value in zip(slots, values[first : first + len(slots)], strict=True):
        executable.set(name, value)
    executable.step = steps
    if "learning_rate" in named:
        rate = float(named["learning_rate"])
        # Keras holds it in the type of the weights, which a number given as 0.1 need not be.
        if not math.isclose(rate, optimizer.learning_rate, rel_tol=1e-6):
            optimizer.learning_rate = rate
