"""Times epochs of fastnn and of NumPy in turn, so that whatever else the machine does falls on both."""

import statistics
import time

import numpy as np

from .nets import make_trainer
from .numpy_twin import NumpyTwin, numpys_masks


def compare(net, data, rounds=3, epochs=1, threads=1, seed=0, tell=lambda text: None):
    """Train a net with both, in rounds, and time each.

    What is timed on the side of fastnn is ``fit``, as a user calls it: with its checks of the data, the order
    and the loss. On the side of NumPy it is the order and the steps.

    Parameters
    ----------
    net : fastnn.bench.nets.Net
    data : ((x, labels), (x_test, labels_test))
    rounds : int
        Timed rounds, after one that is not timed.
    epochs : int
        Epochs (times ``net.repeats``) of a round.
    threads : int
        Of fastnn. NumPy's are set for the whole process.
    seed : int
    tell : callable
        Called with a text before each piece of work.

    Returns
    -------
    dict
        For "fastnn" and "numpy" each a dict of "seconds" (of an epoch, the median of the rounds), "rounds"
        (all of them) and "accuracy" (on the test rows, at the end); and "ratio", NumPy's seconds by fastnn's.
    """
    (x, labels), (x_test, labels_test) = data
    epochs *= net.repeats
    trainer = make_trainer(net, seed, threads)
    twin = NumpyTwin(net, trainer.model.get_weights(), numpys_masks(seed))
    generator = np.random.default_rng(seed)

    def train_fastnn():
        trainer.fit(x, labels, net.batch, epochs, verbose=0)

    def train_numpy():
        for _ in range(epochs):
            twin.train(x, labels, generator.permutation(len(x)))

    sides = [("fastnn", train_fastnn, []), ("numpy", train_numpy, [])]
    for number in range(rounds + 1):
        for name, train, seconds in sides if number % 2 else reversed(sides):  # neither is always first
            tell(f"round {number} of {rounds}, {name}" if number else f"warming up, {name}")
            start = time.perf_counter()
            train()
            seconds.append((time.perf_counter() - start) / epochs)
    tell("test accuracy")
    predicted = trainer.predict(x_test, verbose=0).argmax(axis=1)
    accuracies = {
        "fastnn": float((predicted == labels_test).mean()),
        "numpy": twin.accuracy(x_test, labels_test),
    }
    result = {
        name: {
            "seconds": statistics.median(seconds[1:]),
            "rounds": seconds[1:],
            "accuracy": accuracies[name],
        }
        for name, _, seconds in sides
    }
    result["ratio"] = result["numpy"]["seconds"] / result["fastnn"]["seconds"]
    return result
