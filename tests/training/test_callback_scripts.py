"""The callbacks do what Keras' do over scripted logs."""

import functools
import json
import pathlib
import types
import unittest.mock

import make_callbacks as MAKER
import numpy as np
import pytest

import fastnn
from fastnn import callbacks, metrics, optimizers
from fastnn import tf_shim as tf
from fastnn.progress import Progbar

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "callbacks.json").read_text(encoding="utf-8"))


def own_library():
    """What the scripts need, of fastnn."""

    def model(learning_rate):
        measured = [metrics.BinaryAccuracy(name="accuracy"), metrics.get("mse")]
        return MAKER.Model(optimizers.SGD(learning_rate), measured)

    def frozen(clock):
        progbar = functools.partial(Progbar, clock=clock)
        return unittest.mock.patch("fastnn.callbacks.progbar_logger.Progbar", progbar)

    return types.SimpleNamespace(callbacks=callbacks, model=model, frozen=frozen)


def test_golden_file_has_all_cases():
    assert list(GOLDEN) == [case["name"] for case in MAKER.cases()]
    stopped = [seen for name, seen in GOLDEN.items() if "early stopping" in seen.get("printed", "")]
    reduced = [seen for name, seen in GOLDEN.items() if "reducing" in seen.get("printed", "")]
    assert len(stopped) > 20
    assert len(reduced) > 20


@pytest.mark.parametrize("case", MAKER.cases(), ids=lambda case: case["name"])
def test_script(case):
    seen = MAKER.play(case, own_library())
    # As text, since NaN is not equal to itself.
    assert json.dumps(seen) == json.dumps(GOLDEN[case["name"]])


def test_golden_file_is_what_keras_does():
    pytest.importorskip("keras")
    assert json.dumps(MAKER.make_golden()) == json.dumps(GOLDEN)


def test_a_schedule_may_give_a_tensor(blobs):
    """The recipe that the documentation of Keras 2 has for ``LearningRateScheduler``."""
    model = fastnn.Sequential([fastnn.layers.Dense(3, activation="softmax")])
    model.compile(fastnn.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    schedule = fastnn.callbacks.LearningRateScheduler(lambda epoch, lr: lr * tf.math.exp(-0.1) if epoch else lr)
    rates = model.fit(*blobs, epochs=3, verbose=0, callbacks=[schedule]).history["learning_rate"]
    np.testing.assert_allclose(rates, 0.5 * np.exp([0, -0.1, -0.2]), rtol=1e-6)
