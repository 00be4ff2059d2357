"""What Keras' files have in common once they are open."""

import warnings

from .errors import ModelFormatError
from .keras_state import set_optimizer_variables


class KerasContent:
    """Configuration and arrays of a file that is open.

    Parameters
    ----------
    config : dict or None
        The model in Keras' schema.
    compile_config : dict or None
    weights : callable
        ``weights(model, by_name)`` returns ``[(whose, parameters, arrays)]``, of which each entry is set together.
    optimizer_arrays : callable
        Returns the optimizer's variables, or None.
    """

    def __init__(self, config, compile_config, weights, optimizer_arrays):
        self.config = config
        self.compile_config = compile_config
        self.weights = weights
        self._optimizer_arrays = optimizer_arrays

    def set_weights(self, model):
        """Set all of a model's weights; ModelFormatError if the file's do not fit."""
        try:
            checked = [checked_weights(*entry) for entry in self.weights(model, False)]
        except ValueError as error:
            raise ModelFormatError(str(error)) from error
        for pairs in checked:
            for parameter, array in pairs:
                parameter.value = array

    def set_optimizer(self, model):
        """Set the optimizer's state; where the file's does not fit it starts afresh, with a warning, as in Keras."""
        values = self._optimizer_arrays()
        if not values:
            return
        try:
            set_optimizer_variables(model, values)
        except (ValueError, KeyError) as error:
            warnings.warn(f"the optimizer of the file starts afresh, as its state does not fit: {error}", stacklevel=6)


def checked_weights(whose, parameters, arrays):
    """``[(parameter, array)]``; ValueError where they do not fit."""
    if len(arrays) != len(parameters):
        names = ", ".join(parameter.name for parameter in parameters) or "none"
        raise ValueError(f"{whose}: expected {len(parameters)} weights ({names}), the file has {len(arrays)}")
    return [(parameter, parameter.check(array)) for parameter, array in zip(parameters, arrays, strict=True)]
