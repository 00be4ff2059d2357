"""The command ``fastnn bench --peers``: every installed library trains the same nets, in turn."""

import json

import numpy as np

from .._native import core
from . import costs, limits, nets, peers, system
from .interleave import PeerError, compare_peers
from .run import Teller

SHORT = {"scikit-learn": "sklearn"}
KINDS = {"real": "the data itself", "dense": "random rows without a zero, of which no term can be left out"}
COSTS_NET = "quickstart"


def run(
    names=(), rounds=3, epochs=1, threads=(1,), json_file=None, figure=None, quick=False, kinds=tuple(KINDS), seed=0
):
    """Measure the nets with all installed peers, and print the table.

    Parameters
    ----------
    names : sequence of str
        Nets; by default all.
    rounds, epochs, seed : int
        See :func:`fastnn.bench.interleave.compare_peers`.
    threads : sequence of int
        All are measured in the same rounds.
    json_file, figure : path, optional
        Where all numbers go, and a figure of them.
    quick : bool
        Leave out the slow nets, where no names are given.
    kinds : sequence of str
        What the rows are: some of ``KINDS``.

    Returns
    -------
    dict
        What the JSON file holds: "settings", "results" by kind of rows, number of threads and net, and "costs" by peer:
        time of the import and bytes installed, and after training ``COSTS_NET`` on one thread the peak memory and the
        time of predicting one row.
    """
    chosen, sides = nets.find(names, quick), peers.installed()
    peak, bandwidth, steps = limits.peak(), limits.bandwidth(), limits.adam_steps()
    settings = {
        **system.describe(),
        "rounds": rounds,
        "epochs": epochs,
        "seed": seed,
        "GFLOP/s": peak / 1e9,
        "GB/s": bandwidth / 1e9,
        "Adam's steps/s": steps,
        "barrier ns": {str(count): core.barrier_latency(count) for count in threads if count > 1},
    }
    print(
        f"{settings['processor']}; {peak / 1e9:.1f} GFLOP/s, {steps / 1e9:.1f} G/s of Adam's roots and divisions and "
        f"{bandwidth / 1e9:.1f} GB/s a core"
    )
    for count, latency in settings["barrier ns"].items():
        print(f"{count} threads wait for each other in {latency:.0f} ns")
    for warning in settings["warnings"]:
        print(f"WARNING: {warning}")
    print(f"medians of {rounds} rounds x {epochs} epochs, taken in turn")
    for kind in kinds:
        print(f"{kind}: {KINDS[kind]}")
    print(f"\n{_head(sides)}", flush=True)
    report = {"settings": settings, "results": {kind: {str(count): {} for count in threads} for kind in kinds}}
    for number, net in enumerate(chosen, 1):
        for kind in kinds:
            tell = Teller(f"[{number}/{len(chosen)}] {net.name}, {kind}: ")
            data = nets.load_data(net)
            if kind == "dense":
                data = without_zeros(data, seed)
            by_threads = _compare(net, sides, data, rounds, epochs, threads, seed, tell)
            tell.done()
            for count, result in by_threads.items():
                seconds = limits.least_seconds(net, len(data[0][0]), peak * count, bandwidth, steps * count)
                result["share of limit"] = seconds / result["fastnn"]["seconds"]
                report["results"][kind][str(count)][net.name] = result
                print(_line(net.name, kind, count, sides, result), flush=True)
            _write(report, json_file)  # after each net, so that what was measured is not lost by Ctrl-C
    used = [
        by_net[net][name].get("description")
        for name in sides
        for by_count in report["results"].values()
        for by_net in by_count.values()
        for net in by_net
    ]
    print(", ".join(dict.fromkeys(text for text in used if text)))
    report["costs"] = _costs(sides, report["results"][kinds[0]][str(threads[0])].get(COSTS_NET, {}))
    print(f"\n{_costs_table(report['costs'])}")
    _write(report, json_file)
    if figure:
        from ..plot.peers import draw_peers

        draw_peers(report, figure)
        print(f"figure: {figure}")
    return report


def without_zeros(data, seed=0):
    """The same labels with other rows: uniform in [0.1, 1)."""
    generator = np.random.default_rng(seed)
    return tuple((generator.uniform(0.1, 1, x.shape).astype("float32"), labels) for x, labels in data)


def _write(report, json_file):
    if json_file:
        with open(json_file, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
            file.write("\n")


def _compare(net, sides, data, rounds, epochs, threads, seed, tell):
    """As compare_peers, but a peer that fails is left out, with its reason."""
    failed = {}
    while True:
        names = [name for name in sides if name not in failed]
        try:
            results = compare_peers(net, names, data, rounds, epochs, threads, seed, tell)
        except PeerError as error:
            if error.peer == "fastnn":
                raise
            failed[error.peer] = {"left out": str(error)}
        else:
            return {count: _with_ratio(result | failed, sides) for count, result in results.items()}


def _with_ratio(result, sides):
    measured = {name: result[name]["seconds"] for name in sides[1:] if "seconds" in result[name]}
    best = min(measured, key=measured.get, default=None)
    ratio = measured[best] / result["fastnn"]["seconds"] if best else None
    return {**result, "fastest peer": best, "ratio": ratio}


def _costs(sides, trained):
    """What each peer costs besides time of training; ``trained``: its results of COSTS_NET, or nothing."""
    return {
        name: {
            "import_seconds": costs.import_seconds(name),
            "installed_bytes": costs.installed_bytes(name),
            **{key: trained[name][key] for key in ("peak_memory", "row_seconds") if key in trained.get(name, {})},
        }
        for name in sides
    }


def _head(sides):
    columns = "".join(f"{SHORT.get(name, name):>16}" for name in sides)
    return (
        f"{'net':20}{'rows':>6}{'threads':>8}{columns}{'ratio to':>16}{'share of':>10}\n"
        f"{'':34}{'s/epoch  test %':>16}{'':{16 * (len(sides) - 1)}}{'fastest peer':>16}{'limit %':>10}"
    )


def _line(name, kind, count, sides, result):
    times = "".join(
        f"{result[side]['seconds']:10.5f}{100 * result[side]['accuracy']:6.1f}"
        if "seconds" in result[side]
        else f"{'-':>16}"
        for side in sides
    )
    best = result["fastest peer"]
    ratio = f"{result['ratio']:.2f} {SHORT.get(best, best)}" if best else "-"
    share = f"{100 * result['share of limit']:.0f}" if kind == "dense" else "-"  # of work that is all done
    return f"{name:20}{kind:>6}{count:>8}{times}{ratio:>16}{share:>10}"


def _costs_table(by_name):
    def number(value, factor, digits):
        return "-" if value is None else f"{factor * value:.{digits}f}"

    lines = [f"{'':14}{'import, s':>12}{'installed, MB':>16}{'peak, MB':>12}{'one row, us':>14}"]
    for name, facts in by_name.items():
        lines.append(
            f"{name:14}{number(facts['import_seconds'], 1, 3):>12}{number(facts['installed_bytes'], 1e-6, 1):>16}"
            f"{number(facts.get('peak_memory'), 1e-6, 0):>12}{number(facts.get('row_seconds'), 1e6, 1):>14}"
        )
    return "\n".join([*lines, f"import: processor time of its thread, beyond NumPy's; peak and one row: {COSTS_NET}"])
