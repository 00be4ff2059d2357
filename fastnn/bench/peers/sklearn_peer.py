"""scikit-learn: ``MLPClassifier``, ``partial_fit`` an epoch at a time."""

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier


class Peer:
    def __init__(self, net, weights, data, threads, seed):
        self._data = data
        self._model = MLPClassifier(
            net.sizes[1:-1],
            "logistic" if net.activation == "sigmoid" else "relu",
            solver=net.optimizer,
            alpha=0.0,
            batch_size=min(net.batch, len(data[0][0])),
            learning_rate_init=net.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            epsilon=1e-7,
            random_state=seed,
        )
        classes = np.arange(net.sizes[-1])
        few = [np.flatnonzero(data[0][1] == label)[0] for label in classes]
        self._model.set_params(batch_size=len(few))
        self._model.partial_fit(data[0][0][few], data[0][1][few], classes=classes)  # makes the arrays
        self._model.set_params(batch_size=min(net.batch, len(data[0][0])))
        optimizer = self._model._optimizer
        for old, new in zip(
            self._model.coefs_ + self._model.intercepts_, weights[::2] + weights[1::2], strict=True
        ):
            old[...] = new
        if net.optimizer == "adam":
            optimizer.t = 0
            for slot in (*optimizer.ms, *optimizer.vs):
                slot[...] = 0

    def train(self, epochs):
        """Train for some epochs."""
        for _ in range(epochs):
            self._model.partial_fit(*self._data[0])

    def accuracy(self):
        """Share of the test rows that are told right."""
        return float(self._model.score(*self._data[1]))

    def predict(self, x):
        """Probabilities for some rows."""
        return self._model.predict_proba(x)

    def describe(self):
        """Name, version, and what it runs on."""
        return f"scikit-learn {sklearn.__version__}"
