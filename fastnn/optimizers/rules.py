"""The optimizers: the numbers of each rule. The mathematics stands in ``fastnn.ops.optimizers``.

Every class takes Keras' further arguments too: see :class:`~fastnn.optimizers.Optimizer`.
"""

from ..checks import check_bool, check_real
from ..legacy import warn_old
from .base import Optimizer


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum where it is not 0.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    momentum : float
        0 .. 1.
    nesterov : bool
        Nesterov's form of the momentum.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, *common, **named):
        super().__init__(learning_rate, *common, **named)
        self.momentum = check_real(momentum, "SGD: momentum", 0, 1)
        self.nesterov = check_bool(nesterov, "SGD: nesterov")
        self.slots = ("momentum",) if self.momentum else ()

    def step(self):
        if not self.momentum:
            return "sgd", {}
        return "sgd_nesterov" if self.nesterov else "sgd_momentum", {"momentum": self.momentum}


class Adagrad(Optimizer):
    """Adagrad: steps scaled by the sum of all squared gradients so far.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    initial_accumulator_value : float
        What the sums start from.
    epsilon : float
        Added to the sum, under the root.
    """

    slots = ("accumulator",)

    def __init__(self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7, *common, **named):
        super().__init__(learning_rate, *common, **named)
        self.initial = check_real(initial_accumulator_value, "Adagrad: initial_accumulator_value", 0)
        self.epsilon = _check_epsilon(self, epsilon)

    initial_accumulator_value = property(lambda self: self.initial)

    def step(self):
        return "adagrad", {"epsilon": self.epsilon}


class RMSprop(Optimizer):
    """RMSprop: steps scaled by a running average of the squared gradient.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    rho : float
        Decay of the averages, 0 .. 1.
    momentum : float
        0 .. 1.
    epsilon : float
        Added to the average, under the root.
    centered : bool
        Whether the running average of the gradient is taken off, which leaves the variance.
    """

    def __init__(
        self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, *common, **named
    ):
        super().__init__(learning_rate, *common, **named)
        self.rho = check_real(rho, "RMSprop: rho", 0, 1)
        self.momentum = check_real(momentum, "RMSprop: momentum", 0, 1)
        self.epsilon = _check_epsilon(self, epsilon)
        self.centered = check_bool(centered, "RMSprop: centered")
        self.slots = (
            "velocity",
            *(("average_gradient",) if self.centered else ()),
            *(("momentum",) if self.momentum else ()),
        )

    def step(self):
        kind = "rmsprop" + "_centered" * self.centered + "_momentum" * bool(self.momentum)
        momentum = {"momentum": self.momentum} if self.momentum else {}
        return kind, {"rho": self.rho, **momentum, "epsilon": self.epsilon}


class Adadelta(Optimizer):
    """Adadelta: steps of the size of recent steps, scaled by a running average of the squared gradient.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
        1.0 gives the form of the paper.
    rho : float
        Decay of the averages, 0 .. 1.
    epsilon : float
        Added to both averages, under the roots.
    """

    slots = ("accumulated_grad", "accumulated_delta_var")

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-7, *common, **named):
        super().__init__(learning_rate, *common, **named)
        self.rho = check_real(rho, "Adadelta: rho", 0, 1)
        self.epsilon = _check_epsilon(self, epsilon)

    def step(self):
        return "adadelta", {"rho": self.rho, "epsilon": self.epsilon}


class _WithMoments(Optimizer):
    """What Adam and its kin share: two averages with their decays, and epsilon."""

    slots = ("momentum", "velocity")
    kind = None

    def __init__(self, learning_rate, beta_1, beta_2, epsilon, *common, **named):
        super().__init__(learning_rate, *common, **named)
        owner = type(self).__name__
        self.beta_1 = check_real(beta_1, f"{owner}: beta_1", 0, 1, below=True)
        self.beta_2 = check_real(beta_2, f"{owner}: beta_2", 0, 1, below=True)
        self.epsilon = _check_epsilon(self, epsilon)

    def step(self):
        return self.kind, {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}


class Adam(_WithMoments):
    """Adam: steps scaled by running averages of the gradient and of its square.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        Decay of the two averages, 0 .. 1 (below 1).
    epsilon : float
        Added to the root of the second average.
    amsgrad : bool
        Whether the largest second average so far takes the place of the present one.
    """

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, *common, **named
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, *common, **named)
        self.amsgrad = check_bool(amsgrad, f"{type(self).__name__}: amsgrad")
        self.kind = "adam_amsgrad" if self.amsgrad else "adam"
        self.slots = ("momentum", "velocity", "velocity_hat")[: 2 + self.amsgrad]


class AdamW(Adam):
    """Adam with weight decay.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    weight_decay : float
        Before each step every parameter shrinks by this rate times the learning rate.
    beta_1, beta_2, epsilon, amsgrad
        As for Adam.
    """

    def __init__(
        self,
        learning_rate=0.001,
        weight_decay=0.004,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        amsgrad=False,
        *common,
        **named,
    ):
        weight_decay = check_real(weight_decay, "AdamW: weight_decay", 0)
        named = {**named, "weight_decay": weight_decay}
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, *common, **named)


class Adamax(_WithMoments):
    """Adamax: Adam with a decaying maximum of the gradient's size instead of the average of its square.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        Decay of the average and of the maximum, 0 .. 1 (below 1).
    epsilon : float
        Added to the maximum.
    """

    slots = ("momentum", "norm")
    kind = "adamax"

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, *common, **named):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, *common, **named)


class Nadam(_WithMoments):
    """Nadam: Adam with Nesterov's form of the momentum.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        Decay of the two averages, 0 .. 1 (below 1).
    epsilon : float
        Added to the root of the second average.
    """

    kind = "nadam"
    scalars = 1  # the product of the momentums so far

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, *common, **named):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, *common, **named)


class Lion(Optimizer):
    """Lion: steps of one size, in the direction of the sign of an average.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1 : float
        Share of the average, beside the gradient, in the direction, 0 .. 1.
    beta_2 : float
        Decay of the average, 0 .. 1.
    """

    slots = ("momentum",)

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.99, *common, **named):
        super().__init__(learning_rate, *common, **named)
        self.beta_1 = check_real(beta_1, "Lion: beta_1", 0, 1)
        self.beta_2 = check_real(beta_2, "Lion: beta_2", 0, 1)

    def step(self):
        return "lion", {"beta_1": self.beta_1, "beta_2": self.beta_2}


def _check_epsilon(optimizer, epsilon):
    """Return ``epsilon``; 1e-7 for None, as Keras 2 had it."""
    owner = type(optimizer).__name__
    if epsilon is None:
        warn_old(f"{owner}(epsilon=None)", "epsilon=1e-7")
        return 1e-7
    return check_real(epsilon, f"{owner}: epsilon", 0)
