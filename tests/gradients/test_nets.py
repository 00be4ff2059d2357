"""Whole nets in float64: the derivative along one random direction through data and all parameters."""

import numpy as np
import pytest

from fastnn.backends import get_backend
from fastnn.testing import DIRECTION_RTOL, LOSSES, example_data, fill_parameters, mlp_program

EPS = 1e-4


def derivative(f):
    """df/ds at 0 over four points."""
    return (f(-2 * EPS) - 8 * f(-EPS) + 8 * f(EPS) - f(2 * EPS)) / (12 * EPS)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "softmax"])
@pytest.mark.parametrize("loss", LOSSES)
def test_direction(backend, loss, activation, dropout, generator):
    program = mlp_program((6, 9, 7, 4), activation, loss, optimizer=None, dropout=dropout)
    executable = get_backend(backend).load(program, "float64", seed=3)
    fill_parameters(executable, generator, scale=2)
    x, y = example_data(program, generator, rows=8)
    names = [program.buffers[i].name for i in program.with_role("parameter")]
    start = {name: executable.get(name) for name in names}
    direction = {name: generator.standard_normal(value.shape) for name, value in start.items()}
    along_x = generator.standard_normal(x.shape)
    kinks = [buffer.name for buffer in program.buffers if buffer.name.startswith("z")][:2]

    executable.run("forward", x, y)
    executable.run("backward")
    terms = [(executable.get("dx") * along_x).sum()]
    terms += [(executable.get(f"d{name}") * direction[name]).sum() for name in names]
    signs = None

    def loss_at(s):
        nonlocal signs
        for name in names:
            executable.set(name, start[name] + s * direction[name])
        executable.run("forward", x + s * along_x, y)
        here = np.concatenate([executable.get(name) for name in kinks], axis=1) > 0
        crossed = 0 if signs is None else (here != signs).sum()
        signs = here
        assert activation != "relu" or crossed == 0, f"{crossed} units crossed the kink: choose another seed"
        return executable.get("loss").mean()

    assert min(map(abs, terms)) > 1e-6, "each part of the gradient counts"
    np.testing.assert_allclose(sum(terms), derivative(loss_at), rtol=DIRECTION_RTOL)
