"""The shape of a model's data, as its first entry."""

import numpy as np

from ..checks import check_default
from ..legacy import old_arguments
from ..symbolic import KerasTensor, Node
from .base import Layer


class InputLayer(Layer):
    """Stands for the data. Emits nothing, and does not count as a layer of a Sequential model.

    Parameters
    ----------
    shape, batch_size, dtype, batch_shape, name
        As for :func:`Input`.
    sparse, ragged, input_tensor, optional
        Only the defaults.

    Attributes
    ----------
    output : KerasTensor
        What a functional model begins with.
    """

    @old_arguments(input_shape="shape")
    def __init__(
        self, shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, input_tensor=None,
        optional=False, name=None,
    ):  # fmt: skip
        check_default(
            "InputLayer", sparse=(sparse, None), ragged=(ragged, None), input_tensor=(input_tensor, None),
            optional=(optional, False),
        )  # fmt: skip
        shape = _shape_of_row("InputLayer", shape, batch_size, dtype, batch_shape)
        super().__init__(name, input_shape=shape)
        self.build((None, *self.given_input_shape))
        Node(self, (), {}, [KerasTensor((None, *self.given_input_shape), name=self.name)])

    def emit(self, builder, x):
        return x

    def get_config(self):
        return {"name": self.name, "shape": self.given_input_shape}


def Input(
    shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, name=None, tensor=None,
    optional=False,
):  # fmt: skip
    """A symbolic tensor of the data: the begin of a functional model, or first entry of a Sequential one.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row.
    batch_size, sparse, ragged, tensor, optional
        Only the defaults: batches of any size are taken, and inputs are arrays.
    dtype : str, optional
        Any type of number: what comes is converted to the model's.
    batch_shape : tuple, optional
        Instead of ``shape``, with None first.
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
        sparse=(sparse, None),
        ragged=(ragged, None),
        tensor=(tensor, None),
        optional=(optional, False),
    )
    return InputLayer(_shape_of_row("Input", shape, batch_size, dtype, batch_shape), name=name).output


def _shape_of_row(owner, shape, batch_size, dtype, batch_shape):
    """The shape of one row that these arguments give."""
    check_default(owner, batch_size=(batch_size, None))
    if dtype is not None and np.dtype(getattr(dtype, "name", dtype)).kind not in "fiub":
        raise ValueError(f"{owner}: dtype must be a type of numbers, got {dtype!r}")
    if batch_shape is not None:
        if shape is not None or batch_shape[0] is not None:
            raise ValueError(
                f"{owner}: batch_shape is given instead of shape, with None first, as batches of any size are taken; "
                f"got batch_shape={batch_shape!r}, shape={shape!r}"
            )
        shape = tuple(batch_shape[1:])
    if shape is None:
        raise ValueError(f"{owner}: shape is missing; give the shape of one row, such as shape=(784,)")
    return shape
