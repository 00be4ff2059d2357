"""Writes layer_calls.json: what Keras' layers make of given inputs, and the slope of it, for
tests/training/test_layer_calls.py.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_layer_calls.py

Layers with noise are given the numbers that they would draw.
"""

import json
import pathlib

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers

ROWS = 5
CASES = [
    ("GaussianNoise", {"stddev": 0.5}, [(4,)]),
    ("GaussianDropout", {"rate": 0.25}, [(4,)]),
    ("AlphaDropout", {"rate": 0.25}, [(4,)]),
    ("Permute", {"dims": [2, 1]}, [(3, 4)]),
    ("Permute", {"dims": [3, 1, 2]}, [(2, 3, 4)]),
    ("Permute", {"dims": [4, 2, 3, 1]}, [(2, 3, 1, 4)]),
    ("Permute", {"dims": [1]}, [(3,)]),
    ("RepeatVector", {"n": 3}, [(4,)]),
    ("UnitNormalization", {}, [(4,)]),
    ("UnitNormalization", {"axis": 1}, [(3, 4)]),
    ("UnitNormalization", {"axis": [1, 2]}, [(3, 4)]),
    ("UnitNormalization", {"axis": -1}, [(3, 2, 4)]),
    ("LayerNormalization", {"epsilon": 0.01}, [(3, 4)]),
    ("LayerNormalization", {"axis": 3}, [(2, 3, 4)]),
    ("Concatenate", {}, [(2, 3), (2, 4)]),
    ("Concatenate", {"axis": 1}, [(2, 3), (4, 3)]),
    ("Concatenate", {"axis": -2}, [(2, 2, 3), (2, 1, 3), (2, 3, 3)]),
    ("Concatenate", {"axis": 3}, [(2, 2, 3), (2, 2, 1)]),
    ("Dot", {"axes": 1}, [(4,), (4,)]),
    ("Dot", {"axes": 1, "normalize": True}, [(4,), (4,)]),
    ("Dot", {"axes": [2, 1]}, [(3, 4), (4, 2)]),
    ("Dot", {"axes": [1, 2], "normalize": True}, [(4, 3), (2, 4)]),
    ("Dot", {"axes": -1}, [(3, 4), (2, 4)]),
    ("Dot", {"axes": [1, 2]}, [(4,), (3, 4)]),
    ("Dot", {"axes": [2, 1]}, [(2, 3, 4), (3, 2)]),
    ("Add", {}, [(2, 3), (2, 1)]),
    ("Multiply", {}, [(2, 1), (1, 3)]),
    ("Subtract", {}, [(3,), (2, 3)]),
    ("Average", {}, [(2, 1, 3), (4, 1), (1,)]),
    ("Maximum", {}, [(2, 3), (2, 1)]),
    ("Normalization", {"mean": 2.0, "variance": 4.0}, [(3,)]),
    ("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 0.0, 9.0]}, [(2, 3)]),
    ("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 0.25, 9.0], "invert": True}, [(3,)]),
    ("Normalization", {"axis": [1, 2], "mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 9.0]}, [(2, 3)]),
    ("Normalization", {"axis": None}, [(3,)]),
    ("Normalization", {}, [(3,)]),
    ("Normalization", {"axis": 1}, [(3, 2)]),
    ("Normalization", {"axis": [1, 2]}, [(3, 2)]),
    ("Normalization", {"invert": True}, [(2, 3)]),
    ("CategoryEncoding", {"num_tokens": 4}, [(3,)]),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, [(5,)]),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, [(1,)]),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, [(3,)]),
    ("Discretization", {"bin_boundaries": [-1.0, 0.25, 0.5]}, [(4,)]),
    ("Discretization", {"bin_boundaries": [-1.0, 0.25, 0.5], "output_mode": "one_hot"}, [(4,)]),
    ("Discretization", {"bin_boundaries": [-1.0, 0.25], "output_mode": "count"}, [(6,)]),
    ("Discretization", {"num_bins": 3}, [(4,)]),
    ("Discretization", {"num_bins": 4, "epsilon": 0.1, "output_mode": "multi_hot"}, [(4,)]),
    ("Dropout", {"rate": 0.25}, [(6,)]),
    ("Dropout", {"rate": 0.25, "noise_shape": [None, 1, 4]}, [(3, 4)]),
    ("Dropout", {"rate": 0.5, "noise_shape": [1, 6]}, [(6,)]),
    ("Dropout", {"rate": 0.5, "noise_shape": [ROWS, 2, 1, 3]}, [(2, 4, 3)]),
    ("AlphaDropout", {"rate": 0.25, "noise_shape": [None, 3, 1]}, [(3, 4)]),
    ("AlphaDropout", {"rate": 0.5, "noise_shape": [1, 1, 6]}, [(2, 6)]),
    ("Softmax", {"axis": 1}, [(3, 4)]),
    ("Softmax", {"axis": -2}, [(2, 3, 4)]),
    ("Softmax", {"axis": [1, 2]}, [(3, 4)]),
    ("Softmax", {"axis": [1, 3]}, [(2, 3, 4)]),
    ("Softmax", {}, [(2, 3, 4)]),
    ("LayerNormalization", {"axis": [1, 2], "epsilon": 0.01}, [(3, 4)]),
    ("LayerNormalization", {"axis": [3, 1]}, [(2, 3, 4)]),
    ("LayerNormalization", {"axis": 1}, [(3, 4)]),
    ("PReLU", {"alpha_initializer": "ones", "shared_axes": [1]}, [(3, 4)]),
]  # fmt: skip
NOISE = ("GaussianNoise", "GaussianDropout", "AlphaDropout", "Dropout")


def numbers(generator, name, config, shape):
    """Data for a layer; class numbers for one that encodes them, and a boundary among those to be sorted."""
    if name == "CategoryEncoding":
        return generator.integers(0, config["num_tokens"], (ROWS, *shape)).astype("float64")
    x = generator.standard_normal((ROWS, *shape)).astype("float32").astype("float64")
    if name == "Discretization":
        x[0, 0] = 0.25
    return x


def case(number, name, config, shapes):
    generator = np.random.default_rng(number)
    inputs = [numbers(generator, name, config, shape) for shape in shapes]
    layer = getattr(layers, name)(**config)
    found = {"layer": name, "config": config, "inputs": [x.tolist() for x in inputs]}
    if name in NOISE:
        z = generator.standard_normal(inputs[0].shape).astype("float32").astype("float64")
        sizes = config.get("noise_shape") or inputs[0].shape
        keep = generator.random([size if n is None else n for n, size in zip(sizes, inputs[0].shape, strict=True)])
        keras.src.backend.random.normal = lambda shape, mean=0.0, stddev=1.0, **_: mean + stddev * jnp.asarray(z)
        jax.random.bernoulli = lambda *_, **__: jnp.asarray(keep >= config["rate"])
        keras.src.ops.random.uniform = lambda shape, **_: jnp.asarray(keep)
        found |= {"z": z.tolist(), "kept": (keep >= config.get("rate", 0)).tolist()}
    if hasattr(layer, "adapt") and config.get("mean") is None and "bin_boundaries" not in config:
        data = [numbers(generator, name, config, (6, *shapes[0])[1:]) for _ in range(8)]
        layer.adapt(np.concatenate(data) if number % 2 else iter(data))
        found |= {"adapt": [x.tolist() for x in data], "in_batches": not number % 2}
        found["boundaries" if name == "Discretization" else "weights"] = (
            layer.bin_boundaries if name == "Discretization" else [np.asarray(w).tolist() for w in layer.weights]
        )
    options = {"training": True} if name in NOISE else {}

    def call(parts):
        return layer(parts if len(parts) > 1 else parts[0], **options)

    y = call([jnp.asarray(x, "int32" if name == "CategoryEncoding" else None) for x in inputs])
    found |= {"y": np.asarray(y, "float64").tolist(), "config_keys": sorted(layer.get_config())}
    shape = [(None, *s) for s in shapes]
    found["output_shape"] = layer.compute_output_shape(shape if len(shape) > 1 else shape[0])
    if name not in ("CategoryEncoding", "Discretization"):
        weights = jnp.asarray(generator.standard_normal(y.shape))
        slopes = jax.grad(lambda parts: (call(parts) * weights).sum())([jnp.asarray(x) for x in inputs])
        found |= {"dy": np.asarray(weights).tolist(), "dx": [np.asarray(s).tolist() for s in slopes]}
    return found


if __name__ == "__main__":
    keras.backend.set_floatx("float64")
    cases = [case(number, *arguments) for number, arguments in enumerate(CASES)]
    path = pathlib.Path(__file__).with_name("layer_calls.json")
    text = json.dumps({"keras": keras.__version__, "cases": cases})
    path.write_text(text.replace('{"layer"', '\n{"layer"') + "\n", encoding="utf-8")
