"""Models with several inputs take lists, tuples and dicts of arrays, and batches of these."""

import numpy as np
import pytest

import fastnn
from fastnn import layers

WIDE = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
DEEP = np.random.default_rng(1).normal(size=(40, 11)).astype("float32")
Y = WIDE[:, :1] - DEEP[:, 1:2]


@pytest.fixture
def model(backend):
    inputs = [fastnn.Input((5,), name="wide"), fastnn.Input((11,), name="deep")]
    model = fastnn.Model(inputs, layers.Dense(1)(layers.concatenate(inputs)))
    model.compile("sgd", "mse")
    return model


def test_predictions(model):
    kernel, bias = model.get_weights()
    expected = np.hstack([WIDE, DEEP]) @ kernel + bias
    for x in ([WIDE, DEEP], (WIDE, DEEP), {"deep": DEEP, "wide": WIDE}, [WIDE.astype(float), DEEP.tolist()]):
        assert model.predict(x, verbose=0) == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_training_by_arrays_and_by_batches(model):
    start = model.get_weights()
    history = model.fit([WIDE, DEEP], Y, batch_size=8, shuffle=False, epochs=3, validation_split=0.2, verbose=0)
    assert history.history["val_loss"][-1] < history.history["val_loss"][0]
    weights = model.get_weights()
    model.set_weights(start)
    parts = [slice(i, i + 8) for i in range(0, 32, 8)]
    batches = (((WIDE[part], DEEP[part]), Y[part]) for _ in range(3) for part in parts)
    model.fit(batches, steps_per_epoch=4, epochs=3, verbose=0, validation_data=([WIDE[32:], DEEP[32:]], Y[32:]))
    assert all((a == b).all() for a, b in zip(weights, model.get_weights(), strict=True))
    assert model.evaluate([WIDE, DEEP], Y, verbose=0) == pytest.approx(model.test_on_batch((WIDE, DEEP), Y))


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (WIDE, "the model has 2 inputs; expected as many arrays in a list, got ndarray"),
        ([WIDE], "got 1"),
        ([WIDE, DEEP[:3]], r"x\[0\] and x\[1\] must have the same number of rows, got 40 and 3"),
        ([DEEP, WIDE], r"x\[0\]: the model expects inputs of shape \(None, 5\)"),
        ({"wide": WIDE}, "expected a dict of wide, deep, got wide"),
    ],
)
def test_errors(model, x, text):
    with pytest.raises(ValueError, match=text):
        model.predict(x, verbose=0)
