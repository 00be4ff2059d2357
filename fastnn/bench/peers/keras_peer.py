"""Keras, over TensorFlow unless ``KERAS_BACKEND`` says otherwise: ``fit``, as a user calls it."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras


class Peer:
    def __init__(self, net, weights, data, threads, seed):
        if keras.backend.backend() == "tensorflow":
            import tensorflow

            tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
            tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
        keras.utils.set_random_seed(seed)
        self._net, self._data = net, data
        self._model = keras.Sequential([keras.Input(net.sizes[:1])])
        for units in net.sizes[1:-1]:
            self._model.add(keras.layers.Dense(units, net.activation))
            if net.dropout:
                self._model.add(keras.layers.Dropout(net.dropout))
        self._model.add(keras.layers.Dense(net.sizes[-1], "softmax"))
        self._model.set_weights(weights)
        optimizer = keras.optimizers.get(net.optimizer)
        optimizer.learning_rate = net.learning_rate
        self._model.compile(optimizer, "sparse_categorical_crossentropy")

    def train(self, epochs):
        """Train for some epochs."""
        x, labels = self._data[0]
        self._model.fit(x, labels, self._net.batch, epochs, verbose=0)

    def accuracy(self):
        """Share of the test rows that are told right."""
        x, labels = self._data[1]
        return float((self._model.predict(x, batch_size=1000, verbose=0).argmax(axis=1) == labels).mean())

    def predict(self, x):
        """Probabilities for some rows."""
        return self._model.predict(x, verbose=0)

    def describe(self):
        """Name, version, and what it runs on."""
        return f"Keras {keras.__version__} ({keras.backend.backend()})"
