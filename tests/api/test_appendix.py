"""The lecture's appendix: compiled and NumPy compute the same, gradients are gradients, errors name what is wrong."""
# ruff: noqa: NPY002  the notes use NumPy's legacy generator

import subprocess
import sys

import numpy as np
import pytest

import fastnn.appendix
import fastnn.appendix.numpy
from fastnn.testing import GRADIENT_ATOL, GRADIENT_RTOL

compiled, plain = fastnn.appendix, fastnn.appendix.numpy
BOTH = pytest.mark.parametrize("functions", [compiled, plain], ids=["compiled", "numpy"])
NETS = [([1, 1], 1), ([3, 1], 4), ([2, 3], 1), ([5, 4, 3], 7), ([17, 13, 9, 10], 65), ([4, 1, 2, 1], 33)]
LIMITS = {"float64": 1e-12, "float32": 2e-5}


def problem(sizes, m, dtype="float64", order="C"):
    """Parameters of a size that trains, data and one-hot classes."""
    generator = np.random.default_rng(len(sizes) * 100 + m)
    parameters = {
        name: (value + 0.5 * generator.standard_normal(value.shape)).astype(dtype)
        for name, value in compiled.initialize_parameters(sizes).items()
    }
    X = np.asarray(generator.standard_normal((sizes[0], m)), dtype, order=order)
    classes = generator.integers(0, max(2, sizes[-1]), m)
    Y = (np.eye(sizes[-1])[classes].T if sizes[-1] > 1 else classes[None]).astype(dtype)
    return parameters, X, Y


def assert_close(got, expected, dtype, what):
    assert got.dtype == expected.dtype == dtype and got.shape == expected.shape, what
    assert abs(got - expected).max() <= LIMITS[dtype] * max(abs(expected).max(), 1e-3), what


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("sizes", "m"), NETS, ids=str)
def test_compiled_equals_numpy(sizes, m, dtype, order):
    parameters, X, Y = problem(sizes, m, dtype, order)
    ours, theirs = dict(parameters), dict(parameters)
    AL, caches = compiled.forward_model(X, ours)
    AL_numpy, caches_numpy = plain.forward_model(X, theirs)
    assert_close(AL, AL_numpy, dtype, "AL")
    for (linear, Z), (linear_numpy, Z_numpy) in zip(caches, caches_numpy, strict=True):
        for got, expected in zip((*linear, Z), (*linear_numpy, Z_numpy), strict=True):
            assert_close(got, expected, dtype, "cache")
    cost = compiled.compute_cost(AL, Y)
    assert cost == pytest.approx(plain.compute_cost(AL_numpy, Y), rel=LIMITS[dtype]) and cost > 0
    grads, grads_numpy = compiled.backward_model(AL, Y, caches), plain.backward_model(AL_numpy, Y, caches_numpy)
    for name, expected in grads_numpy.items():
        assert_close(grads[name], expected, dtype, name)
    assert set(grads) == set(grads_numpy)
    updated = compiled.update_parameters(ours, grads, 0.1)
    assert updated is ours
    for name, expected in plain.update_parameters(theirs, grads_numpy, 0.1).items():
        assert_close(ours[name], expected, dtype, name)
        assert (parameters[name] != ours[name]).any() or not grads[f"d{name}"].any()


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "softmax"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_single_functions_equal_numpy(activation, dtype):
    parameters, X, _ = problem([7, 5], 33, dtype)
    W, b = parameters["W1"], parameters["b1"]
    A, cache = compiled.linear_activation(X, W, b, activation)
    A_numpy, cache_numpy = plain.linear_activation(X, W, b, activation)
    assert_close(A, A_numpy, dtype, "A")
    dA = np.random.default_rng(1).standard_normal(A.shape).astype(dtype)
    for got, expected, name in zip(
        compiled.linear_activation_backward(dA, cache, activation),
        plain.linear_activation_backward(dA, cache_numpy, activation),
        ("dA_prev", "dW", "db"),
        strict=True,
    ):
        assert_close(got, expected, dtype, name)


@BOTH
@pytest.mark.parametrize(("sizes", "m"), [([3, 1], 4), ([5, 4, 3], 7), ([3, 4, 3, 2], 5)], ids=str)
def test_gradients_are_those_of_the_cost(functions, sizes, m):
    parameters, X, Y = problem(sizes, m)

    def cost():
        return functions.compute_cost(functions.forward_model(X, parameters)[0], Y)

    AL, caches = functions.forward_model(X, parameters)
    grads = functions.backward_model(AL, Y, caches)
    checked = {f"d{name}": (value, 1) for name, value in parameters.items()} | {"dA0": (X, m)}
    for name, (array, factor) in checked.items():
        for index in np.ndindex(array.shape):
            kept, costs = array[index], []
            for step in (-2e-4, -1e-4, 1e-4, 2e-4):  # as fastnn.testing.numerical_gradient
                array[index] = kept + step
                costs.append(cost())
            array[index] = kept
            difference = factor * (costs[0] - 8 * costs[1] + 8 * costs[2] - costs[3]) / 12e-4
            assert grads[name][index] == pytest.approx(difference, rel=GRADIENT_RTOL, abs=10 * GRADIENT_ATOL), name


@BOTH
def test_it_learns(functions, blobs):
    X, labels = blobs
    X, Y = X.T, np.eye(3)[labels].T
    parameters = functions.initialize_parameters([4, 8, 3])
    costs = []
    for _ in range(300):
        AL, caches = functions.forward_model(X, parameters)
        costs.append(functions.compute_cost(AL, Y))
        parameters = functions.update_parameters(parameters, functions.backward_model(AL, Y, caches), 0.5)
    assert costs[0] == pytest.approx(np.log(3), rel=1e-2) and costs[-1] < 0.1
    assert (AL.argmax(axis=0) == labels).mean() > 0.97


@BOTH
def test_initial_parameters_are_those_of_the_notes(functions):
    np.random.seed(12)
    before = np.random.get_state()[1].copy()
    parameters = functions.initialize_parameters([5, 4, 3])
    assert (np.random.get_state()[1] == before).all()
    np.random.seed(3)
    assert (parameters["W1"] == np.random.randn(4, 5) * 0.01).all()
    assert (parameters["W2"] == np.random.randn(3, 4) * 0.01).all()
    assert list(parameters) == ["W1", "b1", "W2", "b2"] and not parameters["b1"].any()
    assert parameters["b2"].shape == (3, 1) and parameters["W1"].dtype == np.float64
    assert functions.initialize_parameters([2, 1], np.float32)["W1"].dtype == np.float32


@BOTH
def test_extreme_numbers(functions):
    Z = np.array([[-1e4, -50.0, 0.0, 50.0, 1e4], [1e4, 0.0, 0.0, -50.0, 1e4]])
    A, _ = functions.softmax_function(Z)
    np.testing.assert_allclose(A.sum(axis=0), 1, rtol=1e-15)
    assert A[:, 2].tolist() == [0.5, 0.5] and A[0, 0] == 0
    A, _ = functions.sigmoid(Z)
    assert A[0, 0] == 0 and A[0, 2] == 0.5 and A[0, 4] == 1 and A[0, 1] == pytest.approx(np.exp(-50), rel=1e-12)
    cost = functions.compute_cost(np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]]))
    assert cost == pytest.approx(-np.log(np.finfo(float).tiny))
    assert functions.compute_cost(np.array([[1.0]]), np.array([[0.0]])) == pytest.approx(cost)


def test_the_notes_cross_entropy():
    AL, Y = np.array([[0.8, 0.1, 0.05, 0.9, 0.05]]), np.array([[1.0, 0, 0, 1, 0]])
    assert compiled.compute_cost(AL, Y) == pytest.approx(0.10729024, abs=2e-7)


def test_types():
    parameters, X, _ = problem([3, 2], 4, "float32")
    W, b = parameters["W1"], parameters["b1"]
    pixels = (abs(X) * 50).astype(np.uint8)
    assert compiled.linear_forward(pixels, W, b)[0].dtype == np.float32
    assert compiled.linear_forward(X.astype(np.float64), W, b)[0].dtype == np.float64
    assert compiled.linear_forward(X.astype(">f4"), W, b)[0].dtype == np.dtype("float32")
    assert compiled.linear_forward(pixels.tolist(), W.tolist(), b.tolist())[0].dtype == np.float64
    X.setflags(write=False)
    expected = compiled.linear_forward(X, W, b)[0]
    backwards = compiled.linear_forward(X[::-1, ::-1], W[:, ::-1], b)[0]
    np.testing.assert_allclose(backwards[:, ::-1], expected, rtol=1e-5, atol=1e-6)
    packed = np.zeros(X.shape, [("a", "i1"), ("x", "f4")])
    packed["x"] = X
    assert (compiled.linear_forward(packed["x"], W, b)[0] == expected).all()


def test_gradient_of_the_data_is_worked_out_when_asked_for():
    parameters, X, Y = problem([5, 4, 3], 7)
    AL, caches = compiled.forward_model(X, parameters)
    grads = compiled.backward_model(AL, Y, caches)
    assert "dA0" not in grads and grads["dA0"].shape == X.shape and "dA0" in grads
    with pytest.raises(KeyError, match=r"'dW9'; there are dA0, dA1, dW1"):
        grads["dW9"]


A, W, b, dZ = np.ones((3, 5)), np.ones((4, 3)), np.ones((4, 1)), np.ones((4, 5))
LINEAR = (A, W, b)
GOOD = {"W1": W, "b1": b, "W2": np.ones((2, 4)), "b2": np.ones((2, 1))}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compiled.relu([1.0, 2.0]), r"relu: Z must be an array \(features, samples\) .* got shape \(2,\)"),
        (lambda: compiled.sigmoid(np.ones((2, 0))), r"sigmoid: Z must .* not empty, got shape \(2, 0\)"),
        (lambda: compiled.relu_backward(dZ, A), r"relu_backward: dA has shape \(4, 5\), expected \(3, 5\)"),
        (lambda: compiled.linear_forward(A, W.T, b), r"linear_forward: W has shape \(3, 4\), expected \(any, 3\)"),
        (lambda: compiled.linear_forward(A, W, b.T), r"linear_forward: b has shape \(1, 4\), expected \(4, 1\)"),
        (lambda: compiled.linear_activation(A, W, b, "tanh"), r"unknown activation 'tanh'; expected one of"),
        (lambda: compiled.linear_activation_backward(dZ, (LINEAR, dZ), "no"), r"unknown activation 'no'"),
        (lambda: compiled.linear_activation_backward(dZ, LINEAR, "relu"), r"pair .* got a tuple of 3"),
        (lambda: compiled.linear_backward(dZ, (LINEAR, dZ)), r"triple \(A_prev, W, b\) .* got a tuple of 2"),
        (lambda: compiled.linear_backward(dZ.T, LINEAR), r"dZ has shape \(5, 4\), expected \(4, 5\)"),
        (lambda: compiled.linear_backward(dZ, (A, W[:, :2], b)), r"W has shape \(4, 2\), expected \(any, 3\)"),
        (lambda: compiled.initialize_parameters([4]), r"an input and a layer at least, got \[4\]"),
        (lambda: compiled.initialize_parameters([4, 0]), r"integer of at least 1, got 0"),
        (lambda: compiled.initialize_parameters([4, 2], "int32"), r"float32 or float64, got int32"),
        (lambda: compiled.forward_model(A, {}), r"parameters is empty"),
        (lambda: compiled.forward_model(A.T, GOOD), r"W1 has shape \(4, 3\), expected \(any, 5\)"),
        (lambda: compiled.forward_model(A, {**GOOD, "b2": b}), r"b2 has shape \(4, 1\), expected \(2, 1\)"),
        (lambda: compiled.forward_model(A, {"W1": W, "b1": b, "W2": W, "c2": b}), r"has no 'b2'; there are W1,"),
        (lambda: compiled.compute_cost(A, np.ones(5)), r"Y has shape \(5,\).* np.eye\(3\)\[Y\].T"),
        (lambda: compiled.compute_cost(A, A.T), r"Y has shape \(5, 3\), expected \(3, 5\)"),
        (lambda: compiled.backward_model(A, A, []), r"caches is empty"),
        (lambda: compiled.backward_model(A, A, [(LINEAR, dZ)]), r"AL has shape \(3, 5\), expected \(4, 5\)"),
        (lambda: compiled.update_parameters(dict(GOOD), {"dW1": W}, 0.1), r"there is no 'db1' for layer 1 of 2"),
        (lambda: compiled.update_parameters({"W1": W, "b1": b}, {"dW1": W, "db1": W}, 0.1), r"db1 has shape \(4, 3\)"),
    ],
)  # fmt: skip
def test_errors_say_what_came_and_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match="relu: Z must be an array of real numbers, got complex128"):
        compiled.relu(np.ones((2, 2), complex))
    with pytest.raises(TypeError, match="W must be an array of real numbers, got object"):
        compiled.linear_forward(A, np.array([[None]]), b)


def test_nothing_changes_where_the_update_fails():
    parameters = dict(GOOD)
    with pytest.raises(ValueError, match="dW2"):
        compiled.update_parameters(parameters, {"dW1": W, "db1": b, "db2": b}, 0.1)
    assert all(parameters[name] is GOOD[name] for name in GOOD)


def test_the_module_is_found_lazily_and_leaves_numpy_alone():
    code = (
        "import sys, numpy, fastnn; assert 'fastnn.appendix' not in sys.modules; fastnn.appendix.relu; "
        "import fastnn.appendix.numpy; assert fastnn.appendix.numpy is not numpy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
