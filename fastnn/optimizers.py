"""Optimizers by name: the numbers of each rule. The mathematics stands in ``fastnn.ops.optimizers``."""

from .checks import check_bool, check_default, check_real
from .naming import snake_case
from .registry import look_up

_KERAS_DEFAULTS = {
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}


class Optimizer:
    """Base of the optimizers.

    Parameters
    ----------
    learning_rate : float
        May be set at any time; it counts from the next step on.
    name : str, optional
    **arguments
        Keras' further arguments, at their defaults.

    Raises
    ------
    TypeError
        For an argument that no optimizer has.
    ValueError
        For a number out of range, or a Keras argument that is not supported yet.
    """

    slots = ()
    """Names of the arrays that are kept for each parameter."""

    def __init__(self, learning_rate, name=None, **arguments):
        owner = type(self).__name__
        for argument in arguments:
            if argument not in _KERAS_DEFAULTS:
                known = ", ".join([*self.get_config_names(), *_KERAS_DEFAULTS])
                raise TypeError(f"{owner} has no argument {argument!r}; it takes: {known}")
        check_default(owner, **{key: (value, _KERAS_DEFAULTS[key]) for key, value in arguments.items()})
        self.learning_rate = learning_rate
        self.name = name or snake_case(owner)
        self._executable = None

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate = check_real(value, f"{type(self).__name__}: learning_rate", 0)

    @property
    def iterations(self):
        """Number of training steps taken."""
        return 0 if self._executable is None else self._executable.step

    def attach(self, executable):
        """Count the steps of this executable."""
        self._executable = executable

    def emit(self, builder):
        """Append one step for each trained parameter to the program."""
        raise NotImplementedError(type(self).__name__)

    def get_config(self):
        return {name: getattr(self, name) for name in self.get_config_names()}

    @classmethod
    def get_config_names(cls):
        """Names of the arguments."""
        return ("name", "learning_rate")


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum where it is not 0.

    Parameters
    ----------
    learning_rate : float
    momentum : float
        0 .. 1.
    nesterov : bool
        Nesterov's form of the momentum.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, name=None, **arguments):
        super().__init__(learning_rate, name, **arguments)
        self.momentum = check_real(momentum, "SGD: momentum", 0, 1)
        self.nesterov = check_bool(nesterov, "SGD: nesterov")
        self.slots = ("momentum",) if self.momentum else ()

    def emit(self, builder):
        if not self.momentum:
            builder.update("sgd")
        else:
            builder.update(
                "sgd_nesterov" if self.nesterov else "sgd_momentum", self.slots, momentum=self.momentum
            )

    @classmethod
    def get_config_names(cls):
        return (*super().get_config_names(), "momentum", "nesterov")


class Adam(Optimizer):
    """Adam: steps scaled by running averages of the gradient and of its square.

    Parameters
    ----------
    learning_rate : float
    beta_1, beta_2 : float
        Decay of the two averages, 0 .. 1 (below 1).
    epsilon : float
        Added to the root of the second average.
    amsgrad : bool
        Not supported yet.
    """

    slots = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate=0.001,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        amsgrad=False,
        name=None,
        **arguments,
    ):
        super().__init__(learning_rate, name, **arguments)
        check_default("Adam", amsgrad=(amsgrad, False))
        self.beta_1 = check_real(beta_1, "Adam: beta_1", 0, 1, below=True)
        self.beta_2 = check_real(beta_2, "Adam: beta_2", 0, 1, below=True)
        self.epsilon = check_real(epsilon, "Adam: epsilon", 0)
        self.amsgrad = False

    def emit(self, builder):
        builder.update("adam", self.slots, beta_1=self.beta_1, beta_2=self.beta_2, epsilon=self.epsilon)

    @classmethod
    def get_config_names(cls):
        return (*super().get_config_names(), "beta_1", "beta_2", "epsilon", "amsgrad")


KNOWN = {"sgd": SGD, "adam": Adam}


def get(identifier):
    """The optimizer called ``identifier``; an optimizer is returned as it is, a class is called.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.
    TypeError
        For anything that is neither a name nor an optimizer.
    """
    return look_up(identifier, KNOWN, Optimizer, "optimizer")
