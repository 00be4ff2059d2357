"""Which ops of a forward list are run: those of inference, and those whose results somebody wants."""

from .program import Op


def at_inference(ops, as_trained=(), instead=None):
    """The ops as they are at inference: without those that then do nothing, others with what takes their place.

    Parameters
    ----------
    ops : sequence of Op
    as_trained : set of int
        First outputs of ops that are at inference what they are in training.
    instead : dict of int to int, optional
        Buffers for which another one is read there.

    Returns
    -------
    list of Op
    dict of int to int
        ``{buffer: the one that takes its place}``
    """
    renamed, kept, instead = {}, [], instead or {}
    for op in ops:
        inputs = tuple(renamed.get(i, i) for i in op.inputs)
        kind = op.kind
        if op.outputs[0] not in as_trained:
            if kind.identity_at_inference:
                renamed[op.outputs[0]] = inputs[0]
                continue
            kind = kind.at_inference or kind
        kept.append(Op(kind, op.outputs[: len(kind.results)], inputs, op.attributes))
        for i in instead.keys() & set(op.outputs):
            renamed[i] = renamed.get(instead[i], instead[i])
    return kept, renamed


def needed(ops, wanted):
    """The ops, in order, without those whose outputs nobody wants or reads, and without optional outputs of this sort:
    the gradients of losses that are measured only.
    """
    wanted, kept = set(wanted), []
    for op in reversed(ops):
        if wanted.intersection(op.outputs):
            operands = zip(op.outputs, op.kind.rule.outputs, strict=True)
            outputs = tuple(i if i in wanted or not operand.optional else None for i, operand in operands)
            kept.append(Op(op.kind, outputs, op.inputs, op.attributes))
            wanted.update(op.inputs)
    return tuple(reversed(kept))
