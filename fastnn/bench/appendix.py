"""The command ``fastnn bench appendix``: the lecture appendix's functions, compiled and in plain NumPy, in turn.

A step is one iteration of the notes' loop: ``forward_model``, ``compute_cost``, ``backward_model`` and
``update_parameters`` of a 784-128-64-10 net, features-first, float64, on all samples together.

Three things decide the ratio. Zeros of the data are left out by the compiled products and by no BLAS, so MNIST and
data without zeros are both timed. The gradient of the data, dA0, is a third of NumPy's products and is used by no
update; the compiled ``backward_model`` works it out only when it is asked for, and the last row asks for it. What
remains are products at the speed of the machine on both sides.
"""

import json
import statistics
import sys
import time

import numpy as np

from . import system

SIZES = (784, 128, 64, 10)
LEARNING_RATE = 0.1
LIMIT = 1e-12  # largest difference of the two sides' weights, relative to the largest weight
HEAD = f"{'data':28}{'fastnn':>11}{'NumPy':>11}{'ratio':>8}{'difference':>14}"
UNITS = f"{'':28}{'s/step':>11}{'s/step':>11}{'':>8}{'of weights':>14}"


def run(rounds=3, threads=1, json_file=None, samples=2048, steps=5):
    """Measure and verify, and print the table.

    Parameters
    ----------
    rounds : int
        Timed rounds, after one that is not timed.
    threads : int
        Of NumPy's products. The appendix's functions take one.
    json_file : path, optional
    samples, steps : int
        Of the batch; of a round.

    Returns
    -------
    bool
        Whether both sides agree.
    """
    blas_threads = system.limit_blas(threads)
    facts = system.describe()
    print(
        f"fastnn {facts['fastnn']} ({facts['isa']}), {system.threads_text(1)}; "
        f"NumPy {facts['numpy']}, {system.threads_text(blas_threads)}; {facts['processor']}"
    )
    print(
        f"the appendix's functions, {'-'.join(map(str, SIZES))}, float64, batch of {samples}; medians of {rounds} "
        f"rounds x {steps} steps, taken in turn, after a warm-up round"
    )
    print(f"\n{HEAD}\n{UNITS}", flush=True)
    results = {}
    for name, data, with_dA0 in _cases(samples):
        result = results[name] = compare(*data, rounds, steps, with_dA0)
        print(
            f"{name:28}{result['fastnn']:11.5f}{result['numpy']:11.5f}{result['ratio']:8.2f}"
            f"{result['difference']:14.1e}{'' if result['difference'] <= LIMIT else '  DIFFERS'}",
            flush=True,
        )
    if json_file:
        with open(json_file, "w", encoding="utf-8") as file:
            settings = {**facts, "numpy threads": blas_threads, "rounds": rounds, "steps": steps, "samples": samples}
            json.dump({"settings": settings, "results": results}, file, indent=1)
            file.write("\n")
    return all(result["difference"] <= LIMIT for result in results.values())


def compare(X, Y, rounds, steps, with_dA0):
    """Seconds of a step of both sides (medians of the rounds), their ratio, and the difference of the weights.

    Parameters
    ----------
    X, Y : array (features, m), (classes, m)
    rounds, steps : int
    with_dA0 : bool
        Whether the compiled side works out the gradient of the data too, as NumPy's always does.

    Returns
    -------
    dict of str to float
    """
    from .. import appendix as compiled
    from ..appendix import numpy as plain

    sides = [
        (functions, functions.initialize_parameters(SIZES), seconds)
        for functions, seconds in ((compiled, []), (plain, []))
    ]
    for number in range(rounds + 1):
        for functions, parameters, seconds in sides if number % 2 else reversed(sides):  # neither is always first
            start = time.perf_counter()
            for _ in range(steps):
                AL, caches = functions.forward_model(X, parameters)
                functions.compute_cost(AL, Y)
                grads = functions.backward_model(AL, Y, caches)
                if with_dA0:
                    _ = grads["dA0"]
                functions.update_parameters(parameters, grads, LEARNING_RATE)
            if number:
                seconds.append((time.perf_counter() - start) / steps)
    (_, ours, our_seconds), (_, theirs, their_seconds) = sides
    return {
        "fastnn": statistics.median(our_seconds),
        "numpy": statistics.median(their_seconds),
        "ratio": statistics.median(their_seconds) / statistics.median(our_seconds),
        "difference": max(_difference(ours[name], theirs[name]) for name in ours),
    }


def _difference(got, expected):
    return float(abs(got - expected).max() / (abs(expected).max() or 1))


def _cases(samples):
    from ..datasets import mnist

    print("reading MNIST", file=sys.stderr)
    (x, labels), _ = mnist.load_data()
    Y = np.ascontiguousarray(np.eye(10)[labels[:samples]].T)
    images = np.ascontiguousarray(x[:samples].reshape(-1, 784).T / 255.0)
    noise = np.random.default_rng(0).random(images.shape)
    return (
        ("MNIST", (images, Y), False),
        ("no zeros", (noise, Y), False),
        ("no zeros, dA0 asked for", (noise, Y), True),
    )
