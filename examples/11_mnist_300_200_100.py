"""MNIST with a 784-300-200-100-10 net: named layers, min-max scaling, 5,000 random rows for validation.

Min-max scaling maps the smallest value of the training data to 0 and the largest to 1: (x - min) / (max - min). The
minimum and maximum are those of the training rows alone; the test images are scaled by the same two numbers. Rows for
validation are drawn at random and never trained on: they tell when more training no longer helps.

Run it: python 11_mnist_300_200_100.py        (writes 11_mnist_300_200_100.png)
"""

import matplotlib.pyplot as plt
import numpy as np

import fastnn as keras
from fastnn.datasets import mnist
from fastnn.layers import Dense, Flatten, Input

(x_train, y_train), (x_test, y_test) = mnist.load_data()

order = np.random.default_rng(1234).permutation(len(x_train))
x_valid, y_valid = x_train[order[:5000]], y_train[order[:5000]]
x_train, y_train = x_train[order[5000:]], y_train[order[5000:]]

low, high = x_train.min(), x_train.max()  # 0 and 255
x_train, x_valid, x_test = ((x.astype("float32") - low) / (high - low) for x in (x_train, x_valid, x_test))

keras.utils.set_random_seed(1)
model = keras.Sequential(name="mnist_dense")
model.add(Input((28, 28)))
model.add(Flatten(name="image"))
model.add(Dense(300, activation="relu", name="Hidden1"))
model.add(Dense(200, activation="relu", name="Hidden2"))
model.add(Dense(100, activation="relu", name="Hidden3"))
model.add(Dense(10, activation="softmax", name="Output"))
model.summary()
assert model.count_params() == 784 * 300 + 300 + 300 * 200 + 200 + 200 * 100 + 100 + 100 * 10 + 10

model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=100, epochs=6, validation_data=(x_valid, y_valid), verbose=2)
_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"test accuracy: {accuracy:.2%}; weights of {model.get_layer('Hidden2').name}: "
      f"{[w.shape for w in model.get_layer('Hidden2').get_weights()]}")  # fmt: skip

figure, (left, right) = plt.subplots(1, 2, figsize=(14, 5), layout="constrained", width_ratios=(2, 3))
keras.plot.history(history, ax=left)
left.set_title("55,000 rows to train on, 5,000 to validate")
keras.plot.weights(model.get_layer("Hidden1"), count=40, columns=10, ax=right)
right.set_title("Hidden1: the 40 units with the largest weights")
figure.savefig("11_mnist_300_200_100.png", dpi=100)
assert accuracy > 0.97
