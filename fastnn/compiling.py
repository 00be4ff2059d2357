"""The program of a model and of what it is trained for."""

from . import random
from .builder import ProgramBuilder
from .symbolic import flatten
from .symbolic.graph import side_by_side


def compile_program(model, objective, optimizer=None, weighted=False):
    """The layers, then losses and metrics, then backward and the optimizer's steps.

    Parameters
    ----------
    model : Model
        Built.
    objective : Objective
        Without a loss the program predicts only.
    optimizer : Optimizer, optional
        Without one the program does not train.
    weighted : bool
        Whether rows have weights.

    Returns
    -------
    Program
    dict of Parameter to str
        The model's parameters, and what they are called in the program.
    """
    builder = ProgramBuilder()
    outputs = flatten(model.emit(builder, builder.input(model.input_features)))
    output = side_by_side(builder, outputs)
    if objective.loss is not None:
        objective.emit(builder, outputs, weighted)
        if optimizer is not None:
            builder.backward(scale=optimizer.loss_scale_factor)
            optimizer.emit(builder)
    return builder.build(output, keep_output=objective.wants_outputs), builder.parameter_names()


def noise_key(model, key):
    """64 bits, of the program's random numbers: from the layers' own seeds; where a layer has none, from ``key``."""
    seeds = [layer.seed for layer in model.walk() if hasattr(layer, "seed")]
    return random.philox_key("dropout", *(key if seed is None else seed for seed in seeds)) & (2**64 - 1)
