"""Checkpoints: ``.fastnn`` files of a model in training, with the place where it stands."""

import os

from ..training_state import set_state
from .container import read_container
from .errors import ModelFormatError
from .jsontext import read_json
from .names import renamed, weight_names
from .tensors import check_tensors, read_tensors
from .values import decode

_POSITION = {
    "epoch": int,
    "rows": int,
    "totals": list,
    "pass": (int, type(None)),
    "order_epoch": (int, type(None)),
    "steps": (int, type(None)),
    "batch_size": (int, type(None)),
    "shuffle": bool,
    "stopped": bool,
    "data": (list, type(None)),
}


def read_checkpoint(filepath, trainer):
    """The :class:`Checkpoint` at ``filepath``, which fits the trainer's model; nothing is set yet.

    Raises
    ------
    ModelFormatError
        If the file is damaged, or was not written while a model trained.
    ValueError
        If it is of another model.
    """
    path = os.fspath(filepath)
    try:
        return Checkpoint(path, trainer)
    except ModelFormatError as error:
        raise ModelFormatError(f"{path}: {error}") from None


class Checkpoint:
    """What a file says of a run.

    Attributes
    ----------
    position : dict
    callbacks : list or None
        ``[class name, state]`` of each.
    learning_rate : float or None
    """

    def __init__(self, path, trainer):
        self._path, self._trainer = path, trainer
        self._metadata, members = read_container(path)
        for name in ("config.json", "state.json", "weights.safetensors", "state.safetensors"):
            if name not in members:
                raise ModelFormatError(f"{name}: this member is missing; the file is not from a training run")
        self._config = read_json(members["config.json"], "config.json")
        self._state = read_json(members["state.json"], "state.json", depth=64)
        self._weights = self._renamed(read_tensors(members.pop("weights.safetensors"), "weights.safetensors"))
        expected = {name: (p.dtype, p.shape) for p, name in weight_names(trainer.model).items()}
        found = {name: (array.dtype, array.shape) for name, array in self._weights.items()}
        check_tensors(found, expected, "weights.safetensors")
        arrays = read_tensors(members.pop("state.safetensors"), "state.safetensors")
        own = {name: arrays.pop(name) for name in list(arrays) if name.startswith("callbacks/")}
        self._slots = self._renamed(arrays)
        self.position = self._read_position()
        self.callbacks = self._state.get("callbacks")
        if self.callbacks is not None:
            self.callbacks = decode(self.callbacks, own)
            if not isinstance(self.callbacks, list):
                raise ModelFormatError("state.json: callbacks: expected a list")
        self.learning_rate = self._state.get("learning_rate")

    def apply(self):
        """Set the model's weights, and the trainer's state."""
        set_state(self._trainer, self._state, self._slots)
        for parameter, name in weight_names(self._trainer.model).items():
            parameter.value = self._weights[name]

    def check_settings(self):
        """ValueError where arithmetic or optimizer are not those of the run."""
        from .. import numerics_version
        from .schema import serialize

        if self._metadata.get("numerics_version") != numerics_version:
            raise ValueError(
                f"{self._path}: the run was computed with numerics version "
                f"{str(self._metadata.get('numerics_version'))[:40]!r}, this is {numerics_version!r}; its bits cannot "
                "be continued. Go on all the same with resume_check=False"
            )
        saved = (self._config.get("compile_config") or {}).get("optimizer") or {}
        now = serialize(self._trainer.optimizer)
        for entry in (saved, now):
            entry["config"] = {
                key: value for key, value in (entry.get("config") or {}).items()
                if key != "name" and not (key == "learning_rate" and not isinstance(value, dict))
            }  # fmt: skip
        if (saved.get("class_name"), saved["config"]) != (now["class_name"], now["config"]):
            raise ValueError(
                f"{self._path}: the run had another optimizer, {saved.get('class_name')} {saved['config']}, "
                f"now {now['class_name']} {now['config']}; compile the model as it was, or go on all the same with "
                "resume_check=False"
            )

    def _renamed(self, arrays):
        """The arrays under the names of this model's parameters, which may be numbered otherwise."""
        return renamed(arrays, self._metadata.get("parameters"), list(weight_names(self._trainer.model).values()))

    def _read_position(self):
        position = self._state.get("position")
        if not isinstance(position, dict) or set(position) != set(_POSITION):
            raise ModelFormatError("state.json: position: the file does not say where training stands")
        for name, kind in _POSITION.items():
            value = position[name]
            wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
            if wrong or (isinstance(value, int) and value < 0):
                raise ModelFormatError(f"state.json: position.{name}: {str(value)[:80]!r} makes no sense")
        try:
            [float.fromhex(total) for total in position["totals"]]
        except (TypeError, ValueError, OverflowError):
            raise ModelFormatError("state.json: position.totals: expected numbers in hexadecimal") from None
        done = position["pass"]
        if position["rows"] and (done is None or position["rows"] > done or not position["batch_size"]):
            raise ModelFormatError("state.json: position.rows: does not fit position.pass")
        return position
