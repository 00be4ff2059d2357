"""All levels give the same bits: for every operation and type, on fixed awkward shapes and on random ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn.backends.native import NativeBackend, choose_level, levels
from fastnn.ops import KINDS
from fastnn.testing import example, run_op

OTHERS = [name for name in levels() if name != "generic"]
SHAPES = [
    (1, 1, 1),
    (2, 3, 5),
    (7, 9, 8),
    (13, 33, 17),
    (12, 16, 31),
    (33, 5, 67),
    (67, 31, 15),
    (300, 12, 16),
]
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-42, -1e-310, 3e38, -3e38]

sizes = st.integers(1, 70)


def bits(array):
    """The bits as integers; every NaN counts as the same one."""
    array = np.where(np.isnan(array), np.array(np.nan, array.dtype), array)
    return array.view(f"u{array.dtype.itemsize}")


def run_all(op_name, dtype, seed, B, I, O, special=False):  # noqa: E741
    """Outputs of an op at each level, the scratch of a fused op left out."""
    generator = np.random.default_rng(seed)
    inputs, attributes = example(op_name, generator, dtype, B, I, O, spread=seed % 3)
    if special:
        for x in inputs:
            if x.dtype.kind == "f" and x.size:
                with np.errstate(over="ignore"):
                    x.flat[:: 1 + x.size // 7] = generator.choice(SPECIAL, x.flat[:: 1 + x.size // 7].shape)
    state = {"step": seed, "seed": seed * 2**40 + 7, "learning_rate": 0.1}
    results = {}
    for name in ["generic", *OTHERS]:
        outputs = run_op(op_name, inputs, attributes, NativeBackend(name), dtype, **state)
        fused = op_name.startswith("dense_") and KINDS[op_name].in_place
        results[name] = outputs[:-1] if fused else outputs
    return results


def assert_same_bits(results, note):
    for name in OTHERS:
        for expected, got in zip(results["generic"], results[name], strict=True):
            different = bits(expected) != bits(got)
            assert not different.any(), f"{note}: {different.sum()} of {got.size} numbers differ at {name}"


def test_there_is_more_than_one_level():
    assert levels()[-1] == "generic"
    if not OTHERS:
        pytest.skip("this build and CPU have the level generic only")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op_name", KINDS)
def test_same_bits(op_name, dtype):
    for seed, (B, I, O) in enumerate(SHAPES):  # noqa: E741
        results = run_all(op_name, dtype, seed, B, I, O)
        assert_same_bits(results, f"B={B} I={I} O={O}")
    assert results["generic"][0].any()
    alike = results["generic"][0].size == 1 or op_name in ("tversky", "total_grad")  # one value for the whole batch
    assert len(np.unique(results["generic"][0])) > 1 or alike


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op_name", KINDS)
def test_same_bits_of_special_values(op_name, dtype):
    for seed, (B, I, O) in enumerate([(3, 5, 7), (9, 16, 33)]):  # noqa: E741
        assert_same_bits(run_all(op_name, dtype, seed, B, I, O, special=True), f"B={B} I={I} O={O}")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(["float32", "float64"]),
    st.integers(0, 99),
    sizes,
    sizes,
    sizes,
)
def test_same_bits_of_random_shapes(op_name, dtype, seed, B, I, O):  # noqa: E741
    assert_same_bits(run_all(op_name, dtype, seed, B, I, O), op_name)


def test_level_can_be_forced(monkeypatch):
    monkeypatch.setenv("FASTNN_ISA", "generic")
    assert NativeBackend().level == "generic"
    assert NativeBackend(levels()[0]).level == levels()[0], "an argument goes before the environment"
    monkeypatch.setenv("FASTNN_ISA", "x86_v99")
    with pytest.raises(ValueError, match=r"x86_v99.*generic"):
        choose_level()
    monkeypatch.delenv("FASTNN_ISA")
    assert choose_level() == levels()[0]
