"""Nets of sigmoid units with the quadratic cost and with the cross entropy, after Nielsen's third chapter."""
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers, regularizers
from tensorflow.keras.initializers import RandomNormal
from tensorflow.keras.optimizers import SGD

keras.utils.set_random_seed(12)


def load_data_wrapper():
    (x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
    flat = [np.reshape(rows, (len(rows), 784)).astype("float32") / 255 for rows in (x[:5000], x[50000:52000], x_test)]
    return (flat[0], vectorized(y[:5000])), (flat[1], y[50000:52000]), (flat[2], y_test)


def vectorized(labels):
    e = np.zeros((len(labels), 10))
    e[np.arange(len(labels)), labels] = 1.0
    return e


training_data, validation_data, test_data = load_data_wrapper()


def network(sizes, loss, stddev=None, lmbda=0.0):
    model = keras.Sequential(name="network")
    model.add(keras.Input(shape=(sizes[0],)))
    for rows, n in zip(sizes[:-1], sizes[1:]):
        model.add(layers.Dense(
            n, activation="sigmoid",
            kernel_initializer=RandomNormal(stddev=stddev or 1 / np.sqrt(rows)),
            bias_initializer=RandomNormal(stddev=1.0),
            kernel_regularizer=regularizers.l2(lmbda / 2 / 5000) if lmbda else None,
        ))
    model.compile(optimizer=SGD(learning_rate=3.0 if loss == "mse" else 0.5), loss=loss, metrics=["accuracy"])
    return model


for name, options in {
    "quadratic": {"loss": "mse", "stddev": 1.0},
    "cross-entropy": {"loss": "binary_crossentropy", "stddev": 1.0},
    "smaller weights": {"loss": "binary_crossentropy"},
    "regularized": {"loss": "binary_crossentropy", "lmbda": 5.0},
}.items():
    net = network([784, 30, 10], **options)
    history = net.fit(*training_data, epochs=6, batch_size=10, verbose=0)
    a = net.predict(test_data[0], verbose=0)
    hits = int((np.argmax(a, axis=1) == test_data[1]).sum())
    print("{}: {:.4f}".format(name, hits / len(test_data[1])))
    print("Epoch {0}: {1} / {2}".format(5, hits, len(test_data[1])))
