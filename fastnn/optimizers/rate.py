"""Numbers of an optimizer with the methods that scripts for Keras call on them."""


class LearningRate(float):
    """The value that ``optimizer.learning_rate`` had when it was read: a float with the methods of a variable."""

    def __new__(cls, value, optimizer):
        self = super().__new__(cls, value)
        self._optimizer = optimizer
        return self

    def assign(self, value):
        """Set the optimizer's learning rate; this number stays as it is."""
        self._optimizer.learning_rate = value

    def numpy(self):
        """The value as a plain float."""
        return float(self)

    value = numpy

    def __reduce__(self):
        return float, (float(self),)


class StepCount(int):
    """``optimizer.iterations``: an int with the methods of a variable."""

    def numpy(self):
        """The value as a plain int."""
        return int(self)

    value = numpy

    def __reduce__(self):
        return int, (int(self),)
