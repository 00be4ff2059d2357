"""Losses: SSE, MSE, binary and categorical cross-entropy, with the numbers of the notes.

Each is written out in one line of NumPy and beside it taken from fastnn, which computes it while it trains.
Cross-entropy punishes a confident mistake without limit; the squared error never exceeds 1, and through a sigmoid its
gradient even vanishes there, so a net that is confidently wrong learns nothing from it.

Run it: python 04_losses.py        (writes 04_losses.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras

DELTA = 1e-7  # keeps log away from 0, as in the notes


def sse(t, y):
    return np.sum((y - t) ** 2)


def mse(t, y):
    return np.mean((y - t) ** 2)


def bce(t, y):
    return -np.mean(t * np.log(y + DELTA) + (1 - t) * np.log(1 - y + DELTA))


def cce(t, y):
    return -np.sum(t * np.log(y + DELTA), axis=-1).mean()


def by_fastnn(loss, t, y):
    """The loss of outputs ``y`` (rows) as a model has it: of a model that changes nothing."""
    t, y = np.atleast_2d(t), np.atleast_2d(y)
    model = keras.Sequential([keras.Input(y.shape[1:]), keras.layers.Activation("linear")])
    model.compile(loss=loss)
    return model.evaluate(y, t, verbose=0)


keras.config.set_floatx("float64")
target = np.array([1, 0, 0, 1, 0])
fair, good = np.array([0.8, 0.1, 0.05, 0.9, 0.05]), np.array([0.95, 0.05, 0.01, 0.95, 0.01])
digit = np.eye(10)[2]  # "it is a 2"
sure = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])  # says 2
wrong = np.array([0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0])  # says 7

print(f"{'':30}{'by hand':>22}{'fastnn':>22}")
for name, hand, loss, t, y in [
    ("BCE of a fair answer", bce, "binary_crossentropy", target, fair),
    ("BCE of a good answer", bce, "binary_crossentropy", target, good),
    ("MSE of the fair answer", mse, "mse", target, fair),
    ("CCE of a digit, right", cce, "categorical_crossentropy", digit, sure),
    ("CCE of a digit, wrong", cce, "categorical_crossentropy", digit, wrong),
]:
    print(f"{name:30}{hand(t, y):>22}{by_fastnn(loss, t, y):>22.17g}")
    assert np.isclose(hand(t, y), by_fastnn(loss, t, y), rtol=1e-5)
print(f"{'SSE of the fair answer':30}{sse(target, fair):>22}   (MSE times 5)")
assert bce(target, fair) == 0.10729012273129139
assert bce(target, good) == 0.03479600741200121
assert np.isclose(sse(target, fair), 5 * mse(target, fair))

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
p = np.linspace(0.001, 1, 500)
left.plot(p, [bce(1.0, q) for q in p], label="cross-entropy, -log p")
left.plot(p, (1 - p) ** 2, "--", label="squared error, (1 - p)²")
left.set(xlabel="probability p of the right answer", ylabel="loss", title="one answer whose target is 1", ylim=(0, 7))
z = np.linspace(-8, 8, 400)
s = 1 / (1 + np.exp(-z))
right.plot(z, s - 1, label="cross-entropy: p - 1")
right.plot(z, 2 * (s - 1) * s * (1 - s), "--", label="squared error: 2 (p - 1) p (1 - p)")
right.set(xlabel="z, with p = sigmoid(z)", title="its gradient by z: confident mistakes are on the left")
for ax in (left, right):
    ax.legend()
figure.savefig("04_losses.png", dpi=110)
