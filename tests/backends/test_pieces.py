"""A large batch runs in pieces: the same bits as all of its rows together, which running op by op takes."""

import numpy as np
import pytest

from fastnn.backends.native import NativeBackend, levels
from fastnn.testing import OPTIMIZERS, example_data, mlp_program

SIZES = (40, 50, 7)
ROWS = 1301  # five pieces and a part of one
PIECE = 128  # FNN_PIECE


def net(optimizer="adam", activation="relu", loss="sparse_softmax_cross_entropy"):
    metric = "sparse_categorical_accuracy" if loss.startswith("sparse") else None
    return mlp_program(SIZES, activation, loss, optimizer, 0.25, metric)


def whole(executable, x, y, steps):
    """Totals of steps that are run op by op on all rows."""
    totals = np.zeros(len(executable.program.values()))
    values = [executable.program.buffers[i].name for i in executable.program.values()]
    for _ in range(steps):
        executable.run("forward", x, y)
        executable.run("backward")
        executable.run("update")
        totals += [np.add.accumulate(executable.get(name).astype(np.float64))[-1] for name in values]
        executable.step += 1
    return totals


def in_pieces(executable, x, y, steps, rows=ROWS):
    totals = np.zeros(len(executable.program.values()))
    assert executable._native.rows_at_once(rows) == PIECE
    for _ in range(steps):
        executable.train(x, y, np.arange(rows), rows, totals)
    return totals


def assert_same_bits(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value.tobytes() == other[name].tobytes(), name


@pytest.fixture
def data():
    """data(program, dtype): rows of which more than half of each are zeros."""

    def data(program, dtype):
        generator = np.random.default_rng(5)
        x, y = example_data(program, generator, ROWS, dtype)
        x[generator.random(x.shape) < 0.6] = 0
        return x, y

    return data


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer, fused, dtype, data, load, parameters):
    program = net(optimizer)
    x, y = data(program, dtype)
    one, other = (load(program, dtype, NativeBackend(fused=fused)) for _ in range(2))
    before = parameters(one)
    assert in_pieces(one, x, y, 2).tobytes() == whole(other, x, y, 2).tobytes()
    assert_same_bits(parameters(one), parameters(other))
    assert any((before[name] != value).any() for name, value in parameters(one).items())


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu"])
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "mean_squared_error", "sigmoid_cross_entropy"])
def test_losses_and_activations(activation, loss, data, load, parameters):
    program = net("sgd", activation, loss)
    x, y = data(program, "float32")
    one, other = load(program), load(program)
    assert in_pieces(one, x, y, 2).tobytes() == whole(other, x, y, 2).tobytes()
    assert_same_bits(parameters(one), parameters(other))


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("level", levels())
def test_levels_and_threads(level, threads, skip, data, load, parameters):
    program = net()
    x, y = data(program, "float32")
    one, other = load(program, backend=NativeBackend(level, skip_zeros=skip)), load(program)
    one.threads, one.always_threads = threads, True
    assert in_pieces(one, x, y, 2).tobytes() == whole(other, x, y, 2).tobytes()
    assert_same_bits(parameters(one), parameters(other))


def test_evaluation_and_prediction(data, load):
    program = net()
    x, y = data(program, "float32")
    executable = load(program)
    rows = executable.predict(x, 100)
    assert executable.predict(x, ROWS).tobytes() == rows.tobytes()
    assert np.unique(rows).size > ROWS
    totals = [executable.evaluate(x, y, size) for size in (ROWS, 100)]
    np.testing.assert_allclose(totals[0], totals[1], rtol=1e-12)


def test_memory_is_that_of_a_piece(data, load):
    program = net()
    x, y = data(program, "float32")
    executable = load(program)
    in_pieces(executable, x, y, 1)
    assert executable._native.capacity == PIECE
    last = executable.get("z_1")
    assert len(last) == ROWS % PIECE and np.ptp(last) > 0


def test_what_needs_all_rows_is_not_cut(load):
    """An op that is not known to work row by row: its batch stays whole."""
    from fastnn import Input, Sequential, Trainer
    from fastnn.layers import BatchNormalization, Dense

    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((ROWS, 8)).astype(np.float32), generator.integers(0, 3, ROWS)
    cut = []
    for layers in ([], [BatchNormalization()]):
        model = Sequential([Input((8,)), Dense(9, "relu"), *layers, Dense(3, "softmax")])
        trainer = Trainer(model, "sgd", "sparse_categorical_crossentropy")
        trainer.fit(x, y, ROWS, 1, verbose=0)
        cut.append(trainer._session.executable._native.rows_at_once(ROWS) < ROWS)
    assert cut == [True, False]


def test_noise_and_averages():
    """What threads share is cut too: noise knows its rows, averages of weights wait for the last piece."""
    from fastnn import Input, Sequential, Trainer, optimizers
    from fastnn.layers import AlphaDropout, Dense, GaussianNoise
    from fastnn.utils import set_random_seed

    generator = np.random.default_rng(1)
    x, y = generator.standard_normal((ROWS, 8)).astype(np.float32), generator.integers(0, 3, ROWS)
    weights, cut = [], []
    for backend in ("native", "step"):
        set_random_seed(4)
        layers = [GaussianNoise(0.5), Dense(20, "selu"), AlphaDropout(0.3), Dense(3, "softmax")]
        model = Sequential([Input((8,)), *layers])
        optimizer = optimizers.Adam(use_ema=True, ema_momentum=0.5, weight_decay=0.1)
        trainer = Trainer(model, optimizer, "sparse_categorical_crossentropy", backend=backend, seed=2)
        trainer.fit(x, y, ROWS, 3, verbose=0)
        native = getattr(trainer._session.executable, "_native", None)
        cut.append(native is not None and native.rows_at_once(ROWS) == PIECE)
        weights.append(model.get_weights())
    assert cut[0]
    for one, other in zip(*weights, strict=True):
        assert one.tobytes() == other.tobytes()
