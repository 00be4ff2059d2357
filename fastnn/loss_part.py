"""One of the losses that a program adds up."""

from typing import NamedTuple

from .ops import OpKind


class LossPart(NamedTuple):
    """A loss of one output of a model, times ``factor``: all of a model's loss, or a part of it.

    Attributes
    ----------
    kind : str or OpKind
    prediction, target : int
        Buffers; no target where the op takes none.
    attributes : dict
        Of the op.
    weight : int, optional
        Buffer of the rows' weights, which the op ``weigh`` applies.
    after : sequence of str
        Ops without operands of their own that then change the value and its gradient, such as "sum_loss".
    factor : float
    name : str
        Of its value, where it is one of several.
    """

    kind: str | OpKind
    prediction: int
    target: int | None
    attributes: dict
    weight: int | None = None
    weigh: str = "weigh_loss"
    after: tuple[str, ...] = ()
    factor: float = 1.0
    name: str = "loss"

    def stages(self):
        """The ops one after the other: (kind, operands beside the value and gradient before, attributes)."""
        operands = (self.prediction,) if self.target is None else (self.prediction, self.target)
        found = [(self.kind, operands, self.attributes)]
        if self.weight is not None:
            found.append((self.weigh, (self.weight,), {}))
        found += [(name, (), {}) for name in self.after]
        if self.factor != 1:
            found.append(("scale_loss", (), {"factor": self.factor}))
        return found
