"""No argument of ``compile``, ``fit`` and its kin, and of the callbacks, is ignored in silence."""

import inspect
import io
import os
from contextlib import redirect_stdout

import numpy as np
import pytest

import fastnn as keras
from fastnn import callbacks, layers, models, optimizers
from fastnn.utils import PyDataset

RNG = np.random.default_rng(12)
X = RNG.normal(size=(12, 4)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


def build(**options):
    hidden, output = layers.Dense(3, activation="tanh"), layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input((4,)), hidden, output])
    model.compile(**{"optimizer": "sgd", "loss": "binary_crossentropy", "metrics": ["accuracy"], **options})
    return model


def printed(run):
    """What ``run`` returns and what it prints, without times."""
    out = io.StringIO()
    with redirect_stdout(out):
        found = run()
    lines = [line.split("step")[-1] for line in out.getvalue().replace("\r", "\n").split("\n")]
    return [found, len(lines) > 3, [line for line in lines if "s/" not in line][-3:]]


# compile

COMPILE = {
    "optimizer": "adam", "loss": "mse", "loss_weights": 2.0, "metrics": ["mae"], "weighted_metrics": ["mae"],
}  # fmt: skip
HOW_NOT_WHAT = {"run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"}
"""Arguments of ``compile`` that say how something is computed, never what; the page of differences says so."""


@pytest.mark.parametrize("argument", list(inspect.signature(keras.Model.compile).parameters)[1:])
def test_compile(check, argument):
    if argument in HOW_NOT_WHAT:
        return
    check(lambda **a: build(**a).fit(X, Y, epochs=2, verbose=0).history, {}, argument, COMPILE[argument])


# fit


class Stop(callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = True


FIT = {
    "x": 2 * X, "y": 1 - Y, "batch_size": 5, "epochs": 3, "verbose": 2, "callbacks": [Stop()], "validation_split": 0.25,
    "validation_data": (X[:4], Y[:4]), "shuffle": False, "class_weight": {0: 1.0, 1: 3.0},
    "sample_weight": np.arange(12.0), "initial_epoch": 1, "steps_per_epoch": 1, "validation_steps": 1,
    "validation_batch_size": 2, "validation_freq": 2, "resume_from": "nowhere.fastnn", "resume_check": False,
}  # fmt: skip


@pytest.mark.parametrize("argument", list(inspect.signature(keras.Model.fit).parameters)[1:])
def test_fit(check, argument, tmp_path):
    base = {"x": X, "y": Y, "epochs": 2, "batch_size": 4, "verbose": 0}
    if argument.startswith("validation_") and argument not in ("validation_split", "validation_data"):
        base["validation_data"] = (X, np.roll(Y, 3))
    if argument in ("validation_batch_size", "resume_check"):
        return  # 1: batches change no result but by rounding. 2: of another model's file, tests/saving/test_resume.py
    value = tmp_path / FIT[argument] if argument == "resume_from" else FIT[argument]

    def observe(**arguments):
        model = build()

        def run():
            try:
                return model.fit(**arguments).history
            except OSError as error:
                raise ValueError(str(error)) from error

        return [printed(run), model.get_weights()]

    check(observe, base, argument, value)


def test_validation_batch_size_is_that_of_the_batches():
    class Count(callbacks.Callback):
        batches = 0

        def on_test_batch_end(self, batch, logs=None):
            self.batches += 1

    count = Count()
    build().fit(X, Y, validation_data=(X, Y), validation_batch_size=5, verbose=0, callbacks=[count])
    assert count.batches == 3


# evaluate, predict and one batch


class Note(callbacks.Callback):
    def __init__(self):
        self.seen = []

    def on_test_batch_end(self, batch, logs=None):
        self.seen.append(batch)

    on_predict_batch_end = on_test_batch_end


CALLS = {
    "evaluate": {"x": 2 * X, "y": 1 - Y, "batch_size": 7, "verbose": 2, "sample_weight": np.arange(12.0), "steps": 1,
                 "callbacks": "note", "return_dict": True},
    "predict": {"x": 2 * X, "batch_size": 7, "verbose": 2, "steps": 1, "callbacks": "note"},
    "train_on_batch": {"x": 2 * X, "y": 1 - Y, "sample_weight": np.arange(12.0), "class_weight": {0: 1.0, 1: 3.0},
                       "return_dict": True},
    "test_on_batch": {"x": 2 * X, "y": 1 - Y, "sample_weight": np.arange(12.0), "return_dict": True},
    "predict_on_batch": {"x": 2 * X},
}  # fmt: skip


@pytest.mark.parametrize(
    ("call", "argument"),
    [(call, name) for call in CALLS for name in list(inspect.signature(getattr(keras.Model, call)).parameters)[1:]],
)
def test_call(check, call, argument):
    base = {"x": X} if call.startswith("predict") else {"x": X, "y": Y}
    if call in ("evaluate", "predict"):
        base |= {"verbose": 0, "batch_size": 4}

    def observe(**arguments):
        note = Note()
        if argument == "batch_size" or arguments.get("callbacks") == "note":
            arguments["callbacks"] = [note]
        model = build()
        return [printed(lambda: getattr(model, call)(**arguments)), model.get_weights(), note.seen]

    check(observe, base, argument, CALLS[call][argument])


# Other methods


def observe_summary(**arguments):
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="inner")], name="nested")
    model = keras.Sequential([keras.Input((4,)), inner, layers.Dense(2, name="long_name_of_a_layer")], name="outer")
    inner.trainable = False
    lines = []
    out = io.StringIO()
    with redirect_stdout(out):
        model.summary(**{**arguments, **({"print_fn": lines.append} if arguments.get("print_fn") else {})})
    return [lines, out.getvalue()]


@pytest.mark.parametrize("argument", list(inspect.signature(keras.Model.summary).parameters)[1:])
def test_summary(check, argument):
    value = {
        "line_length": 100, "positions": [0.3, 0.6, 1.0], "print_fn": True, "expand_nested": True,
        "show_trainable": True, "layer_range": ["long_name_of_a_layer", "long_name_of_a_layer"],
    }[argument]  # fmt: skip
    check(observe_summary, {}, argument, value)


@pytest.mark.parametrize("argument", list(inspect.signature(models.save_model).parameters)[2:])
def test_save(check, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    value = {"overwrite": False, "zipped": False, "include_optimizer": False, "save_format": "h5"}[argument]

    def observe(**arguments):
        model = build(optimizer="adam")
        model.fit(X, Y, verbose=0)
        for name in ("m.keras", "m"):
            try:
                model.save(name, **arguments)
            except OSError as error:
                raise ValueError(str(error)) from error
        return [sorted(os.listdir(tmp_path)), models.load_model("m.keras").optimizer.iterations]

    check(observe, {}, argument, value)


@pytest.mark.parametrize("argument", list(inspect.signature(PyDataset).parameters))
def test_py_dataset(check, argument):
    """These say how batches are fetched, never which: their values are kept, as in Keras, for code that asks."""
    value = {"workers": 2, "use_multiprocessing": True, "max_queue_size": 3}[argument]
    check(lambda **a: [getattr(PyDataset(**a), argument)], {}, argument, value)


# Callbacks


class Climb(callbacks.Callback):
    """Puts a number into the logs that gets better, worse, and stays."""

    def on_epoch_end(self, epoch, logs=None):
        logs["m"] = [1.0, 0.9, 0.5, 0.6, 0.61, 0.6, 0.62, 0.6][epoch]


def say(*arguments):
    print("said")


CALLBACKS = {
    "EarlyStopping": (
        {"monitor": "m", "mode": "min", "patience": 2},
        {"monitor": "loss", "min_delta": 0.6, "patience": 1, "verbose": 1, "mode": "max", "baseline": 0.1,
        "restore_best_weights": True,
             "start_from_epoch": 4},
    ),
    "ReduceLROnPlateau": (
        {"monitor": "m", "mode": "min", "patience": 1},
        {"monitor": "loss", "factor": 0.5, "patience": 3, "verbose": 1, "mode": "max", "min_delta": 0.3,
        "cooldown": 2, "min_lr": 0.05,
             "epsilon": 0.3},
    ),
    "ModelCheckpoint": (
        {"filepath": "{epoch}.fastnn", "monitor": "m", "mode": "min"},
        {"filepath": "other-{epoch}.fastnn", "monitor": "loss", "verbose": 1, "save_best_only": True,
        "save_weights_only": True,
             "mode": "max", "save_freq": 3, "initial_value_threshold": 0.55, "period": 2},
    ),
    "LearningRateScheduler": (
        {"schedule": lambda epoch: 0.1 / (epoch + 1)}, {"schedule": lambda epoch: 0.2 / (epoch + 1), "verbose": 1}
    ),
    "CSVLogger": ({"filename": "a.csv"}, {"filename": "b.csv", "separator": ";", "append": True}),
    "BackupAndRestore": (
        {"backup_dir": "backup", "delete_checkpoint": False},
        {"backup_dir": "other", "save_freq": 3, "delete_checkpoint": True},
    ),
    "SwapEMAWeights": ({}, {"swap_on_epoch": True}),
    "TensorBoard": (
        {"log_dir": "logs"},
        {"log_dir": "other", "histogram_freq": 1, "write_steps_per_second": True, "update_freq": 1, "profile_batch": 1,
             "embeddings_freq": 1, "embeddings_metadata": {}},
    ),
    "LambdaCallback": (
        {}, dict.fromkeys(("on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end", "on_train_batch_begin",
                           "on_train_batch_end"), say),
    ),
}  # fmt: skip

ELSEWHERE = {
    ("TensorBoard", "write_graph"): "there is no graph of TensorFlow to write, as its text says",
    ("TensorBoard", "write_images"): "needs Pillow: tests/training/test_callbacks.py",
    ("ModelCheckpoint", "strict"): "what happens when a file cannot be written: tests/training/test_callbacks.py",
    ("BackupAndRestore", "strict"): "the same",
    ("BackupAndRestore", "check"): "what happens with another model's file: tests/saving/test_resume.py",
    ("BackupAndRestore", "double_checkpoint"): "how files are replaced: tests/saving/test_resume.py",
}
NO_ARGUMENTS = {"Callback", "History", "ProgbarLogger"}
LISTS = {"CallbackList": "what fit makes of callbacks=",
"RemoteMonitor": "what it sends: tests/training/test_callbacks.py",
         "TerminateOnNaN": "needs a NaN: tests/training/test_callbacks.py"}  # fmt: skip


def callback_arguments():
    for name in callbacks.__all__:
        if name in LISTS or name in NO_ARGUMENTS:
            continue
        for argument, parameter in inspect.signature(getattr(callbacks, name)).parameters.items():
            if (name, argument) not in ELSEWHERE and parameter.kind is not parameter.VAR_KEYWORD:
                yield name, argument


@pytest.mark.parametrize(("name", "argument"), list(callback_arguments()))
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_callback(check, name, argument, tmp_path, monkeypatch):
    if name == "TensorBoard":
        pytest.importorskip("tensorboardX")
    base, values = CALLBACKS[name]
    if name == "ModelCheckpoint" and argument in ("monitor", "mode", "initial_value_threshold"):
        base = {**base, "save_best_only": True}
    folders = iter([tmp_path / "one", tmp_path / "two"])

    def observe(**arguments):
        folder = next(folders)
        folder.mkdir()
        monkeypatch.chdir(folder)
        if argument == "append":
            (folder / "a.csv").write_text("epoch,loss\n")
        model = build(optimizer=optimizers.SGD(0.1, use_ema=name == "SwapEMAWeights"))
        out = io.StringIO()
        weights = []

        def keep(epoch, logs):
            weights.append(model.get_weights())

        each = callbacks.LambdaCallback(on_epoch_begin=keep, on_epoch_end=keep)
        with redirect_stdout(out):
            all_callbacks = [Climb(), getattr(callbacks, name)(**arguments), each]
            history = model.fit(X, Y, epochs=8, batch_size=6, verbose=0, callbacks=all_callbacks).history
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        files = [file.partition("events.out")[0] for file in files]
        sizes = [path.stat().st_size // 100 for path in sorted(folder.rglob("*")) if path.is_file()]
        text = "".join(path.read_text() for path in folder.rglob("*.csv"))
        return [history, weights, model.get_weights(), out.getvalue(), files, sizes, text]

    check(observe, base, argument, values[argument])
