"""What this machine is, and how many threads NumPy's products take."""

import os
import platform
import sys

BLAS_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def describe():
    """Versions, processor and SIMD level: what a measured time depends on."""
    import numpy

    from .. import __version__, numerics_version
    from ..backends.native import choose_level

    return {
        "fastnn": __version__,
        "numerics": numerics_version,
        "isa": choose_level(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "processors allowed": processors_allowed(),
        "warnings": warnings(),
    }


def warnings():
    """What in the environment slows NumPy down, so that figures beside it should not be published."""
    return [
        f"{name}={os.environ[name]} is set, which may slow NumPy down: do not publish these figures"
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
        if name in os.environ
    ]


def processor():
    """Name of the processor, as far as the system tells."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:  # not Linux
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def processors_allowed():
    """Number of processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit_blas(threads):
    """Limit the threads of NumPy's matrix products for the rest of this process.

    A BLAS reads the environment once, when NumPy is loaded. So without threadpoolctl, which can change the
    number later, this program is started anew with the environment set, where the system can do that within
    the same process. Call it before any work is done.

    Parameters
    ----------
    threads : int

    Returns
    -------
    int or None
        Number of threads that NumPy takes; None if it is not known.
    """
    try:
        import threadpoolctl
    except ImportError:
        pass
    else:
        threadpoolctl.threadpool_limits(threads, user_api="blas")
        pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
        if pools:
            return max(pool["num_threads"] for pool in pools)
    if all(os.environ.get(name) == str(threads) for name in BLAS_VARIABLES):
        return threads
    if os.name != "posix":
        return None
    os.environ |= dict.fromkeys(BLAS_VARIABLES, str(threads))
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def threads_text(count):
    """ "1 thread", "2 threads", or for None that the number is NumPy's own choice."""
    if count is None:
        return "as many threads as it likes"
    return f"{count} thread{'s' if count != 1 else ''}"
