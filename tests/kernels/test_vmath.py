"""Accuracy of exp, log, tanh, sigmoid and gelu as the operations use them; the limits are in ``fastnn.testing``.

``tests/c/exhaustive.c`` has every float32 (``make exhaustive``).
"""

import mpmath
import numpy as np
import pytest

from fastnn.testing import FALL_ULP, FUNCTION_ULP, run_op, tolerance, ulp_error, wider

LONG = np.finfo(np.longdouble).nmant >= 63  # else NumPy has no type that could judge float64


def apply(op_name, x, backend):
    """The elementwise op on a vector, in the vector's type."""
    padded = np.zeros(-(-len(x) // 64) * 64, x.dtype)
    padded[: len(x)] = x
    (y,) = run_op(op_name, [padded.reshape(-1, 64)], {}, backend, x.dtype)
    return y.reshape(-1)[: len(x)]


def exactly(op_name, x):
    """The function in a wider type than that of x."""
    x = x.astype(wider(x.dtype))
    if op_name == "tanh":
        return np.tanh(x)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def grid(dtype, op_name):
    """Ascending numbers of both signs over the whole range, dense where the function is not flat."""
    info = np.finfo(dtype)
    logs = np.linspace(np.log2(float(info.smallest_subnormal)), np.log2(800), 100_003)
    spread = np.exp2(logs)
    near = np.linspace(0, 2 if op_name == "tanh" else 40, 200_003)
    far = np.linspace(0, 100 if dtype == "float32" else 750, 50_021)
    x = np.concatenate([spread, near, far])
    x = np.concatenate([-x, x]).astype(dtype)
    if dtype == "float32":
        patterns = np.arange(0, 2**32, 9973, dtype=np.uint32).view(np.float32)  # of every exponent
        x = np.concatenate([x, patterns[np.isfinite(patterns)]])
    return np.unique(x)


@pytest.mark.parametrize("op_name", ["sigmoid", "tanh"])
def test_error(op_name, dtype, native_backend):
    if dtype == "float64" and not LONG:
        pytest.skip("longdouble is float64 here; test_error_by_mpmath judges")
    x = grid(dtype, op_name)
    assert len(x) > 400_000
    assert x[0] < -99
    assert x[-1] > 99
    y, expected = apply(op_name, x, native_backend), exactly(op_name, x)
    normal = np.abs(expected) >= np.finfo(dtype).tiny
    error = ulp_error(y[normal], expected[normal])
    worst = np.argmax(error)
    assert error[worst] <= FUNCTION_ULP[op_name], f"{error[worst]:.3f} ULP at x = {x[normal][worst]!r}"
    assert error[worst] > 0.4, "no function rounds better than that: the test would not see an error"
    # Results below the smallest normal number: the exact one or 0.
    flushed = ~normal & (y == 0)
    np.testing.assert_array_equal(y[~normal & ~flushed], expected[~normal & ~flushed].astype(dtype))


BY_MPMATH = {
    "sigmoid": lambda v: 1 / (1 + mpmath.exp(-v)),
    "tanh": mpmath.tanh,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "gelu": lambda v: v * mpmath.erfc(-v / mpmath.sqrt(2)) / 2,
}


@pytest.mark.parametrize("op_name", BY_MPMATH)
def test_error_by_mpmath(op_name, dtype, native_backend, generator):
    """Fewer points, and a judge that shares nothing with the C library; for gelu far into its tail."""
    far = 12 if dtype == "float32" else 36
    x = np.concatenate([generator.uniform(-far, far, 800), generator.normal(0, 0.5, 600)]).astype(dtype)
    if op_name == "log":
        x = np.concatenate([np.exp(x), np.abs(x), x[:100] * x[:100] * np.finfo(dtype).smallest_subnormal * 1e3])
        x = x[x > 0]
        assert (x < np.finfo(dtype).tiny).sum() > 50, "denormals are among them"
    y = apply(op_name, x, native_backend)
    with mpmath.workdps(60):
        error = [
            abs(mpmath.mpf(float(got)) - BY_MPMATH[op_name](mpmath.mpf(float(v))))
            / mpmath.mpf(float(np.spacing(abs(got))))
            for v, got in zip(x, y, strict=True)
        ]
    worst = int(np.argmax(error))
    assert 0.4 < error[worst] <= FUNCTION_ULP[op_name], f"{error[worst]} ULP at {x[worst]!r}"


@pytest.mark.parametrize("op_name", ["sigmoid", "tanh"])
def test_monotone(op_name, dtype, native_backend):
    """Rising, but for the rounding of the last place, also where the formula changes."""
    real = np.dtype(dtype).type
    runs = [grid(dtype, op_name)]
    for centre in (-0.625, 0.0, 0.625, -0.34657359, 0.34657359, 9.0, -17.0):
        start = np.array(real(centre)).view(f"i{real().itemsize}")
        runs.append(np.sort((start + np.arange(-3000, 3000)).view(dtype)) if centre else runs[0][::1000])
    worst = 0
    for x in runs:
        y = apply(op_name, x, native_backend)
        steps = np.diff(y)
        drop = np.max(np.where(steps < 0, -steps / np.spacing(np.abs(y[1:])), 0))
        worst = max(worst, drop)
    assert worst <= FALL_ULP, f"falls by {worst} ULP"


@pytest.mark.parametrize(
    ("op_name", "x", "expected"),
    [
        ("sigmoid", [0.0, -0.0, np.inf, -np.inf, 1e30, -1e30, 1e-40], [0.5, 0.5, 1, 0, 1, 0, 0.5]),
        ("tanh", [0.0, -0.0, np.inf, -np.inf, 1e30, -1e30, 40.0, -40.0], [0, 0, 1, -1, 1, -1, 1, -1]),
        ("gelu", [0.0, np.inf, -np.inf, 1e30, -1e30, 100.0, -100.0], [0, np.inf, 0, 1e30, 0, 100, 0]),
    ],
)
def test_special_values(op_name, x, expected, dtype, native_backend):
    y = apply(op_name, np.array([*x, np.nan], dtype), native_backend)
    np.testing.assert_array_equal(y, np.array([*expected, np.nan], dtype))


def test_tanh_is_odd_and_keeps_small_numbers(dtype, native_backend):
    x = grid(dtype, "tanh")
    x = x[x > 0]
    y = apply("tanh", x, native_backend)
    np.testing.assert_array_equal(apply("tanh", -x, native_backend), -y)
    small = x[x < np.finfo(dtype).eps ** 0.5 / 4]
    assert (small < np.finfo(dtype).tiny).any(), "denormals are among them"
    np.testing.assert_array_equal(apply("tanh", small, native_backend), small)


def test_sigmoid_in_0_and_1(dtype, native_backend):
    y = apply("sigmoid", grid(dtype, "sigmoid"), native_backend)
    assert y.min() == 0
    assert y.max() == 1


def test_cross_entropy_value(dtype, native_backend, generator):
    """log through the loss of one label: -log softmax(z)_0 = log(1 + exp(z_1 - z_0))."""
    difference = np.concatenate([np.linspace(-30, 60, 4001), [80.0, -80.0]]).astype(dtype)
    z = np.stack([np.zeros_like(difference), difference], axis=1)
    labels = np.zeros(len(z), np.int32)
    value, _ = run_op("sparse_softmax_cross_entropy", [z, labels], {}, native_backend, dtype)
    dense, _ = run_op("softmax_cross_entropy", [z, np.eye(2, dtype=dtype)[labels]], {}, native_backend, dtype)
    expected = np.logaddexp(0, difference.astype(wider(dtype)))
    assert value.min() >= 0
    eps = float(np.finfo(dtype).eps)
    for got in (value, dense):
        # The sum 1 + exp(-d) is rounded once, so the error is relative to 1 where the value is below.
        error = np.abs(got - expected) / np.maximum(expected, 1)
        assert 0 < error.max() <= tolerance("softmax_cross_entropy", dtype) * eps


def test_sigmoid_cross_entropy_value(dtype, native_backend):
    """Here log1p keeps small values: the error is relative to the value itself, down to exp(-80)."""
    z = np.linspace(-80, 80, 8001).astype(dtype)[:, np.newaxis]
    value, _ = run_op("sigmoid_cross_entropy", [z, np.zeros_like(z)], {}, native_backend, dtype)
    expected = np.logaddexp(0, z.astype(wider(dtype)))[:, 0]
    assert expected.min() < 1e-34
    error = ulp_error(value, expected)
    assert 0.4 < error.max() <= 2 * tolerance("sigmoid_cross_entropy", dtype)


def test_log_over_its_range(dtype, native_backend):
    """log(p) through the binary cross-entropy of target 1, for p in all of [1e-7, 1 - 1e-7]."""
    real = np.dtype(dtype).type
    p = np.unique(
        np.concatenate([np.geomspace(1.1e-7, 0.5, 20_001), 1 - np.geomspace(1.3e-7, 0.5, 20_001)]).astype(
            dtype
        )
    )
    p = p[p <= real(1) - real(1e-7)][:, np.newaxis]
    value, _ = run_op("binary_cross_entropy", [p, np.ones_like(p)], {}, native_backend, dtype)
    expected = -np.log(p.astype(wider(dtype)))[:, 0]
    error = ulp_error(value, expected)
    worst = np.argmax(error)
    assert 0.4 < error[worst] <= tolerance("binary_cross_entropy", dtype), (
        f"{error[worst]:.3f} ULP at {p[worst]}"
    )
