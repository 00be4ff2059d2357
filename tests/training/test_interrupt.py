"""Ctrl-C while training: a real SIGINT, sent by the system to this process at random moments."""

import os
import signal
import statistics
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import fastnn as keras
from fastnn.layers import Dense, Input

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send itself SIGINT alone")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.random((20000, 784), dtype=np.float32), rng.integers(0, 10, 20000)


def make_model(units):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([Input((784,)), Dense(units, activation="relu"), Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def interrupt(model, x, y, after, batch_size=32):
    """Fit until a SIGINT that comes ``after`` seconds; return the seconds from the signal to KeyboardInterrupt."""
    sent = []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, send)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            model.fit(x, y, batch_size=batch_size, epochs=10**6, verbose=0)
        return time.perf_counter() - sent[0]
    finally:
        timer.cancel()


def test_interrupts_are_answered_and_the_model_stays_usable(data):
    x, y = data
    model = make_model(128)
    initial = model.get_weights()
    delays = []
    for after in np.random.default_rng(1).uniform(0.05, 0.3, 10):
        delays.append(interrupt(model, x, y, after))
        assert all(np.isfinite(w).all() for w in model.get_weights())
    # The promise is 100 ms; the median holds it on a busy machine, where a single wait may be longer.
    assert statistics.median(delays) < 0.1, delays

    assert not np.array_equal(model.get_weights()[0], initial[0])  # what was learnt before Ctrl-C is kept
    predicted = model.predict(x[:50], verbose=0)
    np.testing.assert_allclose(predicted.sum(axis=1), 1, rtol=1e-5)
    history = model.fit(x, y, epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"][0])


def test_an_interrupted_fit_keeps_the_history_so_far(data):
    x, y = (a[:2000] for a in data)
    model = make_model(32)
    interrupt(model, x, y, 0.5)
    epochs = len(model.history.epoch)
    assert epochs >= 1
    assert model.history.epoch == list(range(epochs))
    assert len(model.history.history["loss"]) == epochs


INTERRUPTED = """
import sys
import numpy as np
import fastnn
from fastnn.callbacks import EarlyStopping, LambdaCallback

rng = np.random.default_rng(0)
x, y = rng.random((2000, 20), dtype="float32"), rng.integers(0, 3, 2000)
Dense = fastnn.layers.Dense
model = fastnn.Sequential([Dense(32, "relu"), Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
best = []


def keep(epoch, logs):
    logs["score"] = abs(epoch - 1)
    if epoch == 1:
        best.extend(model.get_weights())
    if epoch == 5:
        print("ready", flush=True)


stop = EarlyStopping("score", mode="min", patience=10**9, restore_best_weights=True)
try:
    model.fit(x, y, epochs=10**6, verbose=0, callbacks=[LambdaCallback(on_epoch_end=keep), stop])
except KeyboardInterrupt:
    same = all(np.array_equal(a, b) for a, b in zip(model.get_weights(), best, strict=True))
    print("restored" if same else "not restored", len(model.history.epoch) > 3)
"""


def test_a_real_interrupt_restores_the_best_weights(backend):
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout.readline() == "ready\n"
            os.kill(process.pid, signal.SIGINT)
            assert process.communicate(timeout=60)[0] == "restored True\n"
        finally:
            process.kill()
