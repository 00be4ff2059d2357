"""Old spellings: each works as the new one does, and warns once."""

import inspect
import warnings

import numpy as np
import pytest

import fastnn
from fastnn import legacy
from fastnn.backend import get_value, set_value
from fastnn.callbacks import Callback, EarlyStopping, ReduceLROnPlateau
from fastnn.layers import Dense, Dropout, Flatten

X = np.arange(12, dtype="float32").reshape(6, 2) / 10
Y = np.array([0, 1, 0, 1, 1, 0])


@pytest.fixture(autouse=True)
def nothing_warned_yet(monkeypatch):
    monkeypatch.setattr(legacy, "_warned", set())


def once(match, make):
    """Call twice; the first call warns, the second is silent. Returns what the first call gave."""
    with pytest.warns(DeprecationWarning, match=match) as caught:
        value = make()
    assert [w.filename for w in caught] == [__file__] * len(caught)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make()
    return value


def network(units=2, metrics=("accuracy",), **compiled):
    fastnn.utils.set_random_seed(5)
    activation = "softmax" if units > 1 else "sigmoid"
    model = fastnn.Sequential([Dense(4, activation="relu", input_dim=2), Dense(units, activation=activation)])
    loss = "sparse_categorical_crossentropy" if units > 1 else "binary_crossentropy"
    model.compile(**{"optimizer": "adam", "loss": loss, "metrics": list(metrics)} | compiled)
    return model


def test_arguments_of_layers():
    dense = once(r"Dense\(\w+=...\)", lambda: Dense(output_dim=3, init="zeros", bias=False, input_dim=2))
    assert (dense.units, dense.use_bias) == (3, False)
    dense.build((None, 2))
    assert not dense.get_weights()[0].any()
    assert once(r"Dropout\(p=...\) is an old spelling; write rate=...", lambda: Dropout(p=0.25)).rate == 0.25
    with pytest.raises(TypeError, match="Dropout got 'rate' twice: 'p' is its old name"):
        Dropout(0.5, p=0.25)
    with pytest.raises(TypeError, match="'units' twice"):
        Dense(units=2, output_dim=3)
    assert next(iter(inspect.signature(Dense).parameters)) == "units"


def test_spellings_that_are_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Dense(10, input_dim=8).given_input_shape == (8,)
        assert Dense(10, input_shape=(8,)).given_input_shape == (8,)
        assert Flatten(input_shape=(2, 3)).given_input_shape == (2, 3)
        model = network(metrics=(), optimizer=fastnn.optimizers.SGD(1))
        model.compile("sgd", "mse", metrics="accuracy")
        assert model.metrics_names == ["loss", "accuracy"]


def test_nb_epoch():
    history = once(r"fit\(nb_epoch=...\)", lambda: network().fit(X, Y, nb_epoch=3, verbose=0))
    assert history.epoch == [0, 1, 2]
    with pytest.raises(TypeError, match="fit got 'epochs' twice"):
        network().fit(X, Y, epochs=2, nb_epoch=3)


@pytest.mark.parametrize(("metric", "asked"), [("accuracy", "acc"), ("acc", "accuracy")])
def test_the_other_name_of_accuracy(metric, asked):
    history = network(metrics=[metric]).fit(X, Y, validation_split=0.5, epochs=2, verbose=0)
    assert set(history.history) == {"loss", "val_loss", metric, f"val_{metric}"}
    found = once(f"the log 'val_{asked}'", lambda: history.history[f"val_{asked}"])
    assert found is history.history[f"val_{metric}"]
    with pytest.raises(KeyError, match="'auc'"):
        _ = history.history["auc"]


@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau])
def test_callbacks_monitor_by_the_other_name(kind):
    callback = kind(monitor="val_acc", patience=1)
    with pytest.warns(DeprecationWarning, match="monitor='val_acc' is an old spelling; write monitor='val_accuracy'"):
        network().fit(X, Y, validation_split=0.5, epochs=2, verbose=0, callbacks=callback)
    assert callback.monitor == "val_accuracy"


def test_learning_rate_by_its_old_names():
    model = network(optimizer=once(r"SGD\(lr=...\)", lambda: fastnn.optimizers.SGD(lr=0.5)))
    once(r"optimizer\.lr ", lambda: set_value(model.optimizer.lr, 0.25))
    assert get_value(model.optimizer.learning_rate) == 0.25

    class Halve(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            set_value(self.model.optimizer.lr, get_value(self.model.optimizer.lr) / 2)

    model.fit(X, Y, epochs=3, verbose=0, callbacks=Halve())
    assert model.optimizer.learning_rate == 0.25 / 8


def test_predict_classes_and_proba():
    several, one = network(2), network(1)
    classes = once("predict_classes is an old", lambda: several.predict_classes(X))
    assert classes.tolist() == several.predict(X, verbose=0).argmax(axis=-1).tolist()
    assert set(classes) <= {0, 1}
    binary = one.predict_classes(X)
    assert binary.shape == (6, 1) and binary.dtype == "int32"
    assert binary.tolist() == (one.predict(X, verbose=0) > 0.5).tolist()
    assert (once("predict_proba", lambda: one.predict_proba(X)) == one.predict(X, verbose=0)).all()


def test_methods_for_generators():
    def endless():
        while True:
            yield X, Y

    new, old = network(), network()
    new.fit(endless(), steps_per_epoch=3, epochs=2, verbose=0, validation_data=endless(), validation_steps=1)
    fit = {"nb_epoch": 2, "validation_data": endless(), "validation_steps": 1, "verbose": 0, "workers": 4}
    with pytest.warns(DeprecationWarning, match="fit_generator") as caught:
        history = old.fit_generator(endless(), 3, **fit)
    assert sorted(str(w.message).split(" is ")[0] for w in caught) == ["fit_generator", "fit_generator(nb_epoch=...)"]
    assert all((a == b).all() for a, b in zip(new.get_weights(), old.get_weights(), strict=True))
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    evaluated = once("evaluate_generator", lambda: old.evaluate_generator(endless(), steps=2))
    assert evaluated == new.evaluate(endless(), steps=2, verbose=0)
    predicted = once("predict_generator", lambda: old.predict_generator(endless(), steps=2))
    assert (predicted == new.predict(np.concatenate([X, X]), verbose=0)).all()


def test_lists_as_data():
    model = fastnn.Sequential([Dense(1, input_dim=1)])
    model.compile(fastnn.optimizers.SGD(0.05), "mse")
    model.fit([1, 2, 3, 4], [0, -1, -2, -3], epochs=300, verbose=0)
    assert model.predict([5.0], verbose=0)[0, 0] == pytest.approx(-4, abs=0.1)


def test_tables_as_data():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": X[:, 0], "b": X[:, 1], "class": Y})
    plain, framed = network(), network()
    plain.fit(X, Y, epochs=2, verbose=0)
    framed.fit(table[["a", "b"]], table["class"], epochs=2, verbose=0)
    assert all((a == b).all() for a, b in zip(plain.get_weights(), framed.get_weights(), strict=True))
    assert (framed.predict(table[["a", "b"]], verbose=0) == plain.predict(X, verbose=0)).all()
    mixed = pandas.DataFrame({"a": [0.5, 1.5], "b": [True, False]})  # an object array, where NumPy converts it
    assert np.asarray(mixed).dtype == object
    assert plain.predict(mixed, verbose=0).tolist() == plain.predict([[0.5, 1], [1.5, 0]], verbose=0).tolist()
    hot = pandas.get_dummies(pandas.Series(["a", "b", "b", "a", "a", "b"]))
    model = network(loss="categorical_crossentropy")
    model.fit(table[["a", "b"]], hot, epochs=1, verbose=0)
    whole = pandas.DataFrame({"a": [1, 2], "b": pandas.array([3, 4], "Int64")})
    assert plain.predict(whole, verbose=0).tolist() == plain.predict([[1, 3], [2, 4]], verbose=0).tolist()
    with pytest.raises(ValueError, match="finite numbers"):
        plain.predict(pandas.DataFrame({"a": [0.5, None], "b": [True, False]}), verbose=0)
    with pytest.raises(TypeError, match="expected an array of numbers"):
        plain.predict(pandas.DataFrame({"a": [0.5], "b": ["text"]}), verbose=0)
