"""A function of one's own as a layer."""

from ..checks import check_default
from ..symbolic.own import Applied
from .base import Layer


class Lambda(Layer):
    """y = function(x), with a function of one's own.

    A function of ``keras.ops`` and operators is run once, on symbolic tensors, and becomes native. One of NumPy runs in
    step mode; where something below it learns, it needs an attribute ``gradient``, a function of x and dL/dy that
    returns dL/dx. What is taken from outside of the function, such as weights, is not trained: write a Layer for it.

    Parameters
    ----------
    function : callable
        Takes the input (or a list of inputs), and the ``arguments``; ``training`` if it has an argument of this name.
    output_shape : tuple of int or callable, optional
        Shape of one row; it is worked out, so this is only compared.
    mask : None
        Not supported.
    arguments : dict, optional
        Further arguments of the function.
    name, trainable, input_shape
        As for every layer.
    """

    takes_one_row = True

    def __init__(
        self, function, output_shape=None, mask=None, arguments=None, *, name=None, trainable=True, input_shape=None
    ):
        check_default("Lambda", mask=(mask, None))
        if not callable(function):
            raise TypeError(f"Lambda: function must be callable, got {function!r}")
        self.function, self.wanted_shape, self.arguments = function, output_shape, dict(arguments or {})
        self._applied = {}
        super().__init__(name, trainable, input_shape)

    def _apply(self, shapes):
        """The function on tensors of these shapes."""
        key = str(shapes)
        if key not in self._applied:
            applied = Applied(self.function, shapes, f"{self}", **self.arguments)
            wanted = self.wanted_shape
            if wanted is not None:
                wanted = tuple(wanted(shapes))[1:] if callable(wanted) else tuple(wanted)
                if wanted != applied.shape[1:]:
                    raise ValueError(f"{self}: output_shape is {wanted}, but the function returns {applied.shape}")
            self._applied[key] = applied
        return self._applied[key]

    def compute_output_shape(self, input_shape):
        return self._apply(input_shape).shape

    def emit(self, builder, x):
        return self._apply(self.input_shape).emit(builder, x)

    def get_config(self):
        config = {**super().get_config(), "function": self.function, "arguments": self.arguments}
        return config if self.wanted_shape is None else {**config, "output_shape": self.wanted_shape}
