"""Shapes as scripts for TensorFlow know them: tuples with ``as_list``."""


class Shape(tuple):
    """A tuple of sizes, None where one is not known."""

    __slots__ = ()

    def as_list(self):
        """The sizes in a list."""
        return list(self)

    @property
    def rank(self):
        """The number of axes."""
        return len(self)

    ndims = rank
