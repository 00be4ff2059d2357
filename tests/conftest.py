"""Fixtures shared by all tests."""

import numpy as np
import pytest

import fastnn


def backends():
    """Names of the backends that can run here."""
    try:
        fastnn.get_backend("native")
    except ImportError:
        return ["reference"]
    return ["reference", "native"]


@pytest.fixture(params=backends())
def backend(request, monkeypatch):
    """Name of the backend that models and layers use in this test."""
    monkeypatch.setenv("FASTNN_BACKEND", request.param)
    return request.param


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts with the same random numbers."""
    fastnn.utils.set_random_seed(1)


@pytest.fixture
def blobs():
    """Three classes of 4-dimensional points, easy to tell apart: x (90, 4) float32, labels (90,) int64."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 90)
    x = generator.standard_normal((90, 4)) + 3 * np.eye(4)[labels]
    return x.astype("float32"), labels


@pytest.fixture
def float64():
    """Models are of float64 in this test."""
    fastnn.config.set_floatx("float64")
    yield
    fastnn.config.set_floatx("float32")
