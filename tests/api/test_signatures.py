"""Arguments are those of Keras, in its order and with its defaults, but for what ``docs/keras_differences.md`` says.

The list of calls is Keras' own: every public name of its modules, and what fastnn does not have is named, with the
reason, in ``make_signatures.OUTSIDE``.
"""

import importlib
import json
import pathlib
import re

import make_signatures
import pytest

import fastnn

ROOT = pathlib.Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "signatures.json").read_text(encoding="utf-8"))
PAGE = ROOT / "docs" / "keras_differences.md"

OURS = {
    "name, trainable, input_shape": (r"layers\.\w+", "in Keras they come by **kwargs"),
    "inputs, outputs, name, trainable": (r"models\.Model", "in Keras they come by *args"),
    "layers, trainable, name": (r"models\.Sequential", "in Keras they come by *args"),
    "resume_from, resume_check": (r"(Model|Sequential)\.fit", "training goes on where a checkpoint ends"),
    "include_optimizer, save_format": (r".*\.(save|save_model|save_weights)", "Keras 2 had them"),
    "by_name": (r".*\.load_weights", "Keras 2 had it"),
    "strict, check": (r"callbacks\.(ModelCheckpoint|BackupAndRestore)", "what happens when a file cannot be used"),
    "period": (r"callbacks\.ModelCheckpoint", "Keras 2 had it"),
    "epsilon": (r"callbacks\.ReduceLROnPlateau", "Keras 2 had it"),
    "alpha": (r"layers\.LeakyReLU", "Keras 2 had it"),
    "clock": (r"utils\.Progbar", "for tests"),
    "input_shape": (r".*\.compute_output_shape", "in Keras it comes by *args"),
}  # fmt: skip
"""Arguments that fastnn has beside Keras', where, and why."""


@pytest.fixture(scope="module")
def ours():
    for module in make_signatures.MODULES:
        importlib.import_module(f"fastnn.{module}")
    return make_signatures.signatures(fastnn, GOLDEN)


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


def said_of(path, known):
    """What the page says of a call, or of the one that it is another name of."""
    module, _, name = path.rpartition(".")
    return known.get(path) or known.get(f"{module}.{getattr(make_signatures.find(fastnn, path), '__name__', name)}")


def with_names(path, arguments):
    """The arguments, where a name that is None by default is what the object is then called."""
    if arguments and ["name", None] in arguments and path.split(".")[0] in ("losses", "metrics"):
        own = make_signatures.find(fastnn, path)
        needed = [entry for entry in arguments if len(entry) == 1]
        if isinstance(own, type) and not needed:
            return [["name", own().name] if entry == ["name", None] else entry for entry in arguments]
    return arguments


@pytest.mark.parametrize("path", GOLDEN)
def test_arguments(ours, known, path):
    assert path in ours, f"fastnn has no {path}, and make_signatures.OUTSIDE does not say why"
    if ours[path] is None or GOLDEN[path] is None:
        pytest.skip(f"{path} does not tell its arguments")
    keras = GOLDEN[path]
    found = difference(ours[path], keras)
    if found and found != said_of(path, known):
        fastnn.backend.clear_session()
        found = difference(with_names(path, ours[path]), keras)
    assert found in ("", said_of(path, known))


@pytest.mark.parametrize("path", GOLDEN)
def test_further_arguments(ours, path):
    more = [name for name, *_ in ours[path] or () if name not in [entry[0] for entry in GOLDEN[path] or ()]]
    allowed = [names for names, (where, reason) in OURS.items() if re.fullmatch(where, path) and reason]
    assert set(more) <= set(re.split(r", ", ", ".join(allowed)))


def test_rows_of_the_page_are_true(ours, known):
    """No row tells of a difference that is none."""
    for path in known:
        assert path in GOLDEN, f"{path} is not a call of Keras"
        assert difference(ours[path], GOLDEN[path]), f"{path} does not differ any more"


def test_what_is_outside_is_not_here():
    """Only what fastnn does not have is left out of the list."""
    for module in make_signatures.MODULES:
        content = importlib.import_module(f"fastnn.{module}")
        here = [name for name in getattr(content, "__all__", ()) if make_signatures.is_outside(f"{module}.{name}")]
        assert set(here) <= {"Parameter"}, module


def test_methods_of_models_are_there(ours):
    for model in ("Sequential", "Model"):
        for name in ("compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"):
            assert ours[f"{model}.{name}"][: len(GOLDEN[f"{model}.{name}"])] == GOLDEN[f"{model}.{name}"]


def test_the_check_finds_what_differs():
    assert difference([["a"], ["b", 1]], [["a"], ["b", 1]]) == ""
    assert difference([["a"], ["b", 1], ["more", None]], [["a"], ["b", 1]]) == ""
    assert difference([["a"], ["b", 2]], [["a"], ["b", 1], ["c", None]]) == "lacks c; b is [2], not [1]"
    assert difference([["b"], ["a"]], [["a"], ["b"]]) == "has another order"
    assert make_signatures.is_outside("layers.Conv2D")
    assert not make_signatures.is_outside("layers.Dense")
    assert not make_signatures.is_outside("layers.Layer.build")
    assert make_signatures.is_outside("Model.stateless_call")


def test_golden_file_is_what_keras_has():
    keras = pytest.importorskip("keras")
    found = make_signatures.signatures(keras, make_signatures.public_paths(keras))
    assert json.loads(json.dumps({path: call for path, call in found.items() if call is not None})) == GOLDEN
