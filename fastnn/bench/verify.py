"""Proof that fastnn and NumPy do the same work: a few steps from the same weights, compared.

Design
------
a. The judge is the NumPy twin in float64, whose own rounding can be neglected.
b. ReLU alone does not forgive rounding: where a sum is so near 0 that its sign is up to the order in which it is added,
   the gradient has or lacks a whole term, and Adam makes a step of full size of it. Both signs are right, so there,
   and nowhere else, the judge takes the sign that fastnn has found.
c. All else is smooth, so every single weight is compared; where a gradient is below Adam's epsilon, Adam divides its
   rounding by that epsilon, so a few weights may differ more than the others.
"""

import hashlib

import numpy as np

from ..backends import get_backend
from .nets import make_trainer
from .numpy_twin import NumpyTwin, fastnns_masks

TOLERANCE = 1e-6
"""For all weights but one in a thousand."""

TOLERANCE_OF_ALL = 1e-4
"""For every weight: 0.001, the learning rate, times 1e-8, the rounding of a gradient, by 1e-7, the epsilon."""

NEAR_ZERO = 2**-20
"""A sum x w of fastnn's may be off by this share of |x| |w|: the rounding of float32, and that of the steps before."""

DROPOUT_KEY = 2024


def verify(net, data, seed=0, steps=None):
    """Train some steps with both and compare the weights.

    Parameters
    ----------
    net : fastnn.bench.nets.Net
    data : (x, labels)
        Training rows.
    seed : int
        Of the initial weights and of the order.
    steps : int, optional
        By default the net's own number.

    Returns
    -------
    dict
        "steps", "largest difference", "99.9 % quantile" of the differences, "largest change" (of a weight in these
        steps, to judge the others by), "signs" (how often a sum was so near 0 that fastnn's sign was taken),
        "agrees", and "sha256" of fastnn's weights, the same on every machine.
    """
    x, labels = data
    steps = steps or net.check_steps
    order = _order(len(x), min(net.batch, len(x)) * steps, seed)
    trainer = make_trainer(net, seed)
    initial = trainer.model.get_weights()

    # The program itself, without a trainer around it: it takes an order and a key of the masks as they are.
    executable = get_backend("native").load(trainer.program, "float32", DROPOUT_KEY)
    executable.learning_rate = net.learning_rate
    for parameter in trainer.model.weights:
        executable.set(parameter.path, parameter.value)
    signs = Signs(executable)
    twin = NumpyTwin(net, initial, fastnns_masks(DROPOUT_KEY), np.float64, signs if net.activation == "relu" else None)
    for rows in np.split(order, range(net.batch, len(order), net.batch)):
        executable.run("forward", x[rows], labels[rows])  # no step yet, but all that the next one will see
        twin.train(x[rows].astype(np.float64), labels[rows], np.arange(len(rows)))
        executable.train(x, labels, rows, net.batch)
    native = [executable.get(parameter.path) for parameter in trainer.model.weights]

    differences = _distances(native, twin.weights)
    largest, quantile = float(differences.max()), float(np.quantile(differences, 0.999))
    return {
        "steps": twin.steps,
        "largest difference": largest,
        "99.9 % quantile": quantile,
        "largest change": float(_distances(native, initial).max()),
        "signs": signs.taken,
        "agrees": largest <= TOLERANCE_OF_ALL and quantile <= TOLERANCE,  # False for NaN too
        "sha256": hashlib.sha256(b"".join(w.astype("<f4").tobytes() for w in native)).hexdigest(),
    }


class Signs:
    """Gives the twin fastnn's sign of a sum where only rounding decides it.

    Parameters
    ----------
    executable : fastnn.backends.base.Executable
        Has run the forward ops of the batch.

    Attributes
    ----------
    taken : int
        How many signs were given.
    """

    def __init__(self, executable):
        program = executable.program
        self._executable = executable
        forward = program.sections["forward"]
        self._names = [program.buffers[op.outputs[0]].name for op in forward if op.kind.name == "relu"]
        self.taken = 0

    def __call__(self, z, layer, x, w):
        """Change z (B, O), the sums of x (B, I) and w (I, O)."""
        fastnns = self._executable.get(self._names[layer])  # max(z, 0)
        differ = (z > 0) != (fastnns > 0)
        if differ.any():
            limit = NEAR_ZERO * np.linalg.norm(x, axis=1, keepdims=True) * np.linalg.norm(w, axis=0)
            differ &= (np.abs(z) <= limit) & (fastnns <= limit)
            z[differ] = fastnns[differ]
            self.taken += int(differ.sum())


def _order(rows, count, seed):
    """The first ``count`` row numbers of one permutation after the other."""
    generator = np.random.default_rng(seed)
    return np.concatenate([generator.permutation(rows) for _ in range(-(-count // rows))])[:count]


def _distances(these, those):
    return np.concatenate([np.abs(a - b).reshape(-1) for a, b in zip(these, those, strict=True)])
