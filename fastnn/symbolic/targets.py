"""Functions of targets and outputs, as losses and metrics of one's own are: run once on symbolic tensors."""

from .applying import as_tensor, reduce
from .graph import Graph
from .tensor import KerasTensor, tracing


class OfTargets:
    """What ``function(y_true, y_pred)`` does, written down as ops.

    Parameters
    ----------
    function : callable
    builder : fastnn.builder.ProgramBuilder
    target, output : int
        Buffers of a program; a target of integers stands for class numbers.

    Attributes
    ----------
    value : KerasTensor or None
        Of the result: with one number or several a row, or a single number for the batch. None where the function
        does something that cannot be written down.
    reason : str or None
        What that was.
    """

    def __init__(self, function, builder, target, output):
        self._builder, self._buffers = builder, [target, output]
        columns = builder.buffer(output).shape[1]
        if builder.buffer(target).integer:
            t = KerasTensor((None,), dtype="int32", name="y_true")
        else:
            t = KerasTensor((None, columns), name="y_true")
        self._inputs = [t, KerasTensor((None, columns), name="y_pred")]
        self.value = self.reason = None
        try:
            with tracing(True, sees_batches=True):
                value = function(*self._inputs)
        except (TypeError, ValueError, NotImplementedError, AttributeError) as error:
            self.reason = str(error)
            return
        if not isinstance(value, KerasTensor):
            self.reason = f"it returned {type(value).__name__}, not a symbolic tensor"
        elif not value.has_rows and value.shape != ():
            self.reason = f"it returned the shape {value.shape}, neither one value a row nor one for the batch"
        else:
            self.value = as_tensor(value)

    @property
    def is_of_batch(self):
        """Whether there is a single number for the batch."""
        return not self.value.has_rows

    def emit(self, name, add_up_columns=False):
        """Append the ops; return the buffer of one number a row, (B, 1), or of the batch's, (1).

        Several numbers a row become their mean, or their sum. New buffers are named after ``name``.
        """
        value = self.value
        if value.ndim > 1:
            with tracing(True, sees_batches=True):
                value = reduce("Mean", value, tuple(range(1, value.ndim)), False, mean=not add_up_columns)
        with self._builder.scope(name):
            return Graph(self._inputs, value).emit(self._builder, self._buffers)[0]
