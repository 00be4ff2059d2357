"""Run the scripts that Keras 3 accepts under real Keras and under fastnn, and compare what they print.

``python compare_with_keras.py --keras PYTHON [--seeds N] [NAME...]``, where PYTHON is an interpreter with Keras,
TensorFlow, pandas and scikit-learn. Each script runs with several seeds, so that the noise of training is seen.
Writes ``compare_with_keras.json`` (kept for the scripts that are not named) and ``.md``: the mean of each number
under both, and the difference as a multiple of the noise (the standard error of the difference of the two means).
"""

import argparse
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import expected
import make_data

FOLDER = pathlib.Path(__file__).resolve().parent
MEASURED = FOLDER / "compare_with_keras.json"

SHORTER = {"old_pima_kfold": 15, "wine_many_epochs": 400}
"""Epochs of scripts that would take Keras many minutes; the same for both."""

UNDER_KERAS = """
import contextlib, json, os, runpy, sys, traceback
import numpy as np
import keras
import tensorflow as tf
import tensorflow.keras.datasets.mnist as third
npz, *folders = sys.argv[1:]
with np.load(npz) as file:
    data = (file["a"], file["b"]), (file["c"], file["d"])
for module in (keras.datasets.mnist, tf.keras.datasets.mnist, third):
    # Keras would download it; a script may change what it gets.
    module.load_data = lambda path="mnist.npz": tuple((x.copy(), y.copy()) for x, y in data)
for folder in folders:  # all scripts in one process: importing TensorFlow takes longer than most of them
    keras.backend.clear_session()
    os.chdir(folder)
    sys.argv = ["script.py"]
    with open("out.txt", "w", encoding="utf-8") as out, contextlib.redirect_stdout(out):
        try:
            runpy.run_path("script.py", run_name="__main__")
        except Exception:
            traceback.print_exc()
"""


def prepare(folder, name, seed, kind):
    """A folder with the tables and a copy of a script that has other seeds."""
    own = folder / f"{name}-{seed}-{kind}"
    own.mkdir()
    make_data.write(own)
    text = (FOLDER / "scripts" / f"{name}.py").read_text(encoding="utf-8")
    pattern = r"(set_random_seed|set_seed|random\.seed)\((\d+)\)"
    text = re.sub(pattern, lambda found: f"{found[1]}({int(found[2]) + 1000 * seed})", text)
    if name in SHORTER:
        text = re.sub(r"\bepochs=\d+", f"epochs={SHORTER[name]}", text)
    (own / "script.py").write_text(text, encoding="utf-8")
    return own


def run(command, folder):
    """What a command prints."""
    environment = {
        **os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3",
        "MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")
    if result.returncode:
        raise RuntimeError(f"{command}: {result.stderr[-2000:]}")
    return result.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keras", required=True, help="an interpreter with Keras, TensorFlow, pandas, scikit-learn")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("names", nargs="*", help="default: all that Keras accepts")
    options = parser.parse_args()
    names = options.names or sorted(set(expected.EXPECTED) - expected.KERAS_REFUSES)
    measured = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        npz = folder / "mnist.npz"
        save = (
            "import numpy as np; from fastnn.datasets import mnist; (a, b), (c, d) = mnist.load_data(); "
            f"np.savez({str(npz)!r}, a=a, b=b, c=c, d=d)"
        )
        run([sys.executable, "-c", save], folder)
        own = {(name, seed, kind): prepare(folder, name, seed, kind)
               for name in names for seed in range(options.seeds) for kind in ("fastnn", "keras")}  # fmt: skip
        for (*_, kind), place in own.items():
            if kind == "fastnn":
                out = run([sys.executable, "-m", "fastnn", "run", "script.py"], place)
                (place / "out.txt").write_text(out, encoding="utf-8")
        places = [str(place) for (*_, kind), place in own.items() if kind == "keras"]
        run([options.keras, "-c", UNDER_KERAS, str(npz), *places], folder)
        for name in names:
            found = {
                kind: [
                    expected.numbers((own[name, seed, kind] / "out.txt").read_text(encoding="utf-8"))
                    for seed in range(options.seeds)
                ]
                for kind in ("fastnn", "keras")
            }
            missing = [(kind, seed, key) for kind in found for seed, numbers in enumerate(found[kind])
                       for key in expected.EXPECTED[name] if key not in numbers]  # fmt: skip
            if missing:
                print(f"{name}: left out, as a number is missing: {missing[0]}", file=sys.stderr)
                continue
            measured[name] = {
                key: [[numbers[key] for numbers in found[kind]] for kind in found] for key in expected.EXPECTED[name]
            }
    MEASURED.write_text(json.dumps(measured, indent=1, sort_keys=True) + "\n")
    table = [row for name in sorted(measured) for row in rows(name, measured[name])]
    text = HEADER.format(seeds=options.seeds) + "\n".join(table) + "\n"
    MEASURED.with_suffix(".md").write_text(text, encoding="utf-8")


def rows(name, numbers):
    """The rows of the table for one script."""
    return [
        f"| {name} | {key} | {show(ours)} | {show(theirs)} | {in_noise(ours, theirs)} |"
        for key, (ours, theirs) in numbers.items()
    ]


HEADER = """# The scripts under fastnn and under Keras 3

Measured by `compare_with_keras.py` with {seeds} seeds each (Keras 3.15.1 on TensorFlow 2.21): mean and standard
deviation of what each script prints, and the difference of the means as a multiple of its standard error.
"same" stands for no difference, "apart" for one where neither varies.

The cross entropy of `tf_zoo` is apart for a reason: where a seed is set, Keras on TensorFlow brings the rows in the
same order in every epoch, fastnn and Keras' other backends in another one. From the same weights with `shuffle=False`
both end with the same number to 7 digits (0.0269815, 0.0272180, 0.0273969 for three starts); with own seeds fastnn
gives 0.02528 ± 0.00035 (24 seeds), Keras on JAX 0.02516 ± 0.00036 (10 seeds).

`hands_on_regression`: from the same weights over the same batches both end alike (0.95691 and 1.03087 for two starts,
the same to 5 digits); with 16 seeds of their own 1.110 ± 0.054 and 1.129 ± 0.055 (standard errors, Keras on JAX). The
losses of its outputs do not add up to Keras' total, as TensorFlow's are means over the batches.

`old_pima_kfold` and `wine_many_epochs` train 15 and 400 epochs here, under both; the limits in `expected.py` are for
more.

`custom_training`: from the same weights over the same batches both end alike (validation 0.913, 0.898, 0.896 and 0.913,
0.898, 0.897, with a tape and with `fit`, without dropout). With seeds of their own the validation of the first 8 seeds
lay 2.8 standard errors apart, which was chance: the table has 96 seeds, and the 72 that were not looked at before give
0.8981 ± 0.0052 and 0.8981 ± 0.0050.

| script | number | fastnn | Keras | difference / noise |
|---|---|---|---|---|
"""


def show(values):
    return f"{statistics.mean(values):.4g} ± {statistics.stdev(values):.2g}"


def in_noise(a, b):
    difference = abs(statistics.mean(a) - statistics.mean(b))
    noise = math.sqrt((statistics.variance(a) + statistics.variance(b)) / len(a))
    return "same" if difference < 1e-9 else f"{difference / noise:.1f}" if noise else "apart"


if __name__ == "__main__":
    main()
