"""What whole models print is what they print in Keras: ``tests/golden/make_printed.py`` builds both."""

import json
import pathlib

import make_printed as MAKER
import pytest

import fastnn as keras

FOLDER = pathlib.Path(__file__).parent.parent / "golden"
GOLDEN = json.loads((FOLDER / "printed.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def texts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        return {"summaries": MAKER.summaries(keras), "printed": MAKER.printed(keras)}


@pytest.mark.parametrize("label", GOLDEN["summaries"])
def test_summaries(texts, label):
    for options, found, expected in zip(
        MAKER.OPTIONS, texts["summaries"][label], GOLDEN["summaries"][label], strict=True
    ):
        assert found == expected, options


@pytest.mark.parametrize("label", GOLDEN["printed"])
def test_printed(texts, label):
    assert texts["printed"][label] == GOLDEN["printed"][label]
