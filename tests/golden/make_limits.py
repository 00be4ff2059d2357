"""Writes limits.json: penalties and limited weights of Keras' regularizers and constraints, for
tests/training/test_limits_like_keras.py.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_limits.py
"""

import json
import pathlib

import keras
import numpy as np
from keras.src.constraints import ALL_OBJECTS_DICT as CONSTRAINTS
from keras.src.regularizers import ALL_OBJECTS_DICT as REGULARIZERS

PENALTIES = [
    ("L1", {}),
    ("L1", {"l1": 0.5}),
    ("L2", {}),
    ("L2", {"l2": 0.125}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.25, "l2": 0.5}),
]
LIMITS = [
    ("NonNeg", {}),
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.75}),
    ("UnitNorm", {}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.25}),
]
WEIGHTS = [(4, 3), (5,), (1, 1)]


def weight(number, shape):
    w = 1.5 * np.random.default_rng(number).standard_normal(shape)
    w.flat[0] = 0.0
    return w if w.size > 1 else w + 3


def names(table, base):
    return {name: cls.__name__ for name, cls in sorted(table.items()) if cls.__name__ != base}


if __name__ == "__main__":
    keras.backend.set_floatx("float64")
    weights = [weight(number, shape) for number, shape in enumerate(WEIGHTS)]
    golden = {"keras": keras.__version__, "weights": [w.tolist() for w in weights]}
    for kind, module, table, cases in (
        ("regularizers", keras.regularizers, REGULARIZERS, PENALTIES),
        ("constraints", keras.constraints, CONSTRAINTS, LIMITS),
    ):
        found = []
        for name, config in cases:
            item = getattr(module, name)(**config)
            results = [np.asarray(item(keras.ops.convert_to_tensor(w))).tolist() for w in weights]
            found.append({"class": name, "config": config, "results": results, "get_config": item.get_config()})
        base = "Regularizer" if kind == "regularizers" else "Constraint"
        golden[kind] = {"names": names(table, base), "cases": found}
    text = json.dumps(golden, sort_keys=True, default=float).replace('{"class"', '\n{"class"')
    pathlib.Path(__file__).with_name("limits.json").write_text(text + "\n", encoding="utf-8")
