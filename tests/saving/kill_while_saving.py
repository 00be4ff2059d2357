"""Kills a process that saves after every batch, at random moments, again and again, and looks at what is left.

``python kill_while_saving.py FOLDER TIMES`` prints a line of JSON: how many of the files could not be loaded,
how often more than the last checkpoint was lost, and whether the run, resumed after each kill, ended with the
bits of one that was never interrupted. Each child is a fork, so that a kill costs milliseconds.
"""

import json
import os
import pathlib
import random
import signal
import sys
import time

import numpy as np

import fastnn
from fastnn import Input, Sequential, models
from fastnn.callbacks import BackupAndRestore, ModelCheckpoint
from fastnn.layers import Dense, Dropout
from fastnn.models import files  # before the forks, so that each child need not import it
from fastnn.saving import checkpoint, schema  # noqa: F401

EPOCHS = 40
X = np.random.default_rng(3).standard_normal((40, 4)).astype(np.float32)
Y = np.arange(40) % 3


def network():
    fastnn.utils.set_random_seed(5)
    model = Sequential([Input((4,)), Dense(6, "relu"), Dropout(0.25), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def train(folder=None):
    model = network()
    callbacks = [] if folder is None else [
        ModelCheckpoint(folder / "model.fastnn", save_freq=1),
        BackupAndRestore(folder / "backup", save_freq=1, delete_checkpoint=False),
    ]  # fmt: skip
    model.fit(X, Y, epochs=EPOCHS, batch_size=4, verbose=0, callbacks=callbacks)
    return model


def child(folder):
    """A forked process that trains, and leaves its weights where it gets to the end."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        fastnn.set_num_threads(1)
        weights = train(folder).get_weights()
        np.savez(folder / "end.npz", *weights)
        code = 0
    finally:
        os._exit(code)


def step_of(path):
    """Steps that the run in a file had taken."""
    return files.load_container(path)[1]["step"]


def main(folder, times):
    fastnn.set_num_threads(1)
    generator = random.Random(times)
    found = {"kills": 0, "unloadable": 0, "lost": 0}
    backup, model_file = folder / "backup" / "latest.fastnn", folder / "model.fastnn"
    furthest = 0
    while found["kills"] < times:
        if furthest > EPOCHS * 10 - 60:  # nearly at the end: a run from the start
            backup.unlink()
            furthest = 0
        pid = child(folder)
        began = backup.stat().st_mtime_ns if backup.exists() else 0
        while not backup.exists() or backup.stat().st_mtime_ns == began:
            time.sleep(0.0005)
        time.sleep(generator.random() * 0.03)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        found["kills"] += 1
        try:
            step, other = step_of(backup), step_of(model_file)
        except (fastnn.saving.ModelFormatError, OSError) as error:
            print(error, file=sys.stderr)
            found["unloadable"] += 1
            continue
        # The model is saved before the backup of the same batch; neither ever goes back.
        found["lost"] += step < furthest or not 0 <= other - step <= 1
        furthest = step
    _, status = os.waitpid(child(folder), 0)
    found["finished"] = status == 0
    with np.load(folder / "end.npz") as end:
        pairs = zip(end.values(), train().get_weights(), strict=True)
        found["same_bits"] = all(np.array_equal(a, b) for a, b in pairs)
    models.load_model(model_file)
    found["leftovers"] = [path.name for path in folder.rglob("*") if ".tmp-" in path.name]
    print(json.dumps(found))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
