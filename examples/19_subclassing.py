"""Three ways to build one net: Sequential, functional, and a subclass of Model.

A list of layers is enough for most nets. The functional way writes the net as an expression, so that paths may branch
and meet again. A subclass says in ``call`` what happens to the input; fastnn runs ``call`` once, with a stand-in for
the data, and compiles what it saw to the same program as the other two: they train to the same weights, bit for bit.
The last net has a shortcut around its hidden layers, which a list cannot say.

Run it: python 19_subclassing.py        (writes 19_subclassing.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.datasets import digits
from fastnn.layers import Concatenate, Dense, Input

(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, x_test = (x.reshape(-1, 64).astype("float32") / 16 for x in (x_train, x_test))


def sequential():
    return keras.Sequential([Input((64,)), Dense(32, activation="relu"), Dense(10, activation="softmax")])


def functional():
    x = Input((64,))
    return keras.Model(x, Dense(10, activation="softmax")(Dense(32, activation="relu")(x)))


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = Dense(32, activation="relu")
        self.digit = Dense(10, activation="softmax")

    def call(self, x):
        return self.digit(self.hidden(x))


class WideAndDeep(keras.Model):
    """The last layer sees what two hidden layers make of the image, and the image itself."""

    def __init__(self):
        super().__init__()
        self.hidden1 = Dense(32, activation="relu")
        self.hidden2 = Dense(32, activation="relu")
        self.join = Concatenate()
        self.digit = Dense(10, activation="softmax")

    def call(self, x):
        return self.digit(self.join([x, self.hidden2(self.hidden1(x))]))


figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
weights = {}
NETS = {"Sequential": sequential, "functional": functional, "subclass": Net, "shortcut": WideAndDeep}
for name, build in NETS.items():
    keras.utils.set_random_seed(1)
    model = build()
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x_train, y_train, epochs=20, verbose=0, validation_data=(x_test, y_test))
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"{name:11} {model.count_params():,} parameters, test accuracy {accuracy:.1%}")
    weights[name] = model.get_weights()
    if name in ("subclass", "shortcut"):
        keras.plot.history(history, ax=ax, label=name)
    assert accuracy > 0.9
model.summary()
figure.savefig("19_subclassing.png", dpi=100)

for name in ("functional", "subclass"):
    assert all(np.array_equal(a, b) for a, b in zip(weights["Sequential"], weights[name], strict=True))
print("Sequential, functional and subclass: the same weights, bit for bit")
