"""The mathematics, written once: every operation of fastnn in a few lines of NumPy, with its gradient.

Start reading at ``dense.py``. ``KINDS`` maps a name to its :class:`~fastnn.ops.kind.OpKind`.
"""

from . import (
    activations,
    arithmetic,
    averaging,
    axes,
    batch,
    clipping,
    column_losses,
    dense,
    dropout,
    fused,
    losses,
    metrics,
    noise,
    normalisation,
    optimizers,
    penalties,
    prelu,
    rectifiers,
    row_losses,
    shapes,
    smooth,
    tokens,
)
from .kind import ROWS, OpKind, Signature, StepState

__all__ = ["KINDS", "ROWS", "OpKind", "Signature", "StepState"]


_MODULES = (
    dense, activations, rectifiers, smooth, prelu, dropout, noise, losses, column_losses, row_losses, metrics, clipping,
    optimizers, fused, arithmetic, shapes, batch, axes, tokens, penalties,
    normalisation, averaging,
)  # fmt: skip


def _all_kinds():
    for module in _MODULES:
        for item in vars(module).values():
            own = isinstance(item, type) and item.__module__ == module.__name__
            if own and issubclass(item, OpKind) and "name" in vars(item):
                yield item()


KINDS = {kind.name: kind for kind in _all_kinds()}


def __getattr__(name):
    """``keras.ops.matmul`` and the like: functions on tensors, which stand in ``fastnn.symbolic.functions``."""
    if name.startswith("__"):
        raise AttributeError(name)
    from ..symbolic import functions

    return getattr(functions, name)
