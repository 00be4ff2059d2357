"""``keras.Variable``: an array that can be assigned to."""

from . import initializers
from .config import floatx
from .tensor import Variable as TensorVariable


class Variable(TensorVariable):
    """An array that can be assigned to: ``v.assign(x)``, ``v.assign_add(x)``, ``v.assign_sub(x)``.

    As an attribute of a layer or model it becomes one of its weights.

    Parameters
    ----------
    initializer : array-like, str or callable
        Its first value, or what makes that of ``shape`` and ``dtype``.
    shape : tuple of int, optional
        Needed where something makes the value.
    dtype : str, optional
        By default as ``initializer`` has it.
    trainable : bool
        Whether gradient tapes watch it.
    name : str, optional

    Raises
    ------
    ValueError
        If the shape is missing, or is not that of the value.
    """

    def __new__(cls, initializer, shape=None, dtype=None, trainable=True, name=None):
        if isinstance(initializer, str) or callable(initializer):
            if shape is None:
                raise ValueError(
                    "When creating a Variable from an initializer, the `shape` argument should be specified. "
                    f"Received: initializer={initializer} and shape=None"
                )
            initializer = initializers.get(initializer)(shape, dtype or floatx())
        return super().__new__(cls, initializer, trainable, name or "variable", dtype, shape)

    value = property(TensorVariable.value)
    path = property(lambda self: self.name.removesuffix(":0"))

    def __str__(self):
        value = str(self.numpy()).replace("\n", "\n ")
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={value}>"

    __repr__ = __str__
