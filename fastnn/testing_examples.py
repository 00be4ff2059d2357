"""Inputs for testing an operation, with the values that it meets in a net: :func:`example` of ``fastnn.testing``."""

import numpy as np

from . import testing_arithmetic, testing_layers, testing_losses, testing_optimizers
from .ops import KINDS


def example(op_name, generator, dtype="float64", B=3, I=4, O=5, spread=0.0):  # noqa: E741
    """Inputs and attributes of an operation, with the values it meets in a net.

    Probabilities are probabilities, targets are one-hot in some rows and spread in others, labels are
    classes, second moments are not negative; real numbers have both signs, and some are 0.0 and -0.0.

    Parameters
    ----------
    op_name : str
    generator : numpy.random.Generator
    dtype : dtype
        Of the real inputs. The values are those of this type in any wider one.
    B, I, O : int
        Sizes: rows of the batch, inputs, outputs. N, the columns of an elementwise operation, is O.
    spread : float
        Unbounded real numbers are multiplied with 10 to a power within plus or minus ``spread``.

    Returns
    -------
    inputs : list of arrays
    attributes : dict
    """
    kind = KINDS[op_name]
    sizes = {"B": (B,), "I": (I,), "O": (O,), "N": (O,), "S": (1,), "*": (I, O)}
    sizes |= {letter: (size(I, O),) for letter, size in testing_arithmetic.SIZES.items()}
    shapes = [sum((sizes[letter] for letter in operand.dims), ()) for operand in kind.rule.inputs]

    def real(shape):
        x = generator.standard_normal(shape) * 10 ** generator.uniform(-spread, spread, shape)
        x.flat[::7] *= generator.integers(0, 2, x.flat[::7].shape)  # 0.0 and -0.0 here and there
        return x

    def probabilities(shape):
        e = np.exp(2 * generator.standard_normal(shape))
        return np.clip(e / e.sum(axis=1, keepdims=True), 1e-3, None)  # inside the clips of the losses

    def labels(y):  # half of them the largest column
        return np.where(generator.random(len(y)) < 0.5, y.argmax(axis=1), generator.integers(0, O, len(y)))

    def targets(y):
        one_hot = np.arange(O) == labels(y)[:, np.newaxis]
        return np.where(
            generator.random((len(y), 1)) < 0.5, one_hot, (0.9 * one_hot + 0.1 * probabilities(y.shape))
        )

    inputs = [real(shape) for shape in shapes]
    if op_name.endswith(("cross_entropy", "accuracy")):
        if "categorical" in op_name:
            inputs[0] = probabilities(shapes[0])
        if "accuracy" in op_name:
            inputs[0] = np.round(generator.standard_normal(shapes[0]), 1)  # so that some are equal
        if op_name.startswith("binary"):
            inputs[0] = generator.uniform(0.02, 0.98, shapes[0])
            inputs[1] = generator.random(shapes[1])
        if op_name.startswith(("binary", "sigmoid")):
            hard = generator.integers(0, 2, shapes[1])
            inputs[1] = np.where(generator.random(shapes[1]) < 0.7, hard, np.abs(inputs[1]) % 1)
        elif op_name.startswith("sparse"):
            inputs[1] = labels(inputs[0]).astype(np.int32)
        else:
            inputs[1] = targets(inputs[0])
    if op_name == "relu_grad":
        inputs[1] = np.maximum(inputs[1], 0)
    elif op_name == "sigmoid_grad":
        inputs[1] = 1 / (1 + np.exp(-generator.uniform(-20, 20, shapes[1])))
    elif op_name == "tanh_grad":
        inputs[1] = np.tanh(generator.uniform(-9, 9, shapes[1]))
    elif op_name == "softmax_grad":
        inputs[1] = probabilities(shapes[1])
    testing_losses.fit_inputs(kind, inputs, generator)
    testing_optimizers.fit_inputs(kind, inputs)
    testing_arithmetic.fit_inputs(op_name, inputs)
    testing_layers.fit_inputs(op_name, inputs)
    inputs = [x if x.dtype == np.int32 else x.astype(dtype) for x in inputs]
    numbers = {"rate": 0.375, "stddev": 0.75, "stream": 3, "threshold": 0.5, "momentum": 0.9}
    numbers |= {"rho": 0.9, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "limit": 0.5}
    numbers |= {"negative_slope": 0.375, "max_value": 1.75, "slope": 0.625, "offset": 0.125, "low": -0.5, "high": 0.75}
    numbers |= {"default_value": -0.75, "alpha": 1.5, "scale": 1.25, "divisor": 0.75, "b": 2.5}
    numbers |= {"l1": 0.375, "l2": 0.25, "count": 3, "steps": 2, "frequency": 2}
    if op_name == "limit_norm":
        numbers |= {"low": 0.5, "high": 1.5, "rate": 0.75}
    if op_name in testing_losses.TOLERANCES:
        numbers |= testing_losses.NUMBERS
    numbers |= testing_arithmetic.attributes(op_name, shapes)
    return inputs, {name: numbers[name] for name in kind.attributes}
