"""Numbers as the model's type of real numbers holds them.

Keras keeps and compares learning rates and monitored values in that type. Without it a learning rate of 0.001
would be shown as ``1.0000e-03`` where Keras shows ``0.0010``, and losses would differ that are equal there.
"""

import numpy as np

from ..config import floatx


def as_real(number, model):
    """``number`` in the model's type."""
    return np.dtype(model.dtype or floatx()).type(number)


def learning_rate(model):
    """The optimizer's learning rate, as the model computes with it."""
    return float(as_real(model.optimizer.learning_rate, model))
