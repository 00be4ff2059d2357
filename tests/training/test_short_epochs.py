"""Short epochs that nobody watches run many to a native call: with the numbers of one epoch after the other."""

import warnings

import numpy as np
import pytest

import fastnn as keras
from fastnn import random
from fastnn._native import core
from fastnn.backends import get_backend
from fastnn.callbacks import Callback, History
from fastnn.session import Session
from fastnn.trainer import Trainer

EPOCHS = 60


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 120, 1001, 70_000])
def test_orders_are_numpys(count):
    for key in (0, 1, 2**128 - 1, random.philox_key("shuffle", count)):
        order = np.full(count, -1)
        core.permute(order, key % 2**64, key >> 64)
        np.testing.assert_array_equal(order, random.generator(key).permutation(count))
        np.testing.assert_array_equal(random.permutation(key, count), order)


def test_keys_of_many_epochs():
    keys = random.philox_keys(2**127 + 1, "shuffle", numbers=range(998, 1003))
    expected = [random.philox_key(2**127 + 1, "shuffle", number) for number in range(998, 1003)]
    assert [int(high) << 64 | int(low) for low, high in keys] == expected


@pytest.fixture
def calls(monkeypatch):
    """Numbers of epochs of the calls for several of them."""
    seen, original = [], Session.train_epochs

    def train_epochs(self, x, y, count, *arguments, **options):
        seen.append(count)
        return original(self, x, y, count, *arguments, **options)

    monkeypatch.setattr(Session, "train_epochs", train_epochs)
    return seen


def make(backend="native", learning_rate=0.01, **options):
    keras.utils.set_random_seed(5)
    hidden = keras.layers.Dense(7, "relu", name="first")
    model = keras.Sequential(
        [keras.Input((4,)), hidden, keras.layers.Dropout(0.1), keras.layers.Dense(3, "softmax")]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    return Trainer(model, optimizer, "sparse_categorical_crossentropy", backend=get_backend(backend), seed=9, **options)


def data():
    generator = np.random.default_rng(1)
    return generator.standard_normal((33, 4)).astype(np.float32), np.arange(33) % 3


def results(trainer, watched, fits=2, epochs=EPOCHS, **options):
    """Logs of all epochs, weights, and where the trainer then stands."""
    history, (x, y) = History(), data()
    callbacks = [history, Callback()] if watched else [history]
    for _ in range(fits):
        trainer.fit(x, y, epochs=epochs, verbose=0, callbacks=callbacks, **options)
    state = (trainer.epochs_started, trainer.order_epoch, trainer.position.epoch, history.epoch)
    return dict(history.history), trainer.model.get_weights(), state


def check(make_trainer, calls, runs_ahead=True, **options):
    expected = results(make_trainer(), True, **options)
    assert not calls
    got = results(make_trainer(), False, **options)
    assert bool(calls) == runs_ahead and (not runs_ahead or max(calls) > 3)
    assert got[0] == expected[0] and got[2] == expected[2]
    assert len(got[0]["loss"]) == options.get("fits", 2) * options.get("epochs", EPOCHS)
    for one, other in zip(expected[1], got[1], strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("batch_size", [1, 5, 11, 33, 64])
def test_the_same_numbers(batch_size, calls):
    check(make, calls, batch_size=batch_size)


@pytest.mark.parametrize("backend", ["reference", "step"])
def test_other_backends(backend):
    expected, got = (results(make(backend), watched, batch_size=33, epochs=12) for watched in (True, False))
    assert got[0] == expected[0] and got[2] == expected[2]
    trainer, (x, y) = make(backend), data()
    trainer.fit(x, y, 11, 1, verbose=0)
    keys, rates = random.philox_keys(3, numbers=range(2)), np.full(6, 0.01)
    for given in (keys, None):
        totals, bad = trainer._session.train_epochs(x, y.astype(np.int32), 2, given, 11, rates)
        assert totals.shape == (2, 1) and bad == -1 and np.all(totals > 0)
    assert trainer._session.executable.step == 15


@pytest.mark.parametrize(
    "options",
    [
        {"shuffle": False},
        {"sample_weight": np.linspace(0.5, 2, 33)},
        {"class_weight": {0: 2.0, 1: 0.5}},
        {"initial_epoch": 7},
    ],
)
def test_options(options, calls):
    count = options.get("initial_epoch", 0)
    expected = results(make(), True, batch_size=4, **options)
    got = results(make(), False, batch_size=4, **options)
    assert calls and got[0] == expected[0] and got[2] == expected[2]
    assert len(got[0]["loss"]) == 2 * (EPOCHS - count)


def test_metrics_and_schedules(calls):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 10, 0.9)
    check(lambda: make(learning_rate=schedule, metrics=["accuracy"]), calls, batch_size=3)


@pytest.mark.parametrize("options", [{"steps_per_epoch": 3}, {"validation_split": 0.2}])
def test_what_goes_epoch_by_epoch(options, calls):
    check(make, calls, runs_ahead=False, batch_size=4, **options)


def test_metrics_that_need_the_outputs(calls):
    check(lambda: make(metrics=[keras.metrics.SparseCategoricalAccuracy(), Spread()]), calls, False, batch_size=4)


class Spread(keras.metrics.Metric):
    """Mean of the largest outputs: computed in NumPy."""

    def __init__(self):
        super().__init__(name="spread")
        self.total = self.rows = 0

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total += float(np.sum(np.max(y_pred, axis=1)))
        self.rows += len(y_pred)

    def result(self):
        return self.total / self.rows

    def reset_state(self):
        self.total = self.rows = 0


def test_losses_that_are_not_finite(calls):
    def messages(watched):
        trainer, (x, y) = make(), data()
        trainer.fit(x, y, 3, 20, verbose=0)
        weights = trainer.model.get_weights()
        weights[0][:] = 3e38
        trainer.model.set_weights(weights)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            callbacks = [Callback()] if watched else None
            trainer.fit(x, y, 3, 20, verbose=0, callbacks=callbacks)
        return [str(warning.message) for warning in caught], trainer.epochs_started, trainer.model.history.history

    expected, got = messages(True), messages(False)
    assert len(expected[0]) == 1 and "the loss is not finite in epoch 1, batch 1" in expected[0][0]
    assert got[:2] == expected[:2] and repr(got[2]) == repr(expected[2])
