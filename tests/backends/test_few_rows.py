"""Batches of few rows have kernels of their own, with ops joined and moved: the same bits as the ops one by one."""

import numpy as np
import pytest

from fastnn.backends.native import NativeBackend, levels
from fastnn.backends.step import StepBackend
from fastnn.builder import ProgramBuilder
from fastnn.ops import ROWS
from fastnn.testing import OPTIMIZERS, example_data, mlp_program

ROWS_OF_DATA = 41  # the last batch is short for most sizes


def state(executable, parameters):
    """Parameters, slots, and what the last batch left in the other buffers that every backend writes."""
    batch = {
        buffer.name: executable.get(buffer.name)
        for buffer in executable.program.buffers
        if ROWS in buffer.shape and buffer.role in ("activation", "delta", "value")
    }
    return parameters(executable) | batch


def trained(program, backend, dtype, batch_size, load, parameters):
    x, y = example_data(program, np.random.default_rng(3), ROWS_OF_DATA, dtype)
    executable = load(program, dtype, backend, learning_rate=0.01)
    totals = np.zeros(len(program.values()))
    for epoch in range(2):
        order = np.random.default_rng(epoch).permutation(ROWS_OF_DATA)
        executable.train(x, y, order, batch_size, totals)
    sums = executable.evaluate(x, y, batch_size)
    outputs = executable.predict(x, batch_size)
    return state(executable, parameters) | {"totals": totals, "sums": sums, "outputs": outputs}


def check(program, dtype, batch_sizes, load, parameters, at=None, fused=True):
    initial = parameters(load(program, dtype))
    for level in at or levels():
        for batch_size in batch_sizes:
            expected = trained(program, StepBackend(level, fused), dtype, batch_size, load, parameters)
            got = trained(program, NativeBackend(level, fused), dtype, batch_size, load, parameters)
            assert expected.keys() == got.keys()
            for name, value in expected.items():
                assert value.tobytes() == got[name].tobytes(), (level, batch_size, name)
            assert all(np.any(got[name] != value) for name, value in initial.items() if not name.startswith("b"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer, dtype, load, parameters):
    program = mlp_program((5, 19, 34, 3), "relu", "sparse_softmax_cross_entropy", optimizer)
    check(program, dtype, (1, 3, 8), load, parameters)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (4, 30, 16, 3), (7, 70, 5), (6, 4, 8, 1), (40, 129, 33, 10)])
def test_shapes(sizes, dtype, load, parameters):
    program = mlp_program(sizes, "relu", "mean_squared_error", "adam")
    check(program, dtype, range(1, 10), load, parameters, levels()[:1])
    check(program, dtype, (1, 2, 5), load, parameters)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "elu"])
def test_other_activations(activation, load, parameters):
    attributes = {"alpha": 1.0, "scale": 1.0, "divisor": 1.0} if activation == "elu" else {}
    b = ProgramBuilder()
    y = b.input(5)
    for i, (inputs, units) in enumerate([(5, 18), (18, 7), (7, 4)]):
        y = b.emit("dense", y, b.parameter(f"w{i}", (inputs, units)), b.parameter(f"b{i}", (units,)))
        if i < 2:
            y = b.emit("dropout", b.emit(activation, y, **attributes), rate=0.25, stream=i)
    start = b.loss("softmax_cross_entropy", y, b.target((4,)))
    b.backward(start)
    b.update("sgd")
    check(b.build(y), "float32", (1, 4), load, parameters)


def shared_weight_program(clip=None, decay=None):
    """Two layers with one weight, a layer without bias, two uses of a layer's output."""
    b = ProgramBuilder()
    x = b.input(6)
    w = b.parameter("w", (6, 6))
    first = b.emit("relu", b.emit("dense", x, w, b.parameter("b", (6,))))
    second = b.emit("relu", b.emit("dense", first, w, None))
    y = b.emit("dense", b.emit("add", first, second), b.parameter("w1", (6, 3)), b.parameter("b1", (3,)))
    start = b.loss("sparse_softmax_cross_entropy", y, b.target((), True))
    b.backward(start)
    if clip:
        b.clip_norms(clip)
    slots, attributes = OPTIMIZERS["adam"]
    b.update("adam", slots, weight_decay=decay, **attributes)
    return b.build(y)


@pytest.mark.parametrize("options", [{}, {"clip": 0.5}, {"decay": 0.01}])
@pytest.mark.parametrize("fused", [True, False])
def test_updates_that_must_stay(options, fused, load, parameters):
    check(shared_weight_program(**options), "float32", (1, 2, 7), load, parameters, fused=fused)


def test_zeros_are_left_out(load, parameters):
    """Lists of zeros are made for few rows too, and their kernels taken."""
    program = mlp_program((67, 70, 5), "relu", "sparse_softmax_cross_entropy", "adam", 0.2)
    x = np.random.default_rng(0).standard_normal((30, 67)).astype(np.float32)
    x[:, 5:60] = 0
    y = np.arange(30, dtype=np.int32) % 5
    results = []
    for skip in (False, True):
        executable = load(program, "float32", NativeBackend(skip_zeros=skip), learning_rate=0.01)
        executable.train(x, y, np.arange(30), 3)
        results.append(parameters(executable))
    for name, value in results[0].items():
        assert value.tobytes() == results[1][name].tobytes(), name


def test_batches_of_few_rows_between_others(load, parameters):
    """The same buffers serve all sizes: what a wide batch leaves in the padding does no harm to a small one."""
    program = mlp_program((9, 21, 5, 2), "relu", "mean_squared_error", "rmsprop")
    results = []
    for backend in (StepBackend(), NativeBackend()):
        executable = load(program, "float32", backend, learning_rate=0.01)
        for batch_size in (40, 1, 12, 7, 41, 2):
            x, y = example_data(program, np.random.default_rng(batch_size), ROWS_OF_DATA, "float32")
            executable.train(x, y, np.arange(ROWS_OF_DATA), batch_size)
        results.append(state(executable, parameters))
    for name, value in results[0].items():
        assert value.tobytes() == results[1][name].tobytes(), name
