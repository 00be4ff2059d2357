"""One peer in a process of its own: ``python -m fastnn.bench.worker NAME NET THREADS SEED FOLDER``.

NET is a :class:`fastnn.bench.nets.Net` as JSON.

It reads commands from stdin, a line each, and answers on stdout with a line of JSON: ``train N`` (N epochs; answers
with the seconds of one), ``accuracy``, ``row`` (the seconds of predicting one row). The end of stdin ends it.
``FOLDER`` has the rows and weights (:func:`save`). The number of threads is limited by the processors that it may run
on, and by the variables that the libraries read.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

PARTS = ("x", "labels", "x_test", "labels_test")


def save(folder, data, weights):
    """Write what a worker reads: rows for training and test, and the initial weights."""
    (x, labels), (x_test, labels_test) = data
    for name, array in zip(PARTS, (x, labels, x_test, labels_test), strict=True):
        np.save(Path(folder, f"{name}.npy"), array)
    np.savez(Path(folder, "weights.npz"), *weights)


def load(folder):
    """What :func:`save` wrote: ``data, weights``."""
    x, labels, x_test, labels_test = (np.load(Path(folder, f"{name}.npy")) for name in PARTS)
    with np.load(Path(folder, "weights.npz")) as file:
        weights = [file[name] for name in file.files]
    return ((x, labels), (x_test, labels_test)), weights


def main(name, net, threads, seed, folder):
    """Answer commands until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints does not get among the answers
    from . import nets, peers

    data, weights = load(folder)
    net = nets.Net(**json.loads(net))
    peer = peers.load(name)(net, weights, data, int(threads), int(seed))

    def answer(**facts):
        answers.write(json.dumps(facts) + "\n")
        answers.flush()

    answer(description=peer.describe())
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "train":
            epochs = int(arguments[0])
            start = time.perf_counter()
            peer.train(epochs)
            answer(seconds=(time.perf_counter() - start) / epochs)
        elif command == "row":
            answer(row_seconds=_seconds_of_a_row(peer, data[1][0][:1]))
        else:
            answer(accuracy=peer.accuracy(), peak_memory=_peak_memory())


def _seconds_of_a_row(peer, x, rounds=7, at_least=0.02):
    """Median over the rounds, each of as many calls as take the time ``at_least``."""
    taken, calls = [], 1
    while len(taken) < rounds:
        start = time.perf_counter()
        for _ in range(calls):
            peer.predict(x)
        seconds = time.perf_counter() - start
        if seconds < at_least:
            calls *= 2
        else:
            taken.append(seconds / calls)
    return statistics.median(taken)


def _peak_memory():
    """Bytes that this process has had in memory at most; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
