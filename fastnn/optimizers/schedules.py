"""Schedules: the learning rate as a function of the training step.

Each is computed in double precision, step by step, with the C library's ``pow`` and ``cos``: one rate for all
backends, levels and types.
"""

import bisect
import math

import numpy as np

from ..checks import check_bool, check_int, check_real
from ..registry import look_up, serialize_object


class LearningRateSchedule:
    """Base of the schedules.

    A subclass defines ``__call__(step)``, which returns the learning rate of a step, counted from 0, and
    ``get_config()`` if it is to be saved.
    """

    def __call__(self, step):
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, step)")

    def get_config(self):
        """The arguments as a dict."""
        raise NotImplementedError(f"{type(self).__name__} must define get_config(self)")

    @classmethod
    def from_config(cls, config):
        """The schedule that ``get_config`` described."""
        return cls(**config)


class _Formula(LearningRateSchedule):
    """A schedule given by ``rate(step)``; called with an array of steps, it returns an array (for a plot)."""

    names = ()
    """Names of the arguments."""

    def __call__(self, step):
        if np.ndim(step):
            return np.array([self.rate(float(s)) for s in np.ravel(step)]).reshape(np.shape(step))
        return self.rate(float(step))

    def rate(self, step):
        """The learning rate of one step."""
        raise NotImplementedError

    def get_config(self):
        return {name: getattr(self, name) for name in (*self.names, "name")}

    def _check(self, value, name, low=0, high=math.inf):
        return check_real(value, f"{type(self).__name__}: {name}", low, high)

    def _check_steps(self, value, name="decay_steps"):
        value = self._check(value, name)
        if value == 0:
            raise ValueError(f"{type(self).__name__}: {name} must be above 0, got 0")
        return value


class ExponentialDecay(_Formula):
    """initial rate * decay_rate^(step / decay_steps).

    Parameters
    ----------
    initial_learning_rate, decay_steps, decay_rate : float
    staircase : bool
        Whether the exponent is rounded down, so that the rate falls in stairs.
    """

    names = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase")

    def __init__(
        self, initial_learning_rate, decay_steps, decay_rate, staircase=False, name="ExponentialDecay"
    ):
        self.initial_learning_rate = self._check(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = self._check_steps(decay_steps)
        self.decay_rate = self._check(decay_rate, "decay_rate")
        self.staircase = check_bool(staircase, "ExponentialDecay: staircase")
        self.name = name

    def rate(self, step):
        part = step / self.decay_steps
        return self.initial_learning_rate * math.pow(
            self.decay_rate, math.floor(part) if self.staircase else part
        )


class InverseTimeDecay(_Formula):
    """initial rate / (1 + decay_rate * step / decay_steps).

    Parameters
    ----------
    initial_learning_rate, decay_steps, decay_rate : float
    staircase : bool
        Whether step / decay_steps is rounded down.
    """

    names = ExponentialDecay.names

    def __init__(
        self, initial_learning_rate, decay_steps, decay_rate, staircase=False, name="InverseTimeDecay"
    ):
        self.initial_learning_rate = self._check(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = self._check_steps(decay_steps)
        self.decay_rate = self._check(decay_rate, "decay_rate")
        self.staircase = check_bool(staircase, "InverseTimeDecay: staircase")
        self.name = name

    def rate(self, step):
        part = step / self.decay_steps
        return self.initial_learning_rate / (
            1 + self.decay_rate * (math.floor(part) if self.staircase else part)
        )


class PiecewiseConstantDecay(_Formula):
    """values[0] up to step boundaries[0] inclusive, values[1] up to boundaries[1], ..., then the last value.

    Parameters
    ----------
    boundaries : sequence of int
        Ascending steps.
    values : sequence of float
        One more than boundaries.
    """

    names = ("boundaries", "values")

    def __init__(self, boundaries, values, name="PiecewiseConstant"):
        self.boundaries = [self._check(boundary, "boundaries", -math.inf) for boundary in boundaries]
        self.values = [self._check(value, "values") for value in values]
        self.name = name
        if len(self.values) != len(self.boundaries) + 1 or self.boundaries != sorted(self.boundaries):
            raise ValueError(
                "PiecewiseConstantDecay: expected ascending boundaries and one more value than boundaries, "
                f"got boundaries={boundaries!r}, values={values!r}"
            )

    def rate(self, step):
        return self.values[bisect.bisect_left(self.boundaries, step)]


class PolynomialDecay(_Formula):
    """(initial - end) (1 - step / decay_steps)^power + end.

    Parameters
    ----------
    initial_learning_rate, decay_steps, end_learning_rate, power : float
    cycle : bool
        Whether the decay starts again, to the next multiple of ``decay_steps``, once it is over; else the
        rate stays at ``end_learning_rate``.
    """

    names = ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle")

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        end_learning_rate=0.0001,
        power=1.0,
        cycle=False,
        name="PolynomialDecay",
    ):
        self.initial_learning_rate = self._check(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = self._check_steps(decay_steps)
        self.end_learning_rate = self._check(end_learning_rate, "end_learning_rate")
        self.power = self._check(power, "power")
        self.cycle = check_bool(cycle, "PolynomialDecay: cycle")
        self.name = name

    def rate(self, step):
        whole = self.decay_steps
        if self.cycle:
            whole *= max(1, math.ceil(step / self.decay_steps))
        left = 1 - min(step, whole) / whole
        return (self.initial_learning_rate - self.end_learning_rate) * math.pow(left, self.power) + (
            self.end_learning_rate
        )


def _half_cosine(part, alpha):
    """From 1 at part 0 to alpha at part 1, along half a cosine wave."""
    return (1 - alpha) * 0.5 * (1 + math.cos(math.pi * part)) + alpha


class CosineDecay(_Formula):
    """Half a cosine wave from the initial rate to ``alpha`` times it, after a linear warm-up if wanted.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).

    Parameters
    ----------
    initial_learning_rate, decay_steps, alpha : float
    warmup_target : float, optional
        Rate at the end of the warm-up, from which the wave then starts.
    warmup_steps : int
    """

    names = ("initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps")

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        alpha=0.0,
        name="CosineDecay",
        warmup_target=None,
        warmup_steps=0,
    ):
        self.initial_learning_rate = self._check(initial_learning_rate, "initial_learning_rate")
        self.decay_steps = self._check_steps(decay_steps)
        self.alpha = self._check(alpha, "alpha")
        self.name = name
        self.warmup_target = None if warmup_target is None else self._check(warmup_target, "warmup_target")
        self.warmup_steps = check_int(warmup_steps, "CosineDecay: warmup_steps", 0)

    def rate(self, step):
        start, warmup = self.initial_learning_rate, 0
        if self.warmup_target is not None:
            warmup = self.warmup_steps
            if step < warmup:
                return (self.warmup_target - start) * (step / warmup) + start
            start = self.warmup_target
        return start * _half_cosine(min(step - warmup, self.decay_steps) / self.decay_steps, self.alpha)


class CosineDecayRestarts(_Formula):
    """Cosine decay that starts anew, each time ``t_mul`` times as long and from ``m_mul`` times the rate.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).

    Parameters
    ----------
    initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha : float
    """

    names = ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha")

    def __init__(
        self, initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name="SGDRDecay"
    ):
        self.initial_learning_rate = self._check(initial_learning_rate, "initial_learning_rate")
        self.first_decay_steps = self._check_steps(first_decay_steps, "first_decay_steps")
        self.t_mul = self._check(t_mul, "t_mul", 1)
        self.m_mul = self._check(m_mul, "m_mul")
        self.alpha = self._check(alpha, "alpha")
        self.name = name

    def rate(self, step):
        length, height = self.first_decay_steps, 1.0
        if self.t_mul == 1:
            restarts = math.floor(step / length)
            step, height = step - restarts * length, math.pow(self.m_mul, restarts)
        else:
            while step >= length:
                step, length, height = step - length, length * self.t_mul, height * self.m_mul
        # The height is that of the wave alone: alpha is a share of the initial rate.
        wave = height * 0.5 * (1 + math.cos(math.pi * step / length))
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)


KNOWN = {
    cls.__name__: cls
    for cls in (
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
        CosineDecay,
        CosineDecayRestarts,
    )
}


def serialize(learning_rate_schedule):
    """The schedule as a dict, from which :func:`deserialize` makes the same one."""
    return serialize_object(learning_rate_schedule, "keras.optimizers.schedules")


def deserialize(config, custom_objects=None):
    """The schedule that ``{"class_name": ..., "config": ...}`` describes; ``custom_objects`` are your own, by name."""
    return look_up(config, {**KNOWN, **(custom_objects or {})}, LearningRateSchedule, "learning-rate schedule")
