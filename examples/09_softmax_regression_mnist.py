"""Softmax regression on MNIST: ten linear units, one for each digit, and no hidden layer.

The weights of a unit are an image of what it looks for: the figure shows where ink speaks for a digit (blue) and where
against it (red). About 92% of the test images is all that a linear model reaches.

Run it: python 09_softmax_regression_mnist.py        (writes 09_softmax_regression_mnist.png)
"""

import matplotlib.pyplot as plt

import fastnn as keras
from fastnn.datasets import mnist
from fastnn.layers import Dense, Input

(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255

keras.utils.set_random_seed(1)
model = keras.Sequential([Input((784,)), Dense(10, activation="softmax")])
model.compile(optimizer=keras.optimizers.SGD(0.5), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(x_train, y_train, batch_size=128, epochs=10, verbose=2, validation_data=(x_test, y_test))

_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"test accuracy: {accuracy:.2%}")

figure = plt.figure(figsize=(13, 9), layout="constrained")
top, bottom = figure.subfigures(2, 1, height_ratios=(5, 4))
left, right = top.subplots(1, 2)
keras.plot.history(history, ax=left)
keras.plot.confusion_matrix(y_test, model.predict(x_test, verbose=0), ax=right)
digits = bottom.subplots()
keras.plot.weights(model.layers[0], names=range(10), columns=5, ax=digits)
digits.set_title("what each unit looks for")
figure.savefig("09_softmax_regression_mnist.png", dpi=100)
assert accuracy > 0.915
