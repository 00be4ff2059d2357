"""Record in ``averaging.json`` how Keras' ``fit`` ends with averaged weights, scaled losses, accumulated gradients.

Run ``python tests/golden/make_averaging.py`` with Keras 3 and JAX installed. ``tests/training/test_averaging.py``
trains the same nets, in float64, from the same weights on the same batches.
"""

import json
import os
import pathlib

import numpy as np

GOLDEN = pathlib.Path(__file__).with_name("averaging.json")

EMA = {"use_ema": True, "ema_momentum": 0.75}
CASES = {
    "averages": ("SGD", {"learning_rate": 0.25, "momentum": 0.5, **EMA}),
    "averages overwrite": ("Adam", {"learning_rate": 0.0625, **EMA, "ema_overwrite_frequency": 3, "clipnorm": 0.25}),
    "accumulated": ("RMSprop", {"learning_rate": 0.03125, "gradient_accumulation_steps": 3, "weight_decay": 0.125}),
    "scaled": ("Adagrad", {"learning_rate": 0.5, "loss_scale_factor": 3.0, "clipvalue": 0.03125}),
    "all": (
        "AdamW",
        {
            "learning_rate": 0.0625,
            "weight_decay": 0.25,
            **EMA,
            "ema_overwrite_frequency": 2,
            "loss_scale_factor": 512.0,
            "gradient_accumulation_steps": 3,
            "global_clipnorm": 0.25,
        },
    ),
    "all with Lion": ("Lion", {"learning_rate": 0.015625, **EMA, "gradient_accumulation_steps": 2, "clipnorm": 0.5}),
}
SWAPS = {"averages": {}, "averages overwrite": {"swap_on_epoch": True}, "all": {}}
"""Cases that are validated with ``SwapEMAWeights``, and its arguments."""

ROWS, EPOCHS, BATCH_SIZE = 40, 3, 6


def make(library, name):
    """The compiled net of a case; ``library`` has what ``keras`` has."""
    limited, penalty = library.constraints.MinMaxNorm(0.25, 0.75, rate=0.5), library.regularizers.L2(0.125)
    model = library.Sequential(
        [
            library.layers.Input((5,)),
            library.layers.Dense(7, "tanh", kernel_constraint=limited, activity_regularizer=penalty),
            library.layers.Dense(3, kernel_regularizer=library.regularizers.L2(0.0625)),
        ]
    )  # fmt: skip
    generator = np.random.default_rng(8)
    model.set_weights([np.round(generator.standard_normal(w.shape) * 64) / 64 for w in model.get_weights()])
    kind, arguments = CASES[name]
    model.compile(getattr(library.optimizers, kind)(**arguments), "mean_squared_error")
    return model


def data():
    """Rows and targets, exact in any type."""
    generator = np.random.default_rng(9)
    return tuple(np.round(generator.standard_normal((ROWS, n)) * 64) / 64 for n in (5, 3))


def train(library, name):
    """Weights after ``fit``, and its history."""
    x, y = data()
    model = make(library, name)
    callbacks = [library.callbacks.SwapEMAWeights(**SWAPS[name])] if name in SWAPS else []
    history = model.fit(
        x, y, batch_size=BATCH_SIZE, epochs=EPOCHS, shuffle=False, verbose=0, validation_data=(x[::2], y[::2]),
        callbacks=callbacks,
    ).history  # fmt: skip
    return {"weights": [np.asarray(w).tolist() for w in model.get_weights()], "history": history}


def main():
    os.environ |= {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1"}
    import keras

    keras.config.set_floatx("float64")
    golden = {"keras": keras.__version__, **{name: train(keras, name) for name in CASES}}
    GOLDEN.write_text(json.dumps(golden).replace('}, "', '},\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
