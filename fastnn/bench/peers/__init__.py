"""The nets of the benchmark in other libraries: one file each, the way their own users would write it for speed.

Each module has a class ``Peer`` with ``Peer(net, weights, data, threads, seed)``, ``train(epochs)``, ``accuracy()``,
``predict(x)`` (probabilities as an array) and ``describe()``. It trains in this process; ``fastnn.bench.worker`` gives
each a process of its own.
"""

from importlib import import_module
from importlib.util import find_spec

PACKAGES = {
    "fastnn": "fastnn",
    "numpy": "numpy",
    "torch": "torch",
    "jax": "jax",
    "keras": "keras",
    "scikit-learn": "sklearn",
}
"""Name in the table -> package that must be installed."""


def installed():
    """Names of the peers that can run here, fastnn first."""
    return [name for name, package in PACKAGES.items() if find_spec(package) is not None]


def load(name):
    """The class of a peer; ImportError if its package is not installed."""
    return import_module(f"{__name__}.{PACKAGES[name]}_peer").Peer


def can_train(name, net):
    """None, or why this peer does not have this net."""
    if name == "scikit-learn" and net.dropout:
        return "MLPClassifier has no dropout"
    return None
