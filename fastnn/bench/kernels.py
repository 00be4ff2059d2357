"""Each product's share of the peak of multiply-adds, over sizes: ``make bench-kernels``."""

import argparse
import json
import time

import numpy as np

from ..backends.native import NativeBackend, choose_level, levels
from ..testing import op_program
from . import limits, system

SHAPES = (
    (1, 784, 128),
    (32, 784, 128),
    (32, 128, 128),
    (32, 128, 10),
    (32, 784, 300),
    (32, 300, 200),
    (128, 784, 10),
    (256, 784, 1024),
    (256, 1024, 1024),
    (4096, 784, 128),
)
"""Rows, inputs and outputs of layers in the nets of the benchmark."""

OPS = {
    "dense": ("BI", "IO", "O"),
    "dense_dx": ("BO", "IO"),
    "dense_dw": ("BI", "BO"),
    "dense_sgd": ("IO", "BI", "BO"),
    "dense_adam": ("IO", "IO", "IO", "BI", "BO"),
}
"""Timed operations and the shapes of their inputs."""

ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


def share_of_peak(op, shape, dtype="float32", level=None, peak=None, rounds=5, seconds=0.01):
    """What part of the peak an operation reaches: products only, an optimizer's own work is not counted.

    Parameters
    ----------
    op : str
        Key of ``OPS``.
    shape : (int, int, int)
        Rows, inputs, outputs.
    peak : float, optional
        Operations a second; measured if it is not given.

    Returns
    -------
    float
    """
    sizes = dict(zip("BIO", shape, strict=True))
    generator = np.random.default_rng(0)
    inputs = [generator.uniform(0.1, 1, [sizes[letter] for letter in letters]) for letters in OPS[op]]
    inputs = [array.astype(dtype) for array in inputs]
    program = op_program(op, inputs, ADAM if op == "dense_adam" else {})
    executable = NativeBackend(level, fused=False).load(program, dtype)
    executable.learning_rate = 1e-12  # the weights stay as they are
    fed = {}
    for buffer, array in zip(program.buffers, inputs, strict=False):
        if buffer.role in ("parameter", "slot"):
            executable.set(buffer.name, array)
        else:
            fed[buffer.role] = array
    executable.run("forward", fed["input"], fed.get("target"))

    flops = 2 * sizes["B"] * sizes["I"] * sizes["O"]
    turns, best = 1, 0.0
    while rounds:
        start = time.perf_counter()
        for _ in range(turns):
            executable.run("forward")
        taken = time.perf_counter() - start
        if taken < seconds:
            turns *= 2
            continue
        best, rounds = max(best, turns * flops / taken), rounds - 1
    return best / (peak or limits.peak(dtype))


def main(arguments=None):
    """Print the table; the best of some rounds, as what else the machine does only takes away."""
    parser = argparse.ArgumentParser(prog="python -m fastnn.bench.kernels", description=main.__doc__)
    parser.add_argument("--level", choices=levels(), default=choose_level())
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args(arguments)
    peak = limits.peak(options.dtype, level=options.level)
    print(f"{system.processor()}, {options.level}, {options.dtype}: {peak / 1e9:.1f} GFLOP/s in registers")
    print(f"share of it, in percent\n\n{'rows x inputs x outputs':26}" + "".join(f"{op:>12}" for op in OPS))
    shares = {}
    for shape in SHAPES:
        name = " x ".join(map(str, shape))
        print(f"{name:26}", end="", flush=True)
        shares[name] = {}
        for op in OPS:
            shares[name][op] = share_of_peak(op, shape, options.dtype, options.level, peak, options.rounds)
            print(f"{100 * shares[name][op]:12.0f}", end="", flush=True)
        print()
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            settings = {**system.describe(), "level": options.level, "dtype": options.dtype, "GFLOP/s": peak / 1e9}
            json.dump({"settings": settings, "shares": shares}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
