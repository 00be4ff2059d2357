"""Fused operations: what the fusion pass puts in the place of several ops.

Same formulas, same bits, fewer passes.
"""

from .dense import DenseDW
from .kind import OpKind
from .optimizers import STEPS


class DenseUpdate(OpKind):
    """dW = X^T dY, then the optimizer's step on W.

    A native step may leave dW unwritten: it is only scratch.
    """

    optimizer: OpKind

    def compute(self, step, *inputs, **attributes):
        *state, x, dy = inputs
        dw = DenseDW.compute(self, step, x, dy)
        state = self.optimizer.compute(self, step, *state, dw, **attributes)
        return (*state, dw) if isinstance(state, tuple) else (state, dw)


def _fused(step):
    slots = step.in_place
    return type(
        f"Dense{step.__name__}",
        (DenseUpdate,),
        {
            "__doc__": f"dW = X^T dY and {step.__doc__}",
            "__module__": __name__,
            "name": f"dense_{step.name}",
            "signature": f"{', '.join(['IO'] * (slots + 1))} <- {', '.join(['IO'] * slots)}, BI, BO",
            "attributes": step.attributes,
            "results": (*step.results, "dw"),
            "in_place": slots,
            "optimizer": step,
        },
    )


globals().update({f"Dense{step.__name__}": _fused(step) for step in STEPS})
