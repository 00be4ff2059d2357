"""Batches from generators, sequences and data sets: compared with what Keras did (``tests/golden/make_sources.py``)."""

import json
import pathlib
import types
import warnings

import make_sources as MAKER
import numpy as np
import pytest

import fastnn
from fastnn.sources import RAN_OUT, BatchStream, yields_batches
from fastnn.tf_shim import data

GOLDEN_DIR = pathlib.Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((GOLDEN_DIR / "sources.json").read_text(encoding="utf-8"))


TF = types.SimpleNamespace(data=data)


def almost(value):
    """Golden numbers with the room that float32 needs; texts and booleans as they are."""
    if isinstance(value, dict):
        return {key: almost(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [almost(entry) for entry in value]
    return pytest.approx(value, rel=2e-6, abs=1e-7) if isinstance(value, float) else value


@pytest.mark.parametrize("name", MAKER.CASES)
def test_as_keras_does(name, backend):
    result, golden = MAKER.run(name, fastnn, TF), GOLDEN[name]
    assert result["value"] == almost(golden["value"])
    assert result["text"] == golden["text"]
    assert result["warnings"] == [text for text in golden["warnings"] if "shuffle=True" not in text]


def make_model(columns=2, **options):
    model = fastnn.Sequential([fastnn.Input((columns,)), fastnn.layers.Dense(1)])
    model.compile(fastnn.optimizers.SGD(0.1), "mse", **options)
    return model


def fit(x, **options):
    model = make_model()
    model.fit(x, verbose=0, **options)
    return model.get_weights()


@pytest.mark.parametrize("order", [None, [2, 0, 1]])
def test_same_batches_same_bits(backend, order):
    """Batches one by one or a whole epoch in native code: the weights agree bit for bit."""
    fastnn.utils.set_random_seed(3)
    rows = MAKER.X if order is None else np.concatenate([MAKER.X[4 * i : 4 * i + 4] for i in order])
    targets = MAKER.Y if order is None else np.concatenate([MAKER.Y[4 * i : 4 * i + 4] for i in order])
    whole = make_model()
    whole.fit(rows, targets, batch_size=4, shuffle=False, epochs=2, verbose=0)
    fastnn.utils.set_random_seed(3)
    single = make_model()
    batches = [(MAKER.X[4 * i : 4 * i + 4], MAKER.Y[4 * i : 4 * i + 4]) for i in order or range(3)]
    single.fit((batch for _ in range(2) for batch in batches), steps_per_epoch=3, epochs=2, verbose=0)
    for a, b in zip(whole.get_weights(), single.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_only_one_batch_is_held():
    """A generator is asked for the next batch only when the one before it has been trained on."""
    events = []

    class Notes(fastnn.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            events.append(("trained", batch))

    def batches():
        for number in range(4):
            events.append(("made", number))
            yield MAKER.X[:3], MAKER.Y[:3]

    fit(batches(), steps_per_epoch=4, callbacks=Notes())
    assert events == [(what, number) for number in range(4) for what in ("made", "trained")]


def test_an_iterable_begins_anew_with_each_epoch():
    class Pairs:
        begun = 0

        def __iter__(self):
            self.begun += 1
            return MAKER.batches([4, 8], MAKER.X, MAKER.Y)

    pairs, model = Pairs(), make_model()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(pairs, epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3
    assert pairs.begun in (3, 4)  # the length becomes known in the first epoch
    assert not caught


def test_a_generator_that_ends_ends_training():
    model = make_model()
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model.fit(MAKER.batches([4, 4, 4], MAKER.X, MAKER.Y), epochs=5, verbose=0)
    assert history.epoch == [0]
    assert model.optimizer.iterations == 3


def test_sequences_are_shuffled_by_the_seed():
    def order(seed, **options):
        seen = []

        class Batches(fastnn.utils.PyDataset):
            num_batches = 8

            def __getitem__(self, number):
                seen.append(number)
                return MAKER.X[:2], MAKER.Y[:2]

        fastnn.utils.set_random_seed(seed)
        fit(Batches(workers=2), epochs=2, **options)
        return seen

    first = order(1)
    assert sorted(first[:8]) == sorted(first[8:]) == list(range(8))
    assert first[:8] != first[8:]
    assert first == order(1) != order(2)
    assert order(1, shuffle=False) == 2 * list(range(8))


def test_stop_training_in_the_midst_of_an_epoch():
    class Stop(fastnn.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    model = make_model()
    history = model.fit(MAKER.endless(MAKER.X, MAKER.Y), steps_per_epoch=5, epochs=3, verbose=0, callbacks=Stop())
    assert history.epoch == [0]
    assert model.optimizer.iterations == 2


def test_an_exception_in_a_generator_comes_out():
    def broken():
        yield MAKER.X, MAKER.Y
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        fit(broken())


def test_input_shape_from_the_first_batch():
    model = fastnn.Sequential([fastnn.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(MAKER.endless(MAKER.X, MAKER.Y), steps_per_epoch=2, verbose=0)
    assert model.input_shape == (None, 2)


def test_on_batch_methods_match_a_stream():
    a, b = make_model(), make_model()
    b.set_weights(a.get_weights())
    a.train_on_batch(MAKER.X, MAKER.Y, sample_weight=MAKER.WEIGHTS)
    b.fit(iter([(MAKER.X, MAKER.Y, MAKER.WEIGHTS)]), steps_per_epoch=1, verbose=0)
    assert np.array_equal(a.get_weights()[0], b.get_weights()[0])


BAD = [
    (lambda: iter([]), {}, ValueError, "at least one batch"),
    (lambda: MAKER.endless(MAKER.X, MAKER.Y), {"y": MAKER.Y}, ValueError, "y cannot be given beside a generator"),
    (lambda: MAKER.endless(MAKER.X, MAKER.Y), {"validation_split": 0.5}, ValueError, "validation_split needs arrays"),
    (lambda: iter([(MAKER.X,)]), {}, ValueError, "y of a batch is missing"),
    (lambda: iter([(MAKER.X, MAKER.Y, MAKER.WEIGHTS, 1)]), {}, ValueError, "got a tuple of 4"),
    (lambda: iter([(MAKER.X[:, :1], MAKER.Y)]), {}, ValueError, "x of a batch: the model expects"),
    (lambda: data.Dataset.from_tensor_slices((MAKER.X, MAKER.Y)).batch(4).repeat(), {}, ValueError, "without end"),
    (
        lambda: iter([(MAKER.X, MAKER.Y, MAKER.WEIGHTS)]),
        {"class_weight": {0: 1.0}},
        ValueError,
        "cannot be given at the same time",
    ),
]


@pytest.mark.parametrize(("make", "options", "error", "text"), BAD)
def test_bad_sources_change_nothing(make, options, error, text):
    model = make_model()
    before = model.get_weights()
    with pytest.raises(error, match=text):
        model.fit(make(), verbose=0, **options)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert model.history is None


def test_weights_that_only_later_batches_have():
    batches = [(MAKER.X, MAKER.Y), (MAKER.X, MAKER.Y, MAKER.WEIGHTS)]
    with pytest.raises(ValueError, match="the first batch had no sample_weight"):
        fit(iter(batches), steps_per_epoch=2)


def test_what_is_a_source_of_batches():
    arrays = [np.zeros(3), [1, 2], (1, 2), range(3), {"a": 1}, "text", memoryview(b"ab"), bytearray(2), None]
    assert not any(yields_batches(x) for x in arrays)
    sources = [iter([1]), (i for i in range(2)), {1, 2}.__iter__(), BatchStream(iter([1])), fastnn.utils.PyDataset()]
    assert [yields_batches(x) for x in sources] == [True, True, True, False, True]


def test_ran_out_is_keras_text():
    assert RAN_OUT in GOLDEN["generator_runs_out"]["warnings"]
