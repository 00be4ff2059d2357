"""Small models and objects that are saved by one library and read by the other, made with either.

``make_saved.py`` saves them with Keras, ``tests/saving/test_both_ways.py`` with fastnn. ``keras`` is the library.
"""

import numpy as np

# --- Numbers ---


def rows(*shape):
    """Numbers of both signs that float32 holds exactly, without a random generator."""
    count = int(np.prod(shape))
    return ((np.arange(count) * 37 % 101 - 50) / 32).astype(np.float32).reshape(shape)


def weights(model):
    """A value for each weight, none of them that of an initializer, all above 0, as a variance must be."""
    return [np.abs(rows(*w.shape)) * 0.5 + 0.125 for w in model.get_weights()]


def data(model, count=10):
    """Inputs, nested as the model's, and targets."""
    inputs = [rows(count, *x.shape[1:])[:: (-1) ** i] + i * 0.25 for i, x in enumerate(model.inputs)]
    outputs = model.output_shape if isinstance(model.output_shape, list) else [model.output_shape]
    targets = [np.abs(rows(count, *shape[1:])) / 2 for shape in outputs]
    if type(model.layers[-1]).__name__ == "CategoryEncoding":
        inputs = [np.abs(inputs[0]) * 32 // 1 % 4]
    x = inputs if len(inputs) > 1 else inputs[0]
    if model.name == "dict":
        x = dict(zip(("one", "two"), inputs, strict=True))
    return x, (targets if len(targets) > 1 else targets[0])


def lists(values):
    """Arrays, alone or in a list or dict, as lists of numbers."""
    if isinstance(values, dict):
        values = [values[key] for key in sorted(values)]
    if isinstance(values, (list, tuple)):
        return [np.asarray(value, float).tolist() for value in values]
    return [np.asarray(values, float).tolist()]


# --- One model for each layer ---

V, IMAGE = (5,), (4, 3)

LAYERS = {
    "Activation": [(["tanh"], {}, [V]), (["softmax"], {}, [V])],
    "ActivityRegularization": [([], {"l1": 0.5, "l2": 0.25}, [V])],
    "Add": [([], {}, [V, V]), ([], {}, [V, V, V])],
    "AlphaDropout": [([0.25], {"seed": 3}, [V]), ([0.25], {"noise_shape": [None, 1, 3]}, [IMAGE])],
    "Average": [([], {}, [V, V])],
    "BatchNormalization": [([], {"momentum": 0.5, "epsilon": 0.25}, [V]), ([], {"scale": False, "center": False}, [V]),
                           ([], {"axis": 1, "epsilon": 0.25}, [IMAGE]), ([], {}, [IMAGE])],
    "CategoryEncoding": [
        ([], {"num_tokens": 4}, [(3,)]),
        ([], {"num_tokens": 4, "output_mode": "count"}, [V]),
        ([], {"num_tokens": 4, "output_mode": "one_hot"}, [(1,)]),
    ],
    "Concatenate": [([], {}, [V, (3,)]), ([], {"axis": 1}, [IMAGE, IMAGE]), ([], {}, [IMAGE, (4, 2)])],
    "Dense": [
        ([3], {"activation": "relu"}, [V]),
        ([3], {"use_bias": False, "kernel_regularizer": "l2", "kernel_constraint": "max_norm"}, [V]),
        ([3], {"bias_regularizer": "l1", "bias_constraint": "non_neg", "kernel_initializer": "ones"}, [V]),
        ([3], {"activity_regularizer": "l2"}, [V]),
    ],
    "Discretization": [
        ([], {"bin_boundaries": [-1.0, 0.25, 0.5]}, [V]),
        ([], {"num_bins": 3, "output_mode": "multi_hot"}, [V]),
    ],
    "Dot": [([], {"axes": 1}, [V, V]), ([], {"axes": [2, 1], "normalize": True}, [IMAGE, (3, 2)])],
    "Dropout": [([0.25], {}, [V]), ([0.25], {"seed": 3}, [V]), ([0.25], {"noise_shape": [None, 1, 3]}, [IMAGE])],
    "ELU": [([], {"alpha": 0.5}, [V])],
    "Flatten": [([], {}, [IMAGE])],
    "GaussianDropout": [([0.25], {"seed": 3}, [V])],
    "GaussianNoise": [([0.25], {"seed": 3}, [V])],
    "Identity": [([], {}, [V])],
    "InputLayer": [],
    "LayerNormalization": [([], {"epsilon": 0.25}, [V]), ([], {"scale": False}, [V]), ([], {}, [IMAGE]),
                           ([], {"axis": [1, 2]}, [IMAGE]), ([], {"axis": 1}, [IMAGE])],
    "LeakyReLU": [([], {}, [V]), ([], {"negative_slope": 0.125}, [V])],
    "Maximum": [([], {}, [V, V])],
    "Minimum": [([], {}, [V, V])],
    "Multiply": [([], {}, [V, V]), ([], {}, [IMAGE, (4, 1)])],
    "Normalization": [
        ([], {"mean": [1.0, 0.5, 0.0, -1.0, 2.0], "variance": [1.0, 4.0, 0.5, 2.0, 0.25]}, [V]),
        ([], {}, [V]),
        ([], {"axis": 1, "invert": True}, [IMAGE]),
    ],
    "Permute": [([[2, 1]], {}, [IMAGE])],
    "PReLU": [([], {}, [V]), ([], {"alpha_regularizer": "l2", "alpha_initializer": "ones"}, [V]),
              ([], {"shared_axes": [1]}, [IMAGE]), ([], {}, [IMAGE])],
    "ReLU": [([], {}, [V]), ([], {"max_value": 1.0, "negative_slope": 0.125, "threshold": 0.25}, [V])],
    "RepeatVector": [([3], {}, [V])],
    "Rescaling": [([0.5], {"offset": 0.25}, [V])],
    "Reshape": [([[3, 4]], {}, [IMAGE]), ([[-1]], {}, [IMAGE])],
    "Softmax": [([], {}, [V]), ([], {"axis": 1}, [IMAGE]), ([], {"axis": [1, 2]}, [IMAGE])],
    "Subtract": [([], {}, [V, V])],
    "UnitNormalization": [([], {}, [V]), ([], {"axis": [1, 2]}, [IMAGE])],
}
"""Of each layer, some ways to make it: arguments by position, by name, and shapes of its inputs."""


def layer_model(kind, number):
    """A model with one layer of a kind."""

    def make(keras):
        args, named, shapes = LAYERS[kind][number]
        inputs = [keras.Input(shape, name=f"x{i}") for i, shape in enumerate(shapes)]
        layer = getattr(keras.layers, kind)(*args, name="layer", **named)
        if hasattr(layer, "adapt") and not {"mean", "bin_boundaries"} & set(named):
            layer.adapt(rows(20, *shapes[0]) + 0.25)
        y = layer(inputs if len(inputs) > 1 else inputs[0])
        model = keras.Model(inputs if len(inputs) > 1 else inputs[0], y, name="model")
        if not hasattr(layer, "adapt"):
            model.set_weights(weights(model))
        return model

    return make


# --- Nets ---


def several_inputs(keras):
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    dense = keras.layers.Dense(4, activation="tanh", name="shared")
    first = dense(a)
    both = keras.layers.Concatenate(name="join")([dense(first), first, b])
    y = keras.layers.Dropout(0.25, name="drop")(both, training=False)
    return keras.Model([b, a], keras.layers.Dense(2, name="out")(y), name="net")


def dict_of_inputs(keras):
    inputs = {"one": keras.Input((4,), name="one"), "two": keras.Input((4,), name="two")}
    both = keras.layers.add([keras.layers.Dense(4, name="dense")(inputs["one"]), inputs["two"]], name="sum")
    return keras.Model(inputs, keras.layers.Dense(2, name="out")(both), name="dict")


def several_outputs(keras):
    """A list of outputs, one of them within the net, and a model with two that is within it."""
    a = keras.Input((4,), name="a")
    h = keras.layers.Dense(3, activation="tanh", name="h")(a)
    inner = keras.Model(a, [h, keras.layers.Dense(3, name="g")(h)], name="inner")
    x = keras.Input((4,), name="x")
    p, q = inner(x)
    both = keras.layers.Add(name="sum")([p, q])
    return keras.Model(x, [keras.layers.Dense(2, name="one")(both), both], name="net")


def nested(keras):
    """A Sequential and a functional model within one, one of them called twice, and layers of one name."""
    s = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, activation="tanh", name="dense"), keras.layers.BatchNormalization()],
        name="s",
    )
    a = keras.Input((4,), name="a")
    f = keras.Model(a, keras.layers.Dense(4, activation="tanh", name="dense")(a), name="f")
    x = keras.Input((4,), name="x")
    y = keras.layers.concatenate([s(f(x)), f(f(x)), s(x)], name="join")
    return keras.Model(x, keras.layers.Dense(2, name="out")(y), name="net")


def nested_last(keras):
    """A model that ends in a functional model, and one that ends in a Sequential."""
    a = keras.Input((4,), name="a")
    f = keras.Model(a, keras.layers.Dense(2, name="dense")(a), name="f")
    x = keras.Input((4,), name="x")
    g = keras.Model(x, f(keras.layers.Dense(4, activation="tanh", name="dense")(x)), name="g")
    return keras.Sequential([keras.Input((4,)), g, keras.layers.Dense(2, name="out")], name="net")


def shared_between_models(keras):
    """A layer that belongs to two models within one."""
    dense = keras.layers.Dense(4, activation="tanh", name="dense")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    f = keras.Model(a, dense(a), name="f")
    g = keras.Sequential([b, dense, keras.layers.Dense(4, name="more")], name="g")
    x = keras.Input((4,), name="x")
    return keras.Model(x, keras.layers.Dense(2, name="out")(keras.layers.add([f(x), g(x)], name="sum")), name="net")


def frozen(keras):
    x = keras.Input((4,), name="x")
    y = keras.layers.Dense(3, activation="tanh", name="a", trainable=False)(x)
    y = keras.layers.BatchNormalization(name="b", trainable=False)(y)
    return keras.Model(x, keras.layers.Dense(2, name="c")(y), name="net")


def axes(keras):
    """Layers that work along axes, some of whose weights have several."""
    x = keras.Input((12,), name="x")
    y = keras.layers.Reshape((3, 4), name="image")(x)
    y = keras.layers.BatchNormalization(axis=1, name="batch")(y)
    y = keras.layers.PReLU(name="slopes")(keras.layers.LayerNormalization(axis=[1, 2], name="row")(y))
    y = keras.layers.Softmax(axis=1, name="softmax")(keras.layers.PReLU(shared_axes=[2], name="shared")(y))
    return keras.Model(x, keras.layers.Dense(2, name="out")(keras.layers.Flatten(name="flat")(y)), name="net")


def functions(keras):
    """Operators and functions of keras.ops between layers."""
    ops = keras.ops
    x = keras.Input((4,), name="x")
    a = keras.layers.Dense(4, name="a")(x)
    b = 2.0 - ops.relu(a * 0.5 + x) / 2
    c = ops.sqrt(ops.square(b) + 0.25) * x[:, 1:2] - ops.exp(-a)
    d = ops.where(a > 0.0, c, ops.maximum(a, ops.clip(b, 0.25, 0.75)))
    e = ops.concatenate([d, ops.sum(c, axis=-1, keepdims=True), ops.mean(a, axis=-1, keepdims=True)], axis=-1)
    f = ops.multiply(ops.leaky_relu(e, negative_slope=0.125), np.array([1, 2, 3, 1, 2, 3], np.float32))
    g = ops.softmax(keras.activations.relu(ops.tanh(f), max_value=0.5)) ** 2
    return keras.Model(x, keras.layers.Dense(2, name="out")(ops.reshape(g, (-1, 6))), name="net")


NETS = {
    function.__name__: function
    for function in (
        several_inputs, several_outputs, dict_of_inputs, nested, nested_last, shared_between_models, frozen, functions,
        axes,
    )
}  # fmt: skip

def subclassed(keras):
    """A model of a class of one's own, whose weights alone are saved: layers as attributes, in lists, and nested."""

    class Block(keras.layers.Layer):
        def __init__(self, units, **options):
            super().__init__(**options)
            self.steps = [keras.layers.Dense(units, activation="tanh"), keras.layers.Dense(units)]
            self._first = keras.layers.Dense(units)

        def build(self, input_shape):
            self.scale = self.add_weight(shape=(1,), initializer="ones", name="scale")

        def call(self, x):
            return self.steps[1](self.steps[0](self._first(x))) * self.scale

    class Net(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.z = keras.layers.BatchNormalization()
            self.blocks = {"one": Block(3), "two": Block(3)}
            self.inner = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(3)])
            self.a = keras.layers.Dense(2)

        def call(self, x):
            return self.a(self.inner(self.blocks["two"](self.blocks["one"](self.z(x)))))

    model = Net(name="net")
    model(keras.Input((4,)))
    model.predict(rows(2, 4), verbose=0)
    model.set_weights(weights(model))
    return model


KERAS_CANNOT_READ = {"net_shared_between_models"}
"""What Keras writes so that it cannot read it itself: it numbers only the second of the two descriptions."""

# --- Optimizers ---


OPTIMIZERS = {
    "SGD": [{}, {"momentum": 0.5, "nesterov": True, "clipvalue": 0.5}],
    "Adagrad": [{"initial_accumulator_value": 0.25}],
    "RMSprop": [{}, {"momentum": 0.5, "centered": True}],
    "Adadelta": [{"rho": 0.5, "clipnorm": 1.0}],
    "Adam": [{"weight_decay": 0.125}, {"amsgrad": True, "global_clipnorm": 1.0}],
    "AdamW": [{}],
    "Adamax": [{"beta_1": 0.5}],
    "Nadam": [{}],
    "Lion": [{"beta_2": 0.5}],
    "Ftrl": [{}],
    "Lamb": [{}],
    "Adafactor": [],  # not in fastnn; here so that the names say so
}
"""Of each optimizer, arguments beside the learning rate."""


def optimizer_model(kind, number):
    """A net that has been trained for four steps."""

    def make(keras):
        x = keras.Input((4,), name="x")
        y = keras.layers.Dense(3, activation="tanh", name="a")(x)
        y = keras.layers.BatchNormalization(name="b")(keras.layers.PReLU(name="p")(y))
        model = keras.Model(x, keras.layers.Dense(2, name="c")(y), name="net")
        model.set_weights(weights(model))
        optimizer = getattr(keras.optimizers, kind)(learning_rate=0.015625, **OPTIMIZERS[kind][number])
        model.compile(optimizer, "mse", metrics=["mae"], weighted_metrics=["mse"], loss_weights=[0.5])
        model.fit(*data(model), batch_size=5, epochs=2, shuffle=False, verbose=0)
        return model

    return make


def trained(make):
    """The net compiled, its weights set, and trained for four steps."""

    def made(keras):
        model = make(keras)
        model.set_weights(weights(model))
        several = len(model.outputs) > 1
        loss, metrics = keras.losses.MeanSquaredError(name="mine"), ["mae"]
        if several:
            loss, metrics = [loss, "mae"], [["mae"], ["mse"]]
        weight = [0.5, 2.0] if several else None
        model.compile(keras.optimizers.Adam(0.015625), loss, metrics=metrics, loss_weights=weight)
        model.fit(*data(model), batch_size=5, epochs=2, shuffle=False, verbose=0)
        return model

    return made


def cases(keras):
    """``{name: make(keras)}`` of all that this library has the classes for."""
    found = {}
    for kind, ways in LAYERS.items():
        if hasattr(keras.layers, kind):
            found |= {f"layer_{kind}_{number}": layer_model(kind, number) for number in range(len(ways))}
    for kind, ways in OPTIMIZERS.items():
        if hasattr(keras.optimizers, kind):
            found |= {f"optimizer_{kind}_{number}": optimizer_model(kind, number) for number in range(len(ways))}
    return found | {f"net_{name}": trained(make) for name, make in NETS.items()}


def report(model):
    """What a model computes and how its optimizer goes on, as plain numbers; the model learns from it."""
    x, y = data(model)
    found = {"predictions": lists(model.predict(x, verbose=0)), "trainable": len(model.trainable_weights)}
    if getattr(model, "optimizer", None) is not None:
        found["evaluated"] = [float(value) for value in np.ravel(model.evaluate(x, y, verbose=0))]
        found["iterations"] = int(model.optimizer.iterations)
        has_dropout = any(type(layer).__name__ == "Dropout" for layer in model.layers)
        if not has_dropout:
            model.train_on_batch(x, y)
            found["after"] = lists(model.get_weights())
    return found


# --- Objects in configurations ---

OBJECTS = {
    "initializers": {
        "Constant": {"value": 0.5}, "Zeros": {}, "Ones": {}, "Identity": {"gain": 0.5},
        "RandomNormal": {"mean": 0.5, "stddev": 0.25, "seed": 3}, "RandomUniform": {"minval": -0.5, "maxval": 0.25},
        "TruncatedNormal": {"mean": 0.5, "stddev": 0.25}, "Orthogonal": {"gain": 0.5},
        "VarianceScaling": {"scale": 0.5, "mode": "fan_avg", "distribution": "uniform"},
        "GlorotUniform": {"seed": 3}, "GlorotNormal": {}, "HeUniform": {}, "HeNormal": {}, "LecunUniform": {},
        "LecunNormal": {},
    },
    "regularizers": {
        "L1": {"l1": 0.5}, "L2": {"l2": 0.5}, "L1L2": {"l1": 0.5, "l2": 0.25}, "OrthogonalRegularizer": {"factor": 0.5},
    },
    "constraints": {
        "MaxNorm": {"max_value": 3.0}, "NonNeg": {}, "UnitNorm": {},
        "MinMaxNorm": {"min_value": 0.25, "max_value": 0.75, "rate": 0.5},
    },
    "losses": {
        "BinaryCrossentropy": {"from_logits": True, "label_smoothing": 0.25},
        "BinaryFocalCrossentropy": {"alpha": 0.5, "gamma": 1.5, "apply_class_balancing": True},
        "CategoricalCrossentropy": {"label_smoothing": 0.25}, "CategoricalFocalCrossentropy": {"gamma": 1.5},
        "CategoricalHinge": {}, "CosineSimilarity": {}, "Dice": {}, "Hinge": {}, "Huber": {"delta": 0.5},
        "KLDivergence": {}, "LogCosh": {}, "MeanAbsoluteError": {"reduction": "sum"},
        "MeanAbsolutePercentageError": {}, "MeanSquaredError": {"name": "mine"}, "MeanSquaredLogarithmicError": {},
        "Poisson": {}, "SparseCategoricalCrossentropy": {"from_logits": True}, "SquaredHinge": {},
        "Tversky": {"alpha": 0.25, "beta": 0.75},
    },
    "metrics": {
        "AUC": {"num_thresholds": 50, "curve": "PR"}, "Accuracy": {}, "BinaryAccuracy": {"threshold": 0.25},
        "BinaryCrossentropy": {"label_smoothing": 0.25}, "CategoricalAccuracy": {}, "CategoricalCrossentropy": {},
        "CategoricalHinge": {}, "CosineSimilarity": {}, "F1Score": {"average": "macro"},
        "FBetaScore": {"beta": 0.5, "average": "micro", "threshold": 0.25}, "FalseNegatives": {"thresholds": 0.25},
        "FalsePositives": {}, "Hinge": {}, "KLDivergence": {}, "LogCoshError": {}, "Mean": {},
        "MeanAbsoluteError": {"name": "mine"}, "MeanAbsolutePercentageError": {}, "MeanSquaredError": {},
        "MeanSquaredLogarithmicError": {}, "Poisson": {}, "Precision": {"thresholds": 0.25, "class_id": 1},
        "PrecisionAtRecall": {"recall": 0.5}, "R2Score": {"class_aggregation": "variance_weighted_average"},
        "Recall": {"top_k": 2}, "RecallAtPrecision": {"precision": 0.5}, "RootMeanSquaredError": {},
        "SensitivityAtSpecificity": {"specificity": 0.5}, "SparseCategoricalAccuracy": {},
        "SparseCategoricalCrossentropy": {"from_logits": True}, "SparseTopKCategoricalAccuracy": {"k": 2},
        "SpecificityAtSensitivity": {"sensitivity": 0.5}, "SquaredHinge": {}, "Sum": {},
        "TopKCategoricalAccuracy": {"k": 2}, "TrueNegatives": {}, "TruePositives": {},
    },
    "optimizers": {kind: {"learning_rate": 0.015625, **ways[-1]} for kind, ways in OPTIMIZERS.items() if ways},
    "optimizers.schedules": {
        "ExponentialDecay": {"initial_learning_rate": 0.5, "decay_steps": 5, "decay_rate": 0.5, "staircase": True},
        "InverseTimeDecay": {"initial_learning_rate": 0.5, "decay_steps": 5, "decay_rate": 0.5},
        "PiecewiseConstantDecay": {"boundaries": [3, 6], "values": [0.5, 0.25, 0.125]},
        "PolynomialDecay": {"initial_learning_rate": 0.5, "decay_steps": 5, "power": 2.0, "cycle": True},
        "CosineDecay": {"initial_learning_rate": 0.5, "decay_steps": 5, "warmup_target": 1.0, "warmup_steps": 2},
        "CosineDecayRestarts": {"initial_learning_rate": 0.5, "first_decay_steps": 5, "alpha": 0.25},
    },
}
"""Of each module, arguments of each class; numbers are such that float32 holds them exactly."""


def module(keras, path):
    for name in path.split("."):
        keras = getattr(keras, name)
    return keras
