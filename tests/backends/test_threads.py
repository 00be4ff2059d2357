"""Threads: the same bits with any number, and nothing that stalls, leaks or is left behind."""

import multiprocessing
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import fastnn
from fastnn import threads
from fastnn.backends.native import NativeBackend, core, levels
from fastnn.testing import OPTIMIZERS, example_data, mlp_program

SIZES = (37, 70, 20, 33, 5)
"""Widths that are shared out by columns, by rows, and unevenly."""

FORK = hasattr(os, "fork")


def trained(program, dtype, load, parameters, count, level=None, batch_size=32):
    """All that a net has learnt with ``count`` threads, and what it then says."""
    executable = load(program, dtype, NativeBackend(level))
    executable.threads, executable.always_threads = count, True
    x, y = example_data(program, np.random.default_rng(3), 75, dtype)
    totals, _ = executable.train(x, y, np.random.default_rng(4).permutation(75), batch_size)
    result = parameters(executable) | {"totals": totals}
    result["prediction"] = executable.predict(x, 19)
    result["evaluation"] = executable.evaluate(x, y, 19)
    return result


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name, strict=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_number_of_threads(optimizer, dtype, load, parameters):
    program = mlp_program(SIZES, "tanh", "sparse_softmax_cross_entropy", optimizer, 0.2, "sparse_categorical_accuracy")
    results = [trained(program, dtype, load, parameters, count) for count in (1, 2, 3, 4, 8)]
    for other in results[1:]:
        assert_same(results[0], other)
    assert np.ptp(results[0]["prediction"]) > 0


@pytest.mark.parametrize("level", levels())
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "softmax"])
@pytest.mark.parametrize("batch_size", [1, 7, 75])
def test_activations_levels_and_batches(activation, level, batch_size, load, parameters):
    program = mlp_program(SIZES, activation, "mean_squared_error", "adam", 0.3)
    results = [trained(program, "float32", load, parameters, count, level, batch_size) for count in (1, 2, 5)]
    for other in results[1:]:
        assert_same(results[0], other)


def test_many_rows_are_shared_out_by_rows(load, parameters):
    program = mlp_program((5, 40, 3), "relu", "sparse_softmax_cross_entropy", "adam", 0.2)
    x, y = example_data(program, np.random.default_rng(3), 1500, "float32")
    results = []
    for count in (1, 2, 3):
        executable = load(program, "float32", NativeBackend())
        executable.threads, executable.always_threads = count, True
        for batch_size in (1500, 1024):
            executable.train(x, y, np.arange(1500), batch_size)
        results.append(parameters(executable) | {"prediction": executable.predict(x, 1500)})
    assert_same(results[0], results[1])
    assert_same(results[0], results[2])


def test_only_work_that_is_worth_it_is_shared(load):
    def count(*sizes, rows, level=None):
        executable = load(mlp_program(sizes, optimizer="adam"), "float32", NativeBackend(level))
        native = executable._native
        native.use_threads(4, False)
        return native.worthwhile_threads(rows, 2, 5)

    assert count(4, 30, 16, 3, rows=1) == 1
    assert count(4, 30, 16, 3, rows=32) == 1
    assert count(784, 1024, 1024, 10, rows=256) == 4
    assert 1 <= count(784, 128, 10, rows=32) <= 4
    assert count(784, 128, 10, rows=32, level="generic") == 4, "a slower level is worth more threads"


# --- Who else is there ---


def small_run(load, count=2):
    program = mlp_program((30, 64, 4), "relu", "sparse_softmax_cross_entropy", "adam", 0.2)
    executable = load(program, "float32", NativeBackend())
    executable.threads, executable.always_threads = count, True
    x, y = example_data(program, np.random.default_rng(3), 64, "float32")
    executable.train(x, y, np.arange(64), 16)
    return executable.predict(x, 64)


def test_several_callers(load):
    """One has the team, the others go on alone, and all get their bits."""
    expected, got, rounds = small_run(load, 1), [], 20

    def work(count):
        for _ in range(rounds):
            got.append(small_run(load, count))

    callers = [threading.Thread(target=work, args=(count,)) for count in (2, 3, 2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(got) == 3 * rounds
    for prediction in got:
        np.testing.assert_array_equal(prediction, expected)


@pytest.mark.skipif(not FORK, reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_children_of_a_fork_have_a_team_of_their_own(load):
    expected = small_run(load)
    assert core.team_size() >= 1
    for _ in range(3):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                fresh = core.team_size() == 0
                same = np.array_equal(small_run(load), expected)
                code = 0 if fresh and same and core.team_size() >= 1 else 2
            finally:
                os._exit(code)
        np.testing.assert_array_equal(small_run(load), expected)
        assert os.waitpid(child, 0)[1] == 0


def train_in_process(connection):
    fastnn.utils.set_random_seed(5)
    model = fastnn.Sequential([fastnn.Input((30,)), fastnn.layers.Dense(300, "relu"), fastnn.layers.Dense(2)])
    trainer = fastnn.Trainer(model, "adam", "mse", backend="native", threads=2, seed=1)
    x = np.linspace(-1, 1, 3000, dtype="float32").reshape(100, 30)
    trainer.fit(x, x[:, :2], batch_size=50, epochs=2, verbose=0)
    connection.send(trainer.predict(x, verbose=0))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", [m for m in ("fork", "spawn") if m in multiprocessing.get_all_start_methods()])
def test_multiprocessing(method, load):
    small_run(load)
    context = multiprocessing.get_context(method)
    results = []
    for _ in range(2):
        receiver, sender = context.Pipe()
        process = context.Process(target=train_in_process, args=(sender,))
        process.start()
        assert receiver.poll(60), "the child hangs"
        results.append(receiver.recv())
        process.join(60)
        assert process.exitcode == 0
    np.testing.assert_array_equal(*results)


def test_the_team_ends(load):
    small_run(load, 4)
    assert core.team_size() >= 3
    core.stop_team()
    assert core.team_size() == 0
    small_run(load, 2)
    assert core.team_size() == 1


def test_interpreter_exits_while_the_team_waits():
    program = """
import numpy as np, fastnn
from fastnn.backends.native import core
model = fastnn.Sequential([fastnn.Input((100,)), fastnn.layers.Dense(500), fastnn.layers.Dense(2)])
trainer = fastnn.Trainer(model, "adam", "mse", backend="native")
x = np.ones((200, 100), "float32")
trainer.fit(x, x[:, :2], batch_size=100, verbose=0)
print(core.team_size(), fastnn.get_num_threads())
"""
    environment = os.environ | {"FASTNN_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, timeout=60, env=environment
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["1", "2"], "")


# --- How many ---


@pytest.fixture
def environment(monkeypatch):
    """Sets FASTNN_NUM_THREADS and OMP_NUM_THREADS, as they are when a program starts."""

    def set_to(fastnn_value=None, omp_value=None):
        for name, value in (("FASTNN_NUM_THREADS", fastnn_value), ("OMP_NUM_THREADS", omp_value)):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        fastnn.set_num_threads(None)

    yield set_to
    monkeypatch.undo()
    fastnn.set_num_threads(None)


def test_order_of_what_says_how_many(environment):
    environment("3", "4")
    assert fastnn.get_num_threads() == 3
    environment(None, "4")
    assert fastnn.get_num_threads() == 4
    environment(None, "6,2")
    assert fastnn.get_num_threads() == 6
    environment()
    assert fastnn.get_num_threads() == threads.available_cores()
    fastnn.set_num_threads(7)
    assert fastnn.get_num_threads() == 7


@pytest.mark.parametrize("value", ["0", "-1", "1000000000", "many", "2.5", "\u0662x"])
def test_bad_number_in_the_environment(value, environment):
    environment(value)
    with pytest.raises(ValueError, match="FASTNN_NUM_THREADS must be a whole number from 1 to 256, got"):
        fastnn.get_num_threads()
    environment(None, value)
    assert 1 <= fastnn.get_num_threads() <= 256


@pytest.mark.parametrize("value", [0, -1, 10**9, "2", 1.5, True])
def test_bad_number_of_threads(value, environment):
    environment("2")
    with pytest.raises(ValueError, match="threads must be"):
        fastnn.set_num_threads(value)
    assert fastnn.get_num_threads() == 2


@pytest.mark.parametrize(
    "quota", [("max 100000", None), ("150000 100000", 1), ("400000 100000", 4), ("5000 100000", 0.05)]
)
def test_quota_of_a_container(quota, monkeypatch):
    text, limit = quota
    monkeypatch.setattr(threads, "_text_of", lambda path: text if path.endswith("cpu.max") else path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert threads.available_cores() == (8 if limit is None else max(1, limit // 1))


def test_hyperthreads_count_once(monkeypatch):
    def text_of(path):
        if path.endswith("/thread_siblings_list"):
            return f"{int(path.split('/')[-3][3:]) // 2}"
        raise OSError

    monkeypatch.setattr(threads, "_text_of", text_of)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert threads.available_cores() == 4


def test_a_trainers_own_number(environment, blobs):
    environment("3")
    model = fastnn.Sequential([fastnn.Input((4,)), fastnn.layers.Dense(3)])
    for own in (None, 2):
        trainer = fastnn.Trainer(model, "sgd", "mse", backend="native", threads=own)
        trainer.fit(blobs[0], np.eye(3)[blobs[1]], verbose=0)
        assert trainer._session.executable.threads == own
