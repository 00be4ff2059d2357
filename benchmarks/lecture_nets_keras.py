"""Measure the MNIST test accuracy that Keras 3 (TensorFlow) reaches with the lecture nets.

Each net is trained with pixels as they are (0..255) and scaled (0..1), once per seed. The result
file is saved after every run; a second call with the same --out goes on where the first one stopped.
"""

import argparse
import gzip
import json
import os
import statistics
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

BATCH = 32
STEPS = 125  # steps per compiled call; divides 60000 / 32 = 1875


def plain_sigmoid(x):
    """Hand the loss the sigmoid's values: with its own sigmoid Keras takes a softmax of the logits."""
    return 1.0 * keras.ops.sigmoid(x)


OUTPUTS = {"softmax": "softmax", "sigmoid": "sigmoid", "plain_sigmoid": plain_sigmoid}
SIGMOID = {
    "hidden": [128] * 3,
    "activation": "sigmoid",
    "dropout": 0.0,
    "optimizer": "SGD",
    "lr": 0.1,
    "epochs": 10,
}
NETS = {
    "sigmoid_softmax": {**SIGMOID, "output": "softmax"},
    "sigmoid_all": {**SIGMOID, "output": "sigmoid"},
    "relu": {
        "hidden": [128] * 5,
        "activation": "relu",
        "dropout": 0.0,
        "optimizer": "SGD",
        "lr": 0.001,
        "epochs": 10,
        "output": "softmax",
    },
    "quickstart": {
        "hidden": [128],
        "activation": "relu",
        "dropout": 0.2,
        "optimizer": "Adam",
        "lr": 0.001,
        "epochs": 5,
        "output": "softmax",
    },
    "sigmoid_all_plain": {**SIGMOID, "output": "plain_sigmoid"},
}
GROUPS = [["sigmoid_softmax", "sigmoid_all", "relu"], ["quickstart"], ["sigmoid_all_plain"]]
SCALINGS = {"raw": 1.0, "scaled": 255.0}


def read_idx(path):
    """Read a gzipped IDX file of unsigned bytes."""
    data = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(data, ">u4", data[3], 4).astype(int)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def load(folder, name):
    """Return the images of one set as rows of float32 0..255 and the labels one-hot."""
    images = read_idx(folder / f"{name}-images-idx3-ubyte.gz")
    labels = read_idx(folder / f"{name}-labels-idx1-ubyte.gz")
    return images.reshape(len(images), -1).astype("float32"), np.eye(10, dtype="float32")[labels]


def build(spec):
    """Build and compile the net; whatever the table does not name is the Keras default."""
    layers = [keras.Input((784,))]
    for width in spec["hidden"]:
        layers.append(keras.layers.Dense(width, activation=spec["activation"]))
        if spec["dropout"]:
            layers.append(keras.layers.Dropout(spec["dropout"]))
    layers.append(keras.layers.Dense(10, activation=OUTPUTS[spec["output"]]))
    model = keras.Sequential(layers)
    optimizer = getattr(keras.optimizers, spec["optimizer"])(learning_rate=spec["lr"])
    model.compile(
        optimizer,
        "categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=True,
        steps_per_execution=STEPS,
    )
    return model


def run(spec, divisor, seed, train, test):
    """Train one net from one seed; return what was measured."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = build(spec)
    start = time.perf_counter()
    history = model.fit(train[0] / divisor, train[1], batch_size=BATCH, epochs=spec["epochs"], verbose=0)
    seconds = (time.perf_counter() - start) / spec["epochs"]
    steps = int(model.optimizer.iterations.numpy())
    if steps != spec["epochs"] * len(train[0]) // BATCH:
        raise RuntimeError(f"{steps} optimizer steps were made")
    _, accuracy = model.evaluate(test[0] / divisor, test[1], batch_size=80, verbose=0)
    loss = history.history["loss"][-1]
    return {
        "seed": seed,
        "test_accuracy": round(accuracy, 4),
        "last_train_accuracy": round(history.history["accuracy"][-1], 4),
        "last_train_loss": round(loss, 4) if np.isfinite(loss) else str(loss),
        "seconds_per_epoch": round(seconds, 2),
    }


def summarise(runs):
    """Mean, min and max of the test accuracy over the seeds."""
    values = [entry["test_accuracy"] for entry in runs]
    return {"mean": round(statistics.fmean(values), 5), "min": min(values), "max": max(values), "runs": runs}


def main():
    """Run every net, scaling and seed; print a row and save after each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the four MNIST .gz files")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    args = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    train, test = load(args.data, "train"), load(args.data, "t10k")

    settings = {
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "tensorflow": tf.__version__,
        "threads": 1,
        "batch": BATCH,
        "loss": "categorical_crossentropy on one-hot labels",
        "jit_compile": True,
        "steps_per_execution": STEPS,
        "scalings": {"raw": "0..255", "scaled": "/ 255"},
        "train_images": len(train[0]),
        "test_images": len(test[0]),
        "nets": NETS,
    }
    results = {}
    if args.out.exists():
        saved = json.loads(args.out.read_text())
        if saved["settings"] != settings:
            parser.error(f"{args.out} holds results of other settings")
        results = saved["results"]

    print(f"{'net':18} {'pixels':7} seed  test %  s/epoch  mean %    min    max", flush=True)
    jobs = [
        (net, scaling, seed)
        for group in GROUPS
        for seed in args.seeds
        for net in group
        for scaling in SCALINGS
    ]
    for net, scaling, seed in jobs:
        runs = results.get(net, {}).get(scaling, {}).get("runs", [])
        if any(entry["seed"] == seed for entry in runs):
            continue
        entry = run(NETS[net], SCALINGS[scaling], seed, train, test)
        summary = summarise(sorted([*runs, entry], key=lambda item: item["seed"]))
        results.setdefault(net, {})[scaling] = summary
        partial = args.out.with_suffix(".tmp")
        partial.write_text(json.dumps({"settings": settings, "results": results}, indent=1) + "\n")
        partial.replace(args.out)
        print(
            f"{net:18} {scaling:7} {seed:4} {100 * entry['test_accuracy']:7.2f} "
            f"{entry['seconds_per_epoch']:8.2f} {100 * summary['mean']:7.2f} "
            f"{100 * summary['min']:6.2f} {100 * summary['max']:6.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
