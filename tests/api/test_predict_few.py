"""Few rows are predicted without delay: the same bits as among many rows, always with the newest weights."""

import sys
import threading

import numpy as np
import pytest

import fastnn as keras
from fastnn.backends import get_backend
from fastnn.trainer import Trainer


@pytest.fixture
def model():
    """The net of the quickstart, with an optimizer."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.fixture
def x():
    return np.random.default_rng(4).random((50, 28, 28), np.float32)


def row_by_row(model, x, rows=1):
    return np.concatenate([model.predict(x[i : i + rows], verbose=0) for i in range(0, len(x), rows)])


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 8, 9])
def test_the_same_bits_as_many_rows(model, x, rows):
    expected = model.predict(x, verbose=0)
    assert len(np.unique(expected)) > 400
    assert row_by_row(model, x, rows).tobytes() == expected.tobytes()
    assert model.predict_on_batch(x[:rows]).tobytes() == expected[:rows].tobytes()


def test_float64_model():
    keras.config.set_floatx("float64")
    try:
        model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(7, "tanh"), keras.layers.Dense(2)])
    finally:
        keras.config.set_floatx("float32")
    x = np.random.default_rng(0).standard_normal((20, 5))
    expected = model.predict(x, verbose=0)
    assert row_by_row(model, x).tobytes() == expected.tobytes() and expected.dtype == np.float64
    single = x.astype(np.float32)  # converted, on the other path
    assert row_by_row(model, single).tobytes() == model.predict(single, verbose=0).tobytes()


def test_newest_weights_are_used(model, x):
    y = np.arange(50) % 10
    seen = [row_by_row(model, x[:2])]

    def check():
        few = row_by_row(model, x[:2])
        assert few.tobytes() == model.predict(x, verbose=0)[:2].tobytes()
        assert all(np.any(few != before) for before in seen)
        seen.append(few)

    model.fit(x, y, verbose=0)
    check()
    model.set_weights([2 * w for w in model.get_weights()])
    check()
    model.layers[1].kernel.assign(np.ones((784, 128)) / 784)
    check()
    model.train_on_batch(x, y)
    check()
    model.add(keras.layers.Dense(3))
    assert row_by_row(model, x[:2]).shape == (2, 3)
    assert row_by_row(model, x[:2]).tobytes() == model.predict(x, verbose=0)[:2].tobytes()


def test_what_needs_the_other_path(model, x):
    expected = model.predict(x, verbose=0)
    for few in (x[:2].tolist(), x[:2].astype(np.float64), x[:4:2], x[:2, ::-1], np.asfortranarray(x[:2])):
        rows = np.asarray(few, np.float32)
        np.testing.assert_allclose(model.predict(few, verbose=0), model.predict(rows, verbose=0), rtol=1e-6)
    assert model.predict(x[:4:2], verbose=0).tobytes() == expected[:4:2].tobytes()
    (bytes_,) = model.predict((255 * x[:1]).astype(np.uint8), verbose=0)
    assert np.isfinite(bytes_).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_refused(model, x, value):
    row_by_row(model, x[:1])
    x[0, 27, 3] = value
    with pytest.raises(ValueError, match="x: expected finite numbers, but row 0, column 759 is"):
        model.predict(x[:1], verbose=0)
    with pytest.raises(ValueError, match="expects inputs of shape"):
        model.predict(x[:1, :5], verbose=0)
    with pytest.raises(ValueError, match="batch_size must be"):
        model.predict(x[1:2], batch_size=0, verbose=0)


def test_several_inputs_and_own_shapes():
    a, b = keras.Input((3,)), keras.Input((3,))
    model = keras.Model([a, b], keras.layers.Dense(2)(keras.layers.Add()([a, b])))
    x = np.ones((4, 3), np.float32)
    assert model.predict([x[:1], x[:1]], verbose=0).tobytes() == model.predict([x, x], verbose=0)[:1].tobytes()
    without = keras.Sequential([keras.layers.Dense(2)])  # does not know its input yet
    assert without.predict(x[:1], verbose=0).shape == (1, 2)
    assert without.predict(x[:1], verbose=0).tobytes() == without.predict(x, verbose=0)[:1].tobytes()


@pytest.mark.parametrize("backend", ["reference", "step"])
def test_other_backends(model, x, backend):
    trainer = Trainer(model, backend=get_backend(backend))
    few, many = trainer.predict(x[:1], verbose=0), trainer.predict(x, verbose=0)
    np.testing.assert_allclose(few, many[:1], rtol=1e-5)


def test_callbacks_are_still_called(model, x):
    seen = []
    callback = keras.callbacks.Callback()
    callback.on_predict_batch_end = lambda batch, logs=None: seen.append(batch)
    model.predict(x[:1], verbose=0, callbacks=[callback])
    assert seen == [0]


def test_threads(model, x):
    """Many threads at once: each gets its own row's bits."""
    expected, wrong, rounds = model.predict(x, verbose=0), [], 200
    start = threading.Barrier(4)

    def work(first):
        start.wait()
        for i in range(rounds):
            r = (first + i) % len(x)
            if model.predict(x[r : r + 1], verbose=0).tobytes() != expected[r : r + 1].tobytes():
                wrong.append(r)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 13, 26, 39)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def growth(model, x, calls):
    row = x[:1]
    for _ in range(1000):
        model.predict(row, verbose=0)
    before = resident()
    for _ in range(calls):
        model.predict(row, verbose=0)
    return resident() - before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow(model, x):
    assert growth(model, x, 20_000) <= 4096


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow_in_a_million_calls(model, x):
    assert growth(model, x, 1_000_000) == 0
