"""Overfitting, and three remedies: L1, L2, dropout.

300 digits, 8 x 8, for a net with 20,000 weights: it can learn them by heart. L2 adds lambda * sum(w²) to the loss, so
every step shrinks the weights in proportion; L1 adds lambda * sum|w| and pulls each by the same amount, so that many
end at almost nothing: the net is sparse. Dropout silences half of the units at random in each step, so that none can
rely on another.

Run it: python 16_overfitting.py        (writes 16_overfitting.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.datasets import digits
from fastnn.layers import Dense, Dropout, Input
from fastnn.regularizers import L1, L2

(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, y_train = x_train[:300].reshape(-1, 64).astype("float32") / 16, y_train[:300]
x_test = x_test.reshape(-1, 64).astype("float32") / 16
wrong = np.random.default_rng(0).random(300) < 0.15  # some labels are wrong, as in life: not to be learnt
y_train = np.where(wrong, np.random.default_rng(1).integers(0, 10, 300), y_train)

CASES = {  # name: (regularizer, dropout)
    "nothing": (None, 0.0),
    "L1": (L1(0.001), 0.0),
    "L2": (L2(0.005), 0.0),
    "dropout": (None, 0.5),
}


def train(regularizer, dropout):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([Input((64,))])
    for _ in range(2):
        model.add(Dense(128, activation="relu", kernel_regularizer=regularizer))
        if dropout:
            model.add(Dropout(dropout))
    model.add(Dense(10, activation="softmax"))
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, model.fit(x_train, y_train, epochs=150, verbose=0, validation_data=(x_test, y_test))


figure, axes = plt.subplots(2, 4, figsize=(15, 7), layout="constrained")
accuracy, small = {}, {}
for (top, bottom), (name, case) in zip(axes.T, CASES.items(), strict=True):
    model, history = train(*case)
    kernel = model.layers[0].get_weights()[0]
    accuracy[name] = model.evaluate(x_test, y_test, verbose=0)[1]
    small[name] = float((np.abs(kernel) < 0.01).mean())
    print(f"{name:8} test accuracy {accuracy[name]:.1%}, training {history.history['accuracy'][-1]:.1%}, "
          f"{small[name]:.0%} of the first layer's weights below 0.01")  # fmt: skip
    keras.plot.history(history, "accuracy", ax=top)
    top.set(title=f"{name}: test accuracy {accuracy[name]:.1%}", ylim=(0.5, 1.02))
    bottom.hist(kernel.ravel(), bins=81, range=(-0.6, 0.6), color="#0072B2")
    bottom.set(title=f"weights of the first layer, {small[name]:.0%} near 0", yscale="log", ylim=(1, 8000))
figure.savefig("16_overfitting.png", dpi=100)

assert all(accuracy[name] > accuracy["nothing"] for name in ("L1", "L2", "dropout"))
assert small["L1"] > 0.5 > small["nothing"]
