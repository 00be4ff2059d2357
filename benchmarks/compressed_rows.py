"""Rows that are kept without their zeros: seconds an epoch of a net with few outputs, and of texts.

Run ``python benchmarks/compressed_rows.py``; where Keras is installed it is timed too. ``digits`` is softmax regression
on MNIST. ``texts`` is the net that books train with IMDB's reviews; the rows are drawn, not read: 25,000 with a column
for each of 10,000 words, these as frequent as Zipf's law has it. All runs are taken in turn, and medians printed; the
first epoch of each, which finds the zeros, is part of it.
"""

import argparse
import statistics
import time

import numpy as np

import fastnn
from fastnn.backends.native import NativeBackend

ROWS, WORDS, DRAWN = 25_000, 10_000, 230


def digits():
    """MNIST's rows and labels; units and activation of each layer; what compile is told; rows of a batch."""
    (x, y), _ = fastnn.datasets.mnist.load_data()
    x = (x.reshape(-1, 784) / 255).astype(np.float32)
    return x, y, [(10, "softmax")], ("sgd", "sparse_categorical_crossentropy"), 128


def texts():
    """The same of rows of zeros and ones, with labels that depend on some of the words."""
    generator = np.random.default_rng(0)
    share = 1 / np.arange(1.0, WORDS + 1)
    x = np.zeros((ROWS, WORDS), np.float32)
    x[np.arange(ROWS)[:, np.newaxis], generator.choice(WORDS, (ROWS, DRAWN), p=share / share.sum())] = 1
    score = x @ generator.standard_normal(WORDS).astype(np.float32)
    y = (score > np.median(score)).astype(np.float32)
    return x, y, [(16, "relu"), (16, "relu"), (1, "sigmoid")], ("rmsprop", "binary_crossentropy"), 512


def net(library, features, units):
    """The net, from a library with Keras' names."""
    layers = library.layers
    dense = [layers.Dense(count, activation=activation) for count, activation in units]
    return library.Sequential([layers.Input((features,)), *dense])


def fits(case, epochs):
    """Name: what trains a new net."""
    x, y, units, compiled, batch = case

    def of_fastnn(skip_zeros):
        fastnn.utils.set_random_seed(1)
        backend = NativeBackend(skip_zeros=skip_zeros)
        trainer = fastnn.Trainer(net(fastnn, x.shape[1], units), *compiled, backend=backend)
        trainer.fit(x, y, batch, epochs, verbose=0)

    def of_keras():
        model = net(keras, x.shape[1], units)
        model.compile(*compiled)
        model.fit(x, y, batch, epochs, verbose=0)

    found = {"fastnn": lambda: of_fastnn(True), "fastnn, zeros like other numbers": lambda: of_fastnn(False)}
    try:
        import keras
    except ImportError:
        return found
    return found | {f"Keras {keras.__version__}": of_keras}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for make_case in (digits, texts):
        case, seconds = make_case(), {}
        share = np.count_nonzero(case[0]) / case[0].size
        print(f"{make_case.__name__}: {' x '.join(map(str, case[0].shape))}, {share:.1%} other than 0")
        for _ in range(arguments.rounds):
            for name, fit in fits(case, arguments.epochs).items():
                start = time.perf_counter()
                fit()
                seconds.setdefault(name, []).append((time.perf_counter() - start) / arguments.epochs)
        for name, taken in seconds.items():
            print(f"  {name:34} {statistics.median(taken):.4f} s an epoch")


if __name__ == "__main__":
    main()
