"""Train the lecture nets in Keras 3 and in fastnn from the same initial weights, over the same batches, and compare.

With the same start and the same order of rows only rounding differs, so the two accuracies should agree far more
closely than two seeds of one library do. (Dropout draws differ, so the dropout net is only alike.)

Needs keras with the TensorFlow backend beside fastnn.   python benchmarks/lecture_nets_paired.py --seeds 5
"""

import argparse
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np

import fastnn
from fastnn.datasets import mnist

# name: (hidden units, activation, dropout, optimizer, learning rate, epochs)
NETS = {
    "sigmoid": ([128] * 3, "sigmoid", 0.0, "SGD", 0.1, 10),
    "relu": ([128] * 5, "relu", 0.0, "SGD", 0.001, 10),
    "dropout": ([128], "relu", 0.2, "Adam", 0.001, 5),
}


def build(library, net):
    hidden, activation, dropout, optimizer, rate, _ = net
    layers = [library.layers.Input((784,))]
    for units in hidden:
        layers.append(library.layers.Dense(units, activation=activation))
        if dropout:
            layers.append(library.layers.Dropout(dropout))
    model = library.models.Sequential([*layers, library.layers.Dense(10, activation="softmax")])
    options = {"jit_compile": True, "steps_per_execution": 125} if library is keras else {}
    optimizer = getattr(library.optimizers, optimizer)(learning_rate=rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"], **options)
    return model


def train_both(net, x, y, x_test, y_test, seed):
    """Test accuracies (keras, fastnn) from one initialisation and one sequence of batches."""
    keras.utils.set_random_seed(seed)
    fastnn.utils.set_random_seed(seed)
    theirs, ours = build(keras, net), build(fastnn, net)
    ours.set_weights(theirs.get_weights())
    rng = np.random.default_rng(seed)
    for _ in range(net[-1]):
        order = rng.permutation(len(x))
        for model in (theirs, ours):
            model.fit(x[order], y[order], batch_size=32, epochs=1, shuffle=False, verbose=0)
    return [float(model.evaluate(x_test, y_test, batch_size=500, verbose=0)[1]) for model in (theirs, ours)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--nets", nargs="*", default=list(NETS))
    parser.add_argument("--pixels", nargs="*", default=["raw", "scaled"])
    parser.add_argument("--out", default="benchmarks/lecture_nets_paired.json")
    arguments = parser.parse_args()
    (x, y), (x_test, y_test) = mnist.load_data()
    result = {"keras": keras.__version__, "fastnn": fastnn.__version__, "nets": {}}
    for name in arguments.nets:
        for pixels in arguments.pixels:
            scale = 255 if pixels == "scaled" else 1
            data = [a.reshape(-1, 784).astype("float32") / scale for a in (x, x_test)]
            pairs = []
            for seed in range(arguments.seeds):
                pairs.append(train_both(NETS[name], data[0], y, data[1], y_test, seed))
                theirs, ours = pairs[-1]
                print(f"{name:8} {pixels:7} seed {seed}  keras {theirs:.4f}  fastnn {ours:.4f}", flush=True)
            theirs, ours = np.mean(pairs, axis=0)
            print(f"{name:8} {pixels:7} mean    keras {theirs:.4f}  fastnn {ours:.4f}")
            result["nets"][f"{name} {pixels}"] = {
                "keras": [a for a, _ in pairs],
                "fastnn": [b for _, b in pairs],
                "mean": [round(float(theirs), 5), round(float(ours), 5)],
            }
            with open(arguments.out, "w", encoding="utf-8") as file:
                json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
