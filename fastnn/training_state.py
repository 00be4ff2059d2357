"""What a trainer knows beyond the model's parameters: with both, training goes on with the same bits.

The state is a dict of plain values, and the arrays that go with it: the optimizer's slots.
"""

import numpy as np

from .saving.errors import ModelFormatError
from .saving.names import weight_names
from .saving.tensors import check_tensors


def get_state(trainer):
    """State and arrays of a trainer; ``None, {}`` where it has never had anything to run.

    Returns
    -------
    state : dict or None
        "seed": the trainer's, as text, since it has 128 bits; "epochs_started"; "step"; "learning_rate",
        None where a schedule sets it; "passes": those over data at inference; "position": where the last ``fit``
        stands, or None.
    arrays : dict of str to numpy.ndarray
        The optimizer's slots.
    """
    session = trainer._session
    if session is None:
        return None, {}
    optimizer, executable = trainer.optimizer, session.executable
    rate = None
    if optimizer is not None and not optimizer.scheduled:
        rate = optimizer.learning_rate
    state = {
        "seed": None if trainer._key is None else str(trainer._key),
        "epochs_started": trainer.epochs_started,
        "step": executable.step,
        "passes": executable.pass_number,
        "learning_rate": rate,
        "weighted": trainer._weighted,
        "position": None if trainer.position is None else trainer.position.state(),
    }
    return state, {name: executable.get(buffer.name) for name, buffer in slots_of(trainer).items()}


def set_state(trainer, state, arrays, member="state.safetensors"):
    """Let a trainer go on where another one was.

    Its model is built and has the parameters already.

    Raises
    ------
    ModelFormatError
        If the state is not one of a trainer like this one; the trainer is then as before.
    """
    step, started, seed = (state.get(name) for name in ("step", "epochs_started", "seed"))
    passes = state.get("passes", 0)  # which files of older versions lack
    for name, value in (("step", step), ("epochs_started", started), ("passes", passes)):
        if type(value) is not int or value < 0:
            raise ModelFormatError(f"state.json: {name} must be an integer of at least 0, got {str(value)[:80]!r}")
    if seed is not None and not (isinstance(seed, str) and seed.isdecimal() and len(seed) < 40):
        raise ModelFormatError(f"state.json: seed must be digits as text, got {str(seed)[:80]!r}")
    rate = state.get("learning_rate")
    if rate is not None and (type(rate) not in (int, float) or rate < 0):
        raise ModelFormatError(f"state.json: learning_rate must be a number of at least 0, got {str(rate)[:80]!r}")
    before = trainer._key
    trainer._key = None if seed is None else int(seed)
    trainer._session = trainer._layers = None
    try:
        session = trainer._open(trainer.model.input_shape, bool(state.get("weighted")))
        slots, dtype = slots_of(trainer), np.dtype(session.executable.dtype)
        expected = {name: (dtype, buffer.shape) for name, buffer in slots.items()}
        found = {name: (array.dtype, array.shape) for name, array in arrays.items()}
        check_tensors(found, expected, member)
    except ModelFormatError:
        trainer._key, trainer._session, trainer._layers = before, None, None
        raise
    for name, array in arrays.items():
        session.executable.set(slots[name].name, array)
    session.executable.step, session.executable.pass_number = step, passes
    trainer.epochs_started = started
    if rate is not None and not trainer.optimizer.scheduled:
        trainer.optimizer.learning_rate = float(rate)


def slots_of(trainer):
    """``{name in a file: buffer}`` of the optimizer's arrays in the trainer's program: "dense/kernel/momentum"."""
    session, names = trainer._session, weight_names(trainer.model)
    of_buffers = {buffer: names[parameter] for parameter, buffer in session.names.items() if parameter in names}
    program, found = session.executable.program, {}
    for buffer in (program.buffers[index] for index in program.with_role("slot")):
        parameter, _, slot = buffer.name.rpartition("/")
        found[f"{of_buffers.get(parameter, parameter)}/{slot}"] = buffer
    return found
