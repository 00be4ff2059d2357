"""The callbacks do what Keras' do over scripted logs."""

import functools
import json
import pathlib
import types
import unittest.mock

import make_callbacks as MAKER
import pytest

from fastnn import callbacks, metrics, optimizers
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
