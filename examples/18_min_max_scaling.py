"""Min-max scaling, and what happens without it.

Of two features one runs from 0 to 1, the other from 0 to 1,000. The gradient of a weight is proportional to its input,
so the loss is a thousand times steeper along one weight than along the other (a million times in its curvature): a
learning rate that suits one makes the other jump out of the valley, or hardly move. (x - min) / (max - min) makes the
valley round. The minimum and maximum come from the training rows, and test rows are scaled with the same numbers.

Run it: python 18_min_max_scaling.py        (writes 18_min_max_scaling.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.layers import Dense, Input

random = np.random.default_rng(0)
x = random.uniform(0, 1, (600, 2)) * (1, 1000)  # age of a car as a share of its life; kilometres in hundreds
y = (x[:, 0] + x[:, 1] / 1000 > 1).astype(int)  # worn out?
x_train, y_train, x_test, y_test = x[:400], y[:400], x[400:], y[400:]
low, high = x_train.min(axis=0), x_train.max(axis=0)
RATES = (1e-6, 1e-4, 1e-2, 1.0)


def scale(x):
    return (x - low) / (high - low)


def train(x_train, x_test, rate):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([Input((2,)), Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(rate), loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x_train, y_train, batch_size=20, epochs=40, verbose=0)
    return history.history["loss"], model.evaluate(x_test, y_test, verbose=0)[1], model


figure, axes = plt.subplots(1, 3, figsize=(15, 4.4), layout="constrained")
best = {}
for ax, (name, parts) in zip(
    axes, {"as it is": (x_train, x_test), "min-max": (scale(x_train), scale(x_test))}.items(), strict=False
):
    for rate in RATES:
        losses, accuracy, model = train(*parts, rate)
        print(f"{name:9} rate {rate:7g}: last loss {losses[-1]:8.3f}, test accuracy {accuracy:.1%}")
        ax.plot(np.arange(1, 41), losses, label=f"rate {rate:g}: {accuracy:.1%}")
        if accuracy > best.get(name, (0, None))[0]:
            best[name] = (accuracy, model)
    ax.set(title=f"{name}: training loss", xlabel="epoch", yscale="log", ylim=(0.05, 1e5))
    ax.legend(title="test accuracy")
keras.plot.decision_boundary(best["min-max"][1], scale(x_test), y_test, ax=axes[2], margin=0.05)
axes[2].set(title="scaled test rows", xlabel="age, scaled", ylabel="distance, scaled")
figure.savefig("18_min_max_scaling.png", dpi=100)

print(f"best: {best['as it is'][0]:.1%} as it is, {best['min-max'][0]:.1%} scaled")
assert best["min-max"][0] > 0.95 > best["as it is"][0]
