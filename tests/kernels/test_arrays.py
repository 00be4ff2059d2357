"""Functions of plain arrays: right, the same bits at all levels, and with zeros left out."""

import numpy as np
import pytest

from fastnn._native import core
from fastnn.backends.native import levels

OTHERS = [name for name in levels() if name != "generic"]
SIZES = [(1, 1, 1), (2, 3, 5), (7, 9, 8), (6, 256, 16), (13, 257, 65), (130, 300, 131), (400, 7, 2)]
"""Rows, depth, columns."""
LIMIT = 2  # units of epsilon times the depth times the sum of the products' sizes


def functions(level):
    return core.ArrayFunctions(level)


def stored(array, order):
    """The same numbers, in the memory order C or F, or with gaps between the elements."""
    if order != "gaps":
        return np.asarray(array, order=order)
    wide = np.full((2 * array.shape[0], 3 * array.shape[1]), np.nan, array.dtype)
    wide[::2, ::3] = array
    return wide[::2, ::3]


def product(level, a, b, bias=None, divisor=1.0):
    c = np.full((a.shape[0], b.shape[1]), np.nan, a.dtype)
    functions(level).matmul(c, a, b, bias, divisor)
    return c


@pytest.mark.parametrize("orders", [("C", "C"), ("F", "F"), ("C", "F"), ("gaps", "gaps")], ids="-".join)
@pytest.mark.parametrize(("rows", "depth", "cols"), SIZES)
def test_matmul(level, dtype, generator, rows, depth, cols, orders):
    a, b = (generator.standard_normal(shape).astype(dtype) for shape in ((rows, depth), (depth, cols)))
    bias = generator.standard_normal(rows).astype(dtype)
    assert np.ptp(a) > 0 or a.size == 1
    got = product(level, stored(a, orders[0]), stored(b, orders[1]), bias, 3.0)
    wide = [x.astype(np.longdouble) for x in (a, b, bias)]
    expected = (wide[0] @ wide[1] + wide[2][:, None]) / 3
    scale = (abs(wide[0]) @ abs(wide[1]) + abs(wide[2])[:, None]) / 3
    assert (abs(got - expected) <= LIMIT * (depth + 2) * np.finfo(dtype).eps * scale).all()


@pytest.mark.parametrize(("rows", "depth", "cols"), SIZES)
def test_matmul_has_the_same_bits_at_all_levels_and_in_all_orders(dtype, generator, rows, depth, cols):
    a, b = (generator.standard_normal(shape).astype(dtype) for shape in ((rows, depth), (depth, cols)))
    b *= generator.random((depth, 1)) < 0.5  # whole rows of zeros, which are left out
    expected = product("generic", a, b)
    for name in levels():
        for order in ("C", "F"):
            assert product(name, stored(a, order), stored(b, order)).tobytes() == expected.tobytes()


def test_leaving_out_zeros_keeps_the_bits(level, dtype, generator):
    """A chain of fused multiply-adds in float64 of exact products, rounded by hand: nothing may be left out of it."""
    a = generator.standard_normal((5, 70)).astype(dtype)
    b = (generator.standard_normal((70, 40)) * (generator.random((70, 40)) < 0.2)).astype(dtype)
    b[generator.random(b.shape) < 0.3] *= -1  # -0.0 too
    assert 0.1 < (b != 0).mean() < 0.3
    dense = b.copy()
    dense[:, 0] = generator.standard_normal(70)  # a column without zeros: its panel leaves nothing out
    assert product(level, a, dense)[:, 1:].tobytes() == product(level, a, b)[:, 1:].tobytes()


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_infinity_times_zero_is_nan(level, dtype, bad):
    a = np.ones((3, 4), dtype)
    a[1, 2] = bad
    got = product(level, a, np.zeros((4, 40), dtype))
    assert np.isnan(got[1]).all() and (got[[0, 2]] == 0).all()


@pytest.mark.parametrize("n", [1, 3, 4, 7, 16, 33])
def test_maps_and_columns_have_the_same_bits_at_all_levels(dtype, generator, n):
    a, b = (generator.standard_normal((3, n)).astype(dtype) * 3 for _ in "ab")
    results = {}
    for name in levels():
        f, found = functions(name), []
        for code in ("relu", "sigmoid", "relu_backward", "sigmoid_backward", "subtract", "step"):
            out = np.empty_like(a)
            f.map(code, out, a, b, 0.1)
            found.append(out)
        y, dx, sums = np.empty_like(a), np.empty_like(a), np.empty((3, 1), dtype)
        f.softmax(y, a)
        f.softmax_backward(dx, b, a)
        f.row_sums(sums, a, 7.0)
        likelihood = np.array([f.log_likelihood(y, abs(b)), f.log_likelihood(y, abs(b), True)])
        results[name] = [array.tobytes() for array in (*found, y, dx, sums, likelihood)]
    for name in OTHERS:
        assert results[name] == results["generic"]


def test_out_may_be_an_input(level, dtype, generator):
    a, b = (generator.standard_normal((3, 7)).astype(dtype) for _ in "ab")
    expected = np.empty_like(a)
    functions(level).map("step", expected, a, b, 0.1)
    functions(level).map("step", a, a, b, 0.1)
    assert a.tobytes() == expected.tobytes()


def test_bad_shapes_are_refused(dtype):
    f = functions("generic")
    a, b = np.ones((2, 3), dtype), np.ones((3, 4), dtype)
    for c, left, right, bias in (
        (np.ones((2, 5), dtype), a, b, None),
        (np.ones((3, 4), dtype), a, b, None),
        (np.ones((2, 4), dtype), a, b[:2], None),
        (np.ones((2, 4), dtype), a, b, np.ones(3, dtype)),
        (np.ones((2, 4), dtype), a[:, :0], b[:0], None),
    ):
        with pytest.raises(ValueError, match=r"expected|empty"):
            f.matmul(c, left, right, bias)
    with pytest.raises(ValueError, match="subtract: expected 2"):
        f.map("subtract", a.copy(), a, b)
    with pytest.raises(ValueError, match="softmax: expected 2"):
        f.softmax(np.ones((2, 3), dtype), b)
