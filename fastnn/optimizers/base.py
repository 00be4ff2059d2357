"""What all optimizers share: Keras' arguments, the learning rate of each step, clipping and weight decay."""

import inspect

import numpy as np

from ..checks import check_default, check_real
from ..legacy import warn_old
from ..naming import snake_case
from .rate import LearningRate
from .schedules import LearningRateSchedule, deserialize

COMMON = {
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
    "name": None,
}
"""Arguments of every optimizer, in Keras' order, with their defaults."""

CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
NOT_SUPPORTED = tuple(COMMON)[4:-1]


class Optimizer:
    """Base of the optimizers.

    A subclass states the name of its op, its ``slots`` and its own arguments; what else it is given, by
    position or by name, it hands on.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
        A number may be set at any time; it counts from the next step on.
    weight_decay : float, optional
        Before each step every parameter shrinks by this rate times the learning rate.
    clipnorm, global_clipnorm : float, optional
        Largest Euclidean norm of each parameter's gradient, or of all gradients together.
    clipvalue : float, optional
        Largest absolute value of an element of a gradient. At most one of the three is given; 0
        does not clip.
    use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps
        Not supported yet.
    name : str, optional
    lr : float
        Old name of ``learning_rate``.
    decay : float
        As in Keras 2: the learning rate of step t, counted from 0, is divided by 1 + decay t.

    Raises
    ------
    TypeError
        For an argument that no optimizer has.
    ValueError
        For a number out of range, or a Keras argument that is not supported yet.
    """

    slots = ()
    """Names of the arrays that are kept for each parameter."""

    initial = 0.0
    """What the slots start from."""

    def __init_subclass__(cls, **kwargs):
        """Give the class the signature that it has with the common arguments."""
        super().__init_subclass__(**kwargs)
        parameter = inspect.Parameter
        own = [
            p
            for p in inspect.signature(cls.__init__).parameters.values()
            if p.kind == p.POSITIONAL_OR_KEYWORD
        ]
        cls.own_arguments = tuple(p.name for p in own[1:])
        common = [
            parameter(name, parameter.POSITIONAL_OR_KEYWORD, default=default)
            for name, default in COMMON.items()
            if name not in cls.own_arguments
        ]
        old = parameter("kwargs", parameter.VAR_KEYWORD)
        cls.__signature__ = inspect.Signature([*own[1:], *common, old])

    def __init__(self, learning_rate, *common, **named):
        owner = type(self).__name__
        if "lr" in named:
            learning_rate = named.pop("lr")
            warn_old(f"{owner}(lr=...)", "learning_rate=...")
        self.decay = check_real(named.pop("decay", 0.0), f"{owner}: decay", 0)
        if self.decay:
            warn_old(f"{owner}(decay=...)", "learning_rate=schedules.InverseTimeDecay(...)")
        given = self._bind(common, named)
        check_default(owner, **{name: (given[name], COMMON[name]) for name in NOT_SUPPORTED})
        for name in ("weight_decay", *CLIPPING):
            value = given[name]
            setattr(self, name, None if value is None else check_real(value, f"{owner}: {name}", 0))
        clips = [name for name in CLIPPING if getattr(self, name) is not None]
        if len(clips) > 1:
            raise ValueError(f"{owner}: give at most one of {', '.join(CLIPPING)}, got {' and '.join(clips)}")
        self.name = given["name"] or snake_case(owner)
        self._executable = self._learning_rate = None
        self.learning_rate = learning_rate

    def _bind(self, positional, named):
        """{name: value} of the common arguments."""
        owner = type(self).__name__
        names = [name for name in COMMON if name not in self.own_arguments]
        if len(positional) > len(names):
            most = len(self.own_arguments) + len(names)
            raise TypeError(f"{owner} takes at most {most} arguments")
        given = dict(zip(names, positional, strict=False))
        for name in named:
            if name in given:
                raise TypeError(f"{owner} got the argument {name!r} twice")
            if name not in COMMON:
                known = ", ".join([*self.own_arguments, *names])
                raise TypeError(f"{owner} has no argument {name!r}; it takes: {known}")
        return COMMON | given | named

    @property
    def learning_rate(self):
        """The learning rate; where a schedule was given, that of the next step."""
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            rate = rate(self.iterations)
        return LearningRate(rate, self)

    @learning_rate.setter
    def learning_rate(self, value):
        if isinstance(value, dict):
            value = deserialize(value)
        if isinstance(value, LearningRateSchedule):
            self._learning_rate = value
        elif isinstance(self._learning_rate, LearningRateSchedule):
            raise TypeError(
                f"{type(self).__name__} was given a schedule, which sets its learning rate; "
                "to set it by hand, make the optimizer with a number"
            )
        else:
            self._learning_rate = check_real(value, f"{type(self).__name__}: learning_rate", 0)

    @property
    def lr(self):
        """Old name of ``learning_rate``."""
        warn_old("optimizer.lr", "optimizer.learning_rate")
        return self.learning_rate

    @lr.setter
    def lr(self, value):
        warn_old("optimizer.lr", "optimizer.learning_rate")
        self.learning_rate = value

    def learning_rates(self, first, count):
        """The learning rate of each step from ``first``, counted from 0: float64 (count).

        Raises
        ------
        ValueError
            Where a schedule gives no finite number of at least 0.
        """
        steps, rate = range(first, first + count), self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            what = f"{type(self).__name__}: the learning rate of {type(rate).__name__} in step"
            rates = np.array([check_real(float(rate(step)), f"{what} {step}", 0) for step in steps])
        else:
            rates = np.full(count, rate)
        return rates / (1 + self.decay * np.array(steps)) if self.decay else rates

    @property
    def iterations(self):
        """Number of training steps taken."""
        return 0 if self._executable is None else self._executable.step

    def attach(self, executable):
        """Count the steps of this executable."""
        self._executable = executable

    def emit(self, builder):
        """Append to the program all that happens to the gradients and parameters in one training step."""
        if self.clipvalue:
            builder.clip_values(self.clipvalue)
        elif self.clipnorm:
            builder.clip_norms(self.clipnorm)
        elif self.global_clipnorm:
            builder.clip_norms(self.global_clipnorm, together=True)
        kind, attributes = self.step()
        builder.update(kind, self.slots, self.initial, self.weight_decay or None, **attributes)

    def step(self):
        """The op of this optimizer's step, and its attributes: ``(kind, {name: number})``."""
        raise NotImplementedError(type(self).__name__)

    def get_config(self):
        """The arguments as a dict, from which ``type(self)(**config)`` makes the same optimizer."""
        config = {
            name: getattr(self, name) for name in (*self.own_arguments, "weight_decay", *CLIPPING, "name")
        }
        config |= {name: COMMON[name] for name in NOT_SUPPORTED}
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            config["learning_rate"] = {"class_name": type(rate).__name__, "config": rate.get_config()}
        else:
            config["learning_rate"] = rate
        return config | ({"decay": self.decay} if self.decay else {})

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """The optimizer that ``get_config`` described; ``custom_objects`` are schedules of your own, by name."""
        rate = config.get("learning_rate")
        if isinstance(rate, dict) and rate.get("class_name") in (custom_objects or {}):
            rate = custom_objects[rate["class_name"]].from_config(rate["config"])
            config = {**config, "learning_rate": rate}
        return cls(**config)
