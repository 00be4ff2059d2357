"""Vanishing gradients: how much of the gradient reaches the first layers of a deep net.

Backpropagation multiplies the gradient in every layer by the derivative of the activation. That of sigmoid is at most
1/4, so each layer takes three quarters or more away; relu's is 1 wherever the unit is on. The gradients here are those
of fastnn's layers, taken by hand: forward through the list, backward through it reversed.

Run it: python 14_vanishing_gradients.py        (writes 14_vanishing_gradients.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.datasets import mnist
from fastnn.layers import Dense

(x, labels), _ = mnist.load_data()
x, target = x[:256].reshape(-1, 784).astype("float32") / 255, keras.utils.to_categorical(labels[:256], 10)
DEPTHS = (2, 5, 10, 20, 30)
INITIALIZER = {"sigmoid": "glorot_uniform", "relu": "he_uniform"}


def gradient_norms(activation, depth):
    """Norm of each layer's weight gradient in a new net of ``depth`` hidden layers of 64 units."""
    keras.utils.set_random_seed(1)
    layers = [Dense(64, activation, kernel_initializer=INITIALIZER[activation]) for _ in range(depth)]
    layers.append(Dense(10, "softmax"))
    a = x
    for layer in layers:
        a = layer.forward(a, training=True)
    d = -target / np.maximum(a, 1e-7) / len(x)  # the gradient of the cross-entropy by the softmax's output
    for layer in reversed(layers):
        d = layer.backward(d)
    return np.array([np.linalg.norm(layer.gradients["kernel"]) for layer in layers])


figure, axes = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained", sharey=True)
reaches = {}
for ax, activation in zip(axes, INITIALIZER, strict=True):
    for depth in DEPTHS:
        norms = gradient_norms(activation, depth)
        reaches[activation, depth] = share = norms[0] / norms[-1]
        ax.plot(np.arange(1, depth + 2), norms, ".-", label=f"{depth} hidden layers")
        print(f"{activation:8}{depth:3} layers: the first has {share:8.1e} of the last one's gradient")
    ax.set(yscale="log", xlabel="layer", title=activation, ylim=(1e-20, 1e2))
    ax.grid(color="#E5E5E5")
axes[0].set_ylabel("norm of the weights' gradient")
axes[0].legend()
figure.savefig("14_vanishing_gradients.png", dpi=110)

assert reaches["sigmoid", 30] < 1e-10 < 1e-3 < reaches["relu", 30]
assert reaches["sigmoid", 2] > 1e6 * reaches["sigmoid", 20]
