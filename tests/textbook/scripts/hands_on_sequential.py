# To support both python 2 and python 3
from __future__ import division, print_function, unicode_literals

# Common imports
import os

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras

assert tf.__version__ >= "2.0"
mpl.rc('axes', labelsize=14)
np.random.seed(42)
tf.random.set_seed(42)

(X_train_full, y_train_full), (X_test, y_test) = keras.datasets.mnist.load_data()
X_train_full, y_train_full, X_test, y_test = X_train_full[:7000], y_train_full[:7000], X_test[:2000], y_test[:2000]
print(X_train_full.shape, X_train_full.dtype)
X_valid, X_train = X_train_full[:1000] / 255., X_train_full[1000:] / 255.
y_valid, y_train = y_train_full[:1000], y_train_full[1000:]
X_test = X_test / 255.
class_names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
print(class_names[y_train[0]])

model = keras.models.Sequential()
model.add(keras.layers.Flatten(input_shape=[28, 28]))
model.add(keras.layers.Dense(300, activation="relu"))
model.add(keras.layers.Dense(100, activation="relu"))
model.add(keras.layers.Dense(10, activation="softmax"))

keras.backend.clear_session()
np.random.seed(42)
tf.random.set_seed(42)

model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    keras.layers.Dense(300, activation="relu"),
    keras.layers.Dense(100, activation="relu"),
    keras.layers.Dense(10, activation="softmax")
])
print(model.layers)
model.summary()
try:
    keras.utils.plot_model(model, "my_fashion_mnist_model.png", show_shapes=True)
except ImportError as error:  # Keras needs pydot
    print(error)
hidden1 = model.layers[1]
print("name:", hidden1.name)
print("same: %d" % (model.get_layer(hidden1.name) is hidden1 and model.get_layer('dense') is hidden1))
weights, biases = hidden1.get_weights()
print(weights.shape, biases.shape)
print("biases: %.1f" % np.abs(biases).sum())

model.compile(loss="sparse_categorical_crossentropy",
              optimizer="sgd",
              metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=4,
                    validation_data=(X_valid, y_valid))
print(history.params)
print(history.epoch)
print(history.history.keys())

pd.DataFrame(history.history).plot(figsize=(8, 5))
plt.grid(True)
plt.gca().set_ylim(0, 1)
plt.savefig("keras_learning_curves_plot.png")
plt.show()

test_loss, test_accuracy = model.evaluate(X_test, y_test)
print("accuracy: %.4f" % test_accuracy)
X_new = X_test[:3]
y_proba = model.predict(X_new)
print("probabilities:", y_proba.round(2).shape)
y_pred = np.argmax(model.predict(X_new), axis=-1)
print(np.array(class_names)[y_pred])
print("first: %d" % y_pred[0])
