"""The determinism contract on one machine: what may not change a single bit of the result."""

import ctypes
import platform
import sys
import threading

import numpy as np
import pytest

from fastnn.backends.native import NativeBackend, levels
from fastnn.fusion import fuse
from fastnn.testing import OPTIMIZERS, example_data, mlp_program

SIZES = (11, 33, 17, 5)


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name, strict=True)


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    """Name of the type of the real numbers."""
    return request.param


@pytest.fixture(params=OPTIMIZERS)
def net(request):
    """A net with dropout and one of the optimizers."""
    return mlp_program(
        SIZES, "relu", "sparse_softmax_cross_entropy", request.param, 0.2, "sparse_categorical_accuracy"
    )


def trained(executable, parameters, x, y, order, batch_size=32, slices=None):
    """Parameters and totals after training, in one call or in slices of the order."""
    totals = np.zeros(2)
    for part in np.split(order, slices or []):
        executable.train(x, y, part, batch_size, totals)
    return parameters(executable) | {"totals": totals, "step": np.array(executable.step)}


def order_of(n, epochs=2):
    generator = np.random.default_rng(2)
    return np.concatenate([generator.permutation(n) for _ in range(epochs)])[: epochs * n - 9]


def test_levels(net, dtype, load, parameters, generator):
    x, y = example_data(net, generator, 110, dtype)
    results = [
        trained(load(net, dtype, NativeBackend(level)), parameters, x, y, order_of(110)) for level in levels()
    ]
    for other in results[1:]:
        assert_same(results[0], other)
    assert results[0]["step"] == 7


def test_fused_and_unfused(net, dtype, load, parameters, generator):
    x, y = example_data(net, generator, 300, dtype)
    fused, unfused = (load(net, dtype, NativeBackend(fused=flag)) for flag in (True, False))
    names = {op.kind.name for op in fused.program.sections["backward"]}
    assert any(name.startswith("dense_") and name not in ("dense_db", "dense_dx") for name in names)
    assert "dense_dw" not in names
    assert len(fused.program.sections["update"]) < len(unfused.program.sections["update"])
    for batch_size in (32, 300):
        one, other = (trained(e, parameters, x, y, order_of(300), batch_size) for e in (fused, unfused))
        assert_same(one, other)


def test_fusion_leaves_a_program_without_updates_alone():
    program = mlp_program(SIZES, optimizer=None)
    assert fuse(program) is program


def test_fusion_waits_for_the_weight_to_be_read():
    """No op reads a weight after a fused op has changed it: dense_dx of the same layer stands before."""
    changed = set()
    for op in fuse(mlp_program(SIZES, optimizer="adam")).sections["backward"]:
        assert not changed.intersection(op.inputs[op.kind.in_place :])
        changed.update(op.outputs[: op.kind.in_place])
    assert len(changed) == 3 * (len(SIZES) - 1)


@pytest.mark.parametrize("fused", [True, False])
def test_step_mode(net, dtype, fused, load, parameters, generator):
    """The ops run one by one from Python, or a whole slice in C."""
    x, y = example_data(net, generator, 75, dtype)
    order = order_of(75)
    whole, stepped = (load(net, dtype, NativeBackend(fused=fused)) for _ in range(2))
    expected = trained(whole, parameters, x, y, order)
    totals = np.zeros(2)
    for first in range(0, len(order), 32):
        rows = order[first : first + 32]
        loaded = x[rows], y[rows]
        for section in ("forward", "backward", "update"):
            for op in range(len(stepped.program.sections[section])):
                stepped.run(
                    section, *(loaded if section == "forward" and op == 0 else ()), start=op, stop=op + 1
                )
        totals += [
            stepped.get("loss").sum(dtype=np.float64),
            stepped.get("sparse_categorical_accuracy").sum(),
        ]
        stepped.step += 1
    got = parameters(stepped) | {"totals": expected["totals"], "step": np.array(stepped.step)}
    assert_same(expected, got)
    np.testing.assert_allclose(totals, expected["totals"], rtol=1e-12)  # NumPy adds the rows in another order


def test_slices(net, dtype, load, parameters, generator):
    """One call, or cut at any batch: the same weights, steps and totals."""
    x, y = example_data(net, generator, 120, dtype)
    order = order_of(120)
    results = [
        trained(load(net, dtype), parameters, x, y, order, slices=slices)
        for slices in ([], [32], [64, 96, 192], list(range(32, len(order), 32)))
    ]
    for other in results[1:]:
        assert_same(results[0], other)
    assert results[0]["totals"].min() > 0


def test_run_to_run(net, dtype, load, parameters, generator):
    x, y = example_data(net, generator, 60, dtype)
    results = [trained(load(net, dtype), parameters, x, y, order_of(60)) for _ in range(3)]
    for other in results[1:]:
        assert_same(results[0], other)
    other = trained(load(net, dtype, seed=22), parameters, x, y, order_of(60))
    assert not np.array_equal(other["w0"], results[0]["w0"]), "another seed, another result"


def test_continued_training(net, dtype, load, parameters, generator):
    """Parameters, slots, step and seed are all there is to carry over."""
    x, y = example_data(net, generator, 64, dtype)
    order = order_of(64)[:96]
    expected = trained(load(net, dtype), parameters, x, y, order)
    first = load(net, dtype)
    totals = np.zeros(2)
    first.train(x, y, order[:32], 32, totals)
    second = load(net, dtype, seed=99)
    for name, value in parameters(first).items():
        second.set(name, value)
    second.step, second.seed = first.step, first.seed
    second.train(x, y, order[32:], 32, totals)
    assert_same(expected, parameters(second) | {"totals": totals, "step": np.array(second.step)})


@pytest.mark.parametrize("level", levels())
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "softmax"])
def test_predictions_do_not_depend_on_the_batch(activation, level, dtype, load, generator):
    """Row by row, in odd blocks, in large ones, whole: 0 differing bits."""
    program = mlp_program(SIZES, activation, "categorical_cross_entropy", dropout=0.3)
    executable = load(program, dtype, NativeBackend(level))
    x, _ = example_data(program, generator, 530, dtype)
    whole = executable.predict(x, len(x))
    for batch_size in (1, 7, 64, 257, 529, 10_000):
        np.testing.assert_array_equal(executable.predict(x, batch_size), whole)
    np.testing.assert_array_equal(executable.predict(x[77:78], 1), whole[77:78])
    np.testing.assert_array_equal(executable.predict(x[::-1].copy(), 50), whole[::-1])
    assert len(np.unique(whole)) > whole.size // 2


def test_evaluation_does_not_depend_on_the_rows_order_of_batches(dtype, load, generator):
    """Values of a row are the same in any batch: only the totals' last bits may differ, as sums of sums."""
    program = mlp_program(SIZES, "tanh", "mean_squared_error")
    executable = load(program, dtype)
    x, y = example_data(program, generator, 100, dtype)
    executable.run("evaluate", x, y)
    whole = executable.get("loss")
    for i in (0, 13, 99):
        executable.run("evaluate", x[i : i + 1], y[i : i + 1])
        np.testing.assert_array_equal(executable.get("loss"), whole[i : i + 1])


# --- Data ---


@pytest.mark.parametrize("data_dtype", ["float32", "float64", "uint8", "float16", "int64", ">f4", ">f8"])
def test_types_of_data(data_dtype, dtype, any_backend, load, parameters, generator):
    """Numbers that both types hold exactly give the same result in whichever they come."""
    program = mlp_program(SIZES, "tanh", "sparse_softmax_cross_entropy", metric="sparse_categorical_accuracy")
    x = generator.integers(0, 100, (40, SIZES[0]))
    y = generator.integers(0, SIZES[-1], 40).astype(np.int32)
    results = []
    for given in (x.astype(dtype), x.astype(data_dtype)):
        executable = load(program, dtype, any_backend, learning_rate=1e-3)
        result = trained(executable, parameters, given, y, order_of(40, 1), batch_size=8)
        result["prediction"] = executable.predict(given, 16)
        result["evaluation"] = executable.evaluate(given, y, 16)
        results.append(result)
    assert_same(*results)


def test_layouts_of_data(dtype, any_backend, load, parameters, generator):
    """Read-only, strided, reversed, transposed, misaligned: the same result, and the arrays are as before."""
    program = mlp_program(SIZES, "tanh", "mean_squared_error")
    program_x, program_y = example_data(program, generator, 40, dtype)

    def variants(a):
        yield a
        read_only = a.copy()
        read_only.flags.writeable = False
        yield read_only
        wide = np.zeros((len(a) * 2, a.shape[1] * 3), a.dtype)
        wide[::2, ::3] = a
        yield wide[::2, ::3]
        yield a[::-1, ::-1].copy()[::-1, ::-1]
        yield np.asfortranarray(a)
        memory = np.zeros(a.nbytes + 1, np.uint8)
        shifted = memory[1:].view(a.dtype).reshape(a.shape)
        shifted[...] = a
        assert not shifted.flags.aligned
        yield shifted

    results = []
    for x, y in zip(variants(program_x), variants(program_y), strict=True):
        executable = load(program, dtype, any_backend)
        executable.train(x, y, order_of(40, 1), 8)
        result = parameters(executable)
        result["prediction"] = executable.predict(x, 16)
        result["evaluation"] = executable.evaluate(x, y, 16)
        results.append(result)
        np.testing.assert_array_equal(x, program_x)
        np.testing.assert_array_equal(y, program_y)
    assert len(results) == 6
    for other in results[1:]:
        assert_same(results[0], other)


def test_order_outside_of_the_data_is_refused(load, generator):
    program = mlp_program(SIZES)
    x, y = example_data(program, generator, 10, "float32")
    executable = load(program)
    for order in ([0, 10], [-1, 3]):
        with pytest.raises(IndexError, match=r"0 \.\. 9"):
            executable.train(x, y, np.array(order), 2)
    assert executable.step == 0


def test_nothing_to_do(any_backend, load, parameters, generator):
    program = mlp_program(SIZES)
    x, y = example_data(program, generator, 10, "float32")
    executable = load(program, backend=any_backend)
    before = parameters(executable)
    totals, bad = executable.train(x, y, np.array([], np.int64), 4)
    assert (totals.tolist(), bad, executable.step) == ([0.0], -1, 0)
    assert executable.predict(x[:0], 4).shape == (0, SIZES[-1])
    assert executable.evaluate(x[:0], y[:0], 4).tolist() == [0.0]
    assert_same(before, parameters(executable))


def test_calls_from_many_threads(load, generator):
    """Predictions of one executable from several threads wait for each other and are all right."""
    program = mlp_program((11, 64, 64, 5))
    executable = load(program)
    x, _ = example_data(program, generator, 400, "float32")
    expected = executable.predict(x, 400)
    wrong = []

    def work(number):
        for size in range(1 + number, 400, 37):
            if not np.array_equal(executable.predict(x, size), expected):
                wrong.append(size)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --- The floating-point environment ---

FLUSH = 0x8040  # flush-to-zero and denormals-are-zero, in MXCSR


class Environment(ctypes.Structure):
    """fenv_t of glibc on x86-64: 28 bytes of the x87, then MXCSR."""

    _fields_ = [("x87", ctypes.c_uint8 * 28), ("mxcsr", ctypes.c_uint32)]


@pytest.fixture
def mxcsr():
    """mxcsr(): the control bits; mxcsr(bits): set them. Put back afterwards."""
    if (
        platform.machine() != "x86_64"
        or not sys.platform.startswith("linux")
        or platform.libc_ver()[0] != "glibc"
    ):
        pytest.skip("reads the environment as glibc has it on x86-64")
    libm = ctypes.CDLL("libm.so.6")
    saved = Environment()
    libm.fegetenv(ctypes.byref(saved))

    def access(bits=None):
        now = Environment()
        libm.fegetenv(ctypes.byref(now))
        if bits is not None:
            now.mxcsr = bits
            libm.fesetenv(ctypes.byref(now))
        return now.mxcsr & 0xFFC0

    yield access
    libm.fesetenv(ctypes.byref(saved))


def denormals_work():
    tiny = np.full(8, np.finfo(np.float32).tiny)
    return bool((tiny * np.float32(0.5) > 0).all())


def run_everything(executable, x, y):
    executable.train(x, y, np.arange(len(x)), 16)
    executable.evaluate(x, y, 16)
    executable.run("forward", x, y)
    return executable.predict(x, 16)


def test_environment_is_as_before(load, generator):
    program = mlp_program(SIZES, "sigmoid", "softmax_cross_entropy", "adam")
    x, y = example_data(program, generator, 40, "float32")
    assert denormals_work()
    run_everything(load(program), x, y)
    assert denormals_work()


@pytest.mark.parametrize("flags", [FLUSH, 0x2000, 0x6000], ids=["flush", "round down", "round to zero"])
def test_the_caller_s_environment_changes_no_bit(flags, mxcsr, load, parameters, generator):
    """A caller that flushes denormals or rounds otherwise gets the same bits, and keeps its environment."""
    program = mlp_program(SIZES, "sigmoid", "softmax_cross_entropy", "adam")
    x, y = example_data(program, generator, 40, "float32")
    x *= np.float32(1e-38)  # many denormals
    assert (np.abs(x[x != 0]) < np.finfo(np.float32).tiny).mean() > 0.5
    executables = load(program), load(program)
    expected = run_everything(executables[0], x, y)
    normal = mxcsr()
    mxcsr(normal | flags)
    try:
        flushed = not denormals_work()
        got = run_everything(executables[1], x, y)
        after = mxcsr()
    finally:
        mxcsr(normal)
    assert flushed == (flags == FLUSH)
    assert after == normal | flags
    np.testing.assert_array_equal(got, expected)
    assert_same(*map(parameters, executables))
