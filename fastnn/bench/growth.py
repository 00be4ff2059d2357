"""How the time of an epoch grows with the work: ``python -m fastnn.bench.growth``.

One number is varied at a time (rows of a batch, units of a layer, layers, rows of the data), and each library trains
the same net on random rows, in turn. The figure shows nanoseconds per row, so that a cliff would be seen.
"""

import argparse
import json
from dataclasses import replace

import numpy as np

from . import nets, peers, system
from .interleave import compare_peers
from .run import Teller

BASE = nets.Net("growth", (784, 128, 10), "relu", "adam", 0.001, 32, data="random")
PEERS = ("fastnn", "numpy", "torch")


def _wide(units):
    return replace(BASE, sizes=(64, units, 10))


def _deep(layers):
    return replace(BASE, sizes=(64, *[64] * layers, 10))


def _powers(first, last):
    return [2**n for n in range(first, last + 1)]


SWEEPS = {
    "rows of a batch": {n: (replace(BASE, batch=n), max(n, 2048)) for n in _powers(0, 12)},
    "units of the hidden layer": {n: (_wide(n), 2048) for n in _powers(3, 12)},
    "hidden layers": {n: (_deep(n), 2048) for n in _powers(0, 6)},
    "rows of the data": {
        n: (replace(BASE, sizes=(32, 32, 10)), n)
        for n in (1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
    },
}
"""Title -> {number: (net, rows)}."""


def random_rows(net, rows, seed=0):
    """Rows and labels for training, and a few for the test."""
    generator = np.random.default_rng(seed)
    x = generator.uniform(0.1, 1, (rows, net.sizes[0])).astype("float32")
    labels = generator.integers(0, net.sizes[-1], rows).astype("int32")
    return (x, labels), (x[:100], labels[:100])


def measure(names, rounds=3, threads=1, titles=None, tell=lambda text: None):
    """Nanoseconds per row: ``{title: {peer: {number: ns}}}``."""
    results = {}
    for title in titles or SWEEPS:
        result = results[title] = {name: {} for name in names}
        for number, (net, rows) in SWEEPS[title].items():
            tell(f"{title}: {number}")
            compared = compare_peers(net, names, random_rows(net, rows), rounds, 1, (threads,))[threads]
            for name in names:
                result[name][number] = 1e9 * compared[name]["seconds"] / rows
    return results


def main(arguments=None):
    """Measure all sweeps, write the numbers, and draw them."""
    parser = argparse.ArgumentParser(prog="python -m fastnn.bench.growth", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", default="growth.json")
    parser.add_argument("--figure", metavar="FILE", default="growth.png")
    options = parser.parse_args(arguments)
    names = [name for name in PEERS if name in peers.installed()]
    tell = Teller("")
    results = measure(names, options.rounds, options.threads, tell=tell)
    tell.done()
    for title, by_name in results.items():
        print(f"{title}: nanoseconds per row\n{'':>10}" + "".join(f"{name:>12}" for name in by_name))
        for number in SWEEPS[title]:
            print(f"{number:>10}" + "".join(f"{by_name[name][number]:12.0f}" for name in by_name))
    with open(options.json, "w", encoding="utf-8") as file:
        settings = {**system.describe(), "rounds": options.rounds, "threads": options.threads}
        json.dump({"settings": settings, "nanoseconds per row": results}, file, indent=1)
        file.write("\n")
    from ..plot.growth import draw_growth

    draw_growth(results, options.figure)


if __name__ == "__main__":
    main()
