"""Write models with Keras, as files for ``tests/saving/test_keras_formats.py``, and what they predict.

Run ``python tests/golden/make_saved.py`` with Keras 3 (any backend) and h5py installed: it writes ``saved/*.keras``,
``.h5`` and ``.weights.h5``, and ``saved/expected.json``; and for ``tests/saving/test_both_ways.py`` one small file for
each of the cases of ``saved_cases.py``, ``saved/cases/*.keras`` (their zips compressed, which Keras does not do), what
they compute, ``saved/cases.json``, and objects as they stand in configurations, ``saved/objects.json``.
``... make_saved.py cases`` writes only the latter three.

``... make_saved.py check FILE...`` reads files that fastnn wrote, with Keras: it prints, as JSON, what each predicts
for ``rows``, and how its optimizer stands. ``... make_saved.py report FOLDER`` does so for files of the cases, and
``... make_saved.py objects FILE`` makes the objects of a JSON file and prints them as Keras describes them. The tests
call these where there is a Python with Keras: its path is given in FASTNN_KERAS_PYTHON.
"""

import json
import os
import pathlib
import sys
import warnings
import zipfile

import numpy as np
import saved_cases as CASES

FOLDER = pathlib.Path(__file__).with_name("saved")


rows = CASES.rows


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


def compress(path):
    """Write a zip anew with its members compressed; an HDF5 file of a few numbers is mostly zeros."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def make_cases():
    """Write a file for each of the cases, what their models compute, and the objects."""
    import keras

    folder = FOLDER / "cases"
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.keras"):
        path.unlink()
    reports = {"keras": keras.__version__}
    for name, make in CASES.cases(keras).items():
        if name in CASES.KERAS_CANNOT_READ:
            continue
        keras.utils.set_random_seed(1)
        model = make(keras)
        path = folder / f"{name}.keras"
        model.save(path)
        compress(path)
        reports[name] = rounded(CASES.report(model))
    model = CASES.subclassed(keras)
    model.save_weights(FOLDER / "subclassed.weights.h5")
    reports["subclassed"] = {"predictions": rounded(CASES.lists(model.predict(rows(5, 4), verbose=0)))}
    (FOLDER / "cases.json").write_text(json.dumps(reports, separators=(",", ":")) + "\n", encoding="utf-8")
    objects = {
        path: {
            name: keras.saving.serialize_keras_object(getattr(CASES.module(keras, path), name)(**arguments))
            for name, arguments in classes.items()
            if hasattr(CASES.module(keras, path), name)
        }
        for path, classes in CASES.OBJECTS.items()
    }
    (FOLDER / "objects.json").write_text(json.dumps(objects, indent=1) + "\n", encoding="utf-8")


def rounded(value):
    """Nine digits, of which float32 has seven."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def report(folder):
    """Print what Keras makes of the cases' files in a folder."""
    import keras

    found = {}
    for path in sorted(pathlib.Path(folder).glob("*.keras")):
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                model = keras.models.load_model(path)
            found[path.stem] = CASES.report(model) | {"warned": [str(warning.message) for warning in warned]}
        except Exception as error:  # one case that Keras refuses says nothing of the others
            found[path.stem] = {"error": f"{type(error).__name__}: {str(error)[:500]}"}
    for path in pathlib.Path(folder).glob("*.weights.h5"):
        model = CASES.subclassed(keras)
        model.load_weights(path)
        found["subclassed"] = {"predictions": CASES.lists(model.predict(rows(5, 4), verbose=0))}
    print("RESULT " + json.dumps(found))


def objects(path):
    """Print the objects of a JSON file as Keras makes and describes them."""
    import keras

    found = {}
    for module, classes in json.loads(pathlib.Path(path).read_text(encoding="utf-8")).items():
        found[module] = {}
        for name, entry in classes.items():
            try:
                made = keras.saving.deserialize_keras_object(entry)
                found[module][name] = keras.saving.serialize_keras_object(made)
            except Exception as error:
                found[module][name] = {"error": f"{type(error).__name__}: {str(error)[:500]}"}
    print("RESULT " + json.dumps(found))


def run(command="all", *arguments):
    """What the command line asks for."""
    if command == "check":
        check(arguments)
    elif command == "report":
        report(*arguments)
    elif command == "objects":
        objects(*arguments)
    else:
        if command == "all":
            main()
        make_cases()


if __name__ == "__main__":
    run(*sys.argv[1:])
