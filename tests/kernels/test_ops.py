"""Every operation, at every level and in both types, against its NumPy formula in a wider type."""

import itertools

import numpy as np
import pytest

from fastnn.backends.reference import ReferenceBackend
from fastnn.ops import KINDS, StepState
from fastnn.testing import assert_op_close, error_limits, example, run_op, tolerance, wider
from fastnn.testing_losses import LOSSES, PROBABILITIES

# Lanes are 4, 8 or 16; panels 8, 16 or 32; register tiles up to 12 rows. Sizes beside these, and primes.
EDGES = [1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 15, 16, 17, 23, 31, 32, 33, 47, 63, 64, 65, 67]
EVERY = range(1, 68)
LARGE = [(300, 64, 10), (700, 3, 5), (257, 17, 33), (256, 5, 16), (6, 784, 33), (19, 9, 260), (3, 5, 1024)]
PRODUCTS = ["dense", "dense_dx", "dense_dw", "dense_db"]
FUSED = [name for name in KINDS if name.startswith("dense_") and name not in PRODUCTS]
ACTIVATIONS = ["relu", "sigmoid", "tanh", "softmax"]
NUMBERS = ["sum_squares", "tversky", "penalty", "row_value", "batch_value", "total", "total_grad"]
"""Ops one of whose results, or operands, is a single number."""
CLEARED = ["mean_gradient"]  # whose last result is all 0
STATE = {"step": 3, "seed": 2**63 + 11, "learning_rate": 0.02}


def shapes(every):
    """(B, I, O) that visit each edge in each place; ``every`` size up to 67 where wanted."""
    sizes = EVERY if every else EDGES
    for i, n in enumerate(sizes):
        yield n, EDGES[3 * i % 22], EDGES[(5 * i + 1) % 22]
        yield EDGES[(7 * i + 2) % 11], n, EDGES[(3 * i + 1) % 22]
        yield EDGES[(5 * i + 3) % 11], EDGES[(7 * i + 5) % 22], n
    yield from LARGE


def both_signs(x):
    return (x > 0).any() and (x < 0).any()


def test_shapes_visit_every_size():
    visited = np.array(list(shapes(True)))
    for column in visited.T:
        assert set(EVERY) <= set(column.tolist())
    assert visited.max(axis=0).tolist() == [700, 784, 1024]


@pytest.mark.parametrize("op_name", KINDS)
def test_shapes(op_name, native_backend, dtype, generator):
    seen, varied = [], 0
    for B, I, O in shapes(op_name in PRODUCTS):  # noqa: E741
        inputs, attributes = example(op_name, generator, dtype, B, I, O)
        got = run_op(op_name, inputs, attributes, native_backend, dtype, **STATE)
        assert all(g.dtype == dtype for g in got)
        assert_op_close(op_name, got, inputs, attributes, dtype, **STATE, note=f"B={B} I={I} O={O}")
        seen.append((B, I, O))
        results = got[: len(got) - (op_name in FUSED or op_name in CLEARED)]
        varied += all(len(np.unique(g)) > 1 for g in results) or op_name in NUMBERS
    # The results say something: in most shapes (not in those of one number) they are not all the same.
    assert varied > 0.5 * len(seen)


@pytest.mark.parametrize("op_name", PRODUCTS + FUSED + [name for name in KINDS if KINDS[name].in_place])
def test_wide_range(op_name, native_backend, dtype, generator):
    """Terms of very different size, where a sum in another order or precision would be far off."""
    for B, I, O in [(13, 67, 17), (40, 33, 64), (300, 9, 5)]:  # noqa: E741
        inputs, attributes = example(op_name, generator, dtype, B, I, O, spread=6)
        reals = [x for x in inputs if x.size]
        assert max(np.abs(x).max() for x in reals) / min(np.abs(x[x != 0]).min() for x in reals) > 1e8
        got = run_op(op_name, inputs, attributes, native_backend, dtype, **STATE)
        assert_op_close(op_name, got, inputs, attributes, dtype, **STATE, note=f"B={B} I={I} O={O}")


@pytest.mark.parametrize("op_name", PRODUCTS[:3])
def test_products_cancel(op_name, native_backend, dtype, generator):
    """Sums whose large terms cancel: what is left may be off by the rounding of the terms, not by more."""
    inputs, attributes = example(op_name, generator, dtype, 8, 8, 8, spread=0)
    k_axes = {"dense": (1, 0), "dense_dx": (1, 1), "dense_dw": (0, 0)}[op_name]
    a, b = (np.moveaxis(x, axis, 0) for x, axis in zip(inputs[:2], k_axes, strict=True))
    big = wider(dtype).type(10.0 ** (12 if dtype == "float64" else 5))
    a = np.concatenate([a * big, a, -a * big]).astype(dtype)
    b = np.concatenate([b, b, b]).astype(dtype)
    a[-8:] = -a[:8]
    inputs[:2] = (
        np.ascontiguousarray(np.moveaxis(x, 0, axis)) for x, axis in zip((a, b), k_axes, strict=True)
    )
    got = run_op(op_name, inputs, attributes, native_backend, dtype)
    assert_op_close(op_name, got, inputs, attributes, dtype)
    terms = np.abs(a).max() * np.abs(b).max()
    assert 0 < np.abs(got[0]).max() < 1e-3 * terms, "the large terms were meant to cancel"


@pytest.mark.parametrize("op_name", FUSED)
def test_fused_is_the_two_ops(op_name, native_backend, dtype, generator):
    """The weight's gradient and the optimizer's step in one op have the bits of the two ops."""
    for B, I, O in [(1, 1, 1), (32, 7, 10), (33, 17, 33), (256, 6, 8), (300, 13, 67), (513, 5, 16)]:  # noqa: E741
        inputs, attributes = example(op_name, generator, dtype, B, I, O)
        *state, x, dy = inputs
        (dw,) = run_op("dense_dw", [x, dy], {}, native_backend, dtype)
        step = op_name.removeprefix("dense_")
        expected = run_op(step, [*state, dw], attributes, native_backend, dtype, **STATE)
        got = run_op(op_name, inputs, attributes, native_backend, dtype, **STATE)
        for e, g in zip(expected, got, strict=False):
            np.testing.assert_array_equal(g, e, strict=True)
        assert not np.array_equal(got[0], inputs[0])


@pytest.mark.parametrize("loss", LOSSES)
def test_loss_without_gradient(loss, native_backend, dtype, generator):
    """The value is the same, bit for bit, whether the gradient is wanted or not."""
    for B, O in itertools.product((1, 7, 33), (1, 10, 17, 64)):  # noqa: E741
        inputs, attributes = example(loss, generator, dtype, B, 1, O)
        value, d = run_op(loss, inputs, attributes, native_backend, dtype)
        alone, nothing = run_op(loss, inputs, attributes, native_backend, dtype, leave_out=("d",))
        np.testing.assert_array_equal(alone, value)
        assert d.shape == (B, O)
        assert nothing is None


def test_dense_without_bias(native_backend, dtype, generator):
    inputs, _ = example("dense", generator, dtype, 9, 13, 17)
    x, w, b = inputs
    (got,) = run_op("dense", [x, w, None], {}, native_backend, dtype)
    assert_op_close("dense", [got], [x, w, None], {}, dtype)
    (with_bias,) = run_op("dense", inputs, {}, native_backend, dtype)
    assert np.abs(with_bias - got - b).max() < 1e-5
    assert both_signs(b)


@pytest.mark.parametrize("op_name", ACTIVATIONS)
def test_large_inputs(op_name, native_backend, dtype, generator):
    """Magnitudes up to the largest number: no overflow on the way, and limits where they should be."""
    largest = float(np.finfo(dtype).max)
    x = np.array(
        [[0.0, -0.0, 1e-30, -1e-30, 1.0, -1.0, 30.0, -30.0, 1e4, -1e4, largest / 4, -largest / 4]], dtype
    )
    (y,) = run_op(op_name, [x], {}, native_backend, dtype)
    assert_op_close(op_name, [y], [x], {}, dtype)
    assert np.isfinite(y).all()
    ends = {"relu": (largest / 4, 0), "sigmoid": (1, 0), "tanh": (1, -1), "softmax": (1, 0)}[op_name]
    np.testing.assert_array_equal(y[0, -2:], np.array(ends, dtype))


@pytest.mark.parametrize("op_name", [*ACTIVATIONS, "dense"])
def test_nan_propagates(op_name, native_backend, dtype, generator):
    """A NaN stays where it is elementwise, spreads over its row elsewhere, and touches no other row."""
    inputs, attributes = example(op_name, generator, dtype, 5, 9, 11)
    for row, column in [(0, 0), (2, 5), (4, 8)]:
        bad = [inputs[0].copy(), *inputs[1:]]
        bad[0][row, column] = np.nan
        (y,) = run_op(op_name, bad, attributes, native_backend, dtype)
        (clean,) = run_op(op_name, inputs, attributes, native_backend, dtype)
        expected = np.zeros(y.shape, bool)
        expected[row, column if op_name in ("relu", "sigmoid", "tanh") else slice(None)] = True
        np.testing.assert_array_equal(np.isnan(y), expected)
        np.testing.assert_array_equal(y[~expected], clean[~expected])


@pytest.mark.parametrize("loss", LOSSES)
def test_nan_shows_in_the_loss(loss, native_backend, dtype, generator):
    inputs, attributes = example(loss, generator, dtype, 5, 1, 11)
    inputs[0][3, 10] = np.nan
    value, d = run_op(loss, inputs, attributes, native_backend, dtype)
    if loss == "tversky":  # one value for the whole batch
        assert np.isnan(value).all()
        assert np.isnan(d).all()
        return
    assert np.isnan(value).tolist() == [False, False, False, True, False]
    assert np.isnan(d[3, 10])
    assert np.isfinite(d[[0, 1, 2, 4]]).all()


@pytest.mark.parametrize(
    ("op_name", "x", "y"),
    [
        ("relu", [np.inf, -np.inf, -0.0, 0.0], [np.inf, 0, 0, 0]),
        ("sigmoid", [np.inf, -np.inf, -0.0, 0.0], [1, 0, 0.5, 0.5]),
        ("tanh", [np.inf, -np.inf, -0.0, 0.0], [1, -1, 0, 0]),
        ("softmax", [-np.inf, 0.0, -0.0, -np.inf], [0, 0.5, 0.5, 0]),
        ("softmax", [np.inf, 0.0, 1.0, 2.0], [np.nan] * 4),
        ("softmax", [-np.inf] * 4, [np.nan] * 4),
    ],
)
def test_infinities(op_name, x, y, native_backend, dtype):
    for backend in (native_backend, ReferenceBackend()):
        (got,) = run_op(op_name, [np.array([x], dtype)], {}, backend, dtype)
        np.testing.assert_array_equal(got, np.array([y], dtype))


def test_infinite_terms_of_a_product(native_backend, dtype):
    x = np.array([[np.inf, 1.0], [np.inf, -np.inf], [2.0, 3.0]], dtype)
    w = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, 1.0]], dtype)
    (got,) = run_op("dense", [x, w, None], {}, native_backend, dtype)
    nan, inf = np.nan, np.inf
    np.testing.assert_array_equal(got, np.array([[inf, -inf, nan], [nan, -inf, nan], [5, 1, 3]], dtype))


@pytest.mark.parametrize("op_name", ["categorical_cross_entropy", "sparse_categorical_cross_entropy"])
def test_clipped_categories(op_name, native_backend, dtype):
    """Probabilities 0 and 1 are clipped: the loss stays finite, and its logarithm has no slope there."""
    p = np.array([[1.0, 0, 0], [0.5, 0.5, 0], [0.0, 0, 2.0], [0.25, 0.25, 0.5]], dtype)
    labels = np.array([1, 0, 2, 2], np.int32)
    t = labels if op_name.startswith("sparse") else np.eye(3, dtype=dtype)[labels]
    value, d = run_op(op_name, [p, t], {}, native_backend, dtype)
    low, high = np.dtype(dtype).type(1e-7), np.dtype(dtype).type(1) - np.dtype(dtype).type(1e-7)
    expected = -np.log(np.array([low, 0.5, high, 0.5], np.float64))
    np.testing.assert_allclose(value, expected, rtol=4 * np.finfo(dtype).eps, atol=0)
    # d = (sum of g q - g) / (B sum p), g = 1 / q at the label, or 0 where it was clipped.
    expected = np.array([[0, 0, 0], [1 - 2, 1, 1], [0, 0, 0], [1, 1, 1 - 2]]) / 4
    np.testing.assert_allclose(d, expected, rtol=4 * np.finfo(dtype).eps, atol=0)


def test_clipped_binary(native_backend, dtype):
    p = np.array([[0.0, 1.0], [0.0, 1.0], [0.5, 0.25]], dtype)
    t = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], dtype)
    value, d = run_op("binary_cross_entropy", [p, t], {}, native_backend, dtype)
    real = np.dtype(dtype).type
    low, high = (float(x) for x in (real(1e-7), real(1) - real(1e-7)))
    wrong = -(np.log(low) + np.log1p(-high)) / 2
    right = -(np.log1p(-low) + np.log(high)) / 2
    expected = np.array([wrong, right, -(np.log(0.5) + np.log(0.75)) / 2])
    np.testing.assert_allclose(value, expected, rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)
    expected = np.array([[0, 0], [0, 0], [-2, 4 / 3]]) / 6
    np.testing.assert_allclose(d, expected, rtol=4 * np.finfo(dtype).eps, atol=0)


def test_relu_gradient_at_the_kink(native_backend, dtype):
    dy = np.array([[3.0, 3, 3, 3, 3, -3, np.nan]], dtype)
    y = np.array([[0.0, -0.0, 1, np.finfo(dtype).smallest_subnormal, np.nan, 2, 0]], dtype)
    (dx,) = run_op("relu_grad", [dy, y], {}, native_backend, dtype)
    np.testing.assert_array_equal(dx, np.array([[0, 0, 3, 3, 0, -3, 0]], dtype))


def test_accuracies_of_ties_and_nan(native_backend, dtype):
    """Of equal columns the first counts, and a NaN counts as the largest, as in NumPy's argmax."""
    y = np.array([[1, 1, 0], [0, 2, 2], [np.nan, 3, 1], [1, np.nan, np.nan], [-1, -1, -0.5]], dtype)
    best = np.array([0, 1, 0, 1, 2], np.int32)
    for shift in range(3):
        labels = (best + shift) % 3
        (hit,) = run_op("sparse_categorical_accuracy", [y, labels], {}, native_backend, dtype)
        np.testing.assert_array_equal(hit, np.full(5, shift == 0, dtype))
        (hit,) = run_op(
            "categorical_accuracy", [y, np.eye(3, dtype=dtype)[labels]], {}, native_backend, dtype
        )
        np.testing.assert_array_equal(hit, np.full(5, shift == 0, dtype))


def test_binary_accuracy_is_strict(native_backend, dtype):
    """A probability of exactly the threshold counts as 0."""
    y = np.array([[0.25, 0.26, 0.0], [0.9, 0.1, 0.25]], dtype)
    t = np.array([[0, 1, 0], [0, 1, 1]], dtype)
    (hit,) = run_op("binary_accuracy", [y, t], {"threshold": 0.25}, native_backend, dtype)
    np.testing.assert_array_equal(hit, np.array([1, 0], dtype))


@pytest.mark.parametrize("op_name", ["sgd_momentum", "sgd_nesterov", "adam"])
def test_slots_that_fade_become_zero(op_name, native_backend, dtype):
    """Below the smallest normal number a slot is 0, not a denormal; just above it stays.

    Adam's mean is 0 already where its product with the learning rate might be denormal.
    """
    tiny = np.finfo(dtype).tiny
    w = np.ones((1, 3), dtype)
    slot = np.array([[tiny, -tiny, 4 * tiny]], dtype)
    silent = np.dtype(dtype).type(2.0**-100 if dtype == "float32" else 2.0**-960)
    mean = slot / tiny * silent
    slots = [mean, np.abs(slot)] if op_name == "adam" else [slot]
    attributes = {"beta_1": 0.5, "beta_2": 0.5, "epsilon": 1e-7} if op_name == "adam" else {"momentum": 0.5}
    for backend in (native_backend, ReferenceBackend()):
        got = run_op(op_name, [w, *slots, np.zeros((1, 3), dtype)], attributes, backend, dtype)
        smallest = silent if op_name == "adam" else tiny
        np.testing.assert_array_equal(got[1], np.array([[0, 0, 2 * smallest]], dtype))
        if op_name == "adam":
            np.testing.assert_array_equal(got[2], np.array([[0, 0, 2 * tiny]], dtype))


def test_optimizers_with_numbers_that_make_the_answer_obvious(native_backend, dtype):
    w, g = np.array([[1.0, -1.0]], dtype), np.array([[2.0, -4.0]], dtype)
    m = np.array([[0.5, 0.0]], dtype)
    numbers = {"backend": native_backend, "dtype": dtype, "learning_rate": 0.25}
    (got,) = run_op("sgd", [w, g], {}, **numbers)
    np.testing.assert_array_equal(got, [[0.5, 0.0]])
    got = run_op("sgd_momentum", [w, m, g], {"momentum": 0.5}, **numbers)
    np.testing.assert_array_equal(got, [[[0.75, 0.0]], [[-0.25, 1.0]]])
    got = run_op("sgd_nesterov", [w, m, g], {"momentum": 0.5}, **numbers)
    np.testing.assert_array_equal(got, [[[0.375, 0.5]], [[-0.25, 1.0]]])
    # Adam's first step is the learning rate in the direction of the gradient, but for epsilon.
    zero = np.zeros((1, 2), dtype)
    w1, m1, v1 = run_op(
        "adam", [w, zero, zero, g], {"beta_1": 0.75, "beta_2": 0.75, "epsilon": 0.0}, **numbers
    )
    np.testing.assert_allclose(w1, [[0.75, -0.75]], rtol=2 * np.finfo(dtype).eps)
    np.testing.assert_array_equal([m1, v1], [[[0.5, -1.0]], [[1.0, 4.0]]])


@pytest.mark.parametrize("op_name", KINDS)
def test_reference_in_its_own_type(op_name, dtype, generator):
    """The reference, run in the type itself, keeps the limits too, with NumPy's order of sums."""
    for B, I, O in [(1, 1, 1), (5, 7, 3), (33, 17, 20)]:  # noqa: E741
        inputs, attributes = example(op_name, generator, dtype, B, I, O)
        got = run_op(op_name, inputs, attributes, "reference", dtype, **STATE)
        assert all(g.dtype == dtype for g in got)
        assert_op_close(op_name, got, inputs, attributes, dtype, **STATE)


@pytest.mark.parametrize("op_name", KINDS)
def test_limits_see_a_wrong_result(op_name, dtype, generator):
    """The judge itself: an error of a few times the limit is found, and so are NaN and a swapped sign."""
    inputs, attributes = example(op_name, generator, dtype, 6, 5, 8)
    got = run_op(op_name, inputs, attributes, "reference", dtype, **STATE)
    assert tolerance(op_name, dtype) <= 3
    limits = error_limits(op_name, [x.astype(wider(dtype)) if x.dtype.kind == "f" else x for x in inputs],
                          [g.astype(wider(dtype)) for g in got], attributes, dtype,
                          StepState(**STATE))  # fmt: skip
    for i in range(len(limits)):
        place = np.unravel_index(np.argmax(np.abs(got[i])), got[i].shape)
        for wrong in (
            np.nan,
            -got[i][place] - 0.25,
            got[i][place] + 3 * limits[i][place] + 1e-3 * (limits[i][place] == 0),
        ):
            bad = [g.copy() for g in got]
            bad[i][place] = wrong
            with pytest.raises(AssertionError, match=op_name):
                assert_op_close(op_name, bad, inputs, attributes, dtype, **STATE)


@pytest.mark.parametrize("op_name", KINDS)
def test_examples_are_not_trivial(op_name, generator):
    inputs, attributes = example(op_name, generator, B=32, I=8, O=16)
    kind = KINDS[op_name]
    assert set(attributes) == set(kind.attributes)
    for x in inputs:
        if x.shape == (1,):
            assert x > 0 or op_name in NUMBERS
            continue
        assert len(np.unique(x)) > 5 or op_name.endswith(("entropy", "accuracy", "hinge"))
        assert x.std() > 0
    positive = ("categorical_cross_entropy", "binary_cross_entropy", "focal_cross_entropy", "binary_accuracy")
    positive += ("sqrt", "log", "batch_value", "total_grad")  # the last two begin with a single number
    signed = not op_name.endswith(positive) and op_name not in PROBABILITIES
    assert both_signs(inputs[0]) == signed
    zeros = inputs[0][inputs[0] == 0]
    if len(zeros) > 3 and signed and not op_name.endswith(("entropy", "accuracy")):
        assert np.signbit(zeros).any()
        assert not np.signbit(zeros).all()
