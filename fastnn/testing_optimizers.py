"""How large the errors of the optimizer ops may be: their part of the tables in ``fastnn.testing``.

Each scale is (inputs, outputs, attributes, state, dtype, g_error) -> one array for each output, where
``g_error`` is the scale of the gradient's own error, for the fused ops. First-order bounds: what each
rounding costs, carried on to the results.
"""

import numpy as np

from .ops.optimizers import STEPS, integer_power, nadam_momentum, nadam_product

OPTIMIZERS = {
    "sgd": ((), {}),
    "sgd_momentum": (("m",), {"momentum": 0.9}),
    "sgd_nesterov": (("m",), {"momentum": 0.9}),
    "adagrad": (("v",), {"epsilon": 1e-7}),
    "rmsprop": (("v",), {"rho": 0.9, "epsilon": 1e-7}),
    "rmsprop_momentum": (("v", "m"), {"rho": 0.9, "momentum": 0.9, "epsilon": 1e-7}),
    "rmsprop_centered": (("v", "a"), {"rho": 0.9, "epsilon": 1e-7}),
    "rmsprop_centered_momentum": (("v", "a", "m"), {"rho": 0.9, "momentum": 0.9, "epsilon": 1e-7}),
    "adadelta": (("v", "s"), {"rho": 0.95, "epsilon": 1e-7}),
    "adam": (("m", "v"), {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}),
    "adam_amsgrad": (("m", "v", "u"), {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}),
    "adamax": (("m", "u"), {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}),
    "nadam": (("m", "v"), {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}),
    "lion": (("m",), {"beta_1": 0.9, "beta_2": 0.99}),
}
"""Slots and attributes of the optimizer ops."""

_STEP_TOLERANCES = {
    "sgd": 1,
    "sgd_momentum": 1.5,
    "sgd_nesterov": 2,
    "adagrad": 2,
    "rmsprop": 2,
    "rmsprop_momentum": 2,
    "rmsprop_centered": 2,
    "rmsprop_centered_momentum": 2,
    "adadelta": 2,
    "adam": 2.5,
    "adam_amsgrad": 2.5,
    "adamax": 2.5,
    "nadam": 2.5,
    "lion": 1.5,
}


KERAS_FIT_TOLERANCE = 4e-6
"""The largest difference from weights and losses after Keras' ``fit`` in float64, where means are float32 numbers."""

def fit_inputs(kind, inputs):
    """Make the example inputs of these ops possible ones.

    Averages of squares and maxima are not negative, no average of squares is below the square of the
    average, and a sum of squares is that of the gradient.
    """
    at = {name: i for i, name in enumerate(kind.results[: kind.in_place])}
    for name in {"v", "u", "s"} & set(at):
        inputs[at[name]] = inputs[at[name]] ** 2
    if {"v", "a"} <= set(at):
        inputs[at["v"]] += 1.5 * inputs[at["a"]] ** 2
    for i, operand in enumerate(kind.rule.inputs):
        if operand.dims == "S":
            inputs[i] = np.array([np.square(inputs[0]).sum()])


def _clip_norm(inputs, outputs, *_):
    return [np.abs(outputs[0])]


def _sum_squares(inputs, outputs, *_):
    return [outputs[0] * (1 + sum(inputs[0].shape) / 16)]


def _weight_decay(inputs, *_):
    return [np.abs(inputs[0])]


def _average_weight(inputs, outputs, attributes, *_):
    a, w = inputs  # the momentum as rounded stands at both
    return [attributes["momentum"] * (np.abs(a) + np.abs(w)) + np.abs(w)]


def _sgd(inputs, outputs, attributes, state, dtype, g_error=0):
    w, g = inputs
    return [np.abs(w) + state.learning_rate * (np.abs(g) + g_error)]


def _momentum(inputs, outputs, attributes, state, dtype, g_error=0):
    w, m, g = inputs
    terms = np.abs(attributes["momentum"] * m) + state.learning_rate * (np.abs(g) + g_error)
    return [np.abs(w) + 2 * terms, terms]


def _square(g, g_error):
    return g * g + 2 * np.abs(g) * g_error


def _quotient(number, number_scale, square, square_scale, epsilon):
    """Scale of number / sqrt(square + epsilon)."""
    root = np.sqrt(square + epsilon)
    return number_scale / root + np.abs(number) * square_scale / root**3


def _adagrad(inputs, outputs, attributes, state, dtype, g_error=0):
    w, v, g = inputs
    v_scale = v + _square(g, g_error)
    step = _quotient(g, np.abs(g) + g_error, outputs[1], v_scale, attributes["epsilon"])
    return [np.abs(w) + state.learning_rate * step, v_scale]


def _rmsprop(inputs, outputs, attributes, state, dtype, g_error=0):
    w, v, *slots, g = inputs
    rho, g_scale = attributes["rho"], np.abs(g) + g_error
    square, square_scale = outputs[1], rho * v + (1 - rho) * _square(g, g_error)
    scales = [square_scale]
    if len(slots) - ("momentum" in attributes):
        mean, mean_scale = outputs[2], rho * np.abs(slots[0]) + (1 - rho) * g_scale
        scales.append(mean_scale)
        square = np.maximum(square - mean * mean, 0)
        square_scale = square_scale + 2 * np.abs(mean) * mean_scale
    change = state.learning_rate * _quotient(g, g_scale, square, square_scale, attributes["epsilon"])
    if "momentum" in attributes:
        change = np.abs(attributes["momentum"] * slots[-1]) + change
        scales.append(change)
    return [np.abs(w) + change, *scales]


def _adadelta(inputs, outputs, attributes, state, dtype, g_error=0):
    w, v, s, g = inputs
    rho, epsilon = attributes["rho"], attributes["epsilon"]
    v_scale = rho * v + (1 - rho) * _square(g, g_error)
    before = np.sqrt(s + epsilon)
    d = before * g / np.sqrt(outputs[1] + epsilon)
    d_scale = before * _quotient(g, np.abs(g) + g_error, outputs[1], v_scale, epsilon)
    s_scale = rho * s + (1 - rho) * (d * d + 2 * np.abs(d) * d_scale)
    return [np.abs(w) + state.learning_rate * d_scale, v_scale, s_scale]


def _moments(m, v, g, attributes, g_error):
    b1, b2 = attributes["beta_1"], attributes["beta_2"]
    m_scale = np.abs(m) + (1 - b1) * (np.abs(g) + g_error)
    return m_scale, v + (1 - b2) * _square(g, g_error)


def _adam(inputs, outputs, attributes, state, dtype, g_error=0):
    w, m, v, *largest, g = inputs
    t = state.step + 1
    alpha = state.learning_rate * np.sqrt(1 - attributes["beta_2"] ** t) / (1 - attributes["beta_1"] ** t)
    root = np.sqrt(outputs[2 + len(largest)]) + attributes["epsilon"]
    scales = list(_moments(m, v, g, attributes, g_error))
    scales += [np.maximum(u, scales[1]) for u in largest]
    return [np.abs(w) + alpha * (scales[0] / root + np.abs(outputs[1]) * scales[-1] / root**3), *scales]


def _adamax(inputs, outputs, attributes, state, dtype, g_error=0):
    w, m, u, g = inputs
    alpha = state.learning_rate / (1 - attributes["beta_1"] ** (state.step + 1))
    root = outputs[2] + attributes["epsilon"]
    m_scale, _ = _moments(m, 0, g, attributes, g_error)
    u_scale = np.maximum(u, np.abs(g) + g_error)
    return [np.abs(w) + alpha * (m_scale / root + np.abs(outputs[1]) * u_scale / root**2), m_scale, u_scale]


def _nadam(inputs, outputs, attributes, state, dtype, g_error=0):
    w, m, v, g = inputs
    beta_1, t = attributes["beta_1"], state.step + 1
    now, following = nadam_momentum(beta_1, t), nadam_momentum(beta_1, t + 1)
    product = nadam_product(beta_1, t)
    of_m, of_g = following / (1 - product * following), (1 - now) / (1 - product)
    of_v = 1 / (1 - integer_power(attributes["beta_2"], t))
    root = np.sqrt(of_v * outputs[2]) + attributes["epsilon"]
    m_scale, v_scale = _moments(m, v, g, attributes, g_error)
    change = of_m * m_scale + of_g * (np.abs(g) + g_error)
    return [
        np.abs(w) + state.learning_rate * (change / root + change * of_v * v_scale / root**3),
        m_scale,
        v_scale,
    ]


def _lion(inputs, outputs, attributes, state, dtype, g_error=0):
    w, m, g = inputs
    b1, b2, eps = attributes["beta_1"], attributes["beta_2"], float(np.finfo(dtype).eps)
    scale = b1 * np.abs(m) + (1 - b1) * (np.abs(g) + g_error)
    undecided = np.abs(b1 * m + (1 - b1) * g) < 4 * eps * scale  # the sign may be either
    w_scale = np.abs(w) + state.learning_rate * np.where(undecided, 2 / eps, 1)
    return [w_scale, b2 * np.abs(m) + (1 - b2) * (np.abs(g) + g_error)]


def _fused(step):
    def scale(inputs, outputs, attributes, state, dtype):
        *slots, x, dy = inputs
        g_error = (len(x) + 1) * (np.abs(x).T @ np.abs(dy))
        return step([*slots, x.T @ dy], outputs, attributes, state, dtype, g_error)

    return scale


_STEP_SCALES = {
    "sgd": _sgd,
    "sgd_momentum": _momentum,
    "sgd_nesterov": _momentum,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "rmsprop_momentum": _rmsprop,
    "rmsprop_centered": _rmsprop,
    "rmsprop_centered_momentum": _rmsprop,
    "adadelta": _adadelta,
    "adam": _adam,
    "adam_amsgrad": _adam,
    "adamax": _adamax,
    "nadam": _nadam,
    "lion": _lion,
}

TOLERANCES = {
    "clip_value": (0, 0),
    "sum_squares": (1, 1),
    "clip_norm": (1.5, 1.5),
    "weight_decay": (1, 1),
    "divide_gradient": (0.5, 0.5),
    "accumulate_gradient": (0.5, 0.5),
    "mean_gradient": (0.5, 0.5),
    "average_weight": (1.5, 1.5),
    "overwrite_weight": (0, 0),
}
SCALES = {
    "clip_value": lambda inputs, outputs, *_: [np.zeros_like(outputs[0])],
    "sum_squares": _sum_squares,
    "clip_norm": _clip_norm,
    "weight_decay": _weight_decay,
    "divide_gradient": lambda inputs, outputs, *_: [np.abs(outputs[0])],
    "accumulate_gradient": lambda inputs, *_: [np.abs(inputs[0]) + np.abs(inputs[1])],
    "mean_gradient": lambda inputs, outputs, *_: [np.abs(outputs[0]), np.zeros_like(outputs[1])],
    "average_weight": _average_weight,
    "overwrite_weight": lambda inputs, outputs, *_: [np.zeros_like(outputs[0])],
}
for _name in (step.name for step in STEPS):
    TOLERANCES[_name] = TOLERANCES[f"dense_{_name}"] = (_STEP_TOLERANCES[_name],) * 2
    SCALES[_name], SCALES[f"dense_{_name}"] = _STEP_SCALES[_name], _fused(_STEP_SCALES[_name])
