"""Arguments are those of Keras, in its order and with its defaults, but for what ``docs/keras_differences.md`` says."""

import importlib
import importlib.util
import json
import pathlib
import re

import make_signatures
import pytest

import fastnn

ROOT = pathlib.Path(__file__).parents[2]
GOLDEN_DIR = ROOT / "tests" / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "signatures.json").read_text(encoding="utf-8"))
PAGE = ROOT / "docs" / "keras_differences.md"
CHECKED = ("Model.", "Sequential.", "callbacks.", "datasets.", "initializers.", "models.", "optimizers.", "utils.")
LAYERS = """Activation ActivityRegularization Add AlphaDropout Average BatchNormalization CategoryEncoding Concatenate
    Dense Discretization Dot Dropout ELU Flatten GaussianDropout GaussianNoise Input Lambda LayerNormalization LeakyReLU
    Maximum Minimum Multiply Normalization Permute PReLU ReLU RepeatVector Rescaling Reshape Softmax Subtract
    UnitNormalization""".split()


@pytest.fixture(scope="module")
def ours():
    for module in make_signatures.NAMES:
        if importlib.util.find_spec(f"fastnn.{module}"):
            importlib.import_module(f"fastnn.{module}")
    return make_signatures.signatures(fastnn)


@pytest.fixture(scope="module")
def known():
    """{call: differences} of the page."""
    if not PAGE.exists():
        pytest.skip("the documentation is not part of an installed package")
    rows = re.findall(r"^\| (\w[\w.]*\.\w+) \| (.*?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {call: difference for call, difference, _ in rows}


def difference(ours, keras):
    """What differs, as the page says it; empty where nothing does."""
    named = {entry[0]: entry[1:] for entry in ours}
    lacking = [name for name, *_ in keras if name not in named]
    found = [f"lacks {', '.join(lacking)}"] if lacking else []
    for name, *default in keras:
        if name in named and named[name] != default:
            found.append(f"{name} is {named[name]}, not {default}")
    shared = [name for name, *_ in keras if name in named]
    if [name for name, *_ in ours][: len(shared)] != shared:
        found.append("has another order")
    return "; ".join(found)


PATHS = [path for path in GOLDEN if path.startswith(CHECKED)] + [f"layers.{name}" for name in LAYERS]


@pytest.mark.parametrize("path", PATHS)
def test_arguments(ours, known, path):
    if ours.get(path) is None or GOLDEN[path] is None:
        pytest.skip(f"fastnn has no {path}")
    found = difference(ours[path], GOLDEN[path])
    assert found in ("", known.get(path))


def test_methods_of_models_are_there(ours):
    for model in ("Sequential", "Model"):
        for name in ("compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"):
            assert ours[f"{model}.{name}"][: len(GOLDEN[f"{model}.{name}"])] == GOLDEN[f"{model}.{name}"]


def test_the_check_finds_what_differs():
    assert difference([["a"], ["b", 1]], [["a"], ["b", 1]]) == ""
    assert difference([["a"], ["b", 1], ["more", None]], [["a"], ["b", 1]]) == ""
    assert difference([["a"], ["b", 2]], [["a"], ["b", 1], ["c", None]]) == "lacks c; b is [2], not [1]"
    assert difference([["b"], ["a"]], [["a"], ["b"]]) == "has another order"


def test_golden_file_is_what_keras_has():
    keras = pytest.importorskip("keras")
    assert json.loads(json.dumps(make_signatures.signatures(keras))) == GOLDEN
