"""Initial weights: what they do to the activations of a deep net, layer by layer.

A layer multiplies the variance of what it is given by fan_in * Var(w) (half of that with relu). Where this is 1 the
signal keeps its size through any number of layers: LeCun 1/fan_in, Glorot 2/(fan_in + fan_out) for tanh, He 2/fan_in
for relu. Smaller weights let it die out, larger ones drive tanh into its flat ends, and with zeros all units stay the
same for ever.

Run it: python 15_initialisation.py        (writes 15_initialisation.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.initializers import RandomNormal
from fastnn.layers import Dense

x = np.random.default_rng(0).standard_normal((500, 200)).astype("float32")
LAYERS = 5
CASES = {
    "zeros": ("tanh", "zeros"),
    "normal, stddev 0.01": ("tanh", RandomNormal(stddev=0.01)),
    "normal, stddev 1": ("tanh", RandomNormal(stddev=1.0)),
    "lecun_normal": ("tanh", "lecun_normal"),
    "lecun_uniform": ("tanh", "lecun_uniform"),
    "glorot_normal": ("tanh", "glorot_normal"),
    "glorot_uniform": ("tanh", "glorot_uniform"),
    "relu, glorot_uniform": ("relu", "glorot_uniform"),
    "relu, he_normal": ("relu", "he_normal"),
    "relu, he_uniform": ("relu", "he_uniform"),
}


def activations(activation, initializer):
    """Outputs of each of five layers of 200 units."""
    keras.utils.set_random_seed(1)
    outputs = [x]
    for _ in range(LAYERS):
        outputs.append(Dense(200, activation, kernel_initializer=initializer).forward(outputs[-1]))
    return outputs[1:]


figure, axes = plt.subplots(len(CASES), LAYERS, figsize=(12, 15), layout="constrained")
spread = {}
for row, (name, case) in zip(axes, CASES.items(), strict=True):
    outputs = activations(*case)
    spread[name] = [float(output.std()) for output in outputs]
    print(f"{name:22} stddev by layer: {' '.join(f'{s:8.1e}' for s in spread[name])}")
    for number, (ax, output) in enumerate(zip(row, outputs, strict=True), 1):
        relu = case[0] == "relu"  # its zeros, about half of all, are left out of the picture
        shown, limits = (output[output > 0], (0, 4)) if relu else (output.ravel(), (-1, 1))
        ax.hist(shown, bins=41, range=limits, color="#D55E00" if relu else "#0072B2")
        ax.set_yticks([])
        ax.set_title(f"layer {number}: stddev {spread[name][number - 1]:.2g}", fontsize=9)
    row[0].set_ylabel(name, rotation=0, ha="right", va="center")
figure.savefig("15_initialisation.png", dpi=90)

assert spread["zeros"][-1] == 0 and spread["normal, stddev 0.01"][-1] < 1e-3
assert spread["normal, stddev 1"][-1] > 0.9  # nearly all at -1 or 1
assert all(0.2 < spread[name][-1] < 0.7 for name in spread if name.startswith(("lecun", "glorot")))
assert spread["relu, he_normal"][-1] > 2.5 * spread["relu, glorot_uniform"][-1]
