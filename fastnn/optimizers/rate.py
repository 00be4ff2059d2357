"""The learning rate as a number that can be set where it was read, as scripts for Keras do."""


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
