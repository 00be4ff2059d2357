"""Exported models: the reference evaluator of ONNX predicts what fastnn does."""

import pathlib

import numpy as np
import pytest
import saved_cases as CASES

import fastnn
from fastnn import Input, Model, Sequential, activations, layers
from fastnn.models.onnx_ops import TRANSLATIONS
from fastnn.ops import KINDS

onnx = pytest.importorskip("onnx")
reference = pytest.importorskip("onnx.reference")

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"


ALL = {name: make for name, make in CASES.cases(fastnn).items() if not name.startswith("optimizer")}


def evaluated(path, model, inputs):
    """What the reference evaluator makes of inputs: a list of outputs."""
    made = onnx.load(path)
    onnx.checker.check_model(made, full_check=True)
    names = [value.name for value in made.graph.input]
    assert names == [tensor.name for tensor in model.inputs]
    return reference.ReferenceEvaluator(made).run(None, dict(zip(names, inputs, strict=True)))


def flat(x):
    return [x[key] for key in sorted(x)] if isinstance(x, dict) else x if isinstance(x, list) else [x]


def compare(path, model, x, atol=2e-6):
    model.export(path, format="onnx", verbose=0)
    for count in (len(flat(x)[0]), 1):
        some = [part[:count] for part in flat(x)]
        got = evaluated(path, model, some)
        expected = flat(model.predict(x, verbose=0))
        assert len(got) == len(expected)
        for a, b in zip(got, expected, strict=True):
            assert a.dtype == b.dtype and a.shape == b[:count].shape
            np.testing.assert_allclose(a, b[:count], rtol=2e-6, atol=atol)


@pytest.mark.parametrize("name", ALL)
def test_every_layer_and_net(tmp_path, name):
    model = ALL[name](fastnn)
    compare(tmp_path / "m.onnx", model, CASES.data(model)[0])


@pytest.mark.parametrize("name", sorted({f.name for f in activations.KNOWN.values()} - {"threshold"}))
def test_every_activation(tmp_path, name):
    model = Sequential([Input((7,)), layers.Activation(name)])
    x = np.concatenate([CASES.rows(9, 7), np.zeros((1, 7), np.float32), 20 * CASES.rows(4, 7)])
    compare(tmp_path / "m.onnx", model, x)


def test_float64_and_a_sequential_model_that_was_trained(tmp_path):
    with fastnn.config.use_floatx("float64"):
        model = Sequential([layers.Dense(5, "gelu"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(2)])
        model.compile("adam", "mse")
        x = CASES.rows(20, 3).astype(np.float64)
        model.fit(x, x[:, :2], epochs=2, verbose=0)
        compare(tmp_path / "m.onnx", model, x, atol=1e-12)


def test_operators_and_own_layers(tmp_path):
    class Own(layers.Layer):
        def call(self, x):
            ops = fastnn.ops
            y = ops.where(x > 0.25, ops.sqrt(ops.abs(x)), ops.minimum(x, -x) / 2) + ops.log(ops.exp(x) + 1.0)
            y = y * (x >= 0) - ops.equal(x, 0.25) + x[:, 1:2]
            return ops.concatenate([y, ops.sum(y, axis=-1, keepdims=True)])

    x = Input((3,), name="x")
    scale = Model(x, Own()(x) * np.array([1, 2, 3, 4], np.float32))
    compare(tmp_path / "m.onnx", scale, CASES.rows(9, 3))


def test_what_cannot_be_exported_says_so(tmp_path):
    class Doubled(layers.Layer):
        def forward(self, x, training=False):
            return 2 * x

        def backward(self, dy):
            return 2 * dy

    model = Sequential([Input((3,)), layers.Dense(2)])
    with pytest.raises(ValueError, match="'tf_saved_model' is not supported, only 'onnx'"):
        model.export(tmp_path / "m")
    with pytest.raises(ValueError, match="is not built"):
        Sequential([layers.Dense(2)]).export(tmp_path / "m", format="onnx")
    with pytest.raises(NotImplementedError, match="ONNX has nothing for the operation"):
        Sequential([Input((3,)), Doubled()]).export(tmp_path / "m", format="onnx")
    assert list(tmp_path.iterdir()) == []


def test_it_is_said_where_the_file_is(tmp_path, capsys):
    model = Sequential([Input((3,)), layers.Dense(2)])
    model.export(tmp_path / "m.onnx", format="onnx")
    assert capsys.readouterr().out == f"Saved artifact at '{tmp_path / 'm.onnx'}'.\n"


def test_the_translations_are_of_ops_that_there_are():
    assert set(TRANSLATIONS) <= set(KINDS)
