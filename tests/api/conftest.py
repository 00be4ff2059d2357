"""How tests see that an argument does something."""

import json
import warnings

import numpy as np
import pytest

from fastnn.utils import set_random_seed

REFUSALS = (ValueError, NotImplementedError, TypeError)


def plain(value):
    """Something that can be compared."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (str, int, float, type(None))):
        return value
    return np.asarray(value).tolist()


def check_argument(observe, base, name, value):
    """What is observed differs with the argument, or the call raises."""
    set_random_seed(1)
    before = plain(observe(**base))
    try:
        set_random_seed(1)
        warnings.simplefilter("ignore", DeprecationWarning)  # of old names, which work
        after = plain(observe(**{**base, name: value}))
    except REFUSALS as error:
        if len(str(error)) < 20:
            raise AssertionError(f"{name}={value!r}: the error says little: {error}") from error
        return
    assert json.dumps(before) != json.dumps(after), f"{name}={value!r} changes nothing"


@pytest.fixture
def check():
    """``check(observe, base, name, value)``: what is observed differs with the argument, or the call raises."""
    return check_argument
