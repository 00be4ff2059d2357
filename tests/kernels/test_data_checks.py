"""The native looks at data: for NaN, infinity and what float32 cannot hold, and for rows that are not there."""

import numpy as np
import pytest

from fastnn._native import core

LARGEST = {name: float(np.finfo(name).max) for name in ("float32", "float64")}


def all_within(x, limit):
    return core.all_within(x.reshape(-1).view(np.uint8), x.dtype.name, limit)


def limits(dtype):
    beyond = np.nextafter(np.array(1.5, dtype), np.array(2, dtype))
    yield 1.5, [1.5, -1.5, 0.0, -0.0, 1e-300 if dtype == "float64" else 1e-45], [beyond, -beyond]
    yield LARGEST[dtype], [LARGEST[dtype], -LARGEST[dtype]], []
    if dtype == "float64":
        beyond = np.nextafter(LARGEST["float32"], np.inf)
        yield LARGEST["float32"], [LARGEST["float32"], -LARGEST["float32"]], [beyond, -beyond, 1e300]


@pytest.mark.parametrize("dtype", LARGEST)
@pytest.mark.parametrize("n", [1, 3, 16, 37, 1 << 14, 3 * (1 << 14) + 5])
def test_it_finds_one_number_wherever_it_is(dtype, n):
    for limit, fine, too_large in limits(dtype):
        x = np.random.default_rng(n).uniform(-1, 1, n).astype(dtype)
        assert all_within(x, limit)
        nan = np.array(np.nan, dtype)
        for place in {0, 1, n // 2, n - 2, n - 1} & set(range(n)):
            before = x[place]
            for value in fine:
                x[place] = value
                assert all_within(x, limit), (value, place)
            for value in (*too_large, np.inf, -np.inf, nan, -nan):
                x[place] = value
                assert not all_within(x, limit), (value, place)
                assert not (np.abs(x) <= limit).all()
            x[place] = before


def test_rows_that_begin_anywhere():
    memory = np.zeros(4 * 50 + 1, np.uint8)
    memory[1:] = np.linspace(-1, 1, 50, dtype=np.float32).view(np.uint8)
    assert core.all_within(memory[1:], "float32", 1.0)
    assert not core.all_within(memory[1:], "float32", 0.999)
    assert core.all_within(memory[:0], "float32", 1.0)


@pytest.mark.parametrize("n", [1, 5, 64, 1001])
def test_numbers_of_rows(n):
    order = np.random.default_rng(n).integers(0, 9, n)
    order[0] = 8
    assert core.numbers_rows(order, 9)
    assert not core.numbers_rows(order, 8)
    for place in {0, n // 2, n - 1}:
        for bad in (-1, 9, 10, 2**63 - 1, -(2**63)):
            other = order.copy()
            other[place] = bad
            assert not core.numbers_rows(other, 9)
    assert core.numbers_rows(order[:0], 9) and not core.numbers_rows(order, 0)
