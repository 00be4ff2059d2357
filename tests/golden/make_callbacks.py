"""Record what Keras' callbacks do in ``callbacks.json``: over scripted logs, without any training.

Run ``python tests/golden/make_callbacks.py`` with Keras installed. ``tests/training/test_callbacks.py`` plays
the same scripts with our callbacks and compares what they did, number by number and character by character.

A script gives the logs of each epoch. It is played with a model that only notes what callbacks do to it: its
weights are the number of the epoch, so that restored weights name the epoch that they came from.
"""

import contextlib
import io
import json
import math
import pathlib
import random
import tempfile
import types
import unittest.mock
import warnings

import numpy as np

GOLDEN = pathlib.Path(__file__).with_name("callbacks.json")

NAN, INF = math.nan, math.inf


class Model:
    """Stands in for a model: has what callbacks read and change."""

    dtype = "float32"

    def __init__(self, optimizer, metrics):
        self.optimizer = optimizer
        self.metrics = metrics
        self.stop_training = False
        self.weights = None
        self.restored = None

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.restored = weights

    def save(self, filepath, overwrite=True):
        pathlib.Path(filepath).write_text(f"model after {self.weights}", encoding="utf-8")

    def save_weights(self, filepath, overwrite=True):
        pathlib.Path(filepath).write_text(f"weights after {self.weights}", encoding="utf-8")


def play(case, library):
    """Run a case; return everything that can be seen of it.

    ``library`` has ``callbacks``, ``model(learning_rate)`` with metrics "accuracy" and "mse", and
    ``frozen(clock)``, a context in which progress bars have that clock.
    """
    seen = {"epochs": []}
    now = [1000.0]
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(library.frozen(lambda: now[0]))
        printed = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        try:
            callbacks = [make(library.callbacks, folder, *spec) for spec in case["callbacks"]]
            for fit in case["fits"]:
                seen["epochs"].append(play_fit(case, fit, callbacks, library, printed, now))
        except (KeyError, ValueError, RuntimeError) as error:
            seen["error"] = f"{type(error).__name__}: {error}".replace("Keras", "fastnn").replace(str(folder), "F")
        seen["printed"] = printed.getvalue().replace(str(folder), "F")
        seen["warned"] = [str(warning.message) for warning in warned if warning.category is UserWarning]
        if "error" not in seen:
            seen["state"] = [vars_of(callback) for callback in callbacks]
        seen["files"] = {path.name: path.read_bytes().decode() for path in sorted(folder.iterdir())}
    return {name: value for name, value in seen.items() if value}


STATE = (
    "wait",
    "stopped_epoch",
    "best",
    "best_epoch",
    "best_weights",
    "cooldown_counter",
    "epoch",
    "history",
)


def vars_of(callback):
    return {name: getattr(callback, name) for name in STATE if hasattr(callback, name)}


def make(callbacks, folder, name, arguments):
    arguments = dict(arguments)
    for path in ("filename", "filepath"):
        if path in arguments:
            arguments[path] = folder / arguments[path]
    if name == "LearningRateScheduler":
        arguments["schedule"] = SCHEDULES[arguments["schedule"]]
    return getattr(callbacks, name)(**arguments)


SCHEDULES = {
    "decay": lambda epoch, rate: rate * 0.9,
    "steps": lambda epoch: 0.5 if epoch < 2 else 0.001,
    "whole": lambda epoch, rate: 1,
}


def play_fit(case, fit, callbacks, library, printed, now):
    """One fit: how many epochs it took, which weights were restored, and the learning rates, each with the
    epoch after which it was first seen.
    """
    model = library.model(case.get("learning_rate", 0.01))
    rates = {}
    watchers = library.callbacks.CallbackList(
        callbacks,
        add_history=case.get("bar", False),
        add_progbar=case.get("bar", False),
        model=model,
        verbose=case.get("verbose", 1),
        epochs=len(fit),
        steps=case.get("steps", 2),
    )
    watchers.on_train_begin()
    for epoch, logs in enumerate(fit):
        watchers.on_epoch_begin(epoch)
        batches = logs.get("batches", [])
        logs = {name: value for name, value in logs.items() if name != "batches"}
        for batch, loss in enumerate(batches):
            now[0] += 0.25
            watchers.on_train_batch_begin(batch)
            watchers.on_train_batch_end(batch, {"loss": loss})
            if model.stop_training:
                break
        model.weights = [epoch]
        watchers.on_epoch_end(epoch, logs)
        rates.setdefault(float(np.float32(model.optimizer.learning_rate)), epoch)
        if model.stop_training:
            break
    watchers.on_train_end(logs)
    result = {"epochs": epoch + 1, "rates": list(rates.items())}
    if model.restored is not None:
        result["restored"] = model.restored
    return result


def sequences(seed, count, length=12):
    """Lists of two-digit numbers, with ties, plateaus, and now and then NaN or infinity."""
    generator = random.Random(seed)
    for number in range(count):
        level, values = 1.0, []
        for _ in range(length):
            level = round(max(level + generator.choice([-0.1, -0.03, 0, 0, 0.01, 0.05]), 0.02), 2)
            values.append(level)
        if number % 8 == 7:
            values[generator.randrange(length)] = generator.choice([NAN, INF, -INF])
        yield values


def cases():
    """All scripts: a name, callbacks with their arguments, and the logs of each epoch of each fit."""
    found = []

    def add(name, *callbacks, fits, **options):
        found.append({"name": name, "callbacks": callbacks, "fits": fits, **options})

    def logs(name, values):
        return [{name: value} for value in values]

    generator = random.Random(1)
    for number, values in enumerate(sequences(2, 120)):
        arguments = {
            "monitor": generator.choice(["val_loss", "loss", "val_accuracy", "val_mse"]),
            "patience": generator.choice([0, 1, 2, 3, 5]),
            "min_delta": generator.choice([0, 0, 0.01, 0.03, -0.05]),
            "mode": generator.choice(["auto", "auto", "min", "max"]),
            "baseline": generator.choice([None, None, 0.9, 0.5]),
            "restore_best_weights": generator.random() < 0.7,
            "start_from_epoch": generator.choice([0, 0, 1, 4]),
            "verbose": generator.choice([0, 1]),
        }
        add(f"stop {number}", ("EarlyStopping", arguments), fits=[logs(arguments["monitor"], values)])
    for number, values in enumerate(sequences(3, 120, 20)):
        arguments = {
            "monitor": generator.choice(["val_loss", "val_accuracy", "mse"]),
            "factor": generator.choice([0.1, 0.5, 0.2]),
            "patience": generator.choice([0, 1, 2, 4]),
            "min_delta": generator.choice([1e-4, 0, 0.02]),
            "cooldown": generator.choice([0, 0, 1, 3]),
            "min_lr": generator.choice([0, 0.0, 1e-3, 0.004]),
            "mode": generator.choice(["auto", "min", "max"]),
            "verbose": generator.choice([0, 1]),
        }
        add(
            f"reduce {number}",
            ("ReduceLROnPlateau", arguments),
            fits=[logs(arguments["monitor"], values)],
            learning_rate=generator.choice([0.001, 0.01, 0.1]),
        )

    falling = [1.0, 0.9, 0.8, 0.8, 0.85, 0.9, 0.95, 0.7]
    stop = {"monitor": "loss", "patience": 2, "restore_best_weights": True, "verbose": 1}
    add(
        "stop twice",
        ("EarlyStopping", stop),
        fits=[logs("loss", falling), logs("loss", [*falling[3:], 0.6, 0.5])],
    )
    add("never stops", ("EarlyStopping", stop), fits=[logs("loss", falling[:3])])
    add("one epoch, no patience", ("EarlyStopping", {**stop, "patience": 0}), fits=[logs("loss", [1.0])])
    add(
        "starts after the end",
        ("EarlyStopping", {**stop, "start_from_epoch": 99}),
        fits=[logs("loss", falling)],
    )
    add("not there", ("EarlyStopping", {}), fits=[[{"loss": 1.0, "accuracy": 0.5}] * 3])
    add("nothing there", ("EarlyStopping", {}), fits=[[{}] * 2])
    add(
        "now and then",
        ("EarlyStopping", {"patience": 1}),
        fits=[[{"val_loss": 1.0}, {"loss": 1.0}, {"val_loss": 1.5}]],
    )
    add("unknown mode", ("EarlyStopping", {**stop, "mode": "least"}), fits=[logs("loss", falling)])
    add(
        "unknown mode too",
        ("ReduceLROnPlateau", {"monitor": "loss", "mode": "most"}),
        fits=[logs("loss", falling)],
    )
    add("no direction", ("EarlyStopping", {"monitor": "val_score"}), fits=[[{"val_score": 1.0}]])
    add("no direction either", ("ReduceLROnPlateau", {"monitor": "score"}), fits=[[{"loss": 1.0}]])
    add("factor of 1", ("ReduceLROnPlateau", {"factor": 1.0}), fits=[])
    add("equal in float32", ("EarlyStopping", stop), fits=[logs("loss", [0.1 - i * 1e-10 for i in range(8)])])
    add(
        "by exactly min_delta",
        ("EarlyStopping", {**stop, "min_delta": 0.1}),
        fits=[logs("loss", [1.0, 0.9, 0.8, 0.7, 0.6, 0.5])],
    )

    both = [("ReduceLROnPlateau", {"monitor": "loss", "patience": 2, "verbose": 1}), ("EarlyStopping", stop)]
    add("reduce twice", both[0], fits=[logs("loss", falling), logs("loss", falling)])
    add("reduce and stop", *both, fits=[logs("loss", falling)])
    add("reduce: not there", ("ReduceLROnPlateau", {}), fits=[[{"loss": 1.0, "accuracy": 0.5}] * 2])

    for name in SCHEDULES:
        scheduler = ("LearningRateScheduler", {"schedule": name, "verbose": 1})
        add(f"schedule {name}", scheduler, fits=[logs("loss", falling[:4])], learning_rate=0.001)

    csv_log = ("CSVLogger", {"filename": "log.csv"})
    plain = [{"loss": 0.5, "accuracy": 0.25}, {"loss": 1e-7, "accuracy": NAN}]
    validated = [{"loss": 0.5, "val_loss": 0.75}, {"loss": 0.1}, {"loss": 1 / 3, "val_loss": 2.0}]
    add("csv", csv_log, fits=[validated])
    add("csv without validation", csv_log, fits=[plain])
    add("csv late validation", csv_log, fits=[[validated[1], validated[0]]])
    add("csv new name", csv_log, fits=[[{"loss": 0.5}, {"loss": 0.5, "mse": 1.0}]])
    add("csv without logs", csv_log, fits=[[{}, {}]])
    add("csv text and lists", csv_log, fits=[[{"a": "b,c", "list": [1, 2.5], "loss": 1.0}]])
    add("csv twice", csv_log, fits=[plain, validated])
    add("csv appended", ("CSVLogger", {"filename": "log.csv", "append": True}), fits=[plain, plain[:1]])
    add("csv separated", ("CSVLogger", {"filename": "log.csv", "separator": ";"}), fits=[plain])
    reducing, scheduling = both[0], ("LearningRateScheduler", {"schedule": "decay"})
    add("csv before the rate", csv_log, reducing, fits=[plain], learning_rate=0.001)
    add("csv after the rate", scheduling, csv_log, fits=[plain], learning_rate=0.001)

    def epochs(*losses):
        return [
            {"loss": row[-1], "val_loss": row[-1] + 0.5, "accuracy": 0.5, "batches": row} for row in losses
        ]

    terminate = ("TerminateOnNaN", {})
    add("finite", terminate, fits=[epochs([1.0, 0.5], [0.4, 0.3])])
    add("nan", terminate, fits=[epochs([1.0, 0.5], [0.4, NAN], [0.1, 0.1])], bar=True)
    add("infinite", terminate, fits=[epochs([-INF, 0.5])])
    add("nan as an error", ("TerminateOnNaN", {"raise_error": True}), fits=[epochs([1.0, INF])])

    long = epochs([1.0, 0.5], [0.4, 0.3], [0.4, 0.3], [0.4, 0.3], [0.4, 0.3])
    for verbose in ("auto", 1, 2):
        bar = {"bar": True, "verbose": verbose, "learning_rate": 0.001}
        add(f"bar {verbose}", fits=[long], **bar)
        add(f"bar {verbose} one epoch", fits=[long[:1]], **bar)
        add(f"bar {verbose} steps unknown", fits=[long[:2]], steps=None, **bar)
        add(f"bar {verbose} reduced", *both, fits=[long], **bar)
        add(
            f"bar {verbose} scheduled",
            ("LearningRateScheduler", {"schedule": "decay", "verbose": 1}),
            fits=[long],
            **bar,
        )
    generator = random.Random(7)
    for number, values in enumerate(sequences(8, 40, 8)):
        arguments = {
            "filepath": generator.choice(["best.keras", "m{epoch:02d}.keras", "m{epoch}-{%s:.2f}.keras"]),
            "monitor": generator.choice(["val_loss", "loss", "val_accuracy", "val_mse"]),
            "save_best_only": generator.random() < 0.8,
            "mode": generator.choice(["auto", "auto", "min", "max"]),
            "verbose": generator.choice([0, 1, 1]),
            "initial_value_threshold": generator.choice([None, None, 0.9, 0.5]),
        }
        arguments["filepath"] = arguments["filepath"].replace("%s", arguments["monitor"])
        add(f"save {number}", ("ModelCheckpoint", arguments), fits=[logs(arguments["monitor"], values)])

    def saver(filepath="m.keras", **arguments):
        return ("ModelCheckpoint", {"filepath": filepath, "verbose": 1, "monitor": "loss", **arguments})

    four = epochs([1.0, 0.5, 0.75], [0.4, 0.3, 0.25], [0.2, 0.3, 0.35], [0.1, 0.15, 0.05])
    for freq in (1, 2, 3, 4, 5, 100):
        add(f"save every {freq} batches", saver("m{epoch}-{batch}.keras", save_freq=freq), fits=[four])
    add("save best batch", saver(save_freq=2, save_best_only=True), fits=[four])
    add("save weights", saver("m{epoch}.weights.h5", save_weights_only=True), fits=[four])
    add("save weights, best", saver("m.weights.h5", save_weights_only=True, save_best_only=True), fits=[four, four])
    add("save: unknown field", saver("m{val_acc}.keras"), fits=[four])
    add("save: not there", saver(monitor="val_mse", save_best_only=True), fits=[four])
    add("save: unknown mode", saver(mode="least", save_best_only=True), fits=[four])
    add("save: unknown frequency", saver(save_freq="batch"), fits=[four])
    add("save: no direction", saver(monitor="score", save_best_only=True), fits=[four])
    add("save in a new folder", saver("new/m.keras"), fits=[])
    add("save with a bar", saver(save_best_only=True), fits=[four], bar=True)
    add("history given", ("History", {}), fits=[long[:2], long[:3]])
    return found


def keras_library():
    """What ``play`` needs, of Keras."""
    import keras
    from keras.src.callbacks import callback_list
    from keras.src.trainers.compile_utils import MetricsList
    from keras.src.utils import progbar

    def model(learning_rate):
        measured = [keras.metrics.BinaryAccuracy(name="accuracy"), keras.metrics.MeanSquaredError(name="mse")]
        return Model(keras.optimizers.SGD(learning_rate), [MetricsList(measured)])

    @contextlib.contextmanager
    def frozen(clock):
        with (
            unittest.mock.patch.object(progbar.time, "time", clock),
            # Else a thread of its own draws the bar, at a time that is left to chance.
            unittest.mock.patch.object(callback_list.backend, "IS_THREAD_SAFE", False),
        ):
            yield

    return types.SimpleNamespace(callbacks=keras.callbacks, model=model, frozen=frozen)


def make_golden():
    """Return the whole content of the golden file."""
    library = keras_library()
    return {case["name"]: play(case, library) for case in cases()}


if __name__ == "__main__":
    lines = [f"{json.dumps(name)}: {json.dumps(seen)}" for name, seen in make_golden().items()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
