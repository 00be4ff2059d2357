"""Write models with Keras, as files for ``tests/saving/test_keras_formats.py``, and what they predict.

Run ``python tests/golden/make_saved.py`` with Keras 3 (any backend) and h5py installed: it writes ``saved/*.keras``,
``.h5`` and ``.weights.h5``, and ``saved/expected.json``.

``python tests/golden/make_saved.py check FILE...`` reads files that fastnn wrote, with Keras: it prints, as JSON,
what each predicts for ``rows``, and how its optimizer stands. The test calls it where there is a Python with
Keras: its path is given in FASTNN_KERAS_PYTHON.
"""

import json
import os
import pathlib
import sys
import warnings

import numpy as np

FOLDER = pathlib.Path(__file__).with_name("saved")


def rows(*shape):
    """Numbers that float32 holds exactly, without a random generator."""
    count = int(np.prod(shape))
    return ((np.arange(count) * 37 % 101 - 50) / 32).astype(np.float32).reshape(shape)


LAYERS = {
    "plain": [
        ("Input", [[4, 3]], {}),
        ("Flatten", [], {}),
        ("Dense", [5], {"activation": "relu", "kernel_initializer": "he_normal"}),
        ("Dropout", [0.25], {"seed": 7}),
        ("Dense", [4], {"activation": "tanh", "use_bias": False}),
        ("ReLU", [], {}),
        ("Activation", ["sigmoid"], {}),
        ("Dense", [3], {}),
        ("Softmax", [], {}),
    ],
    "all": [
        ("Input", [[6]], {}),
        ("Dense", [5], {"kernel_regularizer": "l2", "kernel_constraint": "max_norm", "bias_initializer": "ones"}),
        ("BatchNormalization", [], {"momentum": 0.8}),
        ("LeakyReLU", [], {}),
        ("GaussianNoise", [0.1], {}),
        ("Dense", [5], {"kernel_initializer": "orthogonal", "bias_regularizer": "l1"}),
        ("LayerNormalization", [], {"epsilon": 0.01}),
        ("PReLU", [], {"alpha_initializer": "ones"}),
        ("AlphaDropout", [0.1], {}),
        ("ELU", [], {"alpha": 0.5}),
        ("Dense", [4], {"activation": "gelu"}),
        ("BatchNormalization", [], {"scale": False}),
        ("ReLU", [], {"max_value": 6.0, "negative_slope": 0.1}),
        ("Dense", [3], {"activation": "softmax"}),
    ],
}
"""Models: class, arguments by position, arguments by name."""

OPTIMIZERS = {
    "plain": ("Adam", {"learning_rate": 0.015625}),
    "all": ("RMSprop", {"learning_rate": 0.015625, "momentum": 0.5, "centered": True}),
}


def make(library, name):
    """A model of ``LAYERS``, compiled, made with the modules ``layers``, ``optimizers`` and ``Sequential``."""
    made = [
        library.Input(*map(tuple, given)) if kind == "Input" else getattr(library.layers, kind)(*given, **named)
        for kind, given, named in LAYERS[name]
    ]
    model = library.Sequential(made, name=name)
    kind, arguments = OPTIMIZERS[name]
    optimizer = getattr(library.optimizers, kind)(**arguments)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def data(name):
    """Rows and targets to train and predict with."""
    x = rows(10, *LAYERS[name][0][1][0])
    return x, np.arange(10) % 3


def main():
    import keras

    keras.utils.set_random_seed(1)
    FOLDER.mkdir(exist_ok=True)
    expected = {"keras": keras.__version__, "predictions": {}, "losses": {}, "next_step": {}}
    for name in LAYERS:
        model = make(keras, name)
        x, y = data(name)
        model.fit(x, y, batch_size=5, epochs=2, verbose=0)
        for ending in ("keras", "h5", "weights.h5"):
            path = FOLDER / f"{name}.{ending}"
            model.save_weights(path) if "weights" in ending else model.save(path)
        expected["predictions"][name] = model.predict(x, verbose=0).tolist()
        expected["losses"][name] = model.evaluate(x, y, verbose=0)
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


def check(paths):
    """Print what Keras makes of files."""
    import keras

    found = {}
    for path in paths:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            model = keras.models.load_model(path)
        shape = model.input_shape[1:]
        found[os.path.basename(path)] = {
            "predictions": model.predict(rows(10, *shape), verbose=0).tolist(),
            "loss": model.evaluate(rows(10, *shape), np.arange(10) % 3, verbose=0),
            "iterations": int(model.optimizer.iterations),
            "variables": [np.asarray(v).ravel()[:3].tolist() for v in model.optimizer.variables],
            "warned": [str(warning.message) for warning in warned],
        }
    print("RESULT " + json.dumps(found))


if __name__ == "__main__":
    check(sys.argv[2:]) if sys.argv[1:2] == ["check"] else main()
