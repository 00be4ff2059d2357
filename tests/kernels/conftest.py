"""Axes of the kernel tests: every level that runs here, both dtypes."""

import numpy as np
import pytest

from fastnn.backends import native


@pytest.fixture(params=native.levels())
def level(request):
    """Name of a SIMD level."""
    return request.param


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    """Name of the type of the real numbers."""
    return request.param


@pytest.fixture
def native_backend(level):
    """The native backend at that level."""
    return native.NativeBackend(level)


@pytest.fixture
def generator():
    """Random numbers for inputs, the same in every run."""
    return np.random.default_rng(20240229)
