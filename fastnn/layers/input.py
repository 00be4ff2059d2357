"""The shape of a model's data, as its first entry."""

from ..checks import check_default
from ..symbolic import KerasTensor, Node
from .base import Layer


class InputLayer(Layer):
    """Stands for the data. Emits nothing, and does not count as a layer of a Sequential model.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row.

    Attributes
    ----------
    output : KerasTensor
        What a functional model begins with.
    """

    def __init__(self, shape, *, name=None):
        super().__init__(name, input_shape=shape)
        self.build((None, *self.given_input_shape))
        Node(self, (), {}, [KerasTensor((None, *self.given_input_shape), name=self.name)])

    def emit(self, builder, x):
        return x

    def get_config(self):
        return {"name": self.name, "shape": self.given_input_shape}


def Input(shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, name=None):
    """A symbolic tensor of the data: the begin of a functional model, or first entry of a Sequential one.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row.
    batch_size, dtype, sparse, ragged, batch_shape : None
        Only the defaults: batches of any size are taken, and any type of number.
    name : str, optional

    Returns
    -------
    KerasTensor (None, *shape)

    Raises
    ------
    ValueError
        If ``shape`` is missing or has other than positive integers.
    """
    check_default(
        "Input",
        batch_size=(batch_size, None),
        dtype=(dtype, None),
        sparse=(sparse, None),
        ragged=(ragged, None),
        batch_shape=(batch_shape, None),
    )
    if shape is None:
        raise ValueError("Input: shape is missing; give the shape of one row, such as shape=(784,)")
    return InputLayer(shape, name=name).output
