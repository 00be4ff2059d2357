"""How Keras numbers what it saves: the weights of each layer, and the optimizer's variables."""

import numpy as np

from ..naming import snake_case
from ..ops.optimizers import nadam_product


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


def optimizer_variables(model):
    """Keras' variables of the model's optimizer: ``[(name, array)]``; empty before training.

    First the number of steps and the learning rate, then the slots, then what the optimizer keeps besides.
    """
    trainer = model._trainer
    if trainer is None or trainer.optimizer is None or trainer._session is None:
        return []
    optimizer = trainer.optimizer
    found = [(variable.name, variable.value) for variable in optimizer.variables]
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
