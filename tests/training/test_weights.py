"""Weights of rows: the loss is the sum of weight times loss divided by the rows; metrics stay."""

import numpy as np
import pytest

from fastnn import Input, Sequential, optimizers
from fastnn.layers import Dense, Dropout
from fastnn.utils import set_random_seed, to_categorical

LOSSES = {
    "sparse_categorical_crossentropy": ("softmax", lambda y: y),
    "categorical_crossentropy": ("softmax", to_categorical),
    "binary_crossentropy": ("sigmoid", to_categorical),
    "mse": (None, lambda y: to_categorical(y) - 0.3),
}


def network(loss="sparse_categorical_crossentropy", optimizer="adam"):
    """Always the same, with the same order of rows and the same dropout."""
    set_random_seed(1)
    last = Dense(3, activation=LOSSES[loss][0])
    model = Sequential([Input((4,)), Dense(8, activation="relu"), Dropout(0.2), last])
    model.compile(optimizer, loss, metrics=["accuracy"])
    model.predict(np.zeros((1, 4)), verbose=0)  # draws the trainer's random key
    return model


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture
def weights():
    return np.random.default_rng(3).uniform(0, 3, 90)


@pytest.mark.parametrize("loss", LOSSES)
def test_evaluate_is_the_weighted_mean_of_the_rows(backend, blobs, weights, loss):
    x, y = blobs[0], LOSSES[loss][1](blobs[1])
    model = network(loss)
    rows = [model.evaluate(x[i : i + 1], y[i : i + 1], verbose=0) for i in range(90)]
    expected = (weights * [row[0] for row in rows]).sum() / 90
    measured = model.evaluate(x, y, batch_size=40, verbose=0, sample_weight=weights)
    assert measured == pytest.approx([expected, np.mean([row[1] for row in rows])], rel=1e-5)
    assert measured[0] != pytest.approx(model.evaluate(x, y, verbose=0)[0], rel=1e-2)
    assert model.test_on_batch(x, y, sample_weight=weights) == pytest.approx(measured, rel=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_follows_the_weighted_gradient(backend, blobs, weights, loss):
    """A plain step is linear in the gradient: that of all rows is the weighted mean of single rows' steps."""
    x, y = blobs[0][:6], LOSSES[loss][1](blobs[1])[:6]
    set_random_seed(1)
    last = Dense(3, activation=LOSSES[loss][0])
    model = Sequential([Input((4,)), Dense(8, activation="tanh"), last])
    model.compile(optimizers.SGD(0.5), loss)
    start = model.get_weights()

    def step(rows, **options):
        model.set_weights(start)
        model.train_on_batch(x[rows], y[rows], **options)
        return [a - b for a, b in zip(model.get_weights(), start, strict=True)]

    single = [step(slice(i, i + 1)) for i in range(6)]
    expected = [sum(w * s[k] for w, s in zip(weights, single, strict=False)) / 6 for k in range(4)]
    for got, wanted in zip(step(slice(0, 6), sample_weight=weights[:6]), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-6)
        assert np.abs(wanted).max() > 1e-3


def test_weights_of_one_change_nothing(backend, blobs):
    plain, ones = network(), network()
    a = plain.fit(*blobs, batch_size=16, epochs=3, verbose=0)
    b = ones.fit(*blobs, batch_size=16, epochs=3, verbose=0, sample_weight=np.ones(90))
    assert a.history == b.history
    assert same(plain.get_weights(), ones.get_weights())


def test_rows_of_weight_zero_do_not_count(backend, blobs):
    """Up to the division by all rows: half of the rows with weight 2 are as good as these rows alone."""
    x, y = blobs
    weighted, alone = network(optimizer="sgd"), network(optimizer="sgd")
    weights = np.repeat([2.0, 0.0], 45)
    for model in (weighted, alone):
        model.pop(), model.pop()
        model.add(Dense(3, "softmax", name="end", kernel_initializer="zeros"))
    weighted.train_on_batch(x, y, sample_weight=weights)
    alone.train_on_batch(x[:45], y[:45])
    for a, b in zip(weighted.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_first_weights_keep_the_state_of_the_optimizer(backend, blobs):
    """Training without weights, then with weights of 1: as if all had been without."""
    plain, mixed = network(), network()
    for model, weights in ((plain, None), (mixed, np.ones(90))):
        model.fit(*blobs, epochs=2, verbose=0)
        model.fit(*blobs, epochs=2, verbose=0, sample_weight=weights)
        model.fit(*blobs, epochs=1, verbose=0)
    assert plain.optimizer.iterations == mixed.optimizer.iterations == 15
    assert same(plain.get_weights(), mixed.get_weights())


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
@pytest.mark.parametrize("key", [int, str, np.int64])
def test_class_weights_are_weights_of_rows(backend, blobs, loss, key):
    x, y = blobs[0], LOSSES[loss][1](blobs[1])
    by_class, by_row = network(loss), network(loss)
    given = {key(0): 0.25, key(2): np.float32(3), key(7): 9}
    by_class.fit(x, y, epochs=2, verbose=0, class_weight=given, validation_split=0.2)
    by_row.fit(
        x[:72],
        y[:72],
        epochs=2,
        verbose=0,
        sample_weight=np.array([0.25, 1, 3])[blobs[1][:72]],
        validation_data=(x[72:], y[72:]),
    )
    assert by_class.history.history == by_row.history.history, "validation is not weighted"
    assert same(by_class.get_weights(), by_row.get_weights())


def test_class_weights_of_a_single_output(backend, blobs):
    x, y = blobs[0], (blobs[1] > 0).astype(float)[:, np.newaxis]
    losses = []
    for options in ({"class_weight": {1: 4.0}}, {"sample_weight": 1 + 3 * y}):
        set_random_seed(1)
        model = Sequential([Input((4,)), Dense(1, activation="sigmoid")])
        model.compile("sgd", "binary_crossentropy")
        losses.append(model.train_on_batch(x, y, **options))
    assert losses[0] == losses[1]


def test_validation_may_be_weighted(backend, blobs, weights):
    model = network()
    history = model.fit(*blobs, epochs=1, verbose=0, validation_data=(*blobs, weights)).history
    measured = model.evaluate(*blobs, verbose=0, sample_weight=weights, return_dict=True)
    assert {name: history[f"val_{name}"][0] for name in measured} == measured


def test_validation_split_takes_the_weights_along(backend, blobs, weights):
    x, y = blobs
    split, given = network(), network()
    split.fit(x, y, epochs=2, verbose=0, sample_weight=weights, validation_split=0.25)
    given.fit(
        x[:67],
        y[:67],
        epochs=2,
        verbose=0,
        sample_weight=weights[:67],
        validation_data=(x[67:], y[67:], weights[67:]),
    )
    assert split.history.history == given.history.history


def test_backends_agree(blobs, weights, monkeypatch):
    results = []
    for name in ("reference", "native"):
        monkeypatch.setenv("FASTNN_BACKEND", name)
        model = network()
        model.fit(*blobs, batch_size=16, epochs=3, verbose=0, sample_weight=weights)
        results.append([*model.get_weights(), model.history.history["loss"]])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_program_says_how_rows_are_weighed(backend, blobs, weights):
    model = network()
    assert "weigh_loss" not in model.disassemble()
    model.fit(*blobs, verbose=0, sample_weight=weights)
    lines = model.disassemble("forward").splitlines()
    weigh = next(line for line in lines if "weigh_loss" in line)
    assert weigh.split(maxsplit=1)[1].startswith("loss(B), ")
    assert weigh.endswith("unweighted/loss(B), weight(B)")
