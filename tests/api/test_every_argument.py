"""No argument is ignored in silence: each that is accepted changes something that can be seen, or raises.

For every call below, each of its arguments is given another value than the default, one at a time, and what can be
observed must differ. The lists are complete: an argument without a value here fails, and so does a class without a
line.
"""

import inspect

import numpy as np
import pytest

import fastnn as keras
from fastnn import constraints, initializers, layers, losses, metrics, optimizers, regularizers
from fastnn.optimizers import schedules

RNG = np.random.default_rng(11)
X = RNG.normal(size=(12, 4)).astype("float32")
P = RNG.dirichlet(np.ones(4), 12).astype("float32")  # probabilities
HOT = np.eye(4, dtype="float32")[np.arange(12) % 4]
NUMBERS = np.arange(12) % 4

BY_NAME = {
    "name": "other", "seed": 3, "trainable": False, "input_shape": (4,), "dtype": "float64", "axis": 1,
    "kernel_initializer": "ones", "bias_initializer": "ones", "beta_initializer": "ones", "gamma_initializer": "zeros",
    "moving_mean_initializer": "ones", "moving_variance_initializer": "zeros", "alpha_initializer": "ones",
    "kernel_regularizer": "l2", "bias_regularizer": regularizers.L1(0.5), "activity_regularizer": "l2",
    "beta_regularizer": regularizers.L1(0.5), "gamma_regularizer": "l2", "alpha_regularizer": "l2",
    "kernel_constraint": "non_neg", "bias_constraint": constraints.MaxNorm(1e-4),
    "beta_constraint": constraints.MaxNorm(1e-4), "gamma_constraint": constraints.MaxNorm(0.5),
    "alpha_constraint": constraints.MinMaxNorm(0.5, 1.0),
    "lora_rank": 2, "lora_alpha": 2, "quantization_config": {}, "renorm": True, "renorm_clipping": {},
    "renorm_momentum": 0.5, "synchronized": True, "epsilon": 0.5, "momentum": 0.5, "center": False, "scale": False,
    "noise_shape": (None, 1), "rate": 0.75, "data_format": "channels_first", "use_bias": False, "activation": "tanh",
    "sparse": True, "ragged": True, "optional": True, "batch_size": 3, "weight_decay": 0.1, "clipnorm": 0.01,
    "clipvalue": 0.01, "global_clipnorm": 0.01, "use_ema": True, "ema_overwrite_frequency": 2,
    "loss_scale_factor": 1e-44, "gradient_accumulation_steps": 2, "learning_rate": 0.5, "nesterov": True,
    "beta_1": 0.5, "beta_2": 0.5,
    "amsgrad": True, "rho": 0.5, "centered": True, "initial_accumulator_value": 1.0, "reduction": "sum",
    "label_smoothing": 0.2, "from_logits": True, "delta": 0.1, "gamma": 1.0, "alpha": 0.4, "beta": 0.9,
    "apply_class_balancing": True, "ignore_class": 1, "threshold": 0.3, "thresholds": 0.3, "top_k": 1, "class_id": 1,
    "k": 1, "from_sorted_ids": True, "num_thresholds": 3, "curve": "PR", "summation_method": "minoring",
    "multi_label": True, "num_labels": 4, "label_weights": [1.0, 2.0, 3.0, 4.0], "average": "micro", "l1": 0.7,
    "l2": 0.7, "negative_slope": 0.7, "max_value": 0.5, "class_aggregation": None, "num_regressors": 2,
    "input_axes": (0,),
    "output_axes": (0,),
}  # fmt: skip


def others(call, own):
    """``{argument: another value}`` of all that a call takes; an argument that has none is an error."""
    names = [
        p.name for p in inspect.signature(call).parameters.values()
        if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.name != "self"
    ]  # fmt: skip
    values = {**BY_NAME, **own}
    missing = [name for name in names if name not in values]
    assert not missing, f"give test_every_argument.py another value for {missing} of {call}"
    return {name: values[name] for name in names}


# Layers


def observe_layer(cls, data=X, inputs=1, **arguments):
    """Names, outputs in training and at inference, and weights after two steps of the net that has the layer."""
    layer = cls(**arguments)
    if "input_shape" in arguments and inputs == 1:
        model = keras.Sequential([layer])
        return [model.built, model.predict(data, verbose=0)]
    x = [keras.Input(data.shape[1:]) for _ in range(inputs)]
    h = layer(x if inputs > 1 else x[0])
    y = layers.Dense(1, kernel_initializer="ones")(layers.Flatten()(h))
    model = keras.Model(x, y)
    model.compile(optimizers.SGD(0.1), "mse")
    start = model.get_weights()
    rows = [data, data[::-1] + 0.5][:inputs] if inputs > 1 else data
    target = np.arange(len(data), dtype="float32")[:, np.newaxis]
    loss = model.train_on_batch(rows, target)
    model.train_on_batch(rows, target)
    out = layer(rows, training=True) if cls not in (layers.Dot,) else 0
    return [
        layer.name, start, loss, model.predict(rows, verbose=0), model.get_weights(), out, len(model.trainable_weights)
    ]  # fmt: skip


CUBE = RNG.normal(size=(6, 2, 3)).astype("float32")
WORDS = (np.arange(24).reshape(12, 2) % 4).astype("float32")

LAYERS = {
    "Activation": ({"activation": "relu"}, {}, {}),
    "ActivityRegularization": ({"l1": 0.1}, {}, {}),
    "Add": ({}, {}, {"inputs": 2}),
    "AlphaDropout": ({"rate": 0.5}, {}, {}),
    "Average": ({}, {}, {"inputs": 2}),
    "BatchNormalization": ({}, {"axis": 0}, {}),
    "CategoryEncoding": ({"num_tokens": 4}, {"num_tokens": 5, "output_mode": "count"}, {"data": WORDS}),
    "Concatenate": ({}, {}, {"inputs": 2, "data": CUBE}),
    "Dense": ({"units": 3, "use_bias": True}, {"units": 2}, {}),
    "Discretization": (
        {"bin_boundaries": [0.0, 0.5]},
        {"bin_boundaries": [0.2], "num_bins": 3, "output_mode": "one_hot", "epsilon": 0.1},
        {},
    ),
    "Dot": ({"axes": 1}, {"axes": 2, "normalize": True}, {"inputs": 2}),
    "Dropout": ({"rate": 0.5}, {}, {}),
    "ELU": ({}, {}, {}),
    "Flatten": ({}, {}, {"data": CUBE}),
    "GaussianDropout": ({"rate": 0.5}, {}, {}),
    "GaussianNoise": ({"stddev": 0.5}, {"stddev": 1.0}, {}),
    "Identity": ({}, {}, {}),
    "Lambda": (
        {"function": lambda x, k=2.0: x * k},
        {"function": lambda x: x * 3.0, "output_shape": (7,), "mask": object(), "arguments": {"k": 4.0}},
        {},
    ),
    "LayerNormalization": ({}, {"axis": 0}, {}),
    "LeakyReLU": ({}, {"alpha": 0.9}, {}),
    "Maximum": ({}, {}, {"inputs": 2}),
    "Minimum": ({}, {}, {"inputs": 2}),
    "Multiply": ({}, {}, {"inputs": 2}),
    "Normalization": ({"mean": 0.5, "variance": 2.0}, {"mean": 0.1, "variance": 1.0, "invert": True, "axis": None}, {}),
    "PReLU": ({}, {"shared_axes": [1]}, {}),
    "Permute": ({"dims": (2, 1)}, {"dims": (1, 2)}, {"data": CUBE}),
    "ReLU": ({}, {"threshold": 0.5}, {}),
    "RepeatVector": ({"n": 2}, {"n": 3}, {}),
    "Rescaling": ({"scale": 2.0}, {"scale": 3.0, "offset": 1.0}, {}),
    "Reshape": ({"target_shape": (2, 2)}, {"target_shape": (4, 1)}, {}),
    "Softmax": ({}, {}, {"data": X}),
    "Subtract": ({}, {}, {"inputs": 2}),
    "UnitNormalization": ({}, {"axis": 2}, {"data": CUBE}),
}  # fmt: skip
"""Class -> what it is made with, other values of its own arguments, how it is observed."""


def layer_cases():
    for name, (base, own, how) in LAYERS.items():
        cls = getattr(layers, name)
        for argument, value in others(cls, own).items():
            if argument == "trainable" and name not in ("Dense", "BatchNormalization", "LayerNormalization", "PReLU"):
                continue  # a layer without weights has nothing to train
            if (name, argument) in (("Softmax", "axis"), ("UnitNormalization", "input_shape"), ("Concatenate", "axis")):
                value = {"axis": -2 if name == "Softmax" else 2}.get(argument, (2, 3))
            if argument == "input_shape":
                value = how.get("data", X).shape[1:]
            yield pytest.param(name, base, how, argument, value, id=f"{name}-{argument}")


@pytest.mark.parametrize(("name", "base", "how", "argument", "value"), list(layer_cases()))
def test_layer(check, name, base, how, argument, value):
    cls = getattr(layers, name)

    def observe(**arguments):
        if argument == "input_shape":  # the model is built before it sees data
            return keras.Sequential([cls(**arguments)]).built if how.get("inputs", 1) == 1 else None
        if argument == "dtype":
            return np.asarray(observe_layer(cls, **how, **arguments)[3]).dtype.name
        return observe_layer(cls, **how, **arguments)

    check(observe, base, argument, value)


def test_all_layers_are_there():
    known = {name for name in layers.__all__ if isinstance(getattr(layers, name), type)}
    assert known - set(LAYERS) == {"InputLayer", "Layer", "Parameter"}


# Optimizers and schedules


def observe_optimizer(cls, **arguments):
    optimizer = cls(**arguments)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])
    model.compile(optimizer, "mse")
    history = model.fit(X, X[:, :1] ** 2, epochs=3, batch_size=5, verbose=0, shuffle=False).history
    return [optimizer.name, history, model.get_weights()]


OPTIMIZERS = {
    "SGD": {}, "RMSprop": {}, "Adagrad": {}, "Adadelta": {}, "Adam": {}, "AdamW": {}, "Adamax": {}, "Nadam": {},
    "Lion": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, argument) for name in OPTIMIZERS for argument in
     inspect.signature(getattr(optimizers, name)).parameters if argument != "kwargs"],
)  # fmt: skip
def test_optimizer(check, name, argument):
    cls = getattr(optimizers, name)
    base = {"momentum": 0.9} if argument == "nesterov" else {}
    value = {**BY_NAME, "ema_momentum": 0.5}[argument]
    if argument in ("ema_momentum", "ema_overwrite_frequency"):
        base = {"use_ema": True}
    check(lambda **a: observe_optimizer(cls, **a), base, argument, value)


SCHEDULES = {
    "ExponentialDecay": ({"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}, {"staircase": True}),
    "PiecewiseConstantDecay": (
        {"boundaries": [5, 9], "values": [1.0, 0.5, 0.1]}, {"boundaries": [4, 9], "values": [1, 2, 3]}
    ),
    "PolynomialDecay": (
        {"initial_learning_rate": 0.1, "decay_steps": 10}, {"end_learning_rate": 0.05, "power": 2.0, "cycle": True}
    ),
    "InverseTimeDecay": ({"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}, {"staircase": True}),
    "CosineDecay": (
        {"initial_learning_rate": 0.1, "decay_steps": 10, "warmup_target": 0.2, "warmup_steps": 3},
        {"warmup_target": 0.3, "warmup_steps": 5},
    ),
    "CosineDecayRestarts": (
        {"initial_learning_rate": 0.1, "first_decay_steps": 6}, {"first_decay_steps": 5, "t_mul": 3.0, "m_mul": 0.5}
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, argument) for name in SCHEDULES for argument in inspect.signature(getattr(schedules, name)).parameters],
)
def test_schedule(check, name, argument):
    base, own = SCHEDULES[name]
    values = {"initial_learning_rate": 0.3, "decay_steps": 7, "decay_rate": 0.9, "alpha": 0.3, "name": "other", **own}

    def observe(**arguments):
        schedule = getattr(schedules, name)(**arguments)
        return [schedule.name, [float(schedule(step)) for step in range(25)]]

    check(observe, base, argument, values[argument])


# Losses, metrics and activations

LOSSES = {
    "BinaryCrossentropy": (HOT, P), "BinaryFocalCrossentropy": (HOT, P), "CategoricalCrossentropy": (HOT, P),
    "CategoricalFocalCrossentropy": (HOT, P), "CategoricalHinge": (HOT, X), "CosineSimilarity": (X, X**2),
    "Dice": (HOT, P), "Hinge": (HOT, X), "Huber": (HOT, X), "KLDivergence": (P[::-1], P), "LogCosh": (HOT, X),
    "MeanAbsoluteError": (HOT, X), "MeanAbsolutePercentageError": (HOT, X), "MeanSquaredError": (HOT, X),
    "MeanSquaredLogarithmicError": (HOT, P), "Poisson": (HOT, P), "SparseCategoricalCrossentropy": (NUMBERS, P),
    "SquaredHinge": (HOT, X), "Tversky": (HOT, P),
}  # fmt: skip
NO_LOSS = {"Loss"}


def classes_of(module, base):
    things = {name: getattr(module, name) for name in module.__all__}
    return {name for name, thing in things.items() if isinstance(thing, type) and issubclass(thing, base)}


def test_all_losses_are_there():
    assert classes_of(losses, losses.Loss) - NO_LOSS == set(LOSSES)


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, argument) for name in LOSSES for argument in inspect.signature(getattr(losses, name)).parameters],
)
def test_loss(check, name, argument):
    if (name, argument) in (("Dice", "reduction"), ("Tversky", "reduction")):
        return  # there is one value for all rows, so their sum is their mean
    base = {"apply_class_balancing": True} if argument == "alpha" and name == "BinaryFocalCrossentropy" else {}
    value = {**BY_NAME, "axis": 0}[argument]

    def observe(**arguments):
        loss = getattr(losses, name)(**arguments)
        result = loss(*LOSSES[name])
        return [loss.name, result, np.asarray(result).dtype.name]

    check(observe, base, argument, value)


NAMES_OF_METRICS = classes_of(metrics, metrics.Metric) - {"Metric", "MeanMetricWrapper"}
NUMBERS_TOO = {"SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy"}


def metric_arguments():
    for name in sorted(NAMES_OF_METRICS):
        for argument in inspect.signature(getattr(metrics, name)).parameters:
            yield name, argument


@pytest.mark.parametrize(("name", "argument"), list(metric_arguments()))
def test_metric(check, name, argument):
    own = {
        "axis": 0, "beta": 2.0, "num_thresholds": 3, "precision": 0.9, "recall": 0.9, "sensitivity": 0.9,
        "specificity": 0.9, "average": "macro", "threshold": 0.3, "class_aggregation": "variance_weighted_average",
    }  # fmt: skip
    base = {
        "PrecisionAtRecall": {"recall": 0.5}, "RecallAtPrecision": {"precision": 0.5},
        "SensitivityAtSpecificity": {"specificity": 0.5}, "SpecificityAtSensitivity": {"sensitivity": 0.5},
        "TopKCategoricalAccuracy": {"k": 2}, "SparseTopKCategoricalAccuracy": {"k": 2},
    }.get(name, {})  # fmt: skip
    base = dict(base)
    if argument in ("num_labels", "label_weights") and name == "AUC":
        base |= {"multi_label": True}
    value = {**BY_NAME, **own}[argument]

    def observe(**arguments):
        metric = getattr(metrics, name)(**arguments)
        if name in ("Mean", "Sum"):
            metric.update_state(X)
        elif name == "R2Score":
            metric.update_state(X, X * [0.9, 0.5, 0.1, -1.0])
        elif name == "Accuracy":
            metric.update_state(NUMBERS, NUMBERS[::-1] % 3)
        else:
            metric.update_state(NUMBERS if name in NUMBERS_TOO else HOT, P + (0.1 * HOT if name in ("AUC",) else 0))
        result = metric.result()
        return [metric.name, result, np.asarray(result).dtype.name]

    check(observe, base, argument, value)


# Initializers, regularizers, constraints

INITIALIZERS = {
    "Constant": {"value": 2.0}, "GlorotNormal": {}, "GlorotUniform": {}, "HeNormal": {}, "HeUniform": {},
    "Identity": {"gain": 2.0}, "LecunNormal": {}, "LecunUniform": {}, "Ones": {}, "Orthogonal": {"gain": 2.0},
    "RandomNormal": {"mean": 1.0, "stddev": 1.0}, "RandomUniform": {"minval": 0.0, "maxval": 1.0},
    "TruncatedNormal": {"mean": 1.0, "stddev": 1.0},
    "VarianceScaling": {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}, "Zeros": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, argument) for name in INITIALIZERS for argument in
     inspect.signature(getattr(initializers, name)).parameters],
)  # fmt: skip
def test_initializer(check, name, argument):
    value = {**BY_NAME, **INITIALIZERS[name]}[argument]
    check(lambda **a: getattr(initializers, name)(**a)((4, 3)), {}, argument, value)


def test_all_initializers_are_there():
    found = {getattr(initializers, name).__name__ for name in initializers.__all__ if name[0].isupper()}
    assert found - {"Initializer"} == set(INITIALIZERS)


@pytest.mark.parametrize(
    ("cls", "argument"),
    [(cls, argument) for cls in (regularizers.L1, regularizers.L2, regularizers.L1L2)
     for argument in inspect.signature(cls).parameters],
)  # fmt: skip
def test_regularizer(check, cls, argument):
    check(lambda **a: cls(**a)(X), {}, argument, BY_NAME[argument])


@pytest.mark.parametrize(
    ("cls", "argument"),
    [(cls, argument) for cls in (constraints.MaxNorm, constraints.MinMaxNorm, constraints.NonNeg, constraints.UnitNorm)
     for argument in inspect.signature(cls).parameters],
)  # fmt: skip
def test_constraint(check, cls, argument):
    value = {"max_value": 0.5, "min_value": 0.5, "rate": 0.3, "axis": 1}[argument]
    check(lambda **a: cls(**a)(X[:3] * [4, 4, 0.1, 0.1]), {}, argument, value)

