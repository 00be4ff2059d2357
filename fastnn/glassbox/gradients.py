"""Is backpropagation right? Each gradient beside the difference of the loss that defines it."""

from dataclasses import dataclass, field

import numpy as np

from ..one_step import copy_for_a_step
from .notation import html_table, shape_text, text_table

LIMIT = 1e-5  # largest relative error that counts as right, in float64
STEPS = (1e-4, 1e-6)  # of a weight; the small one judges where the large one crosses a kink, such as ReLU's at 0
FLOOR = 1e-6  # gradients below this share of a parameter's largest one are compared with that share


@dataclass(frozen=True)
class ParameterCheck:
    """One parameter: its name, shape, how many of its numbers were checked, and where the error is largest."""

    name: str
    shape: tuple[int, ...]
    checked: int
    size: int
    error: float
    index: tuple[int, ...]
    backprop: float
    difference: float

    @property
    def ok(self):
        return self.error <= LIMIT


@dataclass(frozen=True)
class GradCheckReport:
    """What :func:`grad_check` found; true where all gradients are right.

    Attributes
    ----------
    parameters : tuple of ParameterCheck
    rows : int
    loss : float
    """

    parameters: tuple[ParameterCheck, ...]
    rows: int
    loss: float
    HEAD: tuple[str, ...] = field(
        default=("parameter", "shape", "checked", "largest error", "at", "backprop", "difference", "verdict"),
        repr=False,
    )

    @property
    def ok(self):
        return all(parameter.ok for parameter in self.parameters)

    def __bool__(self):
        return self.ok

    @property
    def verdict(self):
        """One or two sentences: what is right or wrong, and where to look."""
        if self.ok:
            largest = max((parameter.error for parameter in self.parameters), default=0.0)
            return f"All gradients are right: the largest relative error is {largest:.1e}, allowed are {LIMIT:.0e}."
        wrong = [parameter.name for parameter in self.parameters if not parameter.ok]
        right = [parameter.name for parameter in self.parameters if parameter.ok]
        hint = (
            f"The gradients of {', '.join(right)} are right, so look between {wrong[-1]} and the next of these."
            if right
            else "All are wrong, so look at the loss or at the last layer."
        )
        return f"WRONG: {', '.join(wrong)}. The fault stands behind the last of these, on the way to the loss. {hint}"

    def _rows(self):
        for p in self.parameters:
            yield (
                p.name,
                shape_text(p.shape),
                f"{p.checked} of {p.size}",
                f"{p.error:.1e}",
                shape_text(p.index),
                f"{p.backprop:+.6e}",
                f"{p.difference:+.6e}",
                "right" if p.ok else "WRONG",
            )

    def __str__(self):
        title = f"Gradients by backpropagation and by differences, float64, {self.rows} rows, loss {self.loss:.6g}"
        return f"{title}\n\n{text_table(self.HEAD, self._rows(), right=(3, 5, 6))}\n\n{self.verdict}"

    __repr__ = __str__

    def _repr_html_(self):
        return html_table(self.HEAD, self._rows(), self.verdict)


def grad_check(model, x, y, sample_weight=None, max_elements=60, seed=0):
    """Compare the gradients of a compiled model with differences of its loss, in float64.

    Of each parameter, a number w is moved to w + h and w - h: (L(w + h) - L(w - h)) / 2h is what backpropagation should
    have found. Dropout draws the same mask each time. The model itself is not changed.

    Parameters
    ----------
    model : Model
        Compiled. Its weights as they are; a net whose ReLUs are all dead has nothing to check.
    x : array-like (n, ...)
        A few rows are enough.
    y : array-like (n,) or (n, ...)
    sample_weight : array-like (n,), optional
    max_elements : int
        At most so many numbers of each parameter: those with the largest gradients, and others drawn at random.
    seed : int
        Of that draw.

    Returns
    -------
    GradCheckReport
        Print it; it is true where all gradients are right.

    Raises
    ------
    ValueError
        If the model is not compiled, or the data does not fit it.
    """
    executable, rows = copy_for_a_step(model._compiled("grad_check"), x, y, sample_weight, "float64")
    x, y, weights = rows
    generator = np.random.default_rng(seed)
    program = executable.program

    def loss():
        executable.run("forward", x, y, weights=weights)
        return float(np.mean(executable.get("loss"), dtype=np.float64))

    start = loss()
    executable.run("backward")
    by_name = {buffer.name: buffer for buffer in program.buffers}
    gradients = {}
    for parameter in model.trainable_weights:
        scope, slash, last = parameter.path.rpartition("/")
        if f"{scope}{slash}d{last}" in by_name:
            gradients[parameter.path] = executable.get(f"{scope}{slash}d{last}")
    checks = []
    for path, gradient in gradients.items():
        value = executable.get(path)
        scale = max(FLOOR * np.abs(gradient).max(), 1e-9)
        worst = (-1.0, (0,) * gradient.ndim, 0.0, 0.0)
        chosen = _choose(gradient, max_elements, generator)
        for flat in chosen:
            index = np.unravel_index(flat, gradient.shape)
            error, difference = min(_errors(executable, path, value, index, gradient[index], loss, scale))
            if not error <= worst[0]:
                worst = (error, tuple(map(int, index)), float(gradient[index]), difference)
        executable.set(path, value)
        error, index, found, difference = worst
        checks.append(ParameterCheck(path, value.shape, len(chosen), value.size, error, index, found, difference))
    return GradCheckReport(tuple(checks), len(x), start)


def _choose(gradient, most, generator):
    """Positions in the flat gradient: all, or half of them the largest, half any."""
    if gradient.size <= most:
        return np.arange(gradient.size)
    by_size = np.argsort(-np.abs(gradient), axis=None, kind="stable")
    rest = generator.permutation(by_size[most // 2 :])
    return np.concatenate([by_size[: most // 2], rest[: most - most // 2]])


def _errors(executable, path, value, index, gradient, loss, scale):
    """(relative error, difference) for each size of step, until one is right."""
    for step in STEPS:
        losses = []
        for move in (step, -step):
            moved = value.copy()
            moved[index] += move
            executable.set(path, moved)
            losses.append(loss())
        difference = (losses[0] - losses[1]) / (2 * step)
        error = abs(gradient - difference) / max(abs(gradient), abs(difference), scale)
        error = float(error) if np.isfinite(error) else float("inf")
        yield error, difference
        if error <= LIMIT:
            return
