"""Texts as rows with a column for each word: seconds an epoch of the net that books train with IMDB's reviews.

Run ``python benchmarks/multi_hot.py``; where Keras is installed it is timed too. The rows are drawn, not read: 25,000
of 10,000 columns, with words as frequent as Zipf's law has it and as many to a review as IMDB's have (about 120 that
differ). All runs are taken in turn, and medians printed.
"""

import argparse
import statistics
import time

import numpy as np

import fastnn
from fastnn.backends.native import NativeBackend

ROWS, WORDS, DRAWN, BATCH = 25_000, 10_000, 230, 512


def reviews(generator):
    """Rows (ROWS, WORDS) of zeros and ones, and labels that depend on some of the words."""
    share = 1 / np.arange(1.0, WORDS + 1)
    words = generator.choice(WORDS, (ROWS, DRAWN), p=share / share.sum())
    x = np.zeros((ROWS, WORDS), np.float32)
    x[np.arange(ROWS)[:, np.newaxis], words] = 1
    score = x @ generator.standard_normal(WORDS).astype(np.float32)
    return x, (score > np.median(score)).astype(np.float32)


def net(library):
    """The net of the books, compiled."""
    layers = library.layers
    model = library.Sequential(
        [
            layers.Input((WORDS,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def fits(x, y, epochs):
    """Name: what trains a new net."""

    def fastnn_fit(**options):
        fastnn.utils.set_random_seed(1)
        model = net(fastnn)
        backend = NativeBackend(**options)
        trainer = fastnn.Trainer(model, "rmsprop", "binary_crossentropy", ["accuracy"], backend=backend)
        trainer.fit(x, y, BATCH, epochs, verbose=0)

    found = {"fastnn": fastnn_fit, "fastnn, zeros as other numbers": lambda: fastnn_fit(skip_zeros=False)}
    try:
        import keras
    except ImportError:
        return found
    return found | {f"Keras {keras.__version__}": lambda: net(keras).fit(x, y, BATCH, epochs, verbose=0)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    x, y = reviews(np.random.default_rng(0))
    print(f"{ROWS} rows of {WORDS}, {x.sum() / ROWS:.0f} words to a row; batches of {BATCH}, {arguments.epochs} epochs")
    seconds = {}
    for _ in range(arguments.rounds):
        for name, fit in fits(x, y, arguments.epochs).items():
            start = time.perf_counter()
            fit()
            seconds.setdefault(name, []).append((time.perf_counter() - start) / arguments.epochs)
    for name, taken in seconds.items():
        print(f"{name:32} {statistics.median(taken):.4f} s an epoch")


if __name__ == "__main__":
    main()
