"""Layers of one's own in models that are told no shape, and variables as weights: as books and guides write them."""

import numpy as np
import tensorflow as tf
import keras
from keras import ops

keras.utils.set_random_seed(2)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[:6000].reshape(-1, 784).astype("float32") / 255
x_test = x_test[:2000].reshape(-1, 784).astype("float32") / 255
y_train, y_test = y_train[:6000], y_test[:2000]


class SimpleDense(keras.layers.Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units = units
        self.activation = activation

    def build(self, input_shape):
        batch_dim, input_dim = input_shape
        self.W = self.add_weight(shape=(input_dim, self.units), initializer="random_normal")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        y = ops.matmul(inputs, self.W) + self.b
        if self.activation is not None:
            y = self.activation(y)
        return y


my_dense = SimpleDense(units=32, activation=ops.relu)
print("columns:", my_dense(ops.ones((2, 784))).shape[1])
model = keras.Sequential(
    [SimpleDense(32, activation=ops.relu), SimpleDense(64, activation=ops.relu), SimpleDense(10, activation=ops.softmax)]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=4, batch_size=64, verbose=2)
print("simple:", model.evaluate(x_test, y_test, verbose=0)[1])


class Linear(keras.layers.Layer):
    def __init__(self, units=32, input_dim=32):
        super().__init__()
        self.w = keras.Variable(np.random.normal(0, 0.05, (input_dim, units)).astype("float32"))
        self.b = keras.Variable(initializer="zeros", shape=(units,))

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b


model = keras.Sequential([Linear(32, 784), keras.layers.ReLU(), Linear(10, 32), keras.layers.Softmax()])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=4, batch_size=64, verbose=2)
print("linear:", model.evaluate(x_test, y_test, verbose=0)[1])
print("weights:", len(model.trainable_weights))

v = keras.Variable(initializer=keras.random.normal(shape=(3, 1)))
v.assign(ops.ones((3, 1)))
v.assign_add(ops.ones((3, 1)))
print("twos:", float(ops.sum(v)))
w = tf.Variable([[1.0], [2.0]])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.square(w))
print("gradient:", float(tape.gradient(loss, w)[1, 0]))
