"""Writes activations.json: values and derivatives of Keras' activations in float64, for tests/api/test_activations.py.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_activations.py

(With TensorFlow some slopes are rounded to float32 on the way.)
"""

import json
import pathlib

import jax
import jax.numpy as jnp
import keras
from keras import activations, layers

X = [-30.0, -7.5, -3.3, -2.9, -1.7, -0.9, -0.51, -0.3, -0.01, 0.02, 0.25, 0.7, 1.3, 2.9, 3.1, 5.9, 8.0, 40.0]

CASES = [(name, {}) for name in (
    "linear relu leaky_relu relu6 sigmoid tanh elu selu celu softplus softsign squareplus silu swish gelu mish "
    "exponential log_sigmoid hard_sigmoid hard_silu hard_swish hard_tanh sparse_sigmoid tanh_shrink soft_shrink "
    "hard_shrink softmax log_softmax"
).split()]  # fmt: skip
CASES += [
    ("relu", {"negative_slope": 0.25}),
    ("relu", {"max_value": 2.5}),
    ("relu", {"max_value": 2.5, "negative_slope": 0.25, "threshold": 1.0}),
    ("relu", {"threshold": 1.0}),
    ("leaky_relu", {"negative_slope": 0.05}),
    ("elu", {"alpha": 0.5}),
    ("celu", {"alpha": 2.0}),
    ("squareplus", {"b": 1}),
    ("gelu", {"approximate": True}),
    ("soft_shrink", {"threshold": 1.5}),
    ("hard_shrink", {"threshold": 1.5}),
    ("threshold", {"threshold": 0.5, "default_value": -2.0}),
]
LAYERS = [
    ("ReLU", {}),
    ("ReLU", {"max_value": 2.5, "negative_slope": 0.25, "threshold": 1.0}),
    ("LeakyReLU", {}),
    ("LeakyReLU", {"negative_slope": 0.1}),
    ("ELU", {}),
    ("ELU", {"alpha": 0.5}),
    ("Softmax", {}),
]


def values(function):
    x = jnp.array([X])
    weights = jnp.arange(1, len(X) + 1) / len(X)
    slope = jax.grad(lambda v: (function(v) * weights).sum())(x)
    return {"y": function(x)[0].tolist(), "dx": slope[0].tolist()}


# keras.ops.tanh rounds to float32 on its way under JAX.
FUNCTIONS = {name: getattr(activations, name) for name, _ in CASES} | {"tanh": jnp.tanh}

keras.backend.set_floatx("float64")
cases = []
for name, arguments in CASES:
    function = FUNCTIONS[name]
    cases.append({"name": name, "arguments": arguments, **values(lambda x, f=function, a=arguments: f(x, **a))})
for name, arguments in LAYERS:
    cases.append({"layer": name, "arguments": arguments, **values(getattr(layers, name)(**arguments))})
path = pathlib.Path(__file__).with_name("activations.json")
path.write_text(json.dumps({"keras": keras.__version__, "x": X, "cases": cases}, indent=0) + "\n")
