"""Writes initializers.json: names, configurations, limits and values of Keras' initializers, for
tests/training/test_initializers_like_keras.py.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_initializers.py

What an initializer draws is recorded: from which distribution, with which limits or standard deviation.
"""

import json
import pathlib

import jax.numpy as jnp
import keras
import numpy as np
from keras.src.backend import random
from keras.src.initializers import ALL_OBJECTS_DICT, Initializer

SHAPES = [(3, 5), (784, 128), (7,), (2, 2, 3, 5), (1, 1)]
SCALINGS = [
    {"scale": scale, "mode": mode, "distribution": distribution}
    for scale, mode in ((1.0, "fan_in"), (2.0, "fan_out"), (0.25, "fan_avg"))
    for distribution in ("uniform", "truncated_normal", "untruncated_normal")
]
CASES = [
    *((name, {}) for name in ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal")),
    *((name, {}) for name in ("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling")),
    ("RandomNormal", {"mean": 1.5, "stddev": 0.25}),
    ("TruncatedNormal", {"mean": -1.5, "stddev": 0.25}),
    ("RandomUniform", {"minval": -1.0, "maxval": 3.0}),
    *(("VarianceScaling", config) for config in SCALINGS),
]
FIXED = [
    ("Zeros", {}, (2, 3)),
    ("Ones", {}, (2, 3)),
    ("Constant", {}, (3,)),
    ("Constant", {"value": -2.5}, (2, 2)),
    ("Identity", {}, (3, 3)),
    ("Identity", {"gain": 0.5}, (2, 4)),
]
ORTHOGONAL = [({}, (4, 4)), ({"gain": 1.5}, (5, 3)), ({}, (3, 5)), ({"gain": 0.5}, (2, 3, 4))]


def drawn(name, config, shape):
    """The distribution from which Keras draws, and its numbers."""
    found = []

    def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
        found.extend(["uniform", float(minval), float(maxval)])
        return jnp.zeros(shape)

    def recorder(kind):
        def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
            found.extend([kind, float(mean), float(stddev)])
            return jnp.zeros(shape)

        return normal

    before = random.uniform, random.normal, random.truncated_normal
    random.uniform, random.normal, random.truncated_normal = uniform, recorder("normal"), recorder("truncated_normal")
    try:
        getattr(keras.initializers, name)(**config)(shape)
    finally:
        random.uniform, random.normal, random.truncated_normal = before
    return found


def orthogonal(config, shape):
    """What Orthogonal makes of a fixed normal matrix."""
    given, before = [], random.normal

    def normal(shape, **_):
        given.append(np.random.default_rng(len(shape)).standard_normal(shape))
        return jnp.asarray(given[-1])

    random.normal = normal
    try:
        values = keras.initializers.Orthogonal(**config)(shape, dtype="float64")
    finally:
        random.normal = before
    return {"config": config, "shape": shape, "normal": given[0].tolist(), "values": np.asarray(values).tolist()}


if __name__ == "__main__":
    keras.backend.set_floatx("float64")
    classes = {name: cls for name, cls in ALL_OBJECTS_DICT.items() if cls is not Initializer}
    fixed = [
        {"class": name, "config": config, "shape": shape,
         "values": np.asarray(getattr(keras.initializers, name)(**config)(shape)).tolist()}
        for name, config, shape in FIXED
    ]  # fmt: skip
    golden = {
        "keras": keras.__version__,
        "names": {name: cls.__name__ for name, cls in sorted(classes.items())},
        "exported": sorted(name for name in vars(keras.initializers) if not name.startswith("_")),
        "configs": {cls.__name__: cls().get_config() for cls in set(classes.values()) if cls.__name__ != "STFT"},
        "drawn": [
            {"class": name, "config": config, "shape": shape, "drawn": drawn(name, config, shape)}
            for name, config in CASES
            for shape in SHAPES
        ],
        "fixed": fixed,
        "orthogonal": [orthogonal(config, shape) for config, shape in ORTHOGONAL],
    }
    text = json.dumps(golden, sort_keys=True).replace('{"class"', '\n{"class"')
    pathlib.Path(__file__).with_name("initializers.json").write_text(text + "\n", encoding="utf-8")
