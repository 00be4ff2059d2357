"""Masks that are shared along axes: ``noise_shape`` of the layers that drop units.

The mask is drawn in its own shape, of ones, and repeated along the axes in which it has size 1.
"""

import math

import numpy as np

from .. import axes
from ..symbolic.applying import Constant


def check_noise_shape(noise_shape, owner):
    """A tuple of positive integers and None; None for None.

    Raises
    ------
    ValueError
        With Keras' words.
    """
    if noise_shape is None:
        return None
    invalid = f"{owner}: Invalid value received for argument `noise_shape`. Expected"
    if isinstance(noise_shape, str) or not hasattr(noise_shape, "__iter__"):
        raise ValueError(f"{invalid} a tuple or list of integers. Received: noise_shape={noise_shape!r}")
    noise_shape = tuple(noise_shape)
    for i, size in enumerate(noise_shape):
        if size is not None and (not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1):
            raise ValueError(
                f"{invalid} all dimensions to be positive integers or None. Received at index {i}: {size!r}"
            )
    return tuple(None if size is None else int(size) for size in noise_shape)


def mask_shape(layer, input_shape):
    """The shape of the mask for these inputs: (None, ...), or (1, ...) where all rows share it.

    Raises
    ------
    ValueError
        If the noise shape does not fit.
    """
    given, wanted = layer.noise_shape, input_shape
    sizes = [size if n is None else n for n, size in zip(given, wanted, strict=False)]
    fits = len(given) == len(wanted) and all(n in (1, size) for n, size in zip(sizes[1:], wanted[1:], strict=True))
    if not fits:
        raise ValueError(
            f"{layer}: noise_shape={given} does not fit inputs of shape {wanted}; expected one number for each axis, "
            "the rows first: 1 where the mask is shared along the axis, else None or the axis' own size"
        )
    return (1 if sizes[0] == 1 else None, *sizes[1:])


def shared_mask(layer, builder):
    """Append the ops that draw the mask: 1 / (1 - rate) where a unit is kept, else 0, for each unit of the input."""
    rows, *sizes = mask_shape(layer, layer.input_shape)
    ones = Constant(np.ones(math.prod(sizes))).emit(builder)
    if rows == 1:
        mask = builder.emit("repeat_row", layer.draw(builder, "dropout_vector", ones, rate=layer.rate))
    else:
        mask = layer.draw(builder, "dropout", builder.emit("repeat_row", ones), rate=layer.rate)
    return axes.widen(builder, mask, sizes, layer.input_shape[1:])
