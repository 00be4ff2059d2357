"""Writes added_losses.json: nets with ``add_loss`` trained by Keras in float64, for
tests/training/test_added_losses.py.

    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/golden/make_added_losses.py
"""

import json
import pathlib

import added_loss_cases as CASES
import keras

if __name__ == "__main__":
    keras.backend.set_floatx("float64")
    nets = {name: CASES.report(keras, name) for name in CASES.models(keras)}
    path = pathlib.Path(__file__).with_name("added_losses.json")
    path.write_text(json.dumps({"keras": keras.__version__, "nets": nets}) + "\n", encoding="utf-8")
