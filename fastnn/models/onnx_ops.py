"""Each operation that prediction may run, in the operations of ONNX.

A translation is ``translate(g, *inputs, **attributes)``: ``g`` appends nodes, the inputs are names of tensors, with
None for an operand that is left out, and the name of the result is returned. Formulas are those of ``fastnn.ops``.
"""

import math

import numpy as np

TRANSLATIONS = {}
"""``{name of the op: translate}``"""


def _translates(name):
    def keep(function):
        TRANSLATIONS[name] = function
        return function

    return keep


def _plain(name, onnx_name, **attributes):
    TRANSLATIONS[name] = lambda g, *inputs: g(onnx_name, *inputs, **attributes)


for _name, _onnx in {
    "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softplus": "Softplus", "softsign": "Softsign",
    "exponential": "Exp", "exp": "Exp", "sqrt": "Sqrt", "log": "Log", "absolute": "Abs", "add": "Add",
    "subtract": "Sub", "multiply": "Mul", "divide": "Div", "maximum": "Max", "minimum": "Min",
}.items():  # fmt: skip
    _plain(_name, _onnx)
_plain("softmax", "Softmax", axis=1)
_plain("log_softmax", "LogSoftmax", axis=1)
_plain("concatenate", "Concat", axis=1)


@_translates("dense")
def _dense(g, x, w, b):
    return g("Gemm", x, w) if b is None else g("Gemm", x, w, b)


@_translates("dense_dx")
def _times_transposed(g, x, w):
    return g("Gemm", x, w, transB=1)


@_translates("rectify")
def _rectify(g, x, negative_slope, threshold, max_value):
    above = x if math.isinf(max_value) else g("Min", x, g.number(max_value))
    below = g("Mul", g.number(negative_slope), g("Sub", x, g.number(threshold)))
    return g("Where", g("Greater", x, g.number(threshold)), above, below)


@_translates("clipped_line")
def _clipped_line(g, x, slope, offset, low, high):
    return g("Clip", g("Add", g("Mul", x, g.number(slope)), g.number(offset)), g.number(low), g.number(high))


@_translates("hard_silu")
def _hard_silu(g, x):
    return g("Mul", x, _clipped_line(g, x, 1 / 6, 0.5, 0.0, 1.0))


@_translates("soft_shrink")
def _soft_shrink(g, x, threshold):
    return g("Mul", g("Sign", x), g("Relu", g("Sub", g("Abs", x), g.number(threshold))))


@_translates("hard_shrink")
def _hard_shrink(g, x, threshold):
    return g("Where", g("Greater", g("Abs", x), g.number(threshold)), x, g.number(0.0))


@_translates("threshold")
def _threshold(g, x, threshold, default_value):
    return g("Where", g("Greater", x, g.number(threshold)), x, g.number(default_value))


@_translates("elu")
def _elu(g, x, alpha, scale, divisor):
    least = g("Div", g("Min", x, g.number(0.0)), g.number(divisor))
    below = g("Mul", g.number(scale * alpha), g("Sub", g("Exp", least), g.number(1.0)))
    return g("Where", g("Greater", x, g.number(0.0)), g("Mul", g.number(scale), x), below)


@_translates("log_sigmoid")
def _log_sigmoid(g, x):
    return g("Neg", g("Softplus", g("Neg", x)))


@_translates("squareplus")
def _squareplus(g, x, b):
    total = g("Add", g("Abs", x), g("Sqrt", g("Add", g("Mul", x, x), g.number(b))))
    return g("Where", g("Less", x, g.number(0.0)), g("Div", g.number(b / 2), total), g("Mul", total, g.number(0.5)))


@_translates("silu")
def _silu(g, x):
    return g("Mul", x, g("Sigmoid", x))


@_translates("gelu")
def _gelu(g, x):
    whole = g("Add", g.number(1.0), g("Erf", g("Mul", x, g.number(math.sqrt(0.5)))))
    return g("Mul", g("Mul", x, g.number(0.5)), whole)


@_translates("gelu_tanh")
def _gelu_tanh(g, x):
    factor = g("Add", g.number(1.0), g("Mul", g.number(0.044715), g("Mul", x, x)))
    return g("Mul", x, g("Sigmoid", g("Mul", g.number(2 * math.sqrt(2 / math.pi)), g("Mul", x, factor))))


@_translates("mish")
def _mish(g, x):
    return g("Mul", x, g("Tanh", g("Softplus", x)))


@_translates("tanh_shrink")
def _tanh_shrink(g, x):
    return g("Sub", x, g("Tanh", x))


@_translates("prelu")
def _prelu(g, x, alpha):
    return g("PRelu", x, alpha)


def _comparison(name, onnx_name):
    TRANSLATIONS[name] = lambda g, a, b: g("Cast", g(onnx_name, a, b), to=g.type)


_comparison("greater", "Greater")
_comparison("greater_equal", "GreaterOrEqual")
_comparison("equal", "Equal")


@_translates("where")
def _where(g, c, a, b):
    return g("Where", g("Cast", c, to=g.BOOL), a, b)


@_translates("mask")
def _mask(g, x, c):
    return _where(g, c, x, g.number(0.0))


@_translates("mask_not")
def _mask_not(g, x, c):
    return _where(g, c, g.number(0.0), x)


@_translates("scale")
def _scale(g, x, factor):
    return g("Mul", x, g.number(factor))


@_translates("shift")
def _shift(g, x, offset):
    return g("Add", x, g.number(offset))


@_translates("columns")
def _columns(g, x, first, count):
    return g("Slice", x, g.integers(first), g.integers(first + count), g.integers(1))


@_translates("repeat_row")
def _repeat_row(g, v):
    width = g("Shape", v)
    return g("Expand", v, g("Concat", g.rows, width, axis=0))


@_translates("spread")
def _spread(g, x, count):
    return g("Expand", x, g("Concat", g.rows, g.integers(count), axis=0))


@_translates("row_sum")
def _row_sum(g, x):
    return g("ReduceSum", x, g.integers(1), keepdims=1)


@_translates("swap_axes")
def _swap_axes(g, x, first, second, inner):
    parts = g("Reshape", x, g.integers(0, -1, first, second, inner))
    return g("Reshape", g("Transpose", parts, perm=[0, 1, 3, 2, 4]), g.integers(0, -1))


@_translates("repeat_axis")
def _repeat_axis(g, x, count, inner):
    parts = g("Reshape", x, g.integers(0, -1, 1, inner))
    return g("Reshape", g("Tile", parts, g.integers(1, 1, count, 1)), g.integers(0, -1))


@_translates("sum_axis")
def _sum_axis(g, x, count, inner):
    parts = g("Reshape", x, g.integers(0, -1, count, inner))
    return g("Reshape", g("ReduceSum", parts, g.integers(2), keepdims=0), g.integers(0, -1))


@_translates("max_axis")
def _max_axis(g, x, count, inner):
    parts = g("Reshape", x, g.integers(0, -1, count, inner))
    return g("Reshape", g("ReduceMax", parts, g.integers(2), keepdims=0), g.integers(0, -1))


@_translates("count_tokens")
def _count_tokens(g, x, count, most):
    kinds = g.array(np.arange(int(count)).reshape(1, 1, -1))
    same = g("Equal", g("Unsqueeze", g("Floor", x), g.integers(2)), kinds)
    total = g("ReduceSum", g("Cast", same, to=g.type), g.integers(1), keepdims=0)
    return total if math.isinf(most) else g("Min", total, g.number(most))


@_translates("batch_norm_inference")
def _batch_norm(g, x, gamma, beta, mean, variance, epsilon):
    y = g("Div", g("Sub", x, mean), g("Sqrt", g("Add", variance, g.number(epsilon))))
    y = y if gamma is None else g("Mul", y, gamma)
    return y if beta is None else g("Add", y, beta)
