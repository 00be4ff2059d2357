"""The mathematics, written once: every operation of fastnn in a few lines of NumPy, with its gradient.

Start reading at ``dense.py``. ``KINDS`` maps a name to its :class:`~fastnn.ops.kind.OpKind`.
"""

from . import (
    activations,
    arithmetic,
    clipping,
    column_losses,
    dense,
    dropout,
    fused,
    losses,
    metrics,
    optimizers,
    row_losses,
    shapes,
)
from .kind import ROWS, OpKind, Signature, StepState

__all__ = ["KINDS", "ROWS", "OpKind", "Signature", "StepState"]


def _all_kinds():
    families = (dense, activations, dropout, losses, column_losses, row_losses, metrics, clipping, optimizers, fused)
    for module in (*families, arithmetic, shapes):
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, OpKind) and "name" in vars(item):
                yield item()


KINDS = {kind.name: kind for kind in _all_kinds()}
