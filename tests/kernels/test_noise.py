"""Normal numbers from Philox: how exact they are, how they are distributed, and that all levels have the same ones."""

import statistics

import numpy as np
import pytest

from fastnn.backends.native import NativeBackend
from fastnn.ops.dropout import dropout_mask
from fastnn.ops.noise import SATURATED, alpha_line, normal, normal_noise
from fastnn.testing import run_op

SEED = 2**63 + 12345
SHAPES = [(1, 1), (3, 4), (2, 5), (7, 31), (5, 32), (5, 33), (4, 67), (33, 130)]


def gaussian(z):
    """The exact distribution function."""
    return np.array([statistics.NormalDist().cdf(float(value)) for value in z])


def largest_gap(sample, distribution):
    """The statistic of Kolmogorov and Smirnov."""
    sample = np.sort(sample)
    expected, n = distribution(sample), len(sample)
    return max(np.max(np.arange(1, n + 1) / n - expected), np.max(expected - np.arange(n) / n))


def test_normal_is_the_inverse_of_the_distribution():
    tails = np.unique((2.0 ** np.linspace(0, 31, 4001)).astype(np.uint64)) - 1
    z = normal(2 * tails).astype(np.float64)
    exact = -np.array([statistics.NormalDist().inv_cdf((k + 1) / 2**32) for k in tails.astype(float)])
    error = np.abs(z - exact)
    assert error[exact < 5.5].max() < 4e-6
    assert error.max() < 2e-3
    assert (exact > 5.5).sum() > 5
    assert z[0] == z.max() == pytest.approx(6.2302, abs=2e-3)
    np.testing.assert_array_equal(normal(2 * tails + np.uint64(1)), -normal(2 * tails))
    assert normal(np.array([2**32 - 1, 2**32 - 2], np.uint64)).tolist() == [0, 0]
    assert normal(tails).dtype == np.float32


def test_noise_is_normal():
    z = normal_noise(500, 400, 1, 7, SEED).astype(np.float64).ravel()
    n = z.size
    for power, moment, variance in [(1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)]:
        assert abs((z**power).mean() - moment) < 4 * (variance / n) ** 0.5, f"moment {power}"
    assert largest_gap(z[:50_000], gaussian) < 1.63 / 50_000**0.5  # exceeded by chance once in a hundred
    assert abs((np.abs(z) > 3).mean() - 0.0026998) < 4 * (0.0027 / n) ** 0.5


def test_noise_of_other_places_is_independent():
    base = {"rows": 2, "columns": 40_000, "stream": 1, "step": 1, "seed": SEED}
    changes = [{}, {"step": 2}, {"stream": 2}, {"seed": SEED + 1}]
    noise = np.concatenate([normal_noise(**(base | change)) for change in changes])
    correlation = np.corrcoef(noise) - np.eye(len(noise))
    assert np.abs(correlation).max() < 5 / 200
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 5 / (8 * 40_000) ** 0.5
    np.testing.assert_array_equal(normal_noise(7, 33, 1, 1, SEED), normal_noise(64, 100, 1, 1, SEED)[:7, :33])


@pytest.mark.parametrize(
    ("op_name", "attributes"),
    [
        ("gaussian_noise", {"stddev": 0.7}),
        ("gaussian_dropout", {"stddev": 0.45}),
        ("gaussian_dropout_grad", {"stddev": 0.45}),
        ("alpha_dropout", {"rate": 0.3}),
        ("alpha_dropout_grad", {"rate": 0.3}),
    ],
)
def test_native_has_the_bits_of_the_reference(op_name, attributes, level, dtype, generator):
    for shape in SHAPES:
        x = generator.standard_normal(shape)
        for stream, step, seed in [(0, 0, 0), (1, 2, SEED), (2**31 + 5, 2**40 + 3, 2**64 - 1)]:
            state = {"step": step, "seed": seed}
            numbers = attributes | {"stream": stream}
            (expected,) = run_op(op_name, [x], numbers, "reference", dtype, **state)
            (got,) = run_op(op_name, [x], numbers, NativeBackend(level), dtype, **state)
            np.testing.assert_array_equal(got, expected)
    assert len(np.unique(got)) > got.size / 2


def test_what_is_computed(dtype, generator):
    x = generator.standard_normal((9, 21)).astype(dtype)
    state = {"stream": 4}
    z = normal_noise(9, 21, 4, 5, SEED).astype(dtype)
    kept = dropout_mask(9, 21, 0.25, 4, 5, SEED)
    a, b, dropped = alpha_line(0.25)
    expected = {
        "gaussian_noise": ({"stddev": 0.5}, x + z / 2),
        "gaussian_dropout": ({"stddev": 0.5}, x * (1 + z / 2)),
        "gaussian_dropout_grad": ({"stddev": 0.5}, x * (1 + z / 2)),
        "alpha_dropout": ({"rate": 0.25}, np.where(kept, a * x + b, a * SATURATED + b)),
        "alpha_dropout_grad": ({"rate": 0.25}, np.where(kept, a * x, 0)),
    }
    for op_name, (attributes, y) in expected.items():
        (got,) = run_op(op_name, [x], attributes | state, dtype=dtype, step=5, seed=SEED)
        np.testing.assert_allclose(got, y, rtol=4 * np.finfo(dtype).eps, atol=4 * np.finfo(dtype).eps)
    assert 0.5 < kept.mean() < 0.95
    assert dropped == a * SATURATED + b


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.6])
def test_alpha_dropout_keeps_mean_and_variance(rate, generator):
    x = generator.standard_normal((500, 400))
    (y,) = run_op("alpha_dropout", [x], {"rate": rate, "stream": 1}, dtype="float64", seed=SEED)
    assert abs(y.mean()) < 5 * (2 / y.size) ** 0.5
    assert abs(y.var() - 1) < 0.02
    assert abs((np.isclose(y, alpha_line(rate)[2], rtol=1e-12)).mean() - rate) < 5 * (rate / y.size) ** 0.5
