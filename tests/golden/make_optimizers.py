"""Record what Keras' optimizers do in ``optimizers.json``: signatures, weights after many steps, schedules.

Run ``python tests/golden/make_optimizers.py`` with Keras 3 and JAX installed.
``tests/training/test_optimizers.py`` feeds the same gradients to fastnn, without Keras. They come from
integers, so that both sides have them exactly, in float32 too.
"""

import inspect
import json
import os
import pathlib

import numpy as np

GOLDEN = pathlib.Path(__file__).with_name("optimizers.json")

SHAPES = {"kernel": (3, 5), "bias": (4,)}
CHECKPOINTS = (1, 2, 10, 100, 1000)

EXPONENTIAL = ("ExponentialDecay", {"initial_learning_rate": 0.05, "decay_steps": 100, "decay_rate": 0.7})
COSINE = ("CosineDecay", {"initial_learning_rate": 0.01, "decay_steps": 500, "alpha": 0.1})
EMA = {"use_ema": True, "ema_momentum": 0.8}

SETTINGS = {
    "sgd": ("SGD", {}),
    "sgd momentum": ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    "sgd nesterov": ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    "sgd weight decay": ("SGD", {"momentum": 0.5, "weight_decay": 0.02}),
    "sgd schedule": ("SGD", {"learning_rate": EXPONENTIAL, "momentum": 0.9}),
    "sgd clipvalue": ("SGD", {"clipvalue": 0.25}),
    "sgd clipnorm": ("SGD", {"clipnorm": 0.75, "momentum": 0.9}),
    "sgd global clipnorm": ("SGD", {"global_clipnorm": 1.25}),
    "adagrad": ("Adagrad", {}),
    "adagrad from 0": ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-3}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop momentum": ("RMSprop", {"rho": 0.8, "momentum": 0.7, "epsilon": 1e-4}),
    "rmsprop centered": ("RMSprop", {"centered": True, "epsilon": 1e-3}),
    "rmsprop centered momentum": (
        "RMSprop",
        {"centered": True, "momentum": 0.5, "epsilon": 1e-2, "weight_decay": 0.01},
    ),
    "adadelta": ("Adadelta", {}),
    "adadelta of the paper": ("Adadelta", {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-6}),
    "adam": ("Adam", {}),
    "adam amsgrad": ("Adam", {"amsgrad": True, "beta_1": 0.8, "beta_2": 0.9, "learning_rate": 0.01}),
    "adam weight decay": ("Adam", {"weight_decay": 0.1, "epsilon": 1e-3}),
    "adam schedule": ("Adam", {"learning_rate": COSINE, "global_clipnorm": 1.0}),
    "adamw": ("AdamW", {}),
    "adamw amsgrad": ("AdamW", {"learning_rate": 0.02, "weight_decay": 0.05, "amsgrad": True}),
    "adamax": ("Adamax", {}),
    "adamax fast": ("Adamax", {"learning_rate": 0.02, "beta_1": 0.7, "beta_2": 0.95, "weight_decay": 0.01}),
    "nadam": ("Nadam", {}),
    "nadam fast": ("Nadam", {"learning_rate": 0.02, "beta_1": 0.95, "beta_2": 0.99, "epsilon": 1e-4}),
    "lion": ("Lion", {}),
    "lion weight decay": ("Lion", {"beta_1": 0.5, "beta_2": 0.7, "weight_decay": 0.1}),
    "sgd ema": ("SGD", {"momentum": 0.9, "use_ema": True, "ema_momentum": 0.9, "clipnorm": 0.75}),
    "sgd ema overwrite": (
        "SGD",
        {"learning_rate": 0.05, "use_ema": True, "ema_overwrite_frequency": 7, "weight_decay": 0.02},
    ),
    "sgd accumulated ema overwrite": (
        "SGD",
        {"momentum": 0.5, "clipvalue": 0.25, **EMA, "ema_overwrite_frequency": 4, "gradient_accumulation_steps": 3},
    ),
    "adagrad scaled accumulated": (
        "Adagrad",
        {"learning_rate": 0.05, "clipvalue": 0.25, "loss_scale_factor": 1024.0, "gradient_accumulation_steps": 2},
    ),
    "rmsprop accumulated ema": (
        "RMSprop",
        {"momentum": 0.5, "epsilon": 1e-4, "global_clipnorm": 1.25, **EMA, "gradient_accumulation_steps": 4},
    ),
    "adadelta scaled ema": (
        "Adadelta",
        {"learning_rate": 1.0, "epsilon": 1e-6, "weight_decay": 0.01, "loss_scale_factor": 3.0, **EMA},
    ),
    "adam accumulated schedule": (
        "Adam",
        {"learning_rate": COSINE, "epsilon": 1e-3, "weight_decay": 0.1, "gradient_accumulation_steps": 5},
    ),
    "adam ema overwrite": (
        "Adam",
        {"amsgrad": True, "clipnorm": 0.5, "use_ema": True, "ema_overwrite_frequency": 10, "epsilon": 1e-3},
    ),
    "adamw all": (
        "AdamW",
        {
            "epsilon": 1e-3,
            "global_clipnorm": 1.0,
            **EMA,
            "ema_overwrite_frequency": 5,
            "loss_scale_factor": 512.0,
            "gradient_accumulation_steps": 3,
        },
    ),
    "adamax accumulated": (
        "Adamax",
        {"epsilon": 1e-3, "clipnorm": 0.75, "weight_decay": 0.01, "gradient_accumulation_steps": 4},
    ),
    "nadam accumulated ema": (
        "Nadam",
        {"epsilon": 1e-3, "clipvalue": 0.25, **EMA, "gradient_accumulation_steps": 2},
    ),
    "lion scaled ema": ("Lion", {"weight_decay": 0.1, "loss_scale_factor": 0.1, **EMA}),
    "lion accumulated": ("Lion", {"beta_1": 0.5, "weight_decay": 0.1, "gradient_accumulation_steps": 3}),
}
"""Name: class and arguments; a learning rate may be a schedule, written in the same way."""

SCHEDULES = {
    "exponential": EXPONENTIAL,
    "exponential stairs": ("ExponentialDecay", {**EXPONENTIAL[1], "staircase": True}),
    "inverse time": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 50, "decay_rate": 0.5},
    ),
    "inverse time stairs": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 50, "decay_rate": 0.5, "staircase": True},
    ),
    "piecewise constant": (
        "PiecewiseConstantDecay",
        {"boundaries": [10, 100, 250], "values": [0.1, 0.05, 0.02, 0.01]},
    ),
    "polynomial": ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 100}),
    "polynomial cycle": (
        "PolynomialDecay",
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 100,
            "end_learning_rate": 0.01,
            "power": 2.5,
            "cycle": True,
        },
    ),
    "cosine": COSINE,
    "cosine warm-up": (
        "CosineDecay",
        {
            "initial_learning_rate": 0.0,
            "decay_steps": 200,
            "alpha": 0.05,
            "warmup_target": 0.1,
            "warmup_steps": 25,
        },
    ),
    "restarts": ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 30}),
    "restarts of one length": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 40, "t_mul": 1.0, "m_mul": 0.8, "alpha": 0.1},
    ),
}

AVERAGES = "_model_variables_moving_average"  # where Keras keeps them

STEPS = (0, 1, 2, 9, 10, 11, 24, 25, 26, 49, 75, 95, 99, 101, 150, 205, 249, 251, 400, 777, 1001)
"""None is a multiple of the restarts' periods, where rounding decides on which side of the jump it lies."""


def numbers(shape, step, salt):
    """Multiples of 2^-20 in [-1, 1): splitmix64 (Steele, Lea, Flood 2014) of the step and the element."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(step * 1000 + salt * 100) + np.arange(1, count + 1, dtype=np.uint64)
        z = z * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(43)).astype(np.float64) * 2.0**-20 - 1.0).reshape(shape)


def start(name):
    """The first weights of a parameter."""
    return numbers(SHAPES[name], 0, len(name))


def gradient(name, step):
    """The gradient of a parameter in a step, counted from 0.

    The first element is always 0, as of a unit that is silent; the others are of different sizes, and lean to
    one side, so that averages do not vanish.
    """
    g = numbers(SHAPES[name], step + 1, len(name)) + 0.25
    flat = g.reshape(-1)
    flat *= 2.0 ** -(np.arange(flat.size) % 4)
    flat[0] = 0.0
    return g


def make(module, setting, real=float):
    """The optimizer or schedule of a setting, from a module that is ``optimizers`` as Keras has it.

    ``real`` makes the numbers that a schedule is given.
    """

    def convert(value):
        if isinstance(value, tuple):
            return make(module, value, real)
        if isinstance(value, list):
            return [convert(item) for item in value]
        return real(value) if isinstance(value, float) else value

    name, arguments = setting
    if hasattr(module, name):  # an optimizer
        given = {
            key: convert(value) if isinstance(value, tuple) else value for key, value in arguments.items()
        }
        return getattr(module, name)(**given)
    return getattr(module.schedules, name)(**{key: convert(value) for key, value in arguments.items()})


def signature(cls):
    """[[argument, default], ...]; arguments without default have one item."""
    parameters = inspect.signature(cls).parameters.values()
    listed = [p for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]
    return [[p.name] if p.default is p.empty else [p.name, p.default] for p in listed]


def trained(keras, setting, real):
    """Keras' weights and their averages at the checkpoints, in JAX: two of {parameter: [numbers, ...]}."""
    import jax

    dtype = np.dtype(real).name
    optimizer = make(keras.optimizers, setting, real)
    variables = [keras.Variable(start(parameter), dtype=dtype) for parameter in SHAPES]
    optimizer.build(variables)
    # Compiled: step by step, Keras compiles the branches of accumulated gradients anew each time.
    apply = jax.jit(optimizer.stateless_apply)
    values, own = [v.value for v in variables], [v.value for v in optimizer.variables]
    weights, averages = ({parameter: [] for parameter in SHAPES} for _ in range(2))
    for step in range(max(CHECKPOINTS)):
        gradients = [jax.numpy.asarray(gradient(parameter, step), dtype) for parameter in SHAPES]
        values, own = apply(own, gradients, values)
        if step + 1 in CHECKPOINTS:
            at = {id(variable): value for variable, value in zip(optimizer.variables, own, strict=True)}
            for parameter, value in zip(SHAPES, values, strict=True):
                weights[parameter].append(np.ravel(value).tolist())
            for parameter, variable in zip(SHAPES, getattr(optimizer, AVERAGES, []), strict=False):
                averages[parameter].append(np.ravel(at[id(variable)]).tolist())
    return weights, averages


def main():
    # The one backend that takes Python's numbers as float64; schedules need to be given such numbers.
    os.environ |= {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1"}
    import jax.numpy
    import keras

    keras.config.set_floatx("float64")
    for name in ("cos", "log"):  # Keras' own round to float32 here
        setattr(keras.src.ops, name, getattr(jax.numpy, name))
    weights, averages = {}, {}
    for name, setting in SETTINGS.items():
        weights[name], averages[name] = trained(keras, setting, np.float64)
        print(name)
    schedules = {name: make(keras.optimizers, setting, np.float64) for name, setting in SCHEDULES.items()}
    modules = [keras.optimizers, keras.optimizers.schedules]
    classes = {name for name, _ in [*SETTINGS.values(), *SCHEDULES.values()]}
    golden = {
        "keras": keras.__version__,
        "signatures": {
            name: signature(getattr(module, name))
            for name in sorted(classes)
            for module in modules
            if hasattr(module, name)
        },
        "weights": weights,
        "averages": {name: of for name, of in averages.items() if of["bias"]},
        "schedules": {name: [float(rate(step)) for step in STEPS] for name, rate in schedules.items()},
    }
    lines = json.dumps(golden, separators=(",", ":")).replace("]],", "]],\n").replace('":[[', '":\n[[')
    GOLDEN.write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
