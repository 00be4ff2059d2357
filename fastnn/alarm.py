"""Says where training stopped being finite."""

import warnings

import numpy as np


class Alarm:
    """Warns once, when a loss is not finite for the first time.

    Parameters
    ----------
    session : fastnn.session.Session
    """

    def __init__(self, session):
        self._session = session
        self._raised = False

    def raise_for(self, where):
        """Issue a RuntimeWarning naming ``where`` (epoch and batch) and the first layer with such numbers."""
        if self._raised:
            return
        self._raised = True
        warnings.warn(
            f"the loss is not finite in {where}; {self._culprit()}. "
            "Try a smaller learning rate, and look at the scale of the data",
            RuntimeWarning,
            stacklevel=4,
        )

    def _culprit(self):
        """The first output, in the order of the last forward pass, that is not finite.

        Parameters would tell less: by now the update has spread such numbers over all of them.
        """
        executable = self._session.executable
        program = executable.program
        for op in program.sections["forward"]:
            for index in op.outputs:
                if index is None or program.buffers[index].role != "activation":
                    continue
                name = program.buffers[index].name
                if not np.isfinite(executable.get(name)).all():
                    return f"the first layer whose outputs are not finite is {name.split('/')[0]!r}"
        return "the outputs of all layers are finite"
