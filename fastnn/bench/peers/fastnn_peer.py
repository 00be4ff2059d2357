"""fastnn: ``fit``, as a user calls it."""

import fastnn
from fastnn.backends.native import choose_level

from ..nets import make_trainer


class Peer:
    def __init__(self, net, weights, data, threads, seed):
        self._net, self._data = net, data
        self._trainer = make_trainer(net, seed, threads)
        self._trainer.model.set_weights(weights)

    def train(self, epochs):
        """Train for some epochs."""
        x, labels = self._data[0]
        self._trainer.fit(x, labels, self._net.batch, epochs, verbose=0)

    def accuracy(self):
        """Share of the test rows that are told right."""
        x, labels = self._data[1]
        return float((self._trainer.predict(x, verbose=0).argmax(axis=1) == labels).mean())

    def predict(self, x):
        """Probabilities for some rows."""
        return self._trainer.model.predict(x, verbose=0)

    def describe(self):
        """Name, version, and what it runs on."""
        return f"fastnn {fastnn.__version__} ({choose_level()})"
