"""Metrics of one's own, as functions and as a class, and metrics called on their own."""
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K

keras.utils.set_random_seed(7)
data = np.loadtxt("housing.csv").astype(np.float32)
X, y = data[:, :13], data[:, 13:]
X = (X - X.mean(axis=0)) / X.std(axis=0)


def huber_fn(y_true, y_pred):
    error = y_true - y_pred
    return tf.where(tf.abs(error) < 2, tf.square(error) / 2, 2 * tf.abs(error) - 2)


class HuberMetric(keras.metrics.Metric):
    def __init__(self, name="huber", **kwargs):
        super().__init__(name=name, **kwargs)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        metric = huber_fn(y_true, y_pred)
        self.total.assign_add(tf.reduce_sum(metric))
        self.count.assign_add(tf.cast(tf.size(y_true), tf.float32))

    def result(self):
        return self.total / self.count


def rmse(y_true, y_pred):
    return tf.sqrt(tf.reduce_mean(tf.square(y_pred - y_true)))


def mean_pred(y_true, y_pred):
    return tf.reduce_mean(y_pred)


precision = keras.metrics.Precision()
print(precision([0, 1, 1, 1, 0, 1, 0, 1], [1, 1, 0, 1, 0, 1, 0, 1]))
print(precision([0, 1, 0, 0, 1, 0, 1, 1], [1, 0, 1, 1, 0, 0, 0, 0]))
print("precision: %.4f" % precision.result())
own = HuberMetric()
own.update_state(tf.constant([[2.0]]), tf.constant([[10.0]]))
own.update_state(tf.constant([[0.0], [5.0]]), tf.constant([[1.0], [9.25]]))
print("own: %.4f" % own.result())
own.reset_state()
model = keras.Sequential([keras.Input((13,)), keras.layers.Dense(30, activation="relu"), keras.layers.Dense(1)])
model.compile(loss=huber_fn, optimizer="nadam", metrics=[HuberMetric(), huber_fn, rmse, mean_pred, "mae"])
history = model.fit(X, y, epochs=30, batch_size=22, verbose=0)
print(sorted(history.history.keys()))
loss, huber, function, root, mean, mae = model.evaluate(X, y, batch_size=22, verbose=0)
print("same: %d" % (abs(loss - huber) < 1e-3 * loss and abs(loss - function) < 1e-3 * loss))
print("mean: %.3f" % (mean - model.predict(X, verbose=0).mean()))
print("mae: %.4f" % mae)
