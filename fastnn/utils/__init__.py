"""Helpers under Keras' names."""

from ..progress import Progbar
from ..random import set_random_seed
from .arrays import normalize, to_categorical
from .py_dataset import PyDataset

Sequence = PyDataset
"""The name that ``PyDataset`` had before Keras 3."""

__all__ = ["Progbar", "PyDataset", "Sequence", "normalize", "set_random_seed", "to_categorical"]
