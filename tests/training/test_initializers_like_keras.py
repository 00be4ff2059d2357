"""Initializers against Keras: names, configurations, what they draw from; and that what they draw is so distributed."""

import json
import math
import pathlib
import statistics

import numpy as np
import pytest

from fastnn import initializers

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "initializers.json").read_text())
ONLY_KERAS = {"input_axes", "output_axes"}  # for kernels of convolutions
NAMES = {name: cls for name, cls in GOLDEN["names"].items() if cls != "STFT"}


class Fixed:
    """A generator of numbers that are known, instead of drawn ones."""

    def __init__(self, normal):
        self.normal = np.asarray(normal)

    def standard_normal(self, shape):
        return np.broadcast_to(self.normal, shape).copy()

    def uniform(self, low, high, shape):
        return np.broadcast_to([low, high], (2,))


def described(case):
    return f"{case['class']}-{case['config']}-{case['shape']}"


@pytest.mark.parametrize("name", NAMES)
def test_names(name):
    assert type(initializers.get(name)).__name__ == NAMES[name]


def test_what_keras_exports_is_there():
    missing = [name for name in GOLDEN["exported"] if not hasattr(initializers, name) and "stft" not in name.lower()]
    assert missing == []
    with pytest.raises(ValueError, match="unknown initializer 'stft'"):
        initializers.get("stft")


@pytest.mark.parametrize("name", GOLDEN["configs"])
def test_configurations(name):
    config = dict(GOLDEN["configs"][name])
    assert all(config.pop(key, None) is None for key in ONLY_KERAS)
    item = getattr(initializers, name)()
    own = item.get_config()
    assert own == (config if name != "Identity" else {"gain": 1.0}), "Keras forgets the gain of an Identity"
    again = initializers.deserialize({"class_name": name, "config": own})
    assert type(again) is type(item)
    assert type(initializers.deserialize(initializers.serialize(item))) is type(item)


@pytest.mark.parametrize("case", GOLDEN["drawn"], ids=described)
def test_distributions_are_those_of_keras(case):
    item = getattr(initializers, case["class"])(**case["config"])
    kind, first, second = case["drawn"]
    if kind == "uniform":
        np.testing.assert_allclose(item.draw(Fixed(0), tuple(case["shape"])), [first, second], rtol=1e-14)
        return
    for z in (0.0, 1.0, -1.75):
        values = item.draw(Fixed(z), tuple(case["shape"]))
        assert values.shape == tuple(case["shape"])
        np.testing.assert_allclose(values, first + second * z, rtol=1e-14)
    cut = kind == "truncated_normal"
    sample = (item((200, 100), "float64") - item.draw(Fixed(0), (1, 1))) / (
        item.draw(Fixed(1), (200, 100))[0, 0] - item.draw(Fixed(0), (1, 1))[0, 0]
    )
    assert (np.abs(sample).max() <= 2) == cut


@pytest.mark.parametrize("case", GOLDEN["fixed"], ids=described)
def test_fixed_values(case):
    item = getattr(initializers, case["class"])(**case["config"])
    np.testing.assert_array_equal(item(case["shape"]), case["values"])


@pytest.mark.parametrize("case", GOLDEN["orthogonal"], ids=str)
def test_orthogonal_matrices_are_those_of_keras(case):
    item = initializers.Orthogonal(**case["config"])
    values = item.draw(Fixed(case["normal"]), tuple(case["shape"]))
    np.testing.assert_allclose(values, case["values"], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("shape", [(40, 40), (60, 20), (20, 60), (3, 4, 50)])
def test_orthogonality(shape):
    q = initializers.Orthogonal(gain=0.5, seed=2)(shape, "float64").reshape(-1, shape[-1])
    product = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
    np.testing.assert_allclose(product, 0.25 * np.eye(min(q.shape)), atol=1e-13)
    assert np.linalg.matrix_rank(q) == min(q.shape)


NORMAL = statistics.NormalDist()


def normal(x):
    return np.array([NORMAL.cdf(float(value)) for value in x])


def cut_normal(x):
    low, high = NORMAL.cdf(-2), NORMAL.cdf(2)
    return (np.clip(normal(x), low, high) - low) / (high - low)


def uniform(x):
    return np.clip((x + 1) / 2, 0, 1)


def largest_gap(sample, distribution):
    """The statistic of Kolmogorov and Smirnov."""
    sample = np.sort(sample.ravel())
    expected, n = distribution(sample), sample.size
    return max(np.max(np.arange(1, n + 1) / n - expected), np.max(expected - np.arange(n) / n))


SHAPE = (200, 150)
CUT = initializers.TRUNCATED_STDDEV
SAMPLES = [
    ("random_uniform", 0.05, uniform),
    ("random_normal", 0.05, normal),
    ("truncated_normal", 0.05, cut_normal),
    ("glorot_uniform", math.sqrt(3 / 175), uniform),
    ("glorot_normal", math.sqrt(1 / 175) / CUT, cut_normal),
    ("he_uniform", math.sqrt(6 / 200), uniform),
    ("he_normal", math.sqrt(2 / 200) / CUT, cut_normal),
    ("lecun_uniform", math.sqrt(3 / 200), uniform),
    ("lecun_normal", math.sqrt(1 / 200) / CUT, cut_normal),
    ("variance_scaling", math.sqrt(1 / 200) / CUT, cut_normal),
]


@pytest.mark.parametrize(("name", "unit", "distribution"), SAMPLES)
@pytest.mark.parametrize("seed", [1, 2])
def test_samples_are_distributed_so(name, unit, distribution, seed):
    """Kolmogorov and Smirnov: a gap of 1.63 / sqrt(n) is exceeded by chance once in a hundred samples."""
    sample = getattr(initializers, name)(seed=seed)(SHAPE, "float64") / unit
    limit = 1.63 / sample.size**0.5
    assert largest_gap(sample, distribution) < limit
    for other in (uniform, normal, cut_normal):
        assert other is distribution or largest_gap(sample, other) > 2 * limit, "the test can tell them apart"
    rows, columns = sample[1:], sample[:, 1:]
    for a, b in ((rows, sample[:-1]), (columns, sample[:, :-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / a.size**0.5
