"""Record how far Keras' own float32 weights end from its float64 ones, in ``optimizers_float32.json``.

Run ``python tests/golden/make_optimizers_float32.py`` with Keras 3 and JAX installed, after ``make_optimizers.py``.
Where 1,000 roundings of a weight take Keras itself further than a fixed bound, fastnn is held to what Keras reaches.
"""

import json
import os
import pathlib

import make_optimizers as float64
import numpy as np

GOLDEN = pathlib.Path(__file__).with_name("optimizers_float32.json")


def largest_error(got, expected):
    """Of the weights of one parameter at one checkpoint, relative to the largest of them."""
    return float(np.abs(np.subtract(got, expected)).max() / np.abs(expected).max())


def main():
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    golden = json.loads(float64.GOLDEN.read_text(encoding="utf-8"))
    errors = {"weights": {}, "averages": {}}
    for name, setting in float64.SETTINGS.items():
        for kind, arrays in zip(errors, float64.trained(keras, setting, np.float32), strict=True):
            if name in golden[kind]:
                errors[kind][name] = {
                    parameter: [float(f"{largest_error(*both):.3g}") for both in zip(of, expected, strict=True)]
                    for (parameter, of), expected in zip(arrays.items(), golden[kind][name].values(), strict=True)
                }
        print(name, errors["weights"][name])
    lines = json.dumps({"keras": keras.__version__, **errors}, separators=(",", ":")).replace("]},", "]},\n")
    GOLDEN.write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
