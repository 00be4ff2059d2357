"""Activation functions and their derivatives, in one figure.

The values are those of fastnn's own layers: ``forward`` computes f(x), and ``backward`` of ones its derivative. The
step function, with which the perceptron began, is drawn beside them: its derivative is 0 everywhere, so descent has
nothing to go by. Sigmoid and tanh flatten out at both ends; relu does not on the right; leaky relu and PReLU keep a
slope on the left too (PReLU learns which). Softmax looks at all numbers of a row together: here at (x, 1, 0).

Run it: python 03_activations.py        (writes 03_activations.png)
"""

import matplotlib.pyplot as plt
import numpy as np

from fastnn.initializers import Constant
from fastnn.layers import Activation, LeakyReLU, PReLU, Softmax

x = np.linspace(-5, 5, 401, dtype="float32").reshape(-1, 1)


def softmax(x):
    """Softmax of the rows (x, 1, 0): the share of x, and its derivative."""
    layer = Softmax()
    share = layer.forward(np.hstack([x, np.ones_like(x), np.zeros_like(x)]), training=True)
    slope = layer.backward(np.tile([[1.0, 0, 0]], (len(x), 1)))
    return share[:, :1], slope[:, :1]


def evaluate(layer):
    """f(x) and f'(x)."""
    return layer.forward(x, training=True), layer.backward(np.ones_like(x))


FUNCTIONS = {
    "step": ((x > 0).astype("float32"), np.zeros_like(x)),
    "sigmoid": evaluate(Activation("sigmoid")),
    "tanh": evaluate(Activation("tanh")),
    "relu": evaluate(Activation("relu")),
    "leaky relu, slope 0.2": evaluate(LeakyReLU(negative_slope=0.2)),
    "PReLU, learnt slope (here 0.5)": evaluate(PReLU(alpha_initializer=Constant(0.5))),
    "softmax of (x, 1, 0)": softmax(x),
}

figure, axes = plt.subplots(2, 4, figsize=(15, 6.4), layout="constrained")
for ax, (name, (y, slope)) in zip(axes.flat, FUNCTIONS.items(), strict=False):
    ax.plot(x, y, label="f(x)")
    ax.plot(x, slope, "--", label="f'(x)")
    ax.set_title(name)
    ax.axhline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
    ax.axvline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
    ax.set_ylim(-1.2, 2)
    print(f"{name:32} largest slope {slope.max():.3f}   at x = -5: f = {y[0, 0]:7.4f}, f' = {slope[0, 0]:.4f}")
axes[0, 0].legend(loc="upper left")

# What ten layers leave of a gradient, at best: the largest slope to the power of ten.
names = ["sigmoid", "tanh", "relu"]
left = [float(FUNCTIONS[name][1].max()) ** 10 for name in names]
axes[1, 3].bar(names, left, color=["#D55E00", "#0072B2", "#009E73"])
axes[1, 3].set(yscale="log", ylim=(1e-7, 3), title="largest slope to the power of 10 layers")
figure.savefig("03_activations.png", dpi=110)

for y, slope in FUNCTIONS.values():  # the derivative is the slope of the curve, away from the kinks
    smooth = np.abs(x[1:-1, 0]) > 0.1
    np.testing.assert_allclose(np.gradient(y[:, 0], x[:, 0])[1:-1][smooth], slope[1:-1, 0][smooth], atol=2e-3)
assert np.isclose(FUNCTIONS["sigmoid"][1].max(), 0.25)
