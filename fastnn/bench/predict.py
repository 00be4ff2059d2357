"""The command ``fastnn bench predict``: one row of the quickstart's net, by each way of calling, beside plain NumPy."""

import json
import statistics
import sys
import time

import numpy as np

from . import nets, system

NET = "quickstart"
LIMIT = 1e-6  # largest difference of the probabilities on the two sides
GROWTH_CALLS = 100_000
HEAD = f"{'one row by':28}{'microseconds':>14}{'NumPy / this':>14}"


def run(rounds=3, threads=1, json_file=None, calls=2000):
    """Measure and verify, and print the table.

    Parameters
    ----------
    rounds : int
        Timed rounds, after one that is not timed.
    threads : int
        Of fastnn and of NumPy's products.
    json_file : path, optional
    calls : int
        Of a round.

    Returns
    -------
    bool
        Whether all ways give the same bits, and NumPy the same numbers.
    """
    blas_threads = system.limit_blas(threads)
    facts = system.describe()
    print(
        f"fastnn {facts['fastnn']} ({facts['isa']}), {system.threads_text(threads)}; "
        f"NumPy {facts['numpy']}, {system.threads_text(blas_threads)}; {facts['processor']}"
    )
    print(f"{NET}, medians of {rounds} rounds x {calls} calls, taken in turn, after a warm-up round")
    print(f"\n{HEAD}", flush=True)
    ways = ways_of_calling(threads)
    outputs = {name: np.asarray(call()) for name, call in ways.items()}
    expected = outputs["model.predict(x, verbose=0)"]
    agrees = all(
        np.array_equal(output, expected) if name != "NumPy" else np.abs(output - expected).max() <= LIMIT
        for name, output in outputs.items()
    )
    seconds = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, call in ways.items():
            start = time.perf_counter()
            for _ in range(calls):
                call()
            seconds[name].append((time.perf_counter() - start) / calls)
    results = {name: statistics.median(taken[1:]) for name, taken in seconds.items()}
    for name, taken in results.items():
        print(f"{name:28}{1e6 * taken:14.2f}{results['NumPy'] / taken:14.1f}")
    growth = memory_growth(ways["model.predict(x, verbose=0)"])
    if growth is not None:
        print(f"\n{GROWTH_CALLS:,} calls of predict: resident memory grew by {growth:,} bytes")
    if not agrees:
        print("\nthe ways of calling do NOT agree")
    if json_file:
        with open(json_file, "w", encoding="utf-8") as file:
            json.dump({"settings": facts, "seconds": results, "growth": growth, "agrees": agrees}, file, indent=1)
            file.write("\n")
    return agrees


def ways_of_calling(threads=1):
    """Functions without arguments that predict the same row, by the name of the way."""
    net = nets.NETS[NET]
    trainer = nets.make_trainer(net, threads=threads)
    model = trainer.model
    x = np.random.default_rng(0).random((1, net.sizes[0]), np.float32)
    w1, b1, w2, b2 = model.get_weights()

    def numpy():
        z = np.maximum(x @ w1 + b1, 0) @ w2 + b2
        e = np.exp(z - z.max())
        return e / e.sum()

    return {
        "NumPy": numpy,
        "model.predict(x, verbose=0)": lambda: model.predict(x, verbose=0),
        "model.predict_on_batch(x)": lambda: model.predict_on_batch(x),
        "model(x)": lambda: model(x),
    }


def memory_growth(call, calls=GROWTH_CALLS):
    """Bytes by which so many calls let the resident memory grow, after a thousand others; None where not known."""
    if not sys.platform.startswith("linux"):
        return None
    for _ in range(1000):
        call()
    before = _resident()
    for _ in range(calls):
        call()
    return _resident() - before


def _resident():
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
