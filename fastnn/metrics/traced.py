"""What ``update_state`` of a metric of one's own does, written down as ops, so that it runs natively.

That can be where all that it does is to add numbers to variables: the run adds up what each batch adds.
"""

import copy

import numpy as np

from ..symbolic import KerasTensor
from ..symbolic import functions as ops
from ..symbolic.applying import apply, as_tensor
from ..symbolic.targets import OfTargets

_PLAIN = (int, float, str, bool, list, tuple, dict, set, type(None))


class TracedUpdate:
    """The ops of one metric in one program.

    Parameters
    ----------
    metric : Metric
    builder : fastnn.builder.ProgramBuilder
    target, output : int
        Buffers.

    Attributes
    ----------
    reason : str or None
        Why it cannot be written down.
    """

    def __init__(self, metric, builder, target, output):
        self._added, self.reason = [], None
        for number in range(len(metric.variables)):
            found = OfTargets(lambda t, y, number=number: _increments(metric, t, y)[number], builder, target, output)
            if found.value is None or not found.is_of_batch:
                self.reason = found.reason or "it adds one number for each row to a variable"
                return
            self._added.append(found)

    def emit(self, builder, name):
        """Append a value to the program for each variable: what a batch adds to it."""
        for found in self._added:
            builder.metric("batch_value", found.emit(name), None, name)


def _increments(metric, t, y):
    """What ``update_state`` adds to each variable. It works on a copy, so that nothing else changes."""
    try:
        copied = copy.deepcopy(metric)
    except Exception as error:
        raise NotImplementedError(f"it cannot be copied: {error}") from None
    for variable in copied.variables:
        variable.added = []
    copied.update_state(t, y)
    for name, value in vars(copied).items():
        if name != "variables" and isinstance(value, _PLAIN) and repr(value) != repr(vars(metric).get(name)):
            raise NotImplementedError(f"update_state changes the attribute {name!r}, which is no variable")
    return [_total(variable.added) for variable in copied.variables]


def _total(added):
    """The sum of what was added, as a symbolic number."""
    total = sum((a for a in added if not isinstance(a, KerasTensor)), 0.0)
    if np.ndim(total):
        raise NotImplementedError("it adds several numbers to a variable at once")
    result = apply("Reshape", [as_tensor(np.full(1, total))], (), lambda b, x: x)
    for a in added:
        result = ops.add(result, a) if isinstance(a, KerasTensor) else result
    return result
