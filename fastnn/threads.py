"""How many threads training, evaluation and prediction may take. The results do not depend on it.

The number is that of :func:`set_num_threads`; else of ``FASTNN_NUM_THREADS``, else of ``OMP_NUM_THREADS``, else of the
processor cores that this process may use. A trainer may be given a number of its own. It is an upper limit: small
nets run on one thread, where another would cost more than it gains.
"""

import functools
import math
import os

from .checks import check_int

MAX_THREADS = 256

_chosen = None


def set_num_threads(threads):
    """Let nets run on at most ``threads`` threads from now on; None: as at the start.

    Raises
    ------
    TypeError, ValueError
        Unless ``threads`` is a whole number from 1 to 256, or None.
    """
    global _chosen
    _chosen = None if threads is None else check_threads(threads)
    _at_the_start.cache_clear()


def get_num_threads():
    """How many threads nets may run on.

    Raises
    ------
    ValueError
        If ``FASTNN_NUM_THREADS`` is set to something that is no whole number from 1 to 256.
    """
    return _chosen or _at_the_start()


@functools.cache
def _at_the_start():
    return _from_environment() or available_cores()


def check_threads(threads):
    """``threads`` as an int from 1 to 256, else TypeError or ValueError."""
    threads = check_int(threads, "threads", 1)
    if threads > MAX_THREADS:
        raise ValueError(f"threads must be from 1 to {MAX_THREADS}, got {threads}")
    return threads


def _from_environment():
    """The number that the environment asks for, or None."""
    text = os.environ.get("FASTNN_NUM_THREADS", "").strip()
    if text:
        if not text.isdecimal() or not 1 <= int(text) <= MAX_THREADS:
            raise ValueError(
                f"the environment variable FASTNN_NUM_THREADS must be a whole number from 1 to {MAX_THREADS}, "
                f"got {text!r}"
            )
        return int(text)
    # Of other libraries: "4,2" is theirs for nested teams. What cannot be used is not ours to complain about.
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return min(int(text), MAX_THREADS) or None if text.isdecimal() else None


def available_cores():
    """Processor cores that this process may use: by its affinity, without hyperthreads, and by its cgroup's quota."""
    if hasattr(os, "sched_getaffinity"):
        processors = os.sched_getaffinity(0)
    else:
        processors = range(os.cpu_count() or 1)
    cores = len({_core(number) for number in processors})
    return int(max(1, min(cores, _quota() // 1, MAX_THREADS)))


def _text_of(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def _core(processor):
    """What tells a processor's core from others: the processors that it shares it with."""
    try:
        return _text_of(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
    except OSError:
        return processor


def _quota():
    """Processors' worth of time that a container may take: cgroup version 2, then 1."""
    try:
        quota, period = _text_of("/sys/fs/cgroup/cpu.max").split()[:2]
        return float(quota) / float(period) if quota != "max" else math.inf
    except (OSError, ValueError, ZeroDivisionError):
        pass
    try:
        quota, period = (float(_text_of(f"/sys/fs/cgroup/cpu/cpu.cfs_{name}_us")) for name in ("quota", "period"))
        return quota / period if quota > 0 else math.inf
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf
