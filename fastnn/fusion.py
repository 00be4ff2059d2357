"""The fusion pass: joins ops that native kernels can run in one go.

Fused and unfused programs give the same bits.
"""

from .ops import KINDS
from .program import Op, Program


def fuse(program):
    """``dense_dw`` and the optimizer's step on that gradient become one op, where nothing lies between.

    The step then runs on each tile of the weight while the gradient is in registers, so the gradient of a
    small batch is never stored. It moves from the update list to the place of the gradient in the backward
    list, which is allowed only if no op between reads the weight, and none at all the gradient. Weight decay moves
    along.

    Returns
    -------
    Program
        A new program, or ``program`` itself where there is nothing to join.
    """
    backward, fused = program.sections.get("backward", ()), []
    update = list(program.sections.get("update", ()))
    for position, op in enumerate(backward):
        moved = _fuse_op(op, backward[position + 1 :], update) if op.kind.name == "dense_dw" else None
        fused += moved or [op]
    sections = {**program.sections, "backward": tuple(fused), "update": tuple(update)}
    if sections == program.sections:
        return program
    return Program(program.buffers, sections, program.input, program.output, program.targets, program.weights)


def _fuse_op(op, later, update):
    """The ops that take the place of a ``dense_dw``, some out of ``update``; None where it must stay."""
    gradient = op.outputs[0]
    step = next((step for step in update if step.inputs[-1] == gradient and f"dense_{step.kind.name}" in KINDS), None)
    if step is None:
        return None
    at = update.index(step)
    decay = [
        other for other in update if other.kind.name == "weight_decay" and other.outputs[0] == step.outputs[0]
    ]
    before = [other for other in update[:at] if other not in decay]
    read_before = {i for other in (*later, *before) for i in other.inputs}
    read_after = {i for other in update[at + 1 :] for i in other.inputs}
    if gradient in read_after or read_before.intersection((gradient, *step.outputs)):
        return None
    for moved in (*decay, step):
        update.remove(moved)
    outputs, inputs = (*step.outputs, gradient), (*step.outputs, *op.inputs)
    return [*decay, Op(KINDS[f"dense_{step.kind.name}"], outputs, inputs, step.attributes, step.every)]
