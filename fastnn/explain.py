"""What a model's training runs natively, as text: ``model.explain_plan()``."""

from .callbacks import CallbackList


def explain(model, trainer, program, callbacks=()):
    """Layers, loss, metrics and callbacks, each with the ops that it became, or why it is not native.

    Parameters
    ----------
    model : Model
    trainer : Trainer
    program : Program
    callbacks : list of Callback

    Returns
    -------
    str
    """
    lines = [f'Plan of "{model.name}" on the {trainer.backend.name} backend']
    forward = program.sections.get("forward") or program.sections.get("predict", ())
    in_python = [op.kind.name for ops in program.sections.values() for op in ops if not op.kind.native]
    if in_python:
        lines.append(f"Step mode, op by op, as these exist in NumPy only: {', '.join(dict.fromkeys(in_python))}")
        lines += [f"    {line}" for line in _reasons(trainer)]
        lines.append("Layers and loss, each other op a native call:")
    else:
        lines.append("Layers and loss, one native call for many batches:")
    losses = {"loss", *(trainer.objective.loss_names if trainer.loss is not None else ())}
    metrics = {i for i in program.values() if program.buffers[i].name not in losses}
    for op in forward:
        if op.outputs[0] not in metrics:
            lines.append(f"    {op.kind.name}: {program.buffers[op.outputs[0]].name}")
    ops = [op for section in ("backward", "update") for op in program.sections.get(section, ())]
    if ops:
        where = "op by op" if in_python else "in the same call"
        lines.append(f"Gradients and optimizer, {where}: {', '.join(sorted({op.kind.name for op in ops}))}")
    added = [program.buffers[op.outputs[0]].name for op in forward if op.kind.name == "row_value"]
    added = [name for name in added if name.rpartition("/")[2].startswith("added_loss")]
    if added:
        lines.append(f"Added to the loss by layers, in the same call: {', '.join(added)}")
    lines += ["Metrics:", *(f"    {line}" for line in _metrics(trainer))]
    if callbacks:
        lines += ["Callbacks:", *(f"    {_callback(callback)}" for callback in callbacks)]
    return "\n".join(lines)


def explain_steps(model, steps, callbacks=()):
    """The same for a model whose class defines steps of its own, by name."""
    lines = [
        f'Plan of "{model.name}"',
        f"Defined by {type(model).__name__}: {', '.join(steps)}; run by Python for each batch, in which each call of a "
        "layer and each optimizer step is a native one",
    ]
    calls = {"fit": ("train_step", "test_step"), "evaluate": ("test_step",), "predict": ("predict_step",)}
    native = [method for method, called in calls.items() if not set(called) & set(steps)]
    if native:
        lines.append(f"As for other models, many batches in one native call: {', '.join(native)}")
    if callbacks:
        lines += ["Callbacks:", *(f"    {_callback(callback)}" for callback in callbacks)]
    return "\n".join(lines)


def _reasons(trainer):
    """Why losses of one's own are not native."""
    for head in trainer.objective.trained if trainer.loss is not None else ():
        if getattr(head.loss, "reason", None) is not None:
            yield f"loss {head.loss.name} is run by Python with each batch: {head.loss.reason}"


def _metrics(trainer):
    if not trainer.metrics:
        yield "none"
        return
    for metric, _, _, name in trainer.objective.measured:
        if metric.by_row:
            numbers = f"one number a {'batch' if metric.by_batch else 'row'}"
            if metric.sums_of_program > 1:
                numbers = "numbers of the batch"
            yield f"{name}: native, {numbers}, added up in the same call"
        else:
            size = "many batches at a time" if metric.takes_slices else "one batch at a time"
            yield (
                f"{name}: NumPy; {metric.reason}, so it is handed the model's outputs ({size}), which are copied for "
                "it; the rest stays native"
            )


def _callback(callback):
    name = type(callback).__name__
    if CallbackList([callback], add_history=False, add_progbar=False).wants_every_batch("train"):
        return f"{name}: has batch hooks, so each native call takes a single batch"
    return f"{name}: between epochs only"
