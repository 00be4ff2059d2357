"""Models: layers put together."""

from .base import Model
from .functional import Functional
from .sequential import Sequential

__all__ = ["Functional", "Model", "Sequential"]
