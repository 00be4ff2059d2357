"""Proof that fastnn and NumPy do the same work: a few steps from the same weights, compared."""

import hashlib

import numpy as np

from ..backends import get_backend
from .nets import make_trainer
from .numpy_twin import NumpyTwin, fastnns_masks

TOLERANCE = 1e-5
"""For all weights but one in a thousand. The largest difference cannot be judged with ReLU and Adam: where
rounding decides the sign of a sum near 0, one side steps by about the learning rate, the other not at all."""

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
        "steps", "largest difference", "99.9 % quantile", "largest change" (of a weight in these steps, to
        judge the others by), "agrees", and "sha256" of fastnn's weights, the same on every machine.
    """
    x, labels = data
    steps = steps or net.check_steps
    order = _order(len(x), min(net.batch, len(x)) * steps, seed)
    trainer = make_trainer(net, seed)
    initial = trainer.model.get_weights()

    twin = NumpyTwin(net, initial, fastnns_masks(DROPOUT_KEY))
    twin.train(x, labels, order)

    # The program itself, without a trainer around it: it takes an order and a key of the masks as they are.
    executable = get_backend("native").load(trainer.program, "float32", DROPOUT_KEY)
    executable.learning_rate = net.learning_rate
    for parameter in trainer.model.weights:
        executable.set(parameter.path, parameter.value)
    executable.train(x, labels, order, net.batch)
    native = [executable.get(parameter.path) for parameter in trainer.model.weights]

    differences = _distances(native, twin.weights)
    quantile = float(np.quantile(differences, 0.999))
    return {
        "steps": twin.steps,
        "largest difference": float(differences.max()),
        "99.9 % quantile": quantile,
        "largest change": float(_distances(native, initial).max()),
        "agrees": quantile <= TOLERANCE,  # False for NaN too
        "sha256": hashlib.sha256(b"".join(w.astype("<f4").tobytes() for w in native)).hexdigest(),
    }


def _order(rows, count, seed):
    """The first ``count`` row numbers of one permutation after the other."""
    generator = np.random.default_rng(seed)
    return np.concatenate([generator.permutation(rows) for _ in range(-(-count // rows))])[:count]


def _distances(these, those):
    return np.concatenate([np.abs(a - b).reshape(-1) for a, b in zip(these, those, strict=True)])
