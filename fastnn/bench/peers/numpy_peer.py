"""NumPy: :mod:`fastnn.bench.numpy_twin`."""

import numpy as np

from ..numpy_twin import NumpyTwin, numpys_masks


class Peer:
    def __init__(self, net, weights, data, threads, seed):
        self._data = data
        self._twin = NumpyTwin(net, weights, numpys_masks(seed))
        self._generator = np.random.default_rng(seed)

    def train(self, epochs):
        """Train for some epochs."""
        x, labels = self._data[0]
        for _ in range(epochs):
            self._twin.train(x, labels, self._generator.permutation(len(x)))

    def accuracy(self):
        """Share of the test rows that are told right."""
        return self._twin.accuracy(*self._data[1])

    def predict(self, x):
        """Probabilities for some rows."""
        return self._twin.predict(x)

    def describe(self):
        """Name, version, and what it runs on."""
        return f"NumPy {np.__version__}"
