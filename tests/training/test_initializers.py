"""Initializers: their distributions, their limits and their seeds."""

import math

import numpy as np
import pytest

from fastnn import initializers
from fastnn.utils import set_random_seed

SHAPE = (300, 200)
RANDOM = sorted(
    {cls for cls in initializers.KNOWN.values() if issubclass(cls, initializers.RandomInitializer)}, key=str
)


@pytest.mark.parametrize(
    ("name", "n", "scale"),
    [
        ("glorot_uniform", 250, 1),
        ("he_uniform", 300, 2),
        ("lecun_uniform", 300, 1),
    ],
)
def test_uniform_scalings(name, n, scale):
    values = initializers.get(name)(SHAPE)
    limit = math.sqrt(3 * scale / n)
    assert np.abs(values).max() <= limit
    assert np.abs(values).max() > 0.999 * limit
    assert values.mean() == pytest.approx(0, abs=0.01 * limit)
    assert values.std() == pytest.approx(math.sqrt(scale / n), rel=0.01)


@pytest.mark.parametrize(
    ("name", "n", "scale"), [("glorot_normal", 250, 1), ("he_normal", 300, 2), ("lecun_normal", 300, 1)]
)
def test_normal_scalings(name, n, scale):
    values = initializers.get(name)(SHAPE)
    stddev = math.sqrt(scale / n)
    assert values.std() == pytest.approx(stddev, rel=0.01)
    assert np.abs(values).max() <= 2 * stddev / initializers.TRUNCATED_STDDEV


def test_untruncated_scaling_has_tails():
    values = initializers.VarianceScaling(1.0, "fan_out", "untruncated_normal")(SHAPE)
    assert values.std() == pytest.approx(math.sqrt(1 / 200), rel=0.01)
    assert np.abs(values).max() > 3 * math.sqrt(1 / 200)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((), (1, 1)), ((7,), (7, 7)), ((3, 5), (3, 5)), ((2, 2, 3, 5), (12, 20))],
)
def test_fans(shape, expected):
    assert initializers.fans(shape) == expected


def test_plain_distributions():
    uniform = initializers.RandomUniform(1, 3)(SHAPE)
    assert 1 <= uniform.min() < 1.01
    assert 2.99 < uniform.max() <= 3
    normal = initializers.RandomNormal(2, 0.5)(SHAPE)
    assert normal.mean() == pytest.approx(2, abs=0.01)
    assert normal.std() == pytest.approx(0.5, rel=0.01)
    truncated = initializers.TruncatedNormal(2, 0.5)(SHAPE)
    assert np.abs(truncated - 2).max() <= 1
    assert truncated.std() == pytest.approx(0.5 * initializers.TRUNCATED_STDDEV, rel=0.01)


def test_fixed_values():
    assert initializers.get("zeros")((2, 3)).tolist() == [[0] * 3] * 2
    assert initializers.get("one")((2,)).tolist() == [1, 1]
    assert initializers.Constant(2.5)((2,)).tolist() == [2.5, 2.5]
    assert initializers.Identity(2)((2, 3)).tolist() == [[2, 0, 0], [0, 2, 0]]


@pytest.mark.parametrize("shape", [(5, 5), (5, 3), (3, 5), (2, 3, 4)])
def test_orthogonal(shape):
    q = initializers.Orthogonal(gain=2)(shape, "float64").reshape(-1, shape[-1])
    product = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
    np.testing.assert_allclose(product, 4 * np.eye(min(q.shape)), atol=1e-12)


@pytest.mark.parametrize("cls", RANDOM)
def test_seeds(cls):
    assert np.array_equal(cls(seed=3)((4, 5)), cls(seed=3)((4, 5)))
    assert not np.array_equal(cls(seed=3)((4, 5)), cls(seed=4)((4, 5)))
    set_random_seed(7)
    first, second = cls()((4, 5)), cls()((4, 5))
    assert not np.array_equal(first, second)
    set_random_seed(7)
    assert np.array_equal(cls()((4, 5)), first)
    assert np.array_equal(cls()((4, 5)), second)
    set_random_seed(8)
    assert not np.array_equal(cls()((4, 5)), first)


@pytest.mark.parametrize("cls", RANDOM)
def test_types_agree(cls):
    wide = cls(seed=1)((6, 4), "float64")
    narrow = cls(seed=1)((6, 4), "float32")
    assert narrow.dtype == np.float32
    assert wide.dtype == np.float64
    assert np.array_equal(narrow, wide.astype("float32"))


@pytest.mark.parametrize("name", initializers.KNOWN)
def test_names_classes_and_configurations(name):
    found = initializers.get(name)
    assert type(initializers.get(type(found))) is type(found)
    assert getattr(initializers, name) is type(found)
    again = initializers.get(initializers.serialize(found))
    assert type(again) is type(found)
    assert again.get_config() == found.get_config()


@pytest.mark.parametrize(("cls", "shape"), [(initializers.Identity, (3,)), (initializers.Orthogonal, (3,))])
def test_shapes_that_do_not_fit(cls, shape):
    with pytest.raises(ValueError, match=rf"{cls.__name__} .*got the shape \(3,\)"):
        cls()(shape)
