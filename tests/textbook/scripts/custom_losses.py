"""Losses, regularizers, constraints and initializers of one's own, and files with them."""
import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(42)
data = np.loadtxt("housing.csv").astype(np.float32)
X, y = data[:, :13], data[:, 13:]
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = (y - y.mean()) / y.std()
X_train, y_train, X_valid, y_valid = X[:400], y[:400], X[400:], y[400:]
input_shape = X.shape[1:]


def build(**last):
    return keras.models.Sequential([
        keras.layers.Dense(30, activation="selu", kernel_initializer="lecun_normal", input_shape=input_shape),
        keras.layers.Dense(1, **last),
    ])


def create_huber(threshold=1.0):
    def huber_fn(y_true, y_pred):
        error = y_true - y_pred
        is_small_error = tf.abs(error) < threshold
        squared_loss = tf.square(error) / 2
        linear_loss = threshold * tf.abs(error) - threshold**2 / 2
        return tf.where(is_small_error, squared_loss, linear_loss)

    return huber_fn


class HuberLoss(keras.losses.Loss):
    def __init__(self, threshold=1.0, **kwargs):
        self.threshold = threshold
        super().__init__(**kwargs)

    def call(self, y_true, y_pred):
        error = y_true - y_pred
        is_small_error = tf.abs(error) < self.threshold
        squared_loss = tf.square(error) / 2
        linear_loss = self.threshold * tf.abs(error) - self.threshold**2 / 2
        return tf.where(is_small_error, squared_loss, linear_loss)

    def get_config(self):
        base_config = super().get_config()
        return {**base_config, "threshold": self.threshold}


def root_mean_squared_error(y_true, y_pred):
    return tf.sqrt(tf.reduce_mean(tf.square(y_pred - y_true)))


for name, loss in (("function", create_huber(2.0)), ("class", HuberLoss(2.0)), ("known", keras.losses.Huber(2.0)), ("root", root_mean_squared_error)):
    keras.utils.set_random_seed(42)
    model = build()
    model.compile(loss=loss, optimizer="nadam", metrics=["mae"])
    model.fit(X_train, y_train, epochs=20, shuffle=False, verbose=0)
    print("%s: %.4f" % (name, model.evaluate(X_valid, y_valid, verbose=0)[1]))
    if name == "class":
        print("threshold: %.1f" % model.loss.threshold)


def my_glorot_initializer(shape, dtype=tf.float32):
    stddev = tf.sqrt(2.0 / (shape[0] + shape[1]))
    return tf.random.normal(shape, stddev=stddev, dtype=dtype)


def my_l1_regularizer(weights):
    return tf.reduce_sum(tf.abs(0.01 * weights))


def my_positive_weights(weights):
    return tf.where(weights < 0.0, tf.zeros_like(weights), weights)


model = build(kernel_regularizer=my_l1_regularizer, kernel_constraint=my_positive_weights, kernel_initializer=my_glorot_initializer)
model.compile(loss="mse", optimizer="nadam", metrics=["mse"])
history = model.fit(X_train, y_train, epochs=20, verbose=0).history
kernel = model.layers[1].get_weights()[0]
print("lowest: %.4f" % kernel.min())
loss, mse = model.evaluate(X_valid, y_valid, verbose=0)
print("penalty: %.5f" % (loss - mse - 0.01 * np.abs(kernel).sum()))
print("mse: %.4f" % mse)
