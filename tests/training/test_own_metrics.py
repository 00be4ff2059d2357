"""Metrics of one's own in compile: subclasses of ``Metric`` with variables and ``keras.ops``."""

import numpy as np
import pytest

import fastnn as keras
from fastnn import Input, Sequential, metrics, ops
from fastnn import tf_shim as tf
from fastnn.layers import Dense

X = np.random.default_rng(4).standard_normal((50, 3)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")
W = np.linspace(0.5, 1.5, 50)


class MeanError(metrics.Metric):
    """As it is written for Keras: variables, ops, no weights."""

    def __init__(self, name="mean_error", **options):
        super().__init__(name=name, **options)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def update_state(self, y_true, y_pred):
        error = ops.abs(ops.cast(y_true, "float32") - y_pred)
        self.total.assign_add(ops.sum(error))
        self.count.assign_add(y_true.size)

    def result(self):
        return self.total / self.count

    def reset_state(self):
        self.total.assign(0.0)
        self.count.assign(0.0)


class Weighted(metrics.Metric):
    """Sums of what it is given, for each output."""

    def __init__(self, columns, name=None):
        super().__init__(name=name)
        self.columns = columns
        self.sums = self.add_weight(shape=(columns,), name="sums")

    def update_state(self, y_true, y_pred, sample_weight=None):
        weights = np.ones(len(y_pred)) if sample_weight is None else sample_weight
        self.sums.assign_add((weights[:, np.newaxis] * y_pred).sum(axis=0))

    def result(self):
        return self.sums.value.sum()

    def get_config(self):
        return {**super().get_config(), "columns": self.columns}


def compiled(**options):
    keras.utils.set_random_seed(2)
    model = Sequential([Input((3,)), Dense(4, "tanh"), Dense(1, "sigmoid")])
    model.compile("adam", "bce", **options)
    return model


def test_a_subclass_measures_what_the_known_metric_does(backend):
    model = compiled(metrics=[MeanError(), "mae"])
    history = model.fit(X, Y, epochs=3, batch_size=16, verbose=0, validation_split=0.2).history
    for prefix in ("", "val_"):
        np.testing.assert_allclose(history[f"{prefix}mean_error"], history[f"{prefix}mae"], rtol=1e-5)
    assert history["mae"][0] > history["mae"][-1]
    _, own, mae = model.evaluate(X, Y, batch_size=7, verbose=0)
    assert own == pytest.approx(mae, rel=1e-5)


def test_weights_reach_it_as_a_weighted_metric():
    model = compiled(metrics=[Weighted(1, name="plain")], weighted_metrics=[Weighted(1, name="weighted")])
    logs = model.evaluate(X, Y, sample_weight=W, verbose=0, return_dict=True)
    prediction = model.predict(X, verbose=0)
    assert logs["plain"] == pytest.approx(prediction.sum(), rel=1e-5)
    assert logs["weighted"] == pytest.approx((W[:, np.newaxis] * prediction).sum(), rel=1e-5)
    assert logs["plain"] != pytest.approx(logs["weighted"], rel=1e-3)


def test_the_plan_says_that_it_is_not_native():
    plan = compiled(metrics=[MeanError(), "acc"]).explain_plan()
    assert "mean_error: NumPy" in plan
    assert "acc: native" in plan


def test_variables():
    class Two(metrics.Metric):
        def __init__(self):
            super().__init__(name="two")
            self.ones = self.add_variable((2, 3), initializer="ones", dtype="float32", aggregation="mean")
            self.threes = self.add_weight((2,), initializer=keras.initializers.Constant(3.0))
            self.named = self.add_weight("named", initializer="zeros")

        def result(self):
            return self.ones.value.sum() + self.threes.value.sum()

    metric = Two()
    assert metric.result() == 12
    assert [v.name for v in metric.variables] == [None, None, "named"]
    metric.ones.assign_add(np.ones((2, 3)))
    metric.threes.assign([1, 2])
    assert metric.result() == 15
    metric.reset_state()
    assert metric.result() == 0, "as in Keras, whatever they started from"
    with pytest.raises(NotImplementedError, match="'two': Two has to define update_state"):
        metric(X, Y)


class Huber(metrics.Metric):
    """As textbooks have it: sums of a batch that are added to variables."""

    def __init__(self, name="own_huber", **options):
        super().__init__(name=name, **options)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")
        self.batches = self.add_weight(name="batches", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        error = tf.abs(y_true - y_pred)
        self.total.assign_add(tf.reduce_sum(tf.where(error < 0.25, tf.square(error) / 2, 0.25 * error - 0.03125)))
        self.count.assign_add(tf.cast(tf.size(y_true), tf.float32))
        self.batches.assign_add(1)

    def result(self):
        return self.total / self.count


def test_sums_that_are_added_to_variables_run_natively(backend):
    own = Huber()
    model = compiled(metrics=[own, metrics.MeanSquaredError(), keras.losses.Huber(0.25, name="huber")])
    history = model.fit(X, Y, epochs=3, batch_size=16, verbose=0, validation_split=0.2).history
    for prefix in ("", "val_"):
        np.testing.assert_allclose(history[f"{prefix}own_huber"], history[f"{prefix}huber"], rtol=1e-5)
    model.evaluate(X, Y, batch_size=7, verbose=0)
    np.testing.assert_array_equal([float(v) for v in own.variables[1:]], [50, 8])
    assert "own_huber: native, numbers of the batch" in model.explain_plan()
    assert "NumPy" not in model.explain_plan()


class Counting(Huber):
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.calls = getattr(self, "calls", 0) + 1
        super().update_state(y_true, y_pred)

    def result(self):
        return self.calls

    def reset_state(self):
        self.calls = 0


class Listing(Huber):
    def __init__(self, **options):
        super().__init__(**options)
        self.seen = []

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.seen.append(tf.reduce_sum(y_true))
        self.batches.assign_add(1)

    def result(self):
        return sum(self.seen)

    def reset_state(self):
        self.seen = []


class Assigning(Huber):
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign(self.total + tf.reduce_sum(y_true))

    def result(self):
        return self.total


class Reading(Assigning):
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.batches.assign_add(1)
        self.total.assign_add(tf.reduce_sum(y_true) * self.batches / self.batches)


@pytest.mark.parametrize(
    ("kind", "expected", "reason"),
    [
        (Counting, 4, "changes the attribute 'calls'"),
        (Listing, Y.sum(), "changes the attribute 'seen'"),
        (Assigning, Y.sum(), "a variable cannot be joined"),
        (Reading, Y.sum(), "a variable cannot be joined"),
    ],
)
def test_what_does_more_than_add_is_handed_the_outputs(kind, expected, reason):
    model = compiled(metrics=[kind(name="own")])
    for _ in range(2):
        assert model.evaluate(X, Y, batch_size=16, verbose=0)[1] == pytest.approx(expected)
    plan = model.explain_plan()
    assert "own: NumPy; " in plan
    assert reason in plan


def test_a_class_of_ones_own_with_weights_is_handed_the_outputs():
    model = compiled(weighted_metrics=[Huber()])
    model.evaluate(X, Y, sample_weight=W, verbose=0)
    assert "own_huber: NumPy; rows have weights" in model.explain_plan()
