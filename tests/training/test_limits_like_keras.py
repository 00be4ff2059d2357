"""Regularizers and constraints called on arrays against Keras in float64, and their names and configurations."""

import json
import pathlib

import numpy as np
import pytest

from fastnn import constraints, regularizers

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "limits.json").read_text())
WEIGHTS = [np.array(w) for w in GOLDEN["weights"]]
MODULES = {"regularizers": regularizers, "constraints": constraints}
CASES = [(kind, case) for kind in MODULES for case in GOLDEN[kind]["cases"]]
MISSING = "OrthogonalRegularizer"  # see docs/keras_differences.md


@pytest.mark.parametrize(("kind", "case"), CASES, ids=str)
def test_results_are_those_of_keras(kind, case):
    item = getattr(MODULES[kind], case["class"])(**case["config"])
    for w, expected in zip(WEIGHTS, case["results"], strict=True):
        got = item(w)
        # Keras adds 1e-7 to norms before it divides, in float32 on the way.
        np.testing.assert_allclose(got, expected, rtol=1e-6 if kind == "constraints" else 1e-12, atol=1e-12)
        assert np.shape(got) == np.shape(expected)


@pytest.mark.parametrize(("kind", "case"), CASES, ids=str)
def test_configurations(kind, case):
    item = getattr(MODULES[kind], case["class"])(**case["config"])
    assert item.get_config() == pytest.approx(case["get_config"])
    again = MODULES[kind].deserialize(MODULES[kind].serialize(item))
    assert type(again) is type(item)
    assert again.get_config() == item.get_config()


@pytest.mark.parametrize("kind", MODULES)
def test_names(kind):
    names = {name: cls for name, cls in GOLDEN[kind]["names"].items() if cls != MISSING}
    assert len(names) >= 6
    for name, cls in names.items():
        assert type(MODULES[kind].get(name)).__name__ == cls
