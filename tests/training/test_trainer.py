"""The trainer: epochs, sums, orders, interrupts, and what goes wrong in training."""

import functools
import warnings

import numpy as np
import pytest

from fastnn import Input, Sequential, Trainer, get_backend, optimizers
from fastnn.backends.base import Executable
from fastnn.layers import Dense, Dropout
from fastnn.pace import Pace
from fastnn.utils import set_random_seed


def network(*extra):
    return Sequential([Input((4,)), Dense(8, activation="relu"), *extra, Dense(3, activation="softmax")])


def trainer(model, backend, **arguments):
    defaults = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    return Trainer(model, **defaults | arguments, backend=backend)


def weights_after(backend, data, seed, **fit):
    set_random_seed(seed)
    model = network(Dropout(0.3))
    trainer(model, backend).fit(*data, batch_size=16, epochs=2, verbose=0, **fit)
    return model.get_weights()


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_running_means_are_weighted_by_rows(backend, blobs):
    """Logs equal those of steps taken by hand, where the last batch is short."""
    x, y = blobs
    model, by_hand = network(), network()
    by_hand.set_weights(model.get_weights())
    logs = trainer(model, backend).fit(x, y, batch_size=40, verbose=0, shuffle=False).history
    step = trainer(by_hand, backend).train_on_batch
    batches = [(x[i : i + 40], y[i : i + 40]) for i in (0, 40, 80)]
    results = [step(*batch) for batch in batches]
    for name in ("loss", "accuracy"):
        mean = sum(result[name] * len(batch[0]) for result, batch in zip(results, batches, strict=True)) / 90
        assert logs[name] == [pytest.approx(mean, rel=1e-12)]
    assert same(model.get_weights(), by_hand.get_weights())


def test_evaluate_counts_the_short_batch_by_its_rows(backend, blobs):
    one = trainer(network(), backend)
    whole = one.evaluate(*blobs, batch_size=90, verbose=0)
    assert one.evaluate(*blobs, batch_size=40, verbose=0) == pytest.approx(whole, rel=1e-12)


def test_validation_split_holds_out_the_last_rows(backend, blobs):
    x, y = blobs
    split, given = network(), network()
    given.set_weights(split.get_weights())
    a = trainer(split, backend, seed=1).fit(x, y, validation_split=0.25, epochs=2, verbose=0)
    b = trainer(given, backend, seed=1).fit(
        x[:67], y[:67], validation_data=(x[67:], y[67:]), epochs=2, verbose=0
    )
    assert a.history == b.history
    assert list(a.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert same(split.get_weights(), given.get_weights())


def test_validation_does_not_change_training(backend, blobs):
    plain = weights_after(backend, blobs, 5)
    assert same(plain, weights_after(backend, blobs, 5, validation_data=blobs))


def test_validation_frequency_and_initial_epoch(backend, blobs):
    history = trainer(network(), backend).fit(
        *blobs, validation_split=0.2, epochs=6, initial_epoch=2, validation_freq=2, verbose=0
    )
    assert history.epoch == [2, 3, 4, 5]
    assert len(history.history["loss"]) == 4
    assert len(history.history["val_loss"]) == 2


def test_same_seed_same_run(backend, blobs):
    runs = [weights_after(backend, blobs, seed) for seed in (3, 3, 4)]
    assert same(runs[0], runs[1])
    assert not same(runs[0], runs[2])


class Recorder:
    """A backend whose executables note the order of the rows, and may be interrupted."""

    def __init__(self, backend, interrupt_at=None):
        self._backend = backend
        self.orders = []
        self.interrupt_at = interrupt_at

    def load(self, *arguments):
        executable = self._backend.load(*arguments)
        train = executable.train

        def record(x, y, order, *rest, **options):
            if len(self.orders) == self.interrupt_at:
                raise KeyboardInterrupt
            self.orders.append(np.array(order))
            return train(x, y, order, *rest, **options)

        executable.train = record
        executable.train_epochs = functools.partial(Executable.train_epochs, executable)  # one train an epoch
        return executable


@pytest.fixture
def recorder(backend):
    return Recorder(get_backend(backend))


def test_each_epoch_has_an_order_of_its_own(recorder, blobs):
    trainer(network(), recorder, seed=1).fit(*blobs, batch_size=90, epochs=3, verbose=0)
    first, second, third = recorder.orders
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    assert all(np.array_equal(np.sort(order), np.arange(90)) for order in recorder.orders)

    again = trainer(network(), recorder, seed=1)
    again.fit(*blobs, batch_size=90, epochs=2, verbose=0)
    again.fit(*blobs, batch_size=90, epochs=1, verbose=0)
    assert same(recorder.orders[:3], recorder.orders[3:]), "the seed repeats the orders, in however many fits"

    trainer(network(), recorder, seed=2).fit(*blobs, batch_size=90, verbose=0)
    assert not np.array_equal(recorder.orders[-1], first)


def test_without_shuffling_rows_come_in_order(recorder, blobs):
    trainer(network(), recorder).fit(*blobs, verbose=0, shuffle=False)
    assert np.array_equal(np.concatenate(recorder.orders), np.arange(90))


def test_rows_are_cut_into_whole_batches(recorder, blobs):
    trainer(network(), recorder).fit(*blobs, batch_size=4, verbose=0, shuffle=False)
    lengths = [len(order) for order in recorder.orders]
    assert sum(lengths) == 90
    assert all(n % 4 == 0 for n in lengths[:-1])
    assert lengths[0] == 4


def test_how_rows_are_cut_does_not_matter(backend, blobs, monkeypatch):
    """The same weights and the same logs, to the last bit, for the shortest and the longest calls."""
    results = []
    for seconds in (0, 1e9):
        monkeypatch.setattr("fastnn.pace.Pace", lambda seconds=seconds: Pace(seconds))
        set_random_seed(2)
        model = network(Dropout(0.2))
        history = trainer(model, backend).fit(*blobs, batch_size=7, epochs=3, verbose=0, validation_split=0.2)
        results.append((model.get_weights(), history.history))
    assert same(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]


def test_interrupt_keeps_what_was_learnt(recorder, blobs, monkeypatch):
    """The interrupt comes in the second epoch: one epoch in the history, all steps so far in the weights."""
    monkeypatch.setattr("fastnn.pace.Pace", lambda: Pace(seconds=0))  # each call takes one batch
    recorder.interrupt_at = 8
    model, reference = network(), network()
    reference.set_weights(model.get_weights())
    interrupted = trainer(model, recorder, seed=1)
    with pytest.raises(KeyboardInterrupt):
        interrupted.fit(*blobs, batch_size=15, epochs=3, verbose=0)
    assert model.history.epoch == [0]
    assert len(model.history.history["loss"]) == 1
    assert interrupted.optimizer.iterations == len(recorder.orders) == 8

    by_hand = trainer(reference, recorder._backend)
    for order in recorder.orders:
        by_hand.train_on_batch(*(array[order] for array in blobs))
    assert same(model.get_weights(), reference.get_weights())

    recorder.interrupt_at = None
    interrupted.fit(*blobs, batch_size=15, epochs=2, verbose=0)
    assert model.history.epoch == [0, 1], "the model trains on afterwards"


def test_pace_grows_to_the_time_wanted():
    """A batch takes 1 ms: pieces double up to 25 batches and stay there."""
    now = [0.0]
    pace, sizes = Pace(seconds=0.0255, clock=lambda: now[0]), []
    for start, stop in pace.slices(2000, 10):
        sizes.append((stop - start) // 10)
        now[0] += 0.001 * sizes[-1]
    assert sizes[:6] == [1, 2, 4, 8, 16, 25]
    assert set(sizes[6:-1]) == {25}
    assert sum(sizes) == 200


def test_pace_slows_down_at_once():
    now = [0.0]
    pace = Pace(seconds=0.025, clock=lambda: now[0])
    pace.batches = 64
    (first, second, *_) = _sizes(pace, now, seconds_per_batch=0.01)
    assert (first, second) == (64, 2)


def _sizes(pace, now, seconds_per_batch):
    for start, stop in pace.slices(100, 1):
        yield stop - start
        now[0] += seconds_per_batch * (stop - start)


def test_pace_never_falls_below_a_batch():
    now = [0.0]
    assert list(_sizes(Pace(clock=lambda: now[0]), now, seconds_per_batch=1)) == [1] * 100


def test_first_loss_that_is_not_finite_is_reported_once(backend, blobs):
    model = Sequential([Input((4,)), Dense(8, name="first"), Dense(1, name="last")])
    one = Trainer(model, optimizers.SGD(1e30), "mse", backend=backend)
    with pytest.warns(RuntimeWarning) as caught:
        one.fit(blobs[0], blobs[1], batch_size=45, epochs=3, verbose=0, shuffle=False)
    assert len([w for w in caught if "loss is not finite" in str(w.message)]) == 1
    message = next(str(w.message) for w in caught if "loss is not finite" in str(w.message))
    assert "epoch 1, batch 2" in message
    assert "outputs are not finite is 'last'" in message, "1e30 times two weights is too large for float32"
    assert "learning rate" in message


def test_finite_training_warns_of_nothing(backend, blobs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trainer(network(), backend).fit(*blobs, verbose=0)


def test_layer_that_is_not_finite_is_named(backend, blobs):
    model = Sequential([Input((4,)), Dense(8, name="first"), Dense(1, name="last")])
    model.build()
    model.layers[1].bias.value = [np.inf]
    with pytest.warns(RuntimeWarning, match="step 1; the first layer whose outputs are not finite is 'last'"):
        Trainer(model, optimizers.SGD(0.0), "mse", backend=backend).train_on_batch(*blobs)


def test_threads_are_taken(backend, blobs):
    assert trainer(network(), backend, threads=2).threads == 2
    assert trainer(network(), backend).threads is None


def test_data_is_not_changed(backend, blobs):
    x, y = (array.copy() for array in blobs)
    x.flags.writeable = y.flags.writeable = False
    trainer(network(), backend).fit(x, y, verbose=0)
    assert np.array_equal(x, blobs[0])
    assert np.array_equal(y, blobs[1])


@pytest.mark.parametrize("dtype", ["float64", "uint8"])
def test_data_of_other_types_gives_the_same(backend, dtype):
    x = np.random.default_rng(0).integers(0, 9, (30, 4)).astype(dtype)
    y = np.arange(30) % 3
    assert same(weights_after(backend, (x, y), 1), weights_after(backend, (x.astype("float32"), y), 1))


def test_two_models_may_share_a_layer(backend, blobs):
    """What one learns, the other sees, and the other way round."""
    shared = Dense(8, activation="relu")
    one, other = Sequential([Input((4,)), shared, Dense(3, "softmax")]), Sequential([Input((4,)), shared])
    before = other.predict(blobs[0], verbose=0)
    one.compile("adam", "sparse_categorical_crossentropy")
    one.fit(*blobs, verbose=0)
    after = other.predict(blobs[0], verbose=0)
    assert not np.array_equal(before, after)
    other.compile("sgd", "mse")
    other.fit(blobs[0], np.zeros((90, 8)), verbose=0)
    np.testing.assert_array_equal(one.layers[0].forward(blobs[0]), other.predict(blobs[0], verbose=0))
    assert not np.array_equal(after, other.predict(blobs[0], verbose=0))


@pytest.mark.parametrize("rows", [1, 3])
def test_fewer_rows_than_a_batch(backend, rows):
    model = Sequential([Dense(1, input_shape=(1,))])
    model.compile("sgd", "mse")
    history = model.fit(np.ones((rows, 1)), np.ones(rows), epochs=2, verbose=0)
    assert model.optimizer.iterations == 2
    assert history.history["loss"][1] < history.history["loss"][0]
    assert np.isfinite(model.evaluate(np.ones((rows, 1)), np.ones(rows), verbose=0))
