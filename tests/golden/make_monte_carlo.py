"""Writes monte_carlo.json: mean and deviation of what nets with noise at inference predict, by Keras, for
tests/training/test_monte_carlo.py.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_monte_carlo.py
"""

import json
import pathlib

import keras
import numpy as np
from keras import layers

PASSES = 4000
NOISE = {
    "dropout": layers.Dropout,
    "alpha_dropout": layers.AlphaDropout,
    "gaussian_dropout": layers.GaussianDropout,
    "gaussian_noise": layers.GaussianNoise,
}


def predicted(noise, x, weights):
    """Means and deviations of the outputs (rows, 2)."""

    class MonteCarlo(noise):
        def call(self, inputs):
            return super().call(inputs, training=True)

    model = keras.Sequential([
        keras.Input((3,)), layers.Dense(8, "tanh"), MonteCarlo(0.25, seed=1), layers.Dense(2, "sigmoid"),
    ])  # fmt: skip
    model.set_weights(weights)
    y = model.predict(np.tile(x, (PASSES, 1)), batch_size=512, verbose=0).reshape(PASSES, len(x), 2)
    return {"mean": y.mean(axis=0).tolist(), "std": y.std(axis=0).tolist()}


if __name__ == "__main__":
    keras.backend.set_floatx("float64")
    generator = np.random.default_rng(0)
    x = generator.standard_normal((4, 3)).round(3)
    weights = [generator.standard_normal(shape).round(3) for shape in ((3, 8), (8,), (8, 2), (2,))]
    found = {"keras": keras.__version__, "passes": PASSES, "x": x.tolist(), "weights": [w.tolist() for w in weights]}
    found |= {name: predicted(noise, x, weights) for name, noise in NOISE.items()}
    path = pathlib.Path(__file__).with_name("monte_carlo.json")
    path.write_text(json.dumps(found) + "\n", encoding="utf-8")
