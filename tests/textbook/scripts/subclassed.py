"""A model as a class of one's own."""
import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(11)


class Net(tf.keras.Model):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.hidden1 = tf.keras.layers.Dense(units, activation="relu")
        self.hidden2 = tf.keras.layers.Dense(units, activation="relu")
        self.out = tf.keras.layers.Dense(1)

    def call(self, inputs):
        x = self.hidden1(inputs)
        x = self.hidden2(x)
        return self.out(x)


data = np.loadtxt("housing.csv").astype("float32")
x, y = data[:, :13], data[:, 13]
x = (x - x.mean(axis=0)) / x.std(axis=0)
model = Net()
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
model.fit(x[:400], y[:400], epochs=40, batch_size=16, verbose=0)
print("mae: %.4f" % model.evaluate(x[400:], y[400:], verbose=0)[1])
print("weights: %d" % len(model.weights))
