"""A layer of one's own in NumPy, and how to check its gradient.

The layer is Swish with a learnt slope: y = x * sigmoid(beta * x), one beta for each feature. By the chain rule, with
s = sigmoid(beta * x) and s' = s * (1 - s):

    dL/dx    = dy * (s + beta * x * s')
    dL/dbeta = sum over the rows of dy * x² * s'

Whoever writes such lines should check them: change one number a little, and see how the loss changes. A second layer
has a plausible mistake in it, which the check finds and training would not: it only trains worse.

Run it: python 20_own_layer.py        (writes 20_own_layer.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.datasets import digits
from fastnn.layers import Dense, Input, Layer
from fastnn.testing import numerical_gradient


class Swish(Layer):
    def build(self, input_shape):
        self.beta = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="beta")

    def forward(self, x, training=False):
        self.x, self.b = x, self.beta.numpy()
        self.s = 1 / (1 + np.exp(-self.b * x))
        return x * self.s

    def backward(self, dy):
        slope = self.s * (1 - self.s)
        self.gradients = {"beta": (dy * self.x**2 * slope).sum(axis=0)}
        return dy * (self.s + self.b * self.x * slope)


class Forgetful(Swish):
    """The second term of the product rule is forgotten."""

    def backward(self, dy):
        super().backward(dy)
        return dy * self.s


def check(layer):
    """Largest difference of ``backward`` from the slope of L = sum(y * dy), measured in float64."""
    random = np.random.default_rng(0)
    x, dy = random.normal(size=(5, 3)), random.normal(size=(5, 3))
    layer.build((None, 3))
    layer.set_weights([random.normal(size=3)])
    layer.forward(x, training=True)
    dx = layer.backward(dy)

    def loss_of_beta(beta):
        layer.set_weights([beta])
        return (layer.forward(x) * dy).sum()

    beta, dbeta = layer.get_weights()[0], layer.gradients["beta"]
    by_x = numerical_gradient(lambda x: (layer.forward(x) * dy).sum(), x)
    by_beta = numerical_gradient(loss_of_beta, beta)
    return np.abs(dx - by_x).max(), np.abs(dbeta - by_beta).max()


keras.config.set_floatx("float64")
errors = {cls.__name__: check(cls()) for cls in (Swish, Forgetful)}
for name, (by_x, by_beta) in errors.items():
    print(f"{name:10} largest error of dL/dx {by_x:.1e}, of dL/dbeta {by_beta:.1e}")
assert max(errors["Swish"]) < 1e-8 < 0.1 < errors["Forgetful"][0]

keras.config.set_floatx("float32")
(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, x_test = (x.reshape(-1, 64).astype("float32") / 16 for x in (x_train, x_test))
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained")
for cls in (Swish, Forgetful):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([Input((64,)), Dense(32), cls(), Dense(32), cls(), Dense(10, activation="softmax")])
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x_train, y_train, epochs=15, verbose=0, validation_data=(x_test, y_test))
    print(f"{cls.__name__:10} test accuracy {model.evaluate(x_test, y_test, verbose=0)[1]:.1%}")
    keras.plot.history(history, ax=left, label=cls.__name__)
    if cls is Swish:
        assert history.history["val_accuracy"][-1] > 0.9
        for number in (1, 3):
            right.hist(model.layers[number].get_weights()[0], bins=20, alpha=0.7, label=f"layer {number}")
right.set(title="the learnt beta of each feature; all began as 1", xlabel="beta")
right.legend()
left.set_yscale("log")
figure.savefig("20_own_layer.png", dpi=100)
