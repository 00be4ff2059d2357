"""Times epochs of several peers in turn, each in a process of its own."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict

from . import nets, peers, worker
from .system import BLAS_VARIABLES


class PeerError(RuntimeError):
    """A peer's process ended; the text is the end of what it wrote, ``peer`` its name."""

    def __init__(self, peer, text):
        super().__init__(text)
        self.peer = peer


class Process:
    """A worker and the pipes to it."""

    def __init__(self, name, net, threads, seed, folder):
        count = str(threads)
        environment = os.environ | dict.fromkeys((*BLAS_VARIABLES, "FASTNN_NUM_THREADS"), count)
        environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        self._name = name
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by __exit__)
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker", name, json.dumps(asdict(net)), count, str(seed), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=environment,
            preexec_fn=_limit_processors(threads),
        )

    def answer(self):
        """The next answer; PeerError where the process has ended."""
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            last = "\n".join(self._errors.read().splitlines()[-5:])
            raise PeerError(self._name, f"{self._name} ended with code {self._process.wait()}:\n{last}")
        return json.loads(line)

    def ask(self, command):
        """Send a command and wait for its answer."""
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._process.stdin.close()
        if error[0] is not None:
            self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._errors.close()


def compare_peers(net, names, data, rounds=3, epochs=1, threads=(1,), seed=0, tell=lambda text: None):
    """Train a net with each peer, on each number of threads, from the same weights, in rounds, and time each.

    The first of a peer's epochs, which compile and page in, are not timed.

    Parameters
    ----------
    net : fastnn.bench.nets.Net
    names : list of str
        Keys of ``peers.PACKAGES``.
    data : ((x, labels), (x_test, labels_test))
    rounds, epochs : int
    threads : sequence of int
        All are measured in the same rounds.
    seed : int
    tell : callable
        Called with a text before each piece of work.

    Returns
    -------
    dict
        For each number of threads and each name "seconds" (of an epoch, the median), "rounds", "accuracy",
        "row_seconds" (of predicting one row), "peak_memory" (bytes), "description"; or "left out" with the reason.
    """
    epochs *= net.repeats
    weights = nets.make_trainer(net, seed).model.get_weights()
    left_out = {name: {"left out": reason} for name in names if (reason := peers.can_train(name, net))}
    results = {count: dict(left_out) for count in threads}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fastnn-bench-"))
        worker.save(folder, data, weights)
        processes = {}
        for count in threads:
            for name in names:
                if name not in left_out:
                    tell(f"starting {_what(name, count, threads)}")
                    process = stack.enter_context(Process(name, net, count, seed, folder))
                    results[count][name] = {**process.answer(), "rounds": []}
                    processes[count, name] = process
        for number in range(rounds + 1):
            # Neither is always first.
            for count, name in list(processes)[:: 1 if number % 2 else -1]:
                what = _what(name, count, threads)
                tell(f"round {number} of {rounds}, {what}" if number else f"warming up, {what}")
                seconds = processes[count, name].ask(f"train {epochs}")["seconds"]
                if number:
                    results[count][name]["rounds"].append(seconds)
        for (count, name), process in processes.items():
            tell(f"test accuracy, {_what(name, count, threads)}")
            result = results[count][name]
            result |= process.ask("accuracy") | process.ask("row")
            result["seconds"] = statistics.median(result["rounds"])
    return {count: {name: results[count][name] for name in names} for count in threads}


def _what(name, count, threads):
    return name if len(threads) == 1 else f"{name} on {count}"


def _limit_processors(count):
    """Called in the new process: it may run on so many processors only, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))[:count]
    return lambda: os.sched_setaffinity(0, allowed)
