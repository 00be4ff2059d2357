"""The callbacks do what Keras' do in real fits, on both backends."""

import contextlib
import itertools
import re
import subprocess
import sys

import numpy as np
import pytest

import fastnn
from fastnn import Input, Sequential, Trainer, get_backend, optimizers
from fastnn.callbacks import (
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    ProgbarLogger,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from fastnn.layers import Dense


@pytest.fixture
def model(backend):
    made = Sequential([Input((4,)), Dense(8, activation="relu"), Dense(3, activation="softmax")])
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


class Note(Callback):
    """Notes all hooks except those of batches."""

    def __init__(self):
        self.calls = []

    def on_train_begin(self, logs=None):
        self.calls.append(("train begin", logs))

    def on_train_end(self, logs=None):
        self.calls.append(("train end", logs))

    def on_train_abort(self, error):
        self.calls.append(("train abort", type(error)))

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(("epoch begin", epoch, logs))

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(("epoch end", epoch, logs))

    def on_test_begin(self, logs=None):
        self.calls.append(("test begin", logs))

    def on_test_end(self, logs=None):
        self.calls.append(("test end", logs))

    def on_predict_begin(self, logs=None):
        self.calls.append(("predict begin", logs))

    def on_predict_end(self, logs=None):
        self.calls.append(("predict end", logs))


class NoteBatches(Callback):
    """Notes the hooks of batches, too."""

    def __init__(self):
        self.calls = []

    def on_train_batch_begin(self, batch, logs=None):
        self.calls.append(("train begin", batch, logs))

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append(("train end", batch, logs))

    def on_test_batch_begin(self, batch, logs=None):
        self.calls.append(("test begin", batch, logs))

    def on_test_batch_end(self, batch, logs=None):
        self.calls.append(("test end", batch, logs))

    def on_predict_batch_begin(self, batch, logs=None):
        self.calls.append(("predict begin", batch, logs))

    def on_predict_batch_end(self, batch, logs=None):
        self.calls.append(("predict end", batch, logs))


def test_order_of_hooks_and_their_logs(model, blobs):
    note = Note()
    history = model.fit(*blobs, epochs=2, verbose=0, validation_data=blobs, callbacks=[note]).history
    epochs = [{name: values[i] for name, values in history.items()} for i in range(2)]
    tests = [{name: epoch[f"val_{name}"] for name in ("accuracy", "loss")} for epoch in epochs]
    expected = [("train begin", {})]
    for i in range(2):
        expected += [
            ("epoch begin", i, {}),
            ("test begin", {}),
            ("test end", tests[i]),
            ("epoch end", i, epochs[i]),
        ]
    assert note.calls == [*expected, ("train end", epochs[1])]
    assert list(note.calls[-1][1]) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert note.model is model
    assert note.params == {"verbose": 0, "epochs": 2, "steps": 3}


def test_evaluate_and_predict_call_their_hooks(model, blobs):
    note, batches = Note(), NoteBatches()
    logs = model.evaluate(*blobs, batch_size=40, verbose=0, callbacks=[note, batches], return_dict=True)
    out = model.predict(blobs[0], batch_size=40, verbose=0, callbacks=[note, batches])
    assert note.calls == [("test begin", {}), ("test end", logs), ("predict begin", {}), ("predict end", {})]
    assert [call[:2] for call in batches.calls] == [
        (f"{mode} {edge}", batch)
        for mode in ("test", "predict")
        for batch in range(3)
        for edge in ("begin", "end")
    ]
    assert batches.calls[5][2] == logs
    outputs = [call[2]["outputs"] for call in batches.calls[7::2]]
    assert [len(rows) for rows in outputs] == [40, 40, 10]
    assert np.array_equal(np.concatenate(outputs), out)


def test_batch_hooks_are_told_the_running_means(model, blobs):
    note = NoteBatches()
    history = model.fit(
        *blobs, batch_size=40, epochs=2, verbose=0, validation_split=0.2, callbacks=note
    ).history
    numbers = [("train", 0), ("train", 1), ("test", 0)]
    expected = [(f"{mode} {edge}", batch) for mode, batch in numbers for edge in ("begin", "end")]
    assert [call[:2] for call in note.calls] == expected * 2
    assert note.calls[0][2] == {}
    assert note.calls[3][2] == {name: history[name][0] for name in ("accuracy", "loss")}
    assert note.calls[5][2] == {name: history[f"val_{name}"][0] for name in ("accuracy", "loss")}
    assert note.calls[1][2]["loss"] != note.calls[3][2]["loss"]


class Old(Callback):
    def __init__(self):  # without super().__init__(), and with the older name of the hook
        self.losses = []

    def on_batch_end(self, batch, logs={}):  # noqa: B006  (as lecture notes write it)
        self.losses.append(logs.get("loss"))


def test_older_names_of_batch_hooks(model, blobs):
    old, batches = Old(), []
    some = LambdaCallback(on_batch_begin=lambda batch, logs: batches.append(batch))
    model.fit(*blobs, batch_size=30, verbose=0, callbacks=[old, some])
    assert len(old.losses) == 3
    assert batches == [0, 1, 2]


class Counter:
    """A backend that counts the calls of its executables."""

    def __init__(self, backend):
        self._backend = backend
        self.calls = {"train": 0, "evaluate": 0, "predict": 0}

    def load(self, *arguments):
        executable = self._backend.load(*arguments)
        for name in self.calls:
            setattr(executable, name, self._counted(name, getattr(executable, name)))
        return executable

    def _counted(self, name, method):
        def call(*arguments, **options):
            self.calls[name] += 1
            return method(*arguments, **options)

        return call


@pytest.mark.parametrize(
    ("watchers", "many"),
    [
        ([], False),
        ([Note(), EarlyStopping("loss"), LambdaCallback(on_epoch_end=lambda epoch, logs: None)], False),
        ([NoteBatches()], True),
        ([TerminateOnNaN()], True),
        ([LambdaCallback(on_train_batch_end=lambda batch, logs: None)], True),
    ],
    ids=["none", "without batch hooks", "batch hooks", "on_batch_end", "lambda"],
)
def test_batch_hooks_alone_make_a_call_of_every_batch(model, watchers, many, capsys):
    """3000 batches are a few dozen native calls, unless someone wants to know of each."""
    counter = Counter(get_backend())
    x, y = np.zeros((6000, 4), "float32"), np.zeros(6000, int)
    trainer = Trainer(model, "sgd", "sparse_categorical_crossentropy", backend=counter)
    trainer.fit(x, y, batch_size=2, verbose=1, callbacks=watchers)
    assert counter.calls["train"] == 3000 if many else counter.calls["train"] < 1000
    assert "3000/3000" in capsys.readouterr().out


def test_hooks_of_one_mode_leave_the_others_fast(model, blobs):
    hooks = CallbackList([LambdaCallback(on_test_batch_end=lambda batch, logs: None)], add_progbar=True)
    assert [hooks.wants_every_batch(mode) for mode in ("train", "test", "predict")] == [False, True, False]


def test_watching_batches_does_not_change_training(backend, blobs):
    def weights(*watchers):
        fastnn.utils.set_random_seed(3)
        made = Sequential([Input((4,)), Dense(8, activation="relu"), Dense(3, activation="softmax")])
        made.compile("adam", "sparse_categorical_crossentropy")
        made.fit(*blobs, batch_size=7, epochs=3, verbose=0, callbacks=list(watchers))
        return made.get_weights()

    for a, b in zip(weights(), weights(NoteBatches()), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize(
    ("hook", "epochs", "steps"),
    [("on_epoch_begin", 2, 4), ("on_epoch_end", 2, 6), ("on_train_batch_end", 1, 2)],
)
def test_stop_training(model, blobs, hook, epochs, steps):
    """It ends the epoch after the batch at hand, but not its validation nor its logs."""
    seen = []

    def stop(number, logs):
        seen.append(number)
        if len(seen) == 2:
            model.stop_training = True

    history = model.fit(
        *blobs,
        batch_size=30,
        epochs=5,
        verbose=0,
        validation_data=blobs,
        callbacks=[LambdaCallback(**{hook: stop})],
    )
    assert seen == [0, 1]
    assert history.epoch == list(range(epochs))
    assert len(history.history["val_loss"]) == epochs
    assert model.optimizer.iterations == steps
    assert len(model.fit(*blobs, epochs=2, verbose=0).epoch) == 2, "the next fit begins afresh"


def test_stop_evaluating_and_predicting(model, blobs):
    def stop(batch, logs):
        model.stop_evaluating = model.stop_predicting = True

    stopper = LambdaCallback(on_test_batch_end=stop, on_predict_batch_end=stop)
    part = model.evaluate(blobs[0][:40], blobs[1][:40], batch_size=40, verbose=0)
    assert model.evaluate(*blobs, batch_size=40, verbose=0, callbacks=stopper) == part
    assert model.predict(blobs[0], batch_size=40, verbose=0, callbacks=stopper).shape == (40, 3)
    assert len(model.predict(blobs[0], batch_size=40, verbose=0)) == 90


def test_callbacks_may_use_the_model(model, blobs):
    """Evaluation within an epoch's end: as after training for as many epochs."""
    found = []
    use = LambdaCallback(on_epoch_end=lambda epoch, logs: found.append(model.evaluate(*blobs, verbose=0)))
    model.fit(*blobs, epochs=3, verbose=0, callbacks=[use])
    assert found[-1] == model.evaluate(*blobs, verbose=0)
    assert found[0] != found[-1]


def test_early_stopping_restores_the_best_epoch(model, blobs):
    weights = []
    note = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()))
    worse = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(score=-abs(epoch - 2)))
    stop = EarlyStopping("score", mode="max", patience=3, restore_best_weights=True)
    history = model.fit(*blobs, epochs=10, verbose=0, callbacks=[worse, note, stop])
    assert history.epoch == list(range(6))
    assert stop.stopped_epoch == 5
    assert history.history["score"] == [-2, -1, 0, -1, -2, -3]
    for a, b in zip(model.get_weights(), weights[2], strict=True):
        assert np.array_equal(a, b)
    assert not np.array_equal(model.get_weights()[0], weights[5][0])


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_best_weights_are_restored_however_training_ends(model, blobs, error, capsys):
    weights, note = [], Note()

    def fail(batch, logs):
        if len(weights) == 2 and batch == 1:
            raise error

    def keep(epoch, logs):
        weights.append(model.get_weights())
        logs["score"] = epoch

    stop = EarlyStopping("score", mode="min", patience=9, restore_best_weights=True, verbose=1)
    some = LambdaCallback(on_train_batch_end=fail, on_epoch_end=keep)
    with pytest.raises(error):
        model.fit(*blobs, epochs=9, verbose=0, callbacks=[some, stop, note])
    assert capsys.readouterr().out == "Restoring model weights from the end of the best epoch: 1.\n"
    for a, b in zip(model.get_weights(), weights[0], strict=True):
        assert np.array_equal(a, b)
    assert note.calls[-1] == ("train abort", error)
    assert not any(call[0] == "train end" for call in note.calls)
    assert model.history.epoch == [0, 1]


@pytest.mark.parametrize("raise_error", [False, True])
def test_best_weights_are_restored_where_the_loss_is_no_number(backend, blobs, raise_error):
    """Also averaged ones: what fit puts into the model at its end gives way to the best epoch."""
    one = Sequential([Input((4,)), Dense(8), Dense(1)])
    one.compile(optimizers.SGD(0.001, use_ema=True), "mse")
    weights = []
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(one.get_weights()))
    explode = LearningRateScheduler(lambda epoch, rate: 0.001 if epoch < 2 else 1e30)
    stop = EarlyStopping("loss", restore_best_weights=True, patience=9)
    ends = pytest.raises(RuntimeError, match="NaN or Inf loss") if raise_error else contextlib.nullcontext()
    with pytest.warns(RuntimeWarning, match="epoch 3"), ends:
        one.fit(*blobs, epochs=5, verbose=0, callbacks=[keep, explode, stop, TerminateOnNaN(raise_error)])
    assert stop.best_epoch == 1
    assert len(weights) == (2 if raise_error else 3)
    for a, b in zip(one.get_weights(), weights[1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_all_callbacks_are_told_of_the_end(model, blobs):
    def fail(*_):
        raise ValueError("in a hook")

    note = Note()
    failing = LambdaCallback(on_epoch_end=fail, on_train_abort=fail)
    with pytest.raises(ValueError, match="in a hook"):
        model.fit(*blobs, verbose=0, callbacks=[failing, note])
    assert note.calls[-1][0] == "train abort"


def test_learning_rate_is_logged_and_used(backend, blobs):
    """Both callbacks steer: steps with a learning rate of 0 change nothing."""
    one = Sequential([Input((4,)), Dense(3, activation="softmax")])
    one.compile(optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    weights = [one.get_weights()]
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(one.get_weights()))
    history = one.fit(
        *blobs,
        epochs=3,
        verbose=0,
        callbacks=[LearningRateScheduler(lambda epoch, rate: rate * (epoch != 1)), keep],
    )
    assert history.history["learning_rate"] == [0.5, 0.0, 0.0]
    moved = [not np.array_equal(a[0], b[0]) for a, b in itertools.pairwise(weights)]
    assert moved == [True, False, False]


def test_learning_rate_is_reduced(model, blobs):
    rates = model.fit(
        *blobs,
        epochs=4,
        verbose=0,
        callbacks=[ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=9)],
    ).history["learning_rate"]
    assert rates == [float(np.float32(0.001 * factor)) for factor in (1, 1, 0.5, 0.25)]


def test_older_name_of_min_delta():
    with pytest.warns(UserWarning, match="use `min_delta` instead"):
        assert ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5


def test_mode_auto_goes_by_the_metrics_of_the_model(model, blobs):
    stop = EarlyStopping("val_accuracy", patience=0)
    model.fit(*blobs, epochs=3, verbose=0, validation_data=blobs, callbacks=[stop])
    assert stop.is_improvement(0.9, 0.8)
    with pytest.raises(ValueError, match="received monitor=val_score, but fastnn"):
        model.fit(*blobs, verbose=0, callbacks=[EarlyStopping("val_score")])


def test_csv_file_is_complete_after_each_epoch(model, blobs, tmp_path):
    path, sizes = tmp_path / "log.csv", []
    size = LambdaCallback(on_epoch_end=lambda epoch, logs: sizes.append(len(path.read_text().splitlines())))
    logger = CSVLogger(path)
    history = model.fit(*blobs, epochs=3, verbose=0, callbacks=[logger, size]).history
    assert sizes == [2, 3, 4]
    assert logger.csv_file.closed
    header, *rows = (line.split(",") for line in path.read_text().splitlines())
    assert header == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    assert [float(row[2]) for row in rows] == history["loss"]


def test_csv_file_is_closed_when_training_fails(model, blobs, tmp_path):
    def fail(epoch, logs):
        raise RuntimeError

    logger = CSVLogger(tmp_path / "log.csv")
    with pytest.raises(RuntimeError):
        model.fit(*blobs, verbose=0, callbacks=[logger, LambdaCallback(on_epoch_end=fail)])
    assert logger.csv_file.closed


@pytest.mark.parametrize("raise_error", [False, True])
def test_terminate_on_nan(backend, blobs, raise_error, capsys):
    one = Sequential([Input((4,)), Dense(8), Dense(1)])
    one.compile(optimizers.SGD(1e30), "mse")
    ends = (
        pytest.raises(RuntimeError, match=r"at batch 1\. Loss value: (nan|inf)")
        if raise_error
        else contextlib.nullcontext()
    )
    with pytest.warns(RuntimeWarning, match="epoch 1, batch 2"), ends:
        one.fit(
            *blobs,
            batch_size=30,
            epochs=3,
            verbose=0,
            shuffle=False,
            callbacks=[TerminateOnNaN(raise_error=raise_error)],
        )
    assert one.optimizer.iterations == 2
    assert capsys.readouterr().out == ("" if raise_error else "Batch 1: Invalid loss, terminating training\n")


def test_what_callbacks_add_is_shown_last(model, blobs, capsys):
    watchers = [
        LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(aaa=1.0)),
        LearningRateScheduler(float),
    ]
    history = model.fit(*blobs, verbose=2, validation_data=blobs, callbacks=watchers[:1])
    line = capsys.readouterr().out.splitlines()[-1]
    assert re.findall(r"(\w+): ", line) == ["accuracy", "loss", "val_accuracy", "val_loss", "aaa"]
    assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss", "aaa"]


def test_bar_of_evaluate_and_predict(model, blobs, capsys):
    logs = model.evaluate(*blobs, return_dict=True)
    values = f"accuracy: {logs['accuracy']:.4f} - loss: {logs['loss']:.4f}"
    assert re.search(rf"3/3.*/step - {values} *\n$", capsys.readouterr().out)
    model.predict(blobs[0])
    assert re.search(r"3/3.*/step *\n$", capsys.readouterr().out)


def test_history_may_be_given_and_goes_on(model, blobs):
    history = History()
    assert model.fit(*blobs, epochs=2, verbose=0, callbacks=[history]) is history
    assert model.history is history
    model.fit(*blobs, epochs=3, verbose=0, callbacks=[history])
    assert history.epoch == [0, 1, 2]
    assert len(history.history["loss"]) == 5


def test_a_callback_list_is_taken_as_it_is(model, blobs, capsys):
    note = Note()
    given = CallbackList([[note], [History()]])
    assert [type(callback) for callback in given.callbacks] == [Note, History]
    history = model.fit(*blobs, verbose=1, callbacks=given)
    assert history is given.callbacks[1]
    assert len(note.calls) == 4
    assert capsys.readouterr().out == "", "it has no bar"


def test_order_of_the_default_callbacks():
    kinds = [type(one) for one in CallbackList(Note(), add_history=True, add_progbar=True).callbacks]
    assert kinds == [Note, History, ProgbarLogger]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([EarlyStopping], r"callbacks\[0\]: expected a callback.* make one with EarlyStopping\(\.\.\.\)"),
        ([Note(), [None]], r"callbacks\[1\]\[0\]: expected a callback or a list of them, got None"),
        (print, r"callbacks: expected a callback or a list of them, got <built-in"),
    ],
)
def test_only_callbacks_are_taken(model, blobs, given, text):
    for method, data in ((model.fit, blobs), (model.evaluate, blobs), (model.predict, blobs[:1])):
        with pytest.raises(TypeError, match=text):
            method(*data, verbose=0, callbacks=given)
    assert model.history is None


def test_lambda_callback_takes_hooks_only():
    with pytest.raises(TypeError, match="no hook 'on_epoch'; there are on_batch_begin, "):
        LambdaCallback(on_epoch=print)
    with pytest.raises(TypeError, match="on_epoch_end must be a function, got 3"):
        LambdaCallback(on_epoch_end=3)


def test_callbacks_are_imported_when_first_used():
    script = "import sys, fastnn; print('fastnn.callbacks' in sys.modules, fastnn.callbacks.History.__name__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False History\n"
