"""Functions of one's own as layers and activations: traced into native ops, or run by NumPy in step mode."""

import numpy as np
import pytest

import fastnn as keras
from fastnn import Input, Model, Sequential, models, ops
from fastnn.layers import Activation, Dense, Lambda
from fastnn.saving import ModelFormatError


def wavy(x):
    return ops.tanh(x) + 0.25 * ops.square(x)


def numpy_wavy(x):
    return np.tanh(x) + 0.25 * x * x


numpy_wavy.gradient = lambda x, dy: dy * (1 - np.tanh(x) ** 2 + 0.5 * x)


def widen(x, power=2, training=None):
    return ops.concatenate([x, ops.power(x, power)], axis=-1)


DATA = np.random.default_rng(2).standard_normal((30, 3)).astype("float32")
TARGET = DATA[:, :1] ** 2


def trained(*layers):
    keras.utils.set_random_seed(5)
    model = Sequential([Input((3,)), *layers, Dense(1)])
    model.compile("adam", "mse")
    losses = model.fit(DATA, TARGET, epochs=3, batch_size=8, verbose=0).history["loss"]
    return model, losses


def kinds(model):
    return [line.split()[0] for line in model.disassemble("forward").splitlines()[1:]]


def test_all_ways_to_write_an_activation_train_alike(backend):
    by_name = trained(Dense(4, "tanh"))[1]
    expected = trained(Dense(4), Lambda(wavy))[1]
    assert expected[-1] < expected[0]
    assert not np.allclose(expected, by_name)
    for layers in ([Dense(4, activation=wavy)], [Dense(4), Activation(wavy)], [Dense(4, activation=lambda x: wavy(x))],
                   [Dense(4, activation=numpy_wavy)], [Dense(4), Lambda(numpy_wavy)]):  # fmt: skip
        model, losses = trained(*layers)
        np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert "numpy_wavy" in kinds(model)[1] or "Lambda" in model.disassemble()


def test_traced_functions_are_native():
    model, _ = trained(Dense(4, activation=wavy), Lambda(widen, arguments={"power": 3}))
    assert kinds(model) == [
        "dense", "tanh", "multiply", "scale", "add", "multiply", "multiply", "concatenate", "dense",
        "mean_squared_error",
    ]  # fmt: skip
    assert "one native call for many batches" in model.explain_plan()
    assert model.layers[1].output_shape == (None, 8)


def test_what_numpy_runs_says_so():
    model, _ = trained(Lambda(lambda x: np.sort(x, axis=1)))
    plan = model.explain_plan()
    assert "Step mode, op by op, as these exist in NumPy only: Lambda layer 'lambda" in plan
    assert "one native call" not in plan
    prediction = model.predict(DATA, verbose=0)
    np.testing.assert_allclose(model.predict(DATA[:, ::-1], verbose=0), prediction, rtol=1e-6)


def test_a_lambda_layer_called_by_hand(backend):
    layer = Lambda(widen, output_shape=(6,))
    np.testing.assert_allclose(layer(DATA), np.hstack([DATA, DATA**2]), rtol=1e-6)
    y = layer.forward(DATA, training=True)
    np.testing.assert_allclose(layer.backward(np.ones_like(y)), 1 + 2 * DATA, rtol=1e-5)
    several = Lambda(lambda pair: pair[0] - 2 * pair[1])
    a, b = Input((3,)), Input((3,))
    model = Model([a, b], several([a, b]))
    np.testing.assert_allclose(model.predict([DATA, DATA], verbose=0), -DATA, rtol=1e-6)
    assert Lambda(lambda x: ops.reshape(x, (-1, 1, 3)))(a).shape == (None, 1, 3)


def test_training_is_handed_over():
    seen = []

    def layer(x, training=None):
        seen.append(training)
        return 2 * x

    trained(Lambda(layer))
    assert True in seen


def test_own_activations_are_saved_by_name(tmp_path):
    model, _ = trained(Dense(4, activation=wavy), Lambda(widen))
    model.save(tmp_path / "m.fastnn")
    with pytest.raises(ModelFormatError, match="the function 'wavy' is not part of fastnn"):
        models.load_model(tmp_path / "m.fastnn")
    again = models.load_model(tmp_path / "m.fastnn", custom_objects={"wavy": wavy, "widen": widen})
    np.testing.assert_array_equal(again.predict(DATA, verbose=0), model.predict(DATA, verbose=0))
    assert again.get_config() == model.get_config()


def test_lambdas_of_files_are_refused(tmp_path):
    model, _ = trained(Lambda(lambda x: x * 2))
    model.save(tmp_path / "m.fastnn")
    for safe_mode in (True, False):
        with pytest.raises(ModelFormatError, match="'<lambda>' is not part of fastnn"):
            models.load_model(tmp_path / "m.fastnn", safe_mode=safe_mode)


def without_gradient(x):
    return np.sin(x)


def with_bad_gradient(x):
    return np.sin(x)


with_bad_gradient.gradient = lambda x, dy: dy[:, :1]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: trained(Dense(4, without_gradient)), ValueError, "run by NumPy.*function.gradient ="),
        (lambda: trained(Dense(4), Lambda(without_gradient)), ValueError, "Lambda layer.*its gradient is needed"),
        (lambda: trained(Dense(4, with_bad_gradient)), ValueError, r"gradient has the shape \(8, 1\), expected"),
        (lambda: trained(Dense(4, lambda x: ops.concatenate([x, x]))), ValueError, r"expected the shape \(None, 4\)"),
        (lambda: trained(Lambda(lambda x: x[:, 0].sum())), TypeError, "cannot be traced.*nor run by NumPy.*keras.ops"),
        (lambda: trained(Lambda(lambda x: x if x > 0 else -x)), TypeError, "Python cannot branch.*ambiguous"),
        (lambda: trained(Lambda(widen, output_shape=(5,))), ValueError, r"output_shape is \(5,\), but"),
        (lambda: Lambda(3), TypeError, "must be callable, got 3"),
        (lambda: Lambda(widen, mask=wavy), ValueError, "mask"),
        (lambda: Dense(3, activation=Dense(2)), TypeError, "an activation is a function, or given by name"),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
