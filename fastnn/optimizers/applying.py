"""Steps of an optimizer on gradients that somebody else has worked out: ``optimizer.apply_gradients``."""

import math

import numpy as np

from .. import runtime
from ..builder import ProgramBuilder


class Applier:
    """The program of an optimizer's step for some variables.

    Gradients are parameters of this program too: what is handed in from outside.

    Parameters
    ----------
    optimizer : Optimizer
    variables : list of Parameter or Variable
    """

    def __init__(self, optimizer, variables):
        self._optimizer, self._variables = optimizer, variables
        builder = ProgramBuilder()
        output = builder.emit("scale", builder.input(1), factor=1)  # a program has data; this one needs none
        names = []
        for i, variable in enumerate(variables):
            gradient = builder.parameter(f"gradient_{i}", _flat_shape(variable), trainable=False)
            index = variable.emit(builder) if hasattr(variable, "emit") else builder.parameter(
                f"variable_{i}", _flat_shape(variable), key=id(variable))  # fmt: skip
            builder.add_gradient(index, gradient)
            names.append((builder.buffer(index).name, builder.buffer(gradient).name))
        optimizer.emit(builder)
        dtype = str(np.dtype(variables[0].dtype))
        self._executable, self._names = runtime.load(builder.build(output), dtype), names
        optimizer.attach(self._executable)

    def fits(self, variables):
        """Whether these are the variables that the program was made for."""
        return len(variables) == len(self._variables) and all(
            a is b for a, b in zip(variables, self._variables, strict=True)
        )

    def apply(self, gradients):
        """Take one step."""
        executable = self._executable
        for (name, gradient_name), variable, gradient in zip(self._names, self._variables, gradients, strict=True):
            executable.set(name, np.asarray(variable).reshape(_flat_shape(variable)))
            executable.set(gradient_name, np.asarray(gradient).reshape(_flat_shape(variable)))
        executable.learning_rate = float(self._optimizer.learning_rates(executable.step, 1)[0])
        executable.run("update")
        executable.step += 1
        for (name, _), variable in zip(self._names, self._variables, strict=True):
            variable.assign(executable.get(name).reshape(variable.shape))


def check_gradients(gradients, variables):
    """The pairs that have a gradient, as two lists.

    Raises
    ------
    ValueError
        If none has one, or a gradient has another shape than its variable.
    """
    found = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
    if not found:
        raise ValueError("apply_gradients: no gradients provided for any variable")
    for gradient, variable in found:
        if np.shape(gradient) != tuple(variable.shape):
            name = getattr(variable, "path", None) or getattr(variable, "name", "variable")
            raise ValueError(
                f"apply_gradients: {name} has the shape {tuple(variable.shape)}, its gradient {np.shape(gradient)}"
            )
    return [list(column) for column in zip(*found, strict=True)]


def _flat_shape(variable):
    """The shape in a program, where arrays have one or two axes."""
    shape = tuple(variable.shape)
    if len(shape) in (1, 2):
        return shape
    return (math.prod(shape[:-1]), shape[-1]) if shape else (1,)
