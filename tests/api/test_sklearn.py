"""``KerasClassifier`` and ``KerasRegressor`` under scikit-learn's own tools."""

import subprocess
import sys

import numpy as np
import pytest

import fastnn
from fastnn.datasets import iris
from fastnn.layers import Dense
from fastnn.sklearn import KerasClassifier, KerasRegressor


def classifier(units=8, loss="sparse_categorical_crossentropy", metrics=("accuracy",), optimizer="adam"):
    model = fastnn.Sequential([Dense(units, activation="relu", input_dim=4), Dense(3, activation="softmax")])
    model.compile(optimizer, loss, metrics=list(metrics))
    return model


def regressor():
    model = fastnn.Sequential([Dense(8, activation="relu", input_dim=3), Dense(1)])
    model.compile(fastnn.optimizers.Adam(0.02), "mse")
    return model


@pytest.fixture(scope="module")
def flowers():
    (x, y), _ = iris.load_data(test_split=0)
    return x, y


@pytest.fixture(scope="module")
def numbers():
    x = np.random.default_rng(1).normal(size=(120, 3)).astype("float32")
    return x, x @ [1.0, -2.0, 0.5] + 3


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_classes_of_any_kind(flowers, loss):
    x, y = flowers
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    estimator = KerasClassifier(build_fn=classifier, loss=loss, epochs=60, batch_size=8, verbose=0)
    history = estimator.fit(x, names)
    assert len(history.history["loss"]) == 60
    assert set(estimator.predict(x)) == {"setosa", "versicolor", "virginica"}
    assert (estimator.predict(x) == names).mean() > 0.9
    assert estimator.score(x, names) == pytest.approx((estimator.predict(x) == names).mean())
    assert estimator.predict_proba(x).shape == (150, 3)


def test_one_hot_rows(flowers):
    x, y = flowers
    hot = fastnn.utils.to_categorical(y)
    estimator = KerasClassifier(model=classifier, model__loss="categorical_crossentropy", epochs=5, verbose=0)
    estimator.fit(x, hot)
    assert estimator.predict(x).shape == (150,)
    assert 0 <= estimator.score(x, hot) <= 1


def test_one_output(flowers):
    x, y = flowers

    def build():
        model = fastnn.Sequential([Dense(1, activation="sigmoid", input_dim=4)])
        model.compile(fastnn.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
        return model

    estimator = KerasClassifier(build, epochs=40, verbose=0)
    estimator.fit(x, y == 0)
    assert estimator.predict(x).tolist() == (y == 0).tolist()
    assert estimator.predict_proba(x).sum(axis=1) == pytest.approx(np.ones(150), rel=1e-6)


def test_cross_validation_grid_search_and_pipeline(flowers):
    pytest.importorskip("sklearn")
    from sklearn.base import clone, is_classifier
    from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict, cross_val_score
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = flowers
    estimator = KerasClassifier(build_fn=classifier, epochs=30, batch_size=8, verbose=0)
    assert is_classifier(estimator)
    copy = clone(estimator)
    assert copy.get_params() == estimator.get_params() and copy is not estimator
    scores = cross_val_score(estimator, x, y, cv=StratifiedKFold(3, shuffle=True, random_state=1))
    assert scores.shape == (3,) and scores.min() > 0.5  # a third would be chance
    search = GridSearchCV(estimator, {"units": [1, 16], "epochs": [2, 40]}, cv=3)
    search.fit(x, y)
    assert search.best_params_ == {"epochs": 40, "units": 16}
    pipeline = Pipeline([("scale", StandardScaler()), ("net", clone(estimator))])
    pipeline.fit(x, y)
    assert pipeline.score(x, y) > 0.8
    assert cross_val_predict(estimator, x, y, cv=3, method="predict_proba").shape == (150, 3)


def test_regression(numbers, monkeypatch):
    pytest.importorskip("sklearn")
    from sklearn.base import is_regressor
    from sklearn.model_selection import cross_val_score

    x, y = numbers
    monkeypatch.setattr(fastnn.legacy, "_warned", set())
    with pytest.warns(DeprecationWarning, match="nb_epoch"):
        estimator = KerasRegressor(build_fn=regressor, nb_epoch=60, batch_size=10, verbose=0)
    assert is_regressor(estimator)
    assert len(estimator.fit(x, y).epoch) == 60
    assert estimator.predict(x).shape == y.shape
    assert estimator.score(x, y) == pytest.approx(-np.mean((estimator.predict(x) - y) ** 2), rel=1e-5)
    scores = cross_val_score(estimator, x, y, cv=3, scoring="neg_mean_squared_error")
    assert (scores > -0.5).all()


def test_arguments():
    with pytest.raises(TypeError, match=r"takes 'unit'; they take .*units"):
        KerasClassifier(build_fn=classifier, unit=3)
    with pytest.raises(TypeError, match="build_fn must be a function"):
        KerasClassifier(build_fn=3)
    estimator = KerasClassifier(build_fn=classifier, units=3)
    with pytest.raises(ValueError, match="call fit first"):
        estimator.predict([[1, 2, 3, 4]])
    with pytest.raises(TypeError, match="epoch"):
        estimator.set_params(epoch=3)
    assert estimator.set_params(epochs=3).get_params() == {"build_fn": classifier, "units": 3, "epochs": 3}
    assert repr(estimator).startswith("KerasClassifier(build_fn=<function classifier")


def test_score_needs_accuracy(flowers):
    x, y = flowers
    estimator = KerasClassifier(build_fn=classifier, metrics=(), verbose=0)
    estimator.fit(x, y)
    with pytest.raises(ValueError, match="measures accuracy"):
        estimator.score(x, y)


def test_importing_it_does_not_import_scikit_learn():
    text = "import sys, fastnn.sklearn; print('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], capture_output=True, text=True).stdout == "False\n"
