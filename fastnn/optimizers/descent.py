"""An optimizer on a function of a few variables whose gradient is given: to watch how it walks."""

import numpy as np

from .. import runtime
from ..builder import ProgramBuilder
from ..checks import check_int
from ..registry import look_up
from .base import Optimizer


def descend(gradient, start, optimizer="sgd", steps=100):
    """The path of an optimizer downhill: its own steps, the same ones that train a model, in float64.

    Parameters
    ----------
    gradient : callable
        ``gradient(w)`` of a point w (n,) returns the gradient there, (n,).
    start : array-like (n,)
        The first point; a number stands for one variable.
    optimizer : str or Optimizer
        Its learning rate may be a schedule.
    steps : int

    Returns
    -------
    numpy.ndarray (steps + 1, n)
        The start, and where the optimizer was after each step. Where it runs away to infinity the path ends
        early.

    Raises
    ------
    ValueError
        If ``start`` is no point, or the gradient has another shape.

    Example
    -------
    >>> descend(lambda w: 2 * w, [1.0], SGD(0.25), steps=3)
    array([[1.   ],
           [0.5  ],
           [0.25 ],
           [0.125]])
    """
    from . import KNOWN

    optimizer = look_up(optimizer, KNOWN, Optimizer, "optimizer")
    steps = check_int(steps, "steps", 1)
    w = np.atleast_1d(np.array(start, dtype=np.float64))
    if w.ndim != 1 or not w.size or not np.isfinite(w).all():
        raise ValueError(f"start: expected a point, an array of finite numbers of shape (n,), got {start!r}")
    executable = runtime.load(_program(optimizer, len(w)), "float64")
    executable.set("w", w)
    path = [w]
    for rate in optimizer.learning_rates(0, steps):
        with np.errstate(over="ignore", invalid="ignore"):  # running away is no error: the path ends there
            slope = np.asarray(gradient(w.copy()), dtype=np.float64)
        if slope.shape != w.shape:
            raise ValueError(f"gradient: expected an array of shape {w.shape}, got {slope.shape}")
        executable.learning_rate = rate
        executable.set("dw", slope * (optimizer.loss_scale_factor or 1))
        executable.run("update")
        executable.step += 1
        w = executable.get("w")
        if not np.isfinite(w).all():
            break
        path.append(w)
    return np.array(path)


def _program(optimizer, size):
    """The optimizer's ops alone; the gradient is set from outside, as a parameter is."""
    builder = ProgramBuilder()
    x = builder.input(1)
    w = builder.parameter("w", (size,))
    builder.add_gradient(w, builder.parameter("dw", (size,), trainable=False))
    optimizer.emit(builder)
    return builder.build(x)
