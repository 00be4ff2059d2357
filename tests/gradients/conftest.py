"""Random numbers for the gradient tests."""

import numpy as np
import pytest


@pytest.fixture
def generator():
    """The same in every run."""
    return np.random.default_rng(7)
