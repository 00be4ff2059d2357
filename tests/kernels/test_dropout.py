"""Dropout: the generator is Philox 4x32-10; a mask is a function of seed, step, stream, row and column."""

import numpy as np
import pytest

from fastnn.backends.native import NativeBackend, levels
from fastnn.ops.dropout import dropout_mask, keep_threshold, philox
from fastnn.testing import run_op

SEED = 0x0123456789ABCDEF
ONES = 0xFFFFFFFF


# Known answers of the authors' Random123 library (file kat_vectors): counter, key, result.
KNOWN = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([ONES] * 4, [ONES] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


def native_mask(level, dtype, rows, columns, rate, stream=0, step=0, seed=SEED, op_name="dropout"):
    (y,) = run_op(
        op_name, [np.ones((rows, columns))], {"rate": rate, "stream": stream}, NativeBackend(level), dtype,
        step=step, seed=seed,
    )  # fmt: skip
    kept = y != 0
    np.testing.assert_array_equal(y[kept], np.dtype(dtype).type(1 / (1 - rate)))
    return kept


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_known_answers(counter, key, expected):
    numbers = philox([np.array([c]) for c in counter], key[0] | key[1] << 32)
    assert [int(n[0]) for n in numbers] == expected


def test_numbers_are_uniform():
    counter = np.arange(50_000)
    numbers = np.stack(philox([counter, counter * 0, counter * 0, counter * 0], SEED))
    assert len(np.unique(numbers)) > 199_900
    for bit in range(32):
        ones = (numbers >> np.uint64(bit) & np.uint64(1)).mean()
        assert abs(ones - 0.5) < 5 * 0.5 / 200_000**0.5, f"bit {bit}"


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.25, 0.5, 0.9, 0.999])
def test_native_masks_are_the_reference_masks(level, dtype, rate):
    for rows, columns in [(1, 1), (3, 4), (2, 5), (7, 31), (5, 32), (5, 33), (4, 67), (33, 130)]:
        for stream, step, seed in [(0, 0, 0), (1, 2, SEED), (2**31 + 5, 2**40 + 3, 2**64 - 1)]:
            expected = dropout_mask(rows, columns, rate, stream, step, seed)
            got = native_mask(level, dtype, rows, columns, rate, stream, step, seed)
            np.testing.assert_array_equal(got, expected)
    assert 0 < expected.mean() <= 1
    assert expected.all() == (rate == 0)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_keep_fraction(rate):
    kept = dropout_mask(1000, 200, rate, 1, 7, SEED).mean()
    assert abs(kept - (1 - rate)) < 5 * (rate * (1 - rate) / 200_000) ** 0.5


def test_threshold():
    assert keep_threshold(0.0) == 0
    assert keep_threshold(0.5) == 2**31
    assert keep_threshold(1 - 2.0**-53) == 2**32 - 1


def test_masks_are_independent():
    """Masks of other rows, steps, streams and seeds agree in a place as often as chance has it."""
    base = {"rows": 2, "columns": 40_000, "rate": 0.5, "stream": 1, "step": 1, "seed": SEED}
    changes = [
        {},
        {"step": 0},
        {"step": 2},
        {"stream": 0},
        {"stream": 2},
        {"seed": SEED + 1},
        {"seed": SEED ^ 2**40},
    ]
    masks = [dropout_mask(**(base | change)) for change in changes]
    rows = np.concatenate(masks)
    for i in range(len(rows)):
        assert abs(rows[i].mean() - 0.5) < 5 * 0.5 / 200
        for j in range(i):
            assert abs((rows[i] == rows[j]).mean() - 0.5) < 5 * 0.5 / 200, f"masks {i} and {j}"
    # Neighbouring columns too.
    assert abs((rows[:, 1:] == rows[:, :-1]).mean() - 0.5) < 5 * 0.5 / 800


def test_mask_of_a_unit_does_not_depend_on_the_shape():
    whole = dropout_mask(64, 100, 0.4, 3, 5, SEED)
    np.testing.assert_array_equal(dropout_mask(7, 100, 0.4, 3, 5, SEED), whole[:7])
    np.testing.assert_array_equal(dropout_mask(64, 33, 0.4, 3, 5, SEED), whole[:, :33])


@pytest.mark.parametrize("backend", ["reference", *levels()])
def test_backward_has_the_mask_of_forward(backend, dtype, generator):
    backend = NativeBackend(backend) if backend in levels() else backend
    x, dy = generator.standard_normal((2, 19, 37)).astype(dtype)
    state = {"step": 11, "seed": SEED}
    attributes = {"rate": 0.3, "stream": 4}
    (y,) = run_op("dropout", [x], attributes, backend, dtype, **state)
    (dx,) = run_op("dropout_grad", [dy], attributes, backend, dtype, **state)
    np.testing.assert_array_equal(y != 0, dx != 0)
    assert 0.5 < (y != 0).mean() < 0.9
    scale = np.dtype(dtype).type(1 / 0.7)
    np.testing.assert_array_equal(dx[dx != 0], (dy * scale)[dx != 0])
    np.testing.assert_array_equal(y[y != 0], (x * scale)[y != 0])
    (other,) = run_op("dropout_grad", [dy], attributes, backend, dtype, step=12, seed=SEED)
    assert ((other != 0) != (dx != 0)).mean() > 0.2


def test_dropped_nan_is_gone_and_kept_nan_stays(level, dtype):
    """What is dropped is 0 whatever it was, so that the mask alone decides."""
    mask = dropout_mask(4, 21, 0.5, 0, 0, 0)
    (y,) = run_op(
        "dropout", [np.full((4, 21), np.nan)], {"rate": 0.5, "stream": 0}, NativeBackend(level), dtype
    )
    np.testing.assert_array_equal(np.isnan(y), mask)
    np.testing.assert_array_equal(y[~mask], 0)
