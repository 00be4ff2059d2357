"""Zeros of the data are left out of the first layer's products: the same bits, whatever the pattern."""

import numpy as np
import pytest

from fastnn.backends import native
from fastnn.backends.native import NativeBackend, levels
from fastnn.builder import ProgramBuilder
from fastnn.testing import OPTIMIZERS, mlp_program

ROWS, COLUMNS = 150, 67


def patterns(generator):
    """Data sets by name: each with zeros in another pattern."""
    full = generator.standard_normal((ROWS, COLUMNS)).astype(np.float32)
    drawing = full.copy()
    drawing[:, np.abs(np.arange(COLUMNS) - 30) > 12] = 0  # a frame that is always empty
    drawing[generator.random(drawing.shape) < 0.3] = -0.0
    multi_hot = (generator.random((ROWS, COLUMNS)) < 0.05).astype(np.float32)
    multi_hot[7] = 0
    rows = np.where(np.arange(ROWS)[:, np.newaxis] % 3 == 0, full, 0).astype(np.float32)
    tiny = np.where(generator.random(full.shape) < 0.7, 0, 1e-42 * full).astype(np.float32)
    return {
        "full": full,
        "drawing": drawing,
        "multi-hot": multi_hot,
        "random": np.where(generator.random(full.shape) < 0.9, 0, full).astype(np.float32),
        "rows": rows,
        "denormals": tiny,
        "nothing": np.zeros_like(full),
        "bytes": (multi_hot * 200).astype(np.uint8),
    }


PATTERNS = tuple(patterns(np.random.default_rng(0)))


NOT, SOME_EPOCHS, MANY_EPOCHS = 0, 1, 9
"""How long the rows stay: some epochs are worth marks, many ones rows without zeros."""


@pytest.fixture(autouse=True)
def share(monkeypatch):
    """Rows are kept without zeros however few these are."""
    monkeypatch.setattr(native, "_LARGEST_SHARES", (1, 1))


def trained(program, x, dtype, load, parameters, backend, threads=1, batch_size=32, stay=NOT):
    executable = load(program, dtype, backend, learning_rate=0.01)
    executable.threads, executable.always_threads = threads, True
    labels = np.random.default_rng(1).integers(0, 5, ROWS).astype(np.int32)
    totals = np.zeros(1)
    if stay:
        executable.rows_stay(x, stay)
    for epoch in range(3):
        executable.train(x, labels, np.random.default_rng(epoch).permutation(ROWS), batch_size, totals)
    compressed = executable._staying[2]
    if stay == MANY_EPOCHS and not (threads == 1 and batch_size <= 8):  # few rows have kernels of their own
        assert compressed.complete
    return parameters(executable) | {"totals": totals}


def assert_same_bits(one, other):
    for name, value in one.items():
        assert value.tobytes() == other[name].tobytes(), name  # -0 is not +0 here


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns(pattern, dtype, load, parameters):
    x = patterns(np.random.default_rng(0))[pattern]
    program = mlp_program((COLUMNS, 70, 5), "relu", "sparse_softmax_cross_entropy", "adam", 0.2)
    for batch_size in (1, 32, ROWS):
        expected = trained(program, x, dtype, load, parameters, NativeBackend(skip_zeros=False), 1, batch_size)
        for level in levels():
            for stay in (NOT, SOME_EPOCHS, MANY_EPOCHS):
                got = trained(program, x, dtype, load, parameters, NativeBackend(level), 1, batch_size, stay)
                assert_same_bits(expected, got)
    for stay in (NOT, SOME_EPOCHS, MANY_EPOCHS):
        got = trained(program, x, dtype, load, parameters, NativeBackend(), 2, ROWS, stay)
        assert_same_bits(expected, got)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("outputs", [1, 5, 8, 9, 17, 33])
def test_layers_of_few_outputs(pattern, outputs, dtype, load, parameters):
    """The last vector of a panel may hold few columns or none; threads share out features or panels."""
    x = patterns(np.random.default_rng(0))[pattern]
    program = mlp_program((COLUMNS, outputs, 5), "relu", "sparse_softmax_cross_entropy", "adam")
    expected = trained(program, x, dtype, load, parameters, NativeBackend(skip_zeros=False))
    for level in levels():
        for threads in (1, 2, 3):
            got = trained(program, x, dtype, load, parameters, NativeBackend(level), threads, stay=MANY_EPOCHS)
            assert_same_bits(expected, got)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("fused", [True, False])
def test_optimizers(optimizer, fused, load, parameters):
    x = patterns(np.random.default_rng(0))["drawing"]
    for hidden in (70, 3):
        program = mlp_program((COLUMNS, hidden, 5), "tanh", "sparse_softmax_cross_entropy", optimizer)
        dense, skipping, compressed = (
            trained(program, x, "float32", load, parameters, NativeBackend(fused=fused, skip_zeros=skip), stay=stay)
            for skip, stay in ((False, NOT), (True, NOT), (True, MANY_EPOCHS))
        )
        assert_same_bits(dense, skipping)
        assert_same_bits(dense, compressed)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_batches_in_pieces(dtype, load, parameters, monkeypatch):
    """Of more than four pieces; the gradient of one goes on from where the last one ended."""
    monkeypatch.setitem(globals(), "ROWS", 700)
    x = patterns(np.random.default_rng(0))["drawing"]
    for sizes in ((COLUMNS, 5), (COLUMNS, 70, 5)):
        program = mlp_program(sizes, "relu", "sparse_softmax_cross_entropy", "adam")
        expected = trained(program, x, dtype, load, parameters, NativeBackend(skip_zeros=False), 1, 700)
        for threads in (1, 2):
            got = trained(program, x, dtype, load, parameters, NativeBackend(), threads, 700, MANY_EPOCHS)
            assert_same_bits(expected, got)


@pytest.mark.parametrize("kind", ["input of another op", "few columns", "rows of numbers"])
def test_what_needs_the_zeros_is_not_compressed(kind, load, monkeypatch):
    b = ProgramBuilder()
    columns = 8 if kind == "few columns" else COLUMNS
    x = b.input(columns)
    y = b.emit("relu", x) if kind == "input of another op" else x
    y = b.emit("dense", y, b.parameter("w", (columns, 5)), b.parameter("b", (5,)))
    if kind == "rows of numbers":
        monkeypatch.undo()
    executable = load(b.build(y), "float32", NativeBackend())
    executable.rows_stay(np.full((ROWS, columns), 1.0 if kind == "rows of numbers" else 0.0, np.float32), MANY_EPOCHS)
    assert executable._staying[2] is None


def test_rows_that_do_not_fit_the_room_are_trained_all_the_same(load, parameters):
    """A sample of every so manieth row has said that there are hardly any numbers."""
    x = np.ones((4 * native._SAMPLED_ROWS, COLUMNS), np.float32)
    x[::4] = 0
    program = mlp_program((COLUMNS, 5), "relu", "sparse_softmax_cross_entropy", "sgd")
    results = []
    for stay in (NOT, MANY_EPOCHS):
        executable = load(program, "float32", NativeBackend(), learning_rate=0.01)
        if stay:
            executable.rows_stay(x, stay)
        for _ in range(3):
            executable.train(x, np.arange(len(x), dtype=np.int32) % 5, np.arange(len(x)), 32)
        results.append(parameters(executable))
    assert not executable._staying[2].complete
    assert_same_bits(*results)


def test_signs_of_zeros(load, parameters):
    """A product that underflows to -0 before a zero of the data: dense products mend it, and so does leaving out."""
    x = np.zeros((ROWS, COLUMNS), np.float32)
    x[:, 0] = 1e-30
    program = mlp_program((COLUMNS, 70, 5), "relu", "sparse_softmax_cross_entropy", "sgd")
    results = []
    for skip in (False, True):
        executable = load(program, "float32", NativeBackend(skip_zeros=skip), learning_rate=0.01)
        executable.set("w0", np.full((COLUMNS, 70), -1e-30, np.float32))
        executable.set("b0", np.full(70, -0.0, np.float32))
        executable.train(x, np.zeros(ROWS, np.int32), np.arange(32), 32)
        results.append({name: executable.get(name) for name in ("w0", "b0", "w1")} | {"z": executable.get("z")})
    assert_same_bits(*results)
    assert not np.signbit(results[0]["z"]).any()


def test_changed_data_is_seen(load, parameters):
    """Nothing about the data is kept from one call to the next."""
    program = mlp_program((COLUMNS, 70, 5), "relu", "sparse_softmax_cross_entropy", "sgd")
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 5, ROWS).astype(np.int32)
    results = []
    for skip in (False, True):
        executable = load(program, "float32", NativeBackend(skip_zeros=skip), learning_rate=0.01)
        x = np.zeros((ROWS, COLUMNS), np.float32)
        for k in range(4):
            x[:, k * 9] = 1 + k
            executable.train(x, labels, np.arange(ROWS), 32)
        results.append(parameters(executable))
    assert_same_bits(*results)


@pytest.mark.parametrize("columns", [32, 63, 64, 65, 97, 784, 1030])
@pytest.mark.parametrize("offset", [0, 1, 5])
def test_marks_of_rows_of_any_width_and_place(columns, offset, load, parameters):
    """Rows that begin anywhere in a cache line, of whole lines or not: each number that is not 0 is found again."""
    generator = np.random.default_rng(columns)
    x = np.zeros(ROWS * columns + offset, np.float32)[offset:].reshape(ROWS, columns)
    x[generator.random(x.shape) < 0.02] = 1.5
    x[:, -1] = generator.standard_normal(ROWS)  # in the last line
    program = mlp_program((columns, 70, 5), "relu", "sparse_softmax_cross_entropy", "adam")
    expected = trained(program, x, "float32", load, parameters, NativeBackend(skip_zeros=False))
    assert_same_bits(expected, trained(program, x, "float32", load, parameters, NativeBackend(), stay=SOME_EPOCHS))


def test_rows_that_stay_are_searched_once(load):
    """What the marks are for: zeros written over numbers afterwards would not be noticed, which ``fit`` rules out."""
    program = mlp_program((COLUMNS, 70, 5), "relu", "sparse_softmax_cross_entropy", "sgd")
    x = patterns(np.random.default_rng(0))["multi-hot"]
    executable = load(program, "float32", NativeBackend(), learning_rate=0.01)
    executable.rows_stay(x)
    executable.train(x, np.zeros(ROWS, np.int32), np.arange(ROWS), 16)
    _, marks, _ = executable._staying
    assert len(marks) == ROWS and marks[16:, 0].all()  # a look at the first batch has said that it pays
    bits = np.unpackbits(marks[:, -2:].copy().view(np.uint8), axis=1, bitorder="little")[:, :COLUMNS]
    np.testing.assert_array_equal(bits[16:], x[16:] != 0)
    executable.rows_stay(None)
    assert executable._staying == (None, None, None)
