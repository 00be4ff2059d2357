"""Where randomness comes from: keys for counter-based generators, each for one purpose.

Nothing in fastnn draws from a shared stream. Every draw (of a weight matrix, of an epoch's order, of a
dropout mask) has a key of its own, made from the seed, the purpose and a number. So the same seed gives the
same run, and a draw that is added in one place changes none elsewhere.
"""

import os
from collections import Counter

import numpy as np

from .checks import check_int

_seed = None
_drawn = Counter()  # purpose -> number of keys given out


def set_random_seed(seed):
    """Seed Python's ``random``, NumPy's legacy generator and fastnn, so that a script repeats its results.

    Parameters
    ----------
    seed : int
        0 .. 2**32 - 1.

    Raises
    ------
    ValueError
        If ``seed`` is not such a number.
    """
    import random

    global _seed
    seed = check_int(seed, "seed", 0)
    if seed >= 2**32:
        raise ValueError(f"seed must be below 2**32, got {seed}")
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (scripts draw from it)
    _seed = seed
    _drawn.clear()


def philox_key(*parts):
    """A 128-bit key that depends on all parts: a seed (any integer), the purpose as text, numbers."""
    from hashlib import blake2b  # takes longer to import than all of this module

    text = "/".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")


def philox_keys(*parts, numbers):
    """``philox_key(*parts, number)`` for each of the numbers: uint64 (numbers, 2), the lower word first."""
    from hashlib import blake2b

    start, keys = blake2b("".join(f"{part}/" for part in parts).encode(), digest_size=16), []
    for number in numbers:
        key = start.copy()
        key.update(b"%d" % number)
        keys.append(key.digest())
    return np.frombuffer(b"".join(keys), "<u8").astype(np.uint64, copy=False).reshape(-1, 2)


def next_key(purpose):
    """The next key for a purpose, from the process's seed. Without a seed, one is taken from the system."""
    global _seed
    if _seed is None:
        _seed = int.from_bytes(os.urandom(16), "little")
    number = _drawn[purpose]
    _drawn[purpose] += 1
    return philox_key(_seed, purpose, number)


def generator(key):
    """A NumPy generator with this 128-bit key."""
    return np.random.Generator(np.random.Philox(key=key))


def permutation(key, count):
    """What ``generator(key).permutation(count)`` gives, in less time."""
    from ._native import core  # imported when first needed, to keep `import fastnn` quick

    order = np.empty(count, np.int64)
    core.permute(order, key % 2**64, key >> 64)
    return order


_DRAWS = (
    "SeedGenerator", "categorical", "dropout", "normal", "randint", "shuffle", "truncated_normal", "uniform"
)  # fmt: skip


def __getattr__(name):
    """Arrays of random numbers, which Keras has here."""
    if name in _DRAWS:
        from importlib import import_module

        return getattr(import_module("fastnn.draws"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_DRAWS])
