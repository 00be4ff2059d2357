"""A copy of a trainer's program that stands before one training step: for looking inside, op by op."""

from .pace import Pace
from .symbolic import map_structure


def copy_for_a_step(trainer, x, y, sample_weight=None, dtype=None):
    """An executable with all that the trainer's holds, ops unfused, and the checked rows of one batch.

    ``dtype`` is the model's own unless given. What is run there changes nothing in the model.
    """
    session, source = trainer.open_for_a_step(x, y, sample_weight)
    session.upload()
    program, old = trainer.program, session.executable
    executable = trainer.backend.unfused().load(program, dtype or old.dtype, old.seed)
    executable.step = old.step
    executable.learning_rate = float(trainer.optimizer.learning_rates(old.step, 1)[0])
    for index in program.with_role("parameter", "slot"):
        name = program.buffers[index].name
        executable.set(name, old.get(name))
    def converted(array):
        is_real = array is not None and array.dtype.kind == "f"
        return array.astype(executable.dtype, copy=False) if is_real else array

    return executable, map_structure(converted, next(iter(source.pieces(Pace()))).rows)
