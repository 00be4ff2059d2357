"""``scikeras.wrappers``: models as estimators of scikit-learn, as newer books have them; see ``fastnn.sklearn``."""

import numpy as np

from . import sklearn

__all__ = ["KerasClassifier", "KerasRegressor"]


class KerasClassifier(sklearn.KerasClassifier):
    """As in ``fastnn.sklearn``, but ``fit`` returns the estimator."""

    def fit(self, x, y, **kwargs):
        """Build a model and train it."""
        super().fit(x, y, **kwargs)
        return self


class KerasRegressor(sklearn.KerasRegressor):
    """As in ``fastnn.sklearn``, but ``fit`` returns the estimator, and ``score`` is the share of variance explained."""

    def fit(self, x, y, **kwargs):
        """Build a model and train it."""
        super().fit(x, y, **kwargs)
        return self

    def score(self, x, y, **kwargs):
        """1 - sum (y - p)^2 / sum (y - mean y)^2."""
        y = np.asarray(y, np.float64).reshape(len(x), -1)
        missed = np.square(y - np.asarray(self.predict(x, **kwargs)).reshape(y.shape)).sum(axis=0)
        return float(np.mean(1 - missed / np.square(y - y.mean(axis=0)).sum(axis=0)))
