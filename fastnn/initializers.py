"""Initial values of parameters, with Keras' names, defaults and formulas.

Numbers are drawn and computed in float64 and rounded once at the end, so float32 and float64 models start
alike. Each call draws from a generator of its own: with ``seed=None`` the next key of the process, else one
made of the seed alone, so that an initializer with a seed gives the same values at each call, as in Keras 3.
"""

import inspect
import math

import numpy as np

from . import random
from .checks import check_default, check_int, check_real
from .config import floatx
from .registry import deserialize_object, find_class, look_up

TRUNCATED_STDDEV = 0.87962566103423978
"""Standard deviation of a standard normal distribution cut at -2 and 2."""


class Initializer:
    """Base of the initializers: a call with a shape returns an array."""

    def __call__(self, shape, dtype=None):
        """Values of this shape.

        Parameters
        ----------
        shape : tuple of int
        dtype : str, optional
            By default ``fastnn.config.floatx()``.

        Returns
        -------
        numpy.ndarray
        """
        shape = tuple(check_int(n, f"{type(self).__name__}: each size of the shape", 0) for n in shape)
        return np.ascontiguousarray(self.values(shape), dtype or floatx())

    def values(self, shape):
        """The values in float64."""
        raise NotImplementedError(type(self).__name__)

    def get_config(self):
        """The arguments that make an initializer like this one."""
        return {}

    @classmethod
    def from_config(cls, config):
        """An initializer from what ``get_config`` returned."""
        return cls(**config)


class OwnInitializer(Initializer):
    """A function of one's own: ``function(shape, dtype=...)`` or ``function(shape)``."""

    def __init__(self, function):
        self.function = function
        self._takes_dtype = "dtype" in inspect.signature(function).parameters

    def __call__(self, shape, dtype=None):
        dtype = np.dtype(dtype or floatx())
        values = self.function(shape, dtype=dtype) if self._takes_dtype else self.function(shape)
        array = np.asarray(values, dtype)
        if array.shape != tuple(shape):
            raise ValueError(f"initializer {self.function!r}: expected an array of shape {shape}, got {array.shape}")
        return array


class Constant(Initializer):
    """One value everywhere."""

    def __init__(self, value=0.0):
        self.value = check_real(value, "Constant: value", -math.inf)

    def values(self, shape):
        return np.full(shape, self.value)

    def get_config(self):
        return {"value": self.value}


class Zeros(Initializer):
    """0 everywhere."""

    def values(self, shape):
        return np.zeros(shape)


class Ones(Initializer):
    """1 everywhere."""

    def values(self, shape):
        return np.ones(shape)


class Identity(Initializer):
    """``gain`` on the diagonal of a matrix, 0 elsewhere."""

    def __init__(self, gain=1.0):
        self.gain = check_real(gain, "Identity: gain", -math.inf)

    def values(self, shape):
        if len(shape) != 2:
            raise ValueError(f"Identity makes matrices; got the shape {shape}")
        return self.gain * np.eye(*shape)

    def get_config(self):
        return {"gain": self.gain}


class RandomInitializer(Initializer):
    """Base of the initializers that draw; ``seed`` makes every call draw the same."""

    def __init__(self, seed=None):
        self.seed = None if seed is None else check_int(seed, f"{type(self).__name__}: seed", 0)

    def values(self, shape):
        purpose = "initializer"
        key = random.next_key(purpose) if self.seed is None else random.philox_key(self.seed, purpose)
        return self.draw(random.generator(key), shape)

    def draw(self, generator, shape):
        """The values in float64, drawn from ``generator``."""
        raise NotImplementedError(type(self).__name__)

    def get_config(self):
        return {"seed": self.seed}


class RandomNormal(RandomInitializer):
    """Normal distribution."""

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        super().__init__(seed)
        self.mean = check_real(mean, f"{type(self).__name__}: mean", -math.inf)
        self.stddev = check_real(stddev, f"{type(self).__name__}: stddev", 0)

    def draw(self, generator, shape):
        return self.mean + self.stddev * generator.standard_normal(shape)

    def get_config(self):
        return {"mean": self.mean, "stddev": self.stddev, **super().get_config()}


class TruncatedNormal(RandomNormal):
    """Normal distribution, where values more than two standard deviations away are drawn again."""

    def draw(self, generator, shape):
        return self.mean + self.stddev * draw_truncated(generator, shape)


class RandomUniform(RandomInitializer):
    """Uniform distribution over minval .. maxval."""

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        super().__init__(seed)
        self.minval = check_real(minval, "RandomUniform: minval", -math.inf)
        self.maxval = check_real(maxval, "RandomUniform: maxval", self.minval)

    def draw(self, generator, shape):
        return generator.uniform(self.minval, self.maxval, shape)

    def get_config(self):
        return {"minval": self.minval, "maxval": self.maxval, **super().get_config()}


class Orthogonal(RandomInitializer):
    """Orthonormal rows or columns (whichever are fewer) times ``gain``.

    Q of the QR decomposition of a normal matrix, with the signs that make R's diagonal positive, so that Q is
    uniform over the orthogonal matrices. Source: Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear
    dynamics of learning in deep linear neural networks" (2014). The decomposition is LAPACK's: its last bits
    may differ between machines.
    """

    def __init__(self, gain=1.0, seed=None):
        super().__init__(seed)
        self.gain = check_real(gain, "Orthogonal: gain", -math.inf)

    def draw(self, generator, shape):
        if len(shape) < 2:
            raise ValueError(f"Orthogonal needs at least two axes; got the shape {shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(generator.standard_normal((max(rows, columns), min(rows, columns))))
        q = q * np.sign(np.diag(r))
        return self.gain * (q if rows >= columns else q.T).reshape(shape)

    def get_config(self):
        return {"gain": self.gain, **super().get_config()}


class VarianceScaling(RandomInitializer):
    """Variance ``scale / n``, with n the number of inputs of a unit, of its outputs, or their mean.

    Parameters
    ----------
    scale : float
        Above 0.
    mode : {"fan_in", "fan_out", "fan_avg"}
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
        "normal" is the truncated one too.
    seed : int, optional
    input_axes, output_axes : None
        Of convolutions; not supported.
    """

    modes = ("fan_in", "fan_out", "fan_avg")
    distributions = ("truncated_normal", "normal", "untruncated_normal", "uniform")

    def __init__(
        self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None, input_axes=None, output_axes=None
    ):
        super().__init__(seed)
        owner = type(self).__name__
        check_default(owner, input_axes=(input_axes, None), output_axes=(output_axes, None))
        self.scale = check_real(scale, f"{owner}: scale", 0)
        if self.scale == 0:
            raise ValueError(f"{type(self).__name__}: scale must be above 0, got {scale!r}")
        for name, value, known in (
            ("mode", mode, self.modes),
            ("distribution", distribution, self.distributions),
        ):
            if value not in known:
                raise ValueError(f"{type(self).__name__}: {name} is one of {known}, got {value!r}")
        self.mode, self.distribution = mode, distribution

    def draw(self, generator, shape):
        fan_in, fan_out = fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return generator.uniform(-limit, limit, shape)
        if self.distribution == "untruncated_normal":
            return math.sqrt(variance) * generator.standard_normal(shape)
        return math.sqrt(variance) / TRUNCATED_STDDEV * draw_truncated(generator, shape)

    def get_config(self):
        own = {"scale": self.scale, "mode": self.mode, "distribution": self.distribution}
        return {**own, **super().get_config()}


class _NamedScaling(VarianceScaling):
    """A VarianceScaling with a name: only the seed is left to choose."""

    arguments: tuple

    def __init__(self, seed=None, input_axes=None, output_axes=None):
        super().__init__(*self.arguments, seed, input_axes, output_axes)

    def get_config(self):
        return {"seed": self.seed}


class GlorotUniform(_NamedScaling):
    """Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010)."""

    arguments = (1.0, "fan_avg", "uniform")


class GlorotNormal(_NamedScaling):
    """Glorot, Bengio (2010), as GlorotUniform."""

    arguments = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_NamedScaling):
    """He, Zhang, Ren, Sun, "Delving deep into rectifiers" (2015)."""

    arguments = (2.0, "fan_in", "uniform")


class HeNormal(_NamedScaling):
    """He, Zhang, Ren, Sun (2015), as HeUniform."""

    arguments = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_NamedScaling):
    """LeCun, Bottou, Orr, Müller, "Efficient backprop" (1998)."""

    arguments = (1.0, "fan_in", "uniform")


class LecunNormal(_NamedScaling):
    """LeCun, Bottou, Orr, Müller (1998), as LecunUniform."""

    arguments = (1.0, "fan_in", "truncated_normal")


KNOWN = {
    "constant": Constant,
    "zeros": Zeros,
    "zero": Zeros,
    "ones": Ones,
    "one": Ones,
    "identity": Identity,
    "IdentityInitializer": Identity,
    "random_normal": RandomNormal,
    "normal": RandomNormal,
    "random_uniform": RandomUniform,
    "uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "orthogonal": Orthogonal,
    "OrthogonalInitializer": Orthogonal,
    "variance_scaling": VarianceScaling,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
}

__all__ = sorted({"Initializer", "deserialize", "get", "serialize", *KNOWN, *(cls.__name__ for cls in KNOWN.values())})


def get(identifier):
    """The initializer called ``identifier``; an initializer is returned as it is, a class is called.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name, an initializer nor a function.
    """
    if callable(identifier) and not isinstance(identifier, (type, Initializer)):
        return OwnInitializer(identifier)
    return look_up(identifier, KNOWN, Initializer, "initializer")


def serialize(initializer):
    """``{"class_name": ..., "config": ...}``, from which ``get`` makes the initializer again."""
    if isinstance(initializer, OwnInitializer):
        return initializer.function.__name__
    return {"class_name": type(initializer).__name__, "config": initializer.get_config()}


def deserialize(config, custom_objects=None):
    """The initializer that ``serialize`` told of; a name is taken too.

    Parameters
    ----------
    config : dict or str
    custom_objects : dict of str to type, optional
        Classes of one's own by name.
    """
    return deserialize_object(config, {**KNOWN, **(custom_objects or {})}, Initializer, "initializer")


def fans(shape):
    """Numbers of inputs and outputs of a unit: Keras' rule for weights of any shape."""
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


def draw_truncated(generator, shape):
    """Standard normal values within -2 .. 2; those outside are drawn again."""
    values = generator.standard_normal(shape)
    outside = np.abs(values) > 2
    while outside.any():
        values[outside] = generator.standard_normal(np.count_nonzero(outside))
        outside = np.abs(values) > 2
    return values


def __getattr__(name):
    """``initializers.he_normal`` and the other names that Keras has for the classes."""
    if name in KNOWN:
        return find_class(name, KNOWN, "initializer")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
