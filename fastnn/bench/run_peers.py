"""The command ``fastnn bench --peers``: every installed library trains the same nets, in turn."""

import json

import numpy as np

from . import limits, nets, peers, system
from .interleave import PeerError, compare_peers
from .run import Teller

SHORT = {"scikit-learn": "sklearn"}


def run(names=(), rounds=3, epochs=1, threads=(1,), json_file=None, figure=None, quick=False, dense=False, seed=0):
    """Measure the nets with all installed peers, and print the table.

    Parameters
    ----------
    names : sequence of str
        Nets; by default all.
    rounds, epochs, seed : int
        See :func:`fastnn.bench.interleave.compare_peers`.
    threads : sequence of int
        The table is measured once for each.
    json_file, figure : path, optional
        Where all numbers go, and a figure of the ratios.
    quick : bool
        Leave out the slow nets, where no names are given.
    dense : bool
        Random rows without a zero in them in the place of the data, so that no term can be left out.

    Returns
    -------
    dict
        What the JSON file holds: "settings", and "results" by number of threads and net.
    """
    chosen, sides = nets.find(names, quick), peers.installed()
    peak, bandwidth = limits.peak(), limits.bandwidth()
    settings = {
        **system.describe(),
        "rounds": rounds,
        "epochs": epochs,
        "seed": seed,
        "data": "dense" if dense else "real",
        "GFLOP/s": peak / 1e9,
        "GB/s": bandwidth / 1e9,
    }
    print(f"{settings['processor']}; {peak / 1e9:.1f} GFLOP/s and {bandwidth / 1e9:.1f} GB/s a core")
    kind = "random rows without zeros" if dense else "real data"
    print(f"{kind}; medians of {rounds} rounds x {epochs} epochs, taken in turn")
    results = {}
    for count in threads:
        print(f"\n{system.threads_text(count)}\n{_head(sides)}", flush=True)
        for number, net in enumerate(chosen, 1):
            tell = Teller(f"[{number}/{len(chosen)}] {net.name}: ")
            data = nets.load_data(net)
            if dense:
                data = without_zeros(data, seed)
            result = _compare(net, sides, data, rounds, epochs, count, seed, tell)
            tell.done()
            seconds = limits.least_seconds(net, len(data[0][0]), peak * count, bandwidth)
            result["share of limit"] = seconds / result["fastnn"]["seconds"]
            results.setdefault(str(count), {})[net.name] = result
            print(_line(net.name, sides, result), flush=True)
            if json_file:  # after each net, so that what was measured is not lost by Ctrl-C
                with open(json_file, "w", encoding="utf-8") as file:
                    json.dump({"settings": settings, "results": results}, file, indent=1)
                    file.write("\n")
    for name in sides:
        used = [result[name].get("description") for by_net in results.values() for result in by_net.values()]
        print(next((text for text in used if text), name), end="\n" if name == sides[-1] else ", ")
    if figure:
        from ..plot.peers import draw_peers

        draw_peers(results, figure)
        print(f"figure: {figure}")
    return {"settings": settings, "results": results}


def without_zeros(data, seed=0):
    """The same labels with other rows: uniform in [0.1, 1)."""
    generator = np.random.default_rng(seed)
    return tuple((generator.uniform(0.1, 1, x.shape).astype("float32"), labels) for x, labels in data)


def _compare(net, sides, data, rounds, epochs, threads, seed, tell):
    """As compare_peers, but a peer that fails is left out, with its reason."""
    failed = {}
    while True:
        try:
            result = compare_peers(
                net, [name for name in sides if name not in failed], data, rounds, epochs, threads, seed, tell
            )
        except PeerError as error:
            name = str(error).split(" ended with", 1)[0]
            if name == "fastnn":
                raise
            failed[name] = {"left out": str(error)}
        else:
            result |= failed
            measured = {name: result[name]["seconds"] for name in sides[1:] if "seconds" in result[name]}
            best = min(measured, key=measured.get, default=None)
            ratio = measured[best] / result["fastnn"]["seconds"] if best else None
            return {**result, "fastest peer": best, "ratio": ratio}


def _head(sides):
    columns = "".join(f"{SHORT.get(name, name):>10}" for name in sides)
    return (
        f"{'net':20}{columns}{'ratio to':>16}{'share of':>10}{'accuracy %':>13}\n"
        f"{'':20}{'s/epoch':>10}{'':{10 * (len(sides) - 1)}}{'fastest peer':>16}{'limit %':>10}{'fastnn':>7}{'peer':>6}"
    )


def _line(name, sides, result):
    times = "".join(
        f"{result[side]['seconds']:10.5f}" if "seconds" in result[side] else f"{'-':>10}" for side in sides
    )
    best = result["fastest peer"]
    ratio = f"{result['ratio']:.2f} {SHORT.get(best, best)}" if best else "-"
    peer = f"{100 * result[best]['accuracy']:.1f}" if best else "-"
    return (
        f"{name:20}{times}{ratio:>16}{100 * result['share of limit']:>10.0f}"
        f"{100 * result['fastnn']['accuracy']:>7.1f}{peer:>6}"
    )
