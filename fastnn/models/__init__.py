"""Models: layers put together."""

from .base import Model
from .sequential import Sequential

__all__ = ["Model", "Sequential"]
