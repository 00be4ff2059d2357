"""What all optimizers share: Keras' arguments, the learning rate of each step, and what surrounds the step itself."""

import inspect
import math
import re
from contextlib import nullcontext

import numpy as np

from ..checks import check_bool, check_real
from ..legacy import warn_old
from ..naming import snake_case
from .by_hand import ByHand, as_variable, check_gradients
from .rate import LearningRate, StepCount
from .schedules import LearningRateSchedule, deserialize
from .state import ACCUMULATOR, AVERAGE, State, variables_of

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


class _WithCommonArguments:
    """The signature of an optimizer's class: its own arguments, and those that all have."""

    def __get__(self, optimizer, cls):
        parameter = inspect.Parameter
        own = inspect.signature(cls.__init__).parameters
        common = [
            parameter(name, parameter.POSITIONAL_OR_KEYWORD, default=default)
            for name, default in COMMON.items()
            if name not in cls.own_arguments
        ]
        old = parameter("kwargs", parameter.VAR_KEYWORD)
        return inspect.Signature([*(own[name] for name in cls.own_arguments), *common, old])


class Optimizer:
    """Base of the optimizers.

    A subclass states the name of its op, its ``slots`` and its own arguments; what else it is given, by
    position or by name, it hands on.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule or callable
        A number may be set at any time; it counts from the next step on. A function is called for each step, with the
        number of steps before it if it takes an argument.
    weight_decay : float, optional
        Before each step every parameter shrinks by this rate times the learning rate, but for those of
        :meth:`exclude_from_weight_decay`.
    clipnorm, global_clipnorm : float, optional
        Largest Euclidean norm of each parameter's gradient, or of all gradients together.
    clipvalue : float, optional
        Largest absolute value of an element of a gradient. At most one of the three is given; 0
        does not clip.
    use_ema : bool
        Whether a decaying average of each parameter over the steps is kept; it takes the parameter's place when
        ``fit`` has ended.
    ema_momentum : float
        Share of the old average in the new one, 0 .. 1.
    ema_overwrite_frequency : int, optional
        After each so many steps the averages take the parameters' place.
    loss_scale_factor : float, optional
        Gradients are worked out so many times as large, against underflow, and divided again before the step.
    gradient_accumulation_steps : int, optional
        A step is taken after so many batches only, with the mean of their gradients. At least 2.
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
        For a number out of range.
    """

    scalars = 0
    """How many single numbers Keras counts beside slots, rate and iterations."""

    slots = ()
    """Names of the arrays that are kept for each parameter."""

    initial = 0.0
    """What the slots start from."""

    __signature__ = _WithCommonArguments()
    own_arguments = ("learning_rate",)

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        code = inspect.unwrap(cls.__init__).__code__
        cls.own_arguments = code.co_varnames[1 : code.co_argcount]

    def __init__(self, learning_rate, *common, **named):
        owner = type(self).__name__
        if "lr" in named:
            learning_rate = named.pop("lr")
            warn_old(f"{owner}(lr=...)", "learning_rate=...")
        self.decay = check_real(named.pop("decay", 0.0), f"{owner}: decay", 0)
        if self.decay:
            warn_old(f"{owner}(decay=...)", "learning_rate=schedules.InverseTimeDecay(...)")
        given = self._bind(common, named)
        for name in ("weight_decay", *CLIPPING):
            value = given[name]
            setattr(self, name, None if value is None else check_real(value, f"{owner}: {name}", 0))
        clips = [name for name in CLIPPING if getattr(self, name) is not None]
        if len(clips) > 1:
            raise ValueError(f"{owner}: give at most one of {', '.join(CLIPPING)}, got {' and '.join(clips)}")
        self._set_averaging(given)
        self.name = given["name"] or snake_case(owner)
        self.state = self._by_hand = self._learning_rate = None
        self.averages_in_model = False  # as long as they and the parameters have changed places
        self._prefix = ""
        self._excluded = (), None  # variables, and a pattern of names
        self.learning_rate = learning_rate

    def _set_averaging(self, given):
        """Check and keep the arguments of scaled losses, accumulated gradients and averaged weights."""
        owner, accumulated = type(self).__name__, given["gradient_accumulation_steps"]
        if accumulated and not _is_count(accumulated, 2):
            raise ValueError(
                "`gradient_accumulation_steps` must be an integer >= 2. "
                f"Received: gradient_accumulation_steps={accumulated}"
            )
        self.gradient_accumulation_steps = int(accumulated) if accumulated else None
        scale = given["loss_scale_factor"]
        if scale is not None and check_real(scale, f"{owner}: loss_scale_factor", 0) == 0:
            raise ValueError(f"{owner}: loss_scale_factor must be above 0, got {scale!r}")
        self.loss_scale_factor = None if scale is None else float(scale)
        self.use_ema = check_bool(given["use_ema"], f"{owner}: use_ema")
        momentum = check_real(given["ema_momentum"], f"{owner}: ema_momentum", -math.inf)
        self.ema_momentum, frequency = momentum, given["ema_overwrite_frequency"]
        if self.use_ema:
            if not 0 <= momentum <= 1:
                raise ValueError(f"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={momentum}")
            if frequency and not _is_count(frequency, 1):
                raise ValueError(
                    "`ema_overwrite_frequency` must be an integer >= 1 or None. "
                    f"Received: ema_overwrite_frequency={frequency}"
                )
        self.ema_overwrite_frequency = frequency or None

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
        return LearningRate(_rate_of(self._learning_rate, self.batches), self)

    @learning_rate.setter
    def learning_rate(self, value):
        if isinstance(value, dict):
            value = deserialize(value)
        if isinstance(value, LearningRateSchedule) or callable(value):
            self._learning_rate = value
        elif isinstance(self._learning_rate, LearningRateSchedule):
            raise TypeError(
                f"{type(self).__name__} was given a schedule, which sets its learning rate; "
                "to set it by hand, make the optimizer with a number"
            )
        else:
            self._learning_rate = check_real(value, f"{type(self).__name__}: learning_rate", 0)

    @property
    def scheduled(self):
        """Whether a schedule or a function sets the learning rate."""
        return callable(self._learning_rate)

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
        if self.scheduled:
            name = getattr(rate, "__name__", type(rate).__name__)
            what = f"{type(self).__name__}: the learning rate of {name} in step"
            rates = np.array([check_real(float(_rate_of(rate, step)), f"{what} {step}", 0) for step in steps])
        else:
            rates = np.full(count, rate)
        return rates / (1 + self.decay * np.array(steps)) if self.decay else rates

    @property
    def batches(self):
        """Number of batches so far."""
        return 0 if self.state is None else self.state.executable.step

    @property
    def iterations(self):
        """Number of training steps taken: of batches, or where gradients are accumulated, of updates."""
        return StepCount(self.batches // (self.gradient_accumulation_steps or 1))

    @property
    def built(self):
        """Whether the optimizer knows what it trains."""
        return self.state is not None

    @property
    def common_slots(self):
        """Names of the arrays for each parameter that any optimizer may keep."""
        wanted = ((AVERAGE, self.use_ema), (ACCUMULATOR, self.gradient_accumulation_steps))
        return tuple(slot for slot, needed in wanted if needed)

    @property
    def all_slots(self):
        """Names of all arrays that are kept for each parameter."""
        return (*self.common_slots, *self.slots)

    def attach(self, executable, names=None, prefix=""):
        """Work in this executable from now on; None to start afresh.

        Parameters
        ----------
        executable : fastnn.backends.base.Executable or None
        names : dict of Parameter to str
            What the trained parameters are called in its program.
        prefix : str
            Of the names of the optimizer's variables.
        """
        state = None if executable is None else State(executable, names)
        if state is not None and self._by_hand is not None and self.state is self._by_hand.state:
            state.take_over(self.state, self.all_slots)
        if state is None:
            self._by_hand, self.averages_in_model = None, False
        self.state, self._prefix = state, prefix

    def emit(self, builder):
        """Append to the program all that happens to the gradients and parameters in one training step."""
        steps = self.gradient_accumulation_steps
        if self.loss_scale_factor is not None:
            builder.divide_gradients(self.loss_scale_factor)
        with builder.accumulated(steps, ACCUMULATOR) if steps else nullcontext():
            if self.clipvalue:
                builder.clip_values(self.clipvalue)
            elif self.clipnorm:
                builder.clip_norms(self.clipnorm)
            elif self.global_clipnorm:
                builder.clip_norms(self.global_clipnorm, together=True)
            kind, attributes = self.step()
            builder.update(kind, self.slots, self.initial, self.weight_decay or None, self._decays, **attributes)
        if self.use_ema:
            builder.average_weights(AVERAGE, self.ema_momentum, self.ema_overwrite_frequency, steps or 1)

    def exclude_from_weight_decay(self, var_list=None, var_names=None):
        """Let some parameters not shrink; to be called before training.

        Parameters
        ----------
        var_list : list of Parameter, optional
        var_names : list of str, optional
            Patterns (regular expressions) that the parameter's name contains, such as "bias".

        Raises
        ------
        ValueError
            After training has begun.
        """
        if self.built:
            raise ValueError("`exclude_from_weight_decay()` can only be configured before the optimizer is built.")
        listed = tuple(as_variable(variable) for variable in var_list or ())
        self._excluded = listed, re.compile("|".join(var_names)) if var_names else None

    def _decays(self, variable):
        listed, pattern = self._excluded
        return variable not in listed and not (pattern and pattern.search(getattr(variable, "name", "")))

    @property
    def variables(self):
        """The optimizer's own numbers and arrays, in Keras' order: iteration, learning rate, then its slots."""
        return variables_of(self, self._prefix)

    def get_weights(self):
        """The values of :attr:`variables`, as Keras 2 had it."""
        return [variable.value for variable in self.variables]

    def set_weights(self, weights):
        """Set the values of :attr:`variables`; ValueError before the optimizer is built, or for other shapes."""
        if not self.built:
            raise ValueError(
                "You are calling `set_weights()` on an optimizer that has not yet been built. Please call "
                "`optimizer.build(trainable_variables)` to create the optimizer weights before calling `set_weights()`."
            )
        for variable, value in zip(self.variables, weights, strict=True):
            variable.assign(value)

    def build(self, variables):
        """Make the optimizer's arrays for these weights of a model (or float arrays), for :meth:`apply`."""
        self._by_hand = ByHand(self, [as_variable(variable) for variable in variables])
        if self.state is None:
            self.state = self._by_hand.state

    def apply_gradients(self, grads_and_vars):
        """Take one step for pairs of gradient and variable: ``apply_gradients(zip(gradients, variables))``.

        See :meth:`apply`.

        Returns
        -------
        int
            Number of batches so far.
        """
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)
        return StepCount(self.batches)

    def apply(self, grads, trainable_variables=None):
        """Take one step with gradients that were worked out by hand.

        Parameters
        ----------
        grads : sequence of array-like
            Of the variables' shapes; None for a variable that is left alone.
        trainable_variables : sequence of Parameter or numpy.ndarray, optional
            Weights of layers and models, or float arrays, which are changed in place. Always the same ones; they
            may be left out after the first time, or after :meth:`build`.

        Raises
        ------
        ValueError
            For gradients that do not fit the variables, or variables that are not those of the first time; nothing
            has changed then.
        """
        if len(grads) == 0:
            return
        if trainable_variables is None:
            if self._by_hand is None:
                raise ValueError(
                    "When passing `grads` without `variables`, the optimizer must already be built on a list of "
                    "variables. Call `optimizer.build(trainable_variables)` first. "
                )
            variables = self._by_hand.variables
        else:
            things = list(trainable_variables)
            variables = [as_variable(thing) for thing in things]
            if self._by_hand is None:
                self.build(things)
        known = self._by_hand.variables
        unknown = [variable for variable in variables if variable not in known]
        if unknown:
            raise ValueError(
                f"Unknown variable: {unknown[0]}. This optimizer can only be called for the variables it was "
                "originally built with. When working with a new set of variables, you should recreate a new optimizer "
                "instance."
            )
        if len(grads) != len(variables):
            raise ValueError(f"expected one gradient for each of {len(variables)} variables, got {len(grads)}")
        grads, hand = check_gradients(grads, variables), self._by_hand
        if self.state is not hand.state:  # a model trains with this optimizer too: one state serves both
            hand.state.take_over(self.state, self.all_slots)
        hand.apply(grads, variables)
        if self.state is not hand.state:
            self.state.take_over(hand.state, self.all_slots)

    def finalize_variable_values(self, var_list):
        """Let the averages take the place of these parameters, where averages are kept; as ``fit`` does at its end."""
        swapped, self.averages_in_model = self.averages_in_model, False
        for variable, average in self.averages().items() if self.batches else ():
            if swapped:
                self.state.set(variable, AVERAGE, variable.value)
            elif any(variable is given for given in var_list):
                variable.value = average

    def averages(self):
        """{trained parameter: its average over the steps}; empty without ``use_ema`` or before training."""
        if not self.use_ema or self.state is None:
            return {}
        return {variable: self.state.get(variable, AVERAGE) for variable in self.state.names}

    def swap_averages(self):
        """Let the averages and the parameters change places."""
        for variable, average in self.averages().items():
            self.state.set(variable, AVERAGE, variable.value)
            variable.value = average
        self.averages_in_model = not self.averages_in_model

    def step(self):
        """The op of this optimizer's step, and its attributes: ``(kind, {name: number})``."""
        raise NotImplementedError(
            f"{type(self).__name__} must define step(), which names one of the operations of fastnn.ops.optimizers and "
            "its attributes; update_step() is not called. For a rule of your own change the weights in a loop by hand"
        )

    def get_config(self):
        """The arguments as a dict, from which ``type(self)(**config)`` makes the same optimizer."""
        config = {
            name: getattr(self, name)
            for name in dict.fromkeys((*self.own_arguments, *COMMON))
            if name != "learning_rate"
        }
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            rate = {"class_name": type(rate).__name__, "config": rate.get_config()}
        elif self.scheduled:
            name = getattr(rate, "__name__", type(rate).__name__)
            rate = {"module": "builtins", "class_name": "function", "config": name, "registered_name": name}
        config["learning_rate"] = rate
        return config | ({"decay": self.decay} if self.decay else {})

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """The optimizer that ``get_config`` described; ``custom_objects`` are schedules and functions of your own."""
        rate, known = config.get("learning_rate"), custom_objects or {}
        if isinstance(rate, dict) and rate.get("class_name") == "function":
            if rate["config"] not in known:
                raise ValueError(
                    f"{cls.__name__}: its learning rate was the function {rate['config']!r}; "
                    f"give it as custom_objects={{{rate['config']!r}: ...}}"
                )
            config = {**config, "learning_rate": known[rate["config"]]}
        elif isinstance(rate, dict) and rate.get("class_name") in known:
            config = {**config, "learning_rate": known[rate["class_name"]].from_config(rate["config"])}
        return cls(**config)


def _is_count(value, least):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= least


def _rate_of(rate, step):
    """The number that a learning rate is in a step: of a schedule, a function, or itself."""
    if not callable(rate):
        return rate
    if isinstance(rate, LearningRateSchedule) or _takes_a_step(rate):
        return rate(step)
    return rate()


def _takes_a_step(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of some built-in functions nothing is known
        return False
    return any(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty for p in parameters)
