"""The command ``fastnn bench fit``: what ``model.fit`` costs beyond the native work that it asks for.

Each net is trained twice on the same rows: by ``fit``, and by bare slices, one native call an epoch for the same order
of the rows and one for the same validation, with nothing around them. The first line of a net is ``fit`` by itself, the
second with metrics, validation after each epoch, and callbacks that look at each epoch. Both sides are timed in turn,
and of each the fastest round counts, since whatever else the machine does only adds to it.
"""

import json
import sys
import time

import numpy as np

from . import nets, system

NETS = ("softmax-regression", "sigmoid-3x128", "quickstart", "iris-batch1")
HEAD = f"{'net':20}{'':32}{'slices':>10}{'fit':>10}{'beyond':>9}{'an epoch':>11}"
UNITS = f"{'':52}{'s/epoch':>10}{'s/epoch':>10}{'%':>9}{'us':>11}"


def run(rounds=3, threads=1, json_file=None, names=(), epochs=1):
    """Measure, and print the table.

    Parameters
    ----------
    rounds : int
        Timed rounds, after one that is not timed.
    threads : int
    json_file : path, optional
    names : sequence of str
        Nets; by default ``NETS``.
    epochs : int
        Of a round, times ``net.repeats``.

    Returns
    -------
    dict
        ``{net: {case: {"slices", "fit": seconds of an epoch, "beyond": share of the slices' time}}}``.
    """
    facts = system.describe()
    print(f"fastnn {facts['fastnn']} ({facts['isa']}), {system.threads_text(threads)}; {facts['processor']}")
    print(f"the fastest of {rounds} rounds, taken in turn, after a warm-up round\n\n{HEAD}\n{UNITS}", flush=True)
    results, data = {}, {}
    for net in nets.find(names or NETS):
        if net.data not in data:
            print(f"reading {net.data}", file=sys.stderr)
            data[net.data] = nets.load_data(net)
        for case, watched in (("fit", False), ("metrics, validation, callbacks", True)):
            found = compare(net, data[net.data], watched, rounds, epochs, threads)
            results.setdefault(net.name, {})[case] = found
            extra = found["fit"] - found["slices"]
            print(
                f"{'' if watched else net.name:20}{case:32}{found['slices']:10.5f}{found['fit']:10.5f}"
                f"{100 * found['beyond']:9.2f}{1e6 * extra:11.0f}",
                flush=True,
            )
    if json_file:
        with open(json_file, "w", encoding="utf-8") as file:
            json.dump({"settings": {**facts, "rounds": rounds, "threads": threads}, "results": results}, file, indent=1)
            file.write("\n")
    return results


def compare(net, data, watched, rounds=3, epochs=1, threads=1):
    """Seconds of an epoch by bare slices and by ``fit``, and what ``fit`` takes beyond, as a share.

    Parameters
    ----------
    net : fastnn.bench.nets.Net
    data : ((x, labels), (x_test, labels_test))
    watched : bool
        Whether there are metrics, validation and callbacks.
    rounds, epochs, threads : int
    """
    from .. import Trainer
    from ..callbacks import EarlyStopping, LearningRateScheduler, ReduceLROnPlateau

    (x, labels), (x_test, labels_test) = data
    epochs *= net.repeats
    sides = []
    for _ in range(2):
        model = nets.make_trainer(net, 0, threads).model
        metrics = ["accuracy"] if watched else None
        model.compile(net.optimizer, "sparse_categorical_crossentropy", metrics=metrics)
        model.optimizer.learning_rate = net.learning_rate
        trainer = model._trainer = Trainer(
            model, model.optimizer, "sparse_categorical_crossentropy", metrics, threads=threads, seed=0
        )
        trainer.fit(x[: net.batch], labels[: net.batch], net.batch, verbose=0)
        sides.append(trainer)
    bare, fitted = sides

    def train_slices():
        for _ in range(epochs):
            bare.epochs_started += 1
            order, totals = bare.next_order(len(x)), bare.no_totals()
            rates = bare.optimizer.learning_rates(0, -(-len(x) // net.batch))
            bare._session.train(x, labels, order, net.batch, totals, rates)
            if watched:
                bare._session.evaluate(x_test, labels_test, net.batch, bare.no_totals())

    def fit():
        options = {}
        if watched:
            never = 10**9
            options["validation_data"] = x_test, labels_test
            options["callbacks"] = [
                EarlyStopping(patience=never), ReduceLROnPlateau(patience=never), LearningRateScheduler(lambda e, r: r)
            ]  # fmt: skip
        fitted.fit(x, labels, net.batch, epochs, verbose=0, **options)

    best = [np.inf, np.inf]
    for number in range(rounds + 1):
        for at, train in ((0, train_slices), (1, fit)) if number % 2 else ((1, fit), (0, train_slices)):
            start = time.perf_counter()
            train()
            if number:
                best[at] = min(best[at], (time.perf_counter() - start) / epochs)
    return {"slices": best[0], "fit": best[1], "beyond": best[1] / best[0] - 1}
