"""Writes layers.json: small nets trained by Keras in float64, for tests/training/test_layers_like_keras.py.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_layers.py
"""

import json
import pathlib

import keras
import numpy as np
from keras import layers

ROWS, FEATURES, BATCH, EPOCHS = 20, 5, 8, 3


def dense(units=4, **arguments):
    return ["Dense", {"units": units, **arguments}]


def image():
    """Rows with two axes."""
    return [dense(12), ["Reshape", {"target_shape": [3, 4]}]]


def of(class_name, **config):
    return {"class_name": class_name, "config": config}


NETS = {
    "batch_norm": [dense(), ["BatchNormalization", {"momentum": 0.8}], ["ReLU", {}], dense(2)],
    "batch_norm_first": [["BatchNormalization", {"center": False, "epsilon": 0.01}], dense(2)],
    "batch_norm_plain": [dense(), ["BatchNormalization", {"scale": False, "center": False}], dense(2)],
    "batch_norm_frozen": [dense(), ["BatchNormalization", {"trainable": False}], dense(2)],
    "batch_norm_limited": [
        dense(),
        ["BatchNormalization", {"gamma_regularizer": of("L1", l1=0.015625), "beta_constraint": of("NonNeg")}],
        dense(2),
    ],
    "layer_norm": [dense(), ["LayerNormalization", {}], ["ELU", {}], dense(2)],
    "layer_norm_plain": [dense(), ["LayerNormalization", {"center": False, "scale": False, "epsilon": 0.1}], dense(2)],
    "l1": [dense(kernel_regularizer=of("L1", l1=0.03125)), dense(2)],
    "l2": [dense(kernel_regularizer=of("L2", l2=0.0625), bias_regularizer=of("L2", l2=0.125)), dense(2)],
    "l1_l2": [dense(), dense(2, kernel_regularizer=of("L1L2", l1=0.0078125, l2=0.015625))],
    "names": [dense(kernel_regularizer="l2", kernel_constraint="max_norm"), dense(2, bias_regularizer="l1")],
    "activity": [dense(activation="tanh", activity_regularizer=of("L1L2", l1=0.015625, l2=0.125)), dense(2)],
    "activity_of_output": [dense(), dense(2, activity_regularizer=of("L2", l2=0.125))],
    "activity_layer": [dense(), ["ActivityRegularization", {"l1": 0.0078125, "l2": 0.0625}], dense(2)],
    "both": [
        dense(kernel_regularizer=of("L2", l2=0.0625), activity_regularizer=of("L1", l1=0.0625)),
        dense(2, kernel_regularizer=of("L1", l1=0.0078125)),
    ],
    "frozen": [dense(kernel_regularizer=of("L2", l2=0.0625), trainable=False), dense(2)],
    "max_norm": [
        dense(kernel_constraint=of("MaxNorm", max_value=0.7)),
        dense(2, bias_constraint=of("MaxNorm", max_value=0.01)),
    ],
    "unit_norm": [dense(kernel_constraint=of("UnitNorm")), dense(2)],
    "min_max_norm": [dense(kernel_constraint=of("MinMaxNorm", min_value=0.5, max_value=0.8, rate=0.7)), dense(2)],
    "non_neg": [dense(kernel_constraint=of("NonNeg")), dense(2)],
    "prelu": [dense(), ["PReLU", {"alpha_regularizer": of("L2", l2=0.125)}], dense(2)],
    "rescaling": [["Rescaling", {"scale": 0.5, "offset": -0.25}], dense(2)],
    "batch_norm_axis_1": [*image(), ["BatchNormalization", {"axis": 1, "momentum": 0.8}], ["Flatten", {}], dense(2)],
    "batch_norm_axis_2": [*image(), ["BatchNormalization", {"axis": 2, "epsilon": 0.01}], ["Flatten", {}], dense(2)],
    "batch_norm_axis_2_of_3": [
        dense(12), ["Reshape", {"target_shape": [2, 3, 2]}],
        ["BatchNormalization", {"axis": -2, "gamma_regularizer": "l2", "center": False}], ["Flatten", {}], dense(2),
    ],
    "batch_norm_axis_frozen": [
        *image(), ["BatchNormalization", {"axis": 1, "trainable": False}], ["Flatten", {}], dense(2),
    ],
    "layer_norm_axis_1": [*image(), ["LayerNormalization", {"axis": 1}], ["Flatten", {}], dense(2)],
    "layer_norm_axes": [
        *image(), ["LayerNormalization", {"axis": [1, 2], "beta_regularizer": "l1", "gamma_constraint": of("NonNeg")}],
        ["Flatten", {}], dense(2),
    ],
    "layer_norm_axes_1_3": [
        dense(12), ["Reshape", {"target_shape": [2, 3, 2]}], ["LayerNormalization", {"axis": [3, 1], "epsilon": 0.01}],
        ["Flatten", {}], dense(2),
    ],
    "softmax_axis_1": [*image(), ["Softmax", {"axis": 1}], ["Flatten", {}], dense(2)],
    "softmax_axis_last": [*image(), ["Softmax", {}], ["Flatten", {}], dense(2)],
    "softmax_axes": [
        dense(12), ["Reshape", {"target_shape": [2, 3, 2]}], ["Softmax", {"axis": [1, 3]}], ["Flatten", {}], dense(2),
    ],
    "prelu_shared": [*image(), ["PReLU", {"shared_axes": [1], "alpha_regularizer": "l2"}], ["Flatten", {}], dense(2)],
    "prelu_shared_all": [*image(), ["PReLU", {"shared_axes": [1, 2]}], ["Flatten", {}], dense(2)],
    "prelu_image": [*image(), ["PReLU", {}], ["Flatten", {}], dense(2)],
}  # fmt: skip


def rounded(array):
    """To float32, in which Keras keeps some numbers even in float64."""
    return array.astype("float32").astype("float64")


def draw(generator):
    """Data and weights of the rows."""
    x, y = generator.standard_normal((ROWS, FEATURES)), generator.standard_normal((ROWS, 2))
    return rounded(x), rounded(y), rounded(generator.uniform(0.5, 1.5, ROWS))


def trained(net):
    keras.utils.set_random_seed(1)
    generator = np.random.default_rng(5)
    x, y, weights = draw(generator)
    model = keras.Sequential([keras.Input((FEATURES,))])
    for name, arguments in net:
        model.add(getattr(layers, name)(**arguments))
    start = [rounded(generator.uniform(0.1, 1, w.shape)) * generator.choice([-1, 1], w.shape) for w in model.weights]
    start = [np.abs(a) if "variance" in w.path else a for a, w in zip(start, model.weights, strict=True)]
    model.set_weights(start)
    model.compile(keras.optimizers.SGD(0.0625, momentum=0.5), "mse")
    untrained = model.evaluate(x, y, batch_size=BATCH, verbose=0)
    history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0, sample_weight=weights)
    return {
        "layers": net,
        "paths": [w.path.split("/")[-1] for w in model.weights],
        "counts": [model.count_params(), sum(int(np.prod(w.shape)) for w in model.trainable_weights)],
        "configs": [layer.get_config() for layer in model.layers],
        "start": [w.tolist() for w in start],
        "evaluate_before": untrained,
        "loss": history.history["loss"],
        "end": [w.tolist() for w in model.get_weights()],
        "evaluate": model.evaluate(x, y, batch_size=BATCH, verbose=0),
        "predict": model.predict(x[:3], verbose=0).tolist(),
    }


keras.backend.set_floatx("float64")
nets = {name: trained(net) for name, net in NETS.items()}
x, y, weights = draw(np.random.default_rng(5))
data = {"x": x.tolist(), "y": y.tolist(), "weights": weights.tolist(), "batch": BATCH}
path = pathlib.Path(__file__).with_name("layers.json")
path.write_text(json.dumps({"keras": keras.__version__, "data": data, "epochs": EPOCHS, "nets": nets}) + "\n")
