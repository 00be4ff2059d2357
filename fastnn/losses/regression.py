"""Losses of real numbers and of margins."""

from ..checks import check_int, check_real
from .loss import Loss


class _Plain(Loss):
    """A loss whose op is called ``op`` and has no attributes."""

    op: str

    def __init__(self, reduction="sum_over_batch_size", name=None, dtype=None):
        super().__init__(name, reduction, dtype)

    def choose(self, builder, output, target):
        return self.op, output, target, {}


class MeanSquaredError(_Plain):
    """Mean over the columns of (y - t)^2."""

    op = "mean_squared_error"


class MeanAbsoluteError(_Plain):
    """Mean over the columns of abs(y - t)."""

    op = "mean_absolute_error"


class MeanAbsolutePercentageError(_Plain):
    """Mean over the columns of 100 abs(y - t) / max(abs t, 1e-7)."""

    op = "mean_absolute_percentage_error"


class MeanSquaredLogarithmicError(_Plain):
    """Mean over the columns of (log(y + 1) - log(t + 1))^2, with y and t at least 1e-7."""

    op = "mean_squared_logarithmic_error"


class LogCosh(_Plain):
    """Mean over the columns of log(cosh(y - t))."""

    op = "log_cosh"


class Hinge(_Plain):
    """Mean over the columns of max(1 - t y, 0); targets -1 or 1, or 0 or 1 in a whole batch."""

    op = "hinge"


class SquaredHinge(_Plain):
    """Mean over the columns of max(1 - t y, 0)^2; targets -1 or 1, or 0 or 1 in a whole batch."""

    op = "squared_hinge"


class CategoricalHinge(_Plain):
    """max(max_j (1 - t_j) y_j - sum_j t_j y_j + 1, 0) for one-hot targets t."""

    op = "categorical_hinge"


class KLDivergence(_Plain):
    """Sum over the columns of t log(t / y), with y and t from 1e-7 to 1."""

    op = "kl_divergence"

    def __init__(self, reduction="sum_over_batch_size", name="kl_divergence", dtype=None):
        super().__init__(reduction, name, dtype)


class Poisson(_Plain):
    """Mean over the columns of y - t log(y + 1e-7), for counts t and positive outputs y."""

    op = "poisson"


class Huber(_Plain):
    """Mean over the columns of (y - t)^2 / 2 where the error is at most ``delta``, else of a line that goes on.

    Parameters
    ----------
    delta : float
        Where the parabola becomes a line: delta abs(y - t) - delta^2 / 2.
    """

    op = "huber"

    def __init__(self, delta=1.0, reduction="sum_over_batch_size", name="huber_loss", dtype=None):
        super().__init__(reduction, name, dtype)
        self.delta = check_real(delta, "Huber: delta", 0)

    def choose(self, builder, output, target):
        return self.op, output, target, {"delta": self.delta}

    def get_config(self):
        return {**super().get_config(), "delta": self.delta}


class CosineSimilarity(_Plain):
    """Minus the cosine of the angle between target and output: -1 where they point the same way, 1 the opposite.

    Parameters
    ----------
    axis : int
        The axis of the vectors; in a model the last one.
    """

    op = "cosine_similarity"

    def __init__(self, axis=-1, reduction="sum_over_batch_size", name="cosine_similarity", dtype=None):
        super().__init__(reduction, name, dtype)
        self.axis = check_int(axis, "CosineSimilarity: axis", -8)

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}


class Tversky(_Plain):
    """1 - I / (I + alpha F + beta M), over the whole batch; I is what target and prediction have in common.

    Parameters
    ----------
    alpha, beta : float
        How much counts what only the target has (F), and what only the prediction has (M).
    axis : None
        The sums go over all axes, Keras' default.
    """

    op = "tversky"
    epsilon = 1e-7

    def __init__(self, alpha=0.5, beta=0.5, reduction="sum_over_batch_size", name="tversky", axis=None, dtype=None):
        super().__init__(reduction, name, dtype)
        if axis is not None:
            raise ValueError(
                f"{type(self).__name__}: axis={axis!r} is not supported; use axis=None, over the whole batch"
            )
        self.alpha = check_real(alpha, "Tversky: alpha", 0)
        self.beta = check_real(beta, "Tversky: beta", 0)

    def choose(self, builder, output, target):
        return self.op, output, target, {"alpha": self.alpha, "beta": self.beta, "epsilon": self.epsilon}

    def call(self, y_true, y_pred):
        """One value for all, as a scalar."""
        axis, self.axis = self.axis, -1
        try:
            return super().call(y_true, y_pred).reshape(-1)[0]
        finally:
            self.axis = axis

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha, "beta": self.beta, "axis": None}


class Dice(Tversky):
    """1 - 2 I / (T + P), over the whole batch: Tversky's with both sides counted by half."""

    epsilon = 0.5e-7

    def __init__(self, reduction="sum_over_batch_size", name="dice", axis=None, dtype=None):
        super().__init__(0.5, 0.5, reduction, name, axis, dtype)

    def get_config(self):
        return {"name": self.name, "reduction": self.reduction, "axis": None}
