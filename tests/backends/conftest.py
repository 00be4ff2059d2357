"""Random numbers, and loaded nets, for the backend tests."""

import numpy as np
import pytest

from fastnn.backends.native import NativeBackend
from fastnn.backends.reference import ReferenceBackend
from fastnn.testing import fill_parameters


@pytest.fixture
def generator():
    """The same in every run."""
    return np.random.default_rng(11)


@pytest.fixture
def load():
    """load(program, dtype, backend): an executable with the same random parameters whatever the backend."""

    def load(program, dtype="float32", backend=None, learning_rate=0.05, seed=21):
        executable = (backend or NativeBackend()).load(program, dtype, seed)
        executable.learning_rate = learning_rate
        fill_parameters(executable, np.random.default_rng(seed), scale=1.5)
        return executable

    return load


@pytest.fixture
def parameters():
    """parameters(executable): values of all parameters and slots by name."""

    def parameters(executable):
        program = executable.program
        return {program.buffers[i].name: executable.get(program.buffers[i].name)
                for i in program.with_role("parameter", "slot")}  # fmt: skip

    return parameters


@pytest.fixture(params=["reference", "native"])
def any_backend(request):
    """Either backend, as an object."""
    return NativeBackend() if request.param == "native" else ReferenceBackend()
