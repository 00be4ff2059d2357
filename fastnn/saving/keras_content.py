"""What Keras' files have in common once they are open."""

import warnings

import numpy as np

from .errors import ModelFormatError
from .keras_state import layer_parameters, set_optimizer_variables


class KerasContent:
    """Configuration and arrays of a file that is open.

    Parameters
    ----------
    config : dict or None
        The model in Keras' schema.
    compile_config : dict or None
    size : int
        Bytes of the file.
    layer_arrays : callable
        ``layer_arrays(model, by_name)`` returns ``[(layer, arrays in Keras' order)]``.
    optimizer_arrays : callable
        Returns the optimizer's variables, or None.
    """

    def __init__(self, config, compile_config, size, layer_arrays, optimizer_arrays):
        self.config = config
        self.compile_config = compile_config
        self._left = size
        self._layer_arrays = layer_arrays
        self._optimizer_arrays = optimizer_arrays

    def blank(self, path, shape, dtype):
        """Memory for a parameter, as long as all of them fit into the file."""
        size = int(np.dtype(dtype).itemsize)
        for n in shape:
            size *= int(n)
        self._left -= size
        if self._left < 0:
            raise ModelFormatError(f"{path}: shape {tuple(shape)} is larger than all that the file holds")
        return np.zeros(shape, dtype)

    def weights(self, model, by_name=False):
        """``[(layer, arrays in fastnn's order)]``; None stands for an array that is missing."""
        found = []
        for layer, arrays in self._layer_arrays(model, by_name):
            ordered = layer_parameters(layer)
            if len(arrays) != len(ordered):
                raise ValueError(
                    f"{layer}: expected {len(ordered)} weights ({', '.join(p.name for p in ordered)}), "
                    f"the file has {len(arrays)}"
                )
            named = dict(zip((p.name for p in ordered), arrays, strict=True))
            found.append((layer, [named[parameter.name] for parameter in layer.weights]))
        return found

    def set_weights(self, model):
        """Set all of a model's weights; ModelFormatError if the file's do not fit."""
        try:
            for layer, arrays in self.weights(model):
                layer.set_weights(arrays)
        except ValueError as error:
            raise ModelFormatError(str(error)) from error

    def set_optimizer(self, model):
        """Set the optimizer's state; where the file's does not fit it starts afresh, with a warning, as in Keras."""
        values = self._optimizer_arrays()
        if not values:
            return
        try:
            set_optimizer_variables(model, values)
        except (ValueError, KeyError) as error:
            warnings.warn(f"the optimizer of the file starts afresh, as its state does not fit: {error}", stacklevel=6)
