"""The fusion pass: joins ops that native kernels can run in one go. Fused and unfused programs give the same bits."""

from .ops import KINDS
from .program import Op, Program


def fuse(program):
    """``dense_dw`` followed by the optimizer's step on that gradient becomes one op, where nothing lies between.

    The step then runs on each tile of the weight while the gradient is in registers, so the gradient of a small
    batch is never stored. It moves from the update list to the place of the gradient in the backward list, which is
    allowed only if no later op reads the weight or the gradient.

    Returns
    -------
    Program
        A new program, or ``program`` itself where there is nothing to join.
    """
    backward = list(program.sections.get("backward", ()))
    update = list(program.sections.get("update", ()))
    for position, op in enumerate(backward):
        if op.kind.name != "dense_dw":
            continue
        gradient = op.outputs[0]
        later = backward[position + 1 :]
        step = next((step for step in update if step.inputs[-1] == gradient), None)
        if step is None or f"dense_{step.kind.name}" not in KINDS:
            continue
        reads = {i for other in [*later, *(s for s in update if s is not step)] for i in other.inputs}
        if reads.intersection((gradient, *step.outputs)):
            continue
        fused = KINDS[f"dense_{step.kind.name}"]
        backward[position] = Op(fused, (*step.outputs, gradient), (*step.outputs, *op.inputs), step.attributes)
        update.remove(step)
    sections = {**program.sections, "backward": tuple(backward), "update": tuple(update)}
    if sections == program.sections:
        return program
    return Program(program.buffers, sections, program.input, program.output, program.target, program.weight)
