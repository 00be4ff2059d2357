"""The command ``fastnn bench``: a table on stdout, progress on stderr, everything in a JSON file."""

import json
import sys

from . import nets, system
from .timing import compare
from .verify import verify

HEAD = f"{'net':20}{'fastnn':>10}{'NumPy':>10}{'ratio':>7}{'accuracy':>16}{'difference':>22}  weights"
UNITS = f"{'':20}{'s/epoch':>10}{'s/epoch':>10}{'':>7}{'fastnn  NumPy %':>16}{'99.9 %   largest':>22}  sha256"


def run(names=(), rounds=3, epochs=1, threads=1, json_file=None, quick=False, seed=0):
    """Measure and verify the nets, and print the table.

    Parameters
    ----------
    names : sequence of str
        Nets; by default all.
    rounds, epochs, threads, seed : int
        See :func:`fastnn.bench.timing.compare`.
    json_file : path, optional
    quick : bool
        Leave out the slow nets, where no names are given.

    Returns
    -------
    bool
        Whether fastnn and NumPy agree on all nets.
    """
    chosen = nets.find(names, quick)
    blas_threads = system.limit_blas(threads)
    settings = {
        **system.describe(),
        "fastnn threads": threads,
        "numpy threads": blas_threads,
        "rounds": rounds,
        "epochs": epochs,
        "seed": seed,
    }
    print(
        f"fastnn {settings['fastnn']} ({settings['isa']}), {system.threads_text(threads)}; "
        f"NumPy {settings['numpy']}, {system.threads_text(blas_threads)}; {settings['processor']}"
    )
    for warning in settings["warnings"]:
        print(f"WARNING: {warning}")
    print(f"medians of {rounds} rounds x {epochs} epochs, taken in turn, after a warm-up round")
    print(f"\n{HEAD}\n{UNITS}", flush=True)
    results, data = {}, {}
    for number, net in enumerate(chosen, 1):
        tell = Teller(f"[{number}/{len(chosen)}] {net.name}: ")
        tell("data")
        if net.data not in data:
            data[net.data] = nets.load_data(net)
        tell("comparing weights")
        check = verify(net, data[net.data][0], seed)
        times = compare(net, data[net.data], rounds, epochs, threads, seed, tell)
        results[net.name] = {**times, "check": check}
        tell.done()
        print(_line(net.name, results[net.name]), flush=True)
        if json_file:  # after each net, so that what was measured is not lost by Ctrl-C
            with open(json_file, "w", encoding="utf-8") as file:
                json.dump({"settings": settings, "results": results}, file, indent=1)
                file.write("\n")
    differing = [name for name, result in results.items() if not result["check"]["agrees"]]
    if differing:
        print(f"\nfastnn and NumPy do NOT agree: {', '.join(differing)}")
    return not differing


def _line(name, result):
    ours, numpys, check = result["fastnn"], result["numpy"], result["check"]
    accuracies = f"{100 * ours['accuracy']:.2f}  {100 * numpys['accuracy']:.2f}"
    differences = f"{check['99.9 % quantile']:.1e}  {check['largest difference']:.1e}"
    return (
        f"{name:20}{ours['seconds']:10.5f}{numpys['seconds']:10.5f}{result['ratio']:7.2f}{accuracies:>16}"
        f"{differences:>22}  {check['sha256'][:8]}{'' if check['agrees'] else '  DIFFERS'}"
    )


class Teller:
    """Says on stderr what is being done: in place on a terminal, else a line each."""

    def __init__(self, prefix):
        self._prefix = prefix
        self._in_place = sys.stderr.isatty()

    def __call__(self, text):
        self._write(self._prefix + text)

    def done(self):
        if self._in_place:
            self._write("")

    def _write(self, text):
        sys.stderr.write(f"\r\x1b[K{text}" if self._in_place else f"{text}\n")
        sys.stderr.flush()
