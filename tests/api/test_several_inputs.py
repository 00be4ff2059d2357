"""Models with several inputs: data in a list or in a dict."""

import numpy as np
import pytest

from fastnn import Model, layers
from fastnn.layers import Dense, Input


def net():
    a, b = Input((3,), name="a"), Input((2,), name="b")
    h = layers.concatenate([Dense(4, activation="tanh", name="ha")(a), b])
    return Model(inputs=[a, b], outputs=Dense(1, name="out")(h))


@pytest.fixture
def rows():
    generator = np.random.default_rng(1)
    a, b = generator.standard_normal((40, 3)), generator.standard_normal((40, 2))
    return a.astype("float32"), b, a[:, :1] * b[:, 1:] + 1


def test_lists_and_dicts(rows, backend):
    a, b, y = rows
    model = net()
    assert model.input_shape == [(None, 3), (None, 2)]
    assert model.input_names == ["a", "b"]
    got = model.predict([a, b], verbose=0)
    ha, bias, out, last = model.get_weights()
    expected = np.hstack([np.tanh(a @ ha + bias), b]) @ out + last
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(model.predict({"b": b, "a": a}, verbose=0), got)
    np.testing.assert_array_equal(model.predict((a, b), verbose=0), got)
    np.testing.assert_array_equal(model([a, b]), got)
    model.compile("adam", "mse")
    history = model.fit([a, b], y, epochs=5, validation_split=0.2, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    history = model.fit({"a": a, "b": b}, y, epochs=2, validation_data=([a, b], y), verbose=0).history
    assert set(history) == {"loss", "val_loss"}
    assert model.evaluate([a, b], y, verbose=0) == model.evaluate({"a": a, "b": b}, y, verbose=0)
    assert "columns" in model.disassemble("forward")


def test_the_same_as_one_input_cut_in_two(rows):
    a, b, _y = rows
    two, x = net(), Input((5,))
    one = Model(x, two([x[:, :3], x[:, 3:]]))
    both = np.hstack([a, b])
    np.testing.assert_array_equal(one.predict(both, verbose=0), two.predict([a, b], verbose=0))
    assert len(one.weights) == 4


def test_what_does_not_fit(rows):
    a, b, _y = rows
    model = net()
    with pytest.raises(ValueError, match=r"x: the model has 2 inputs, \['a', 'b'\]; expected a list .* got 1 arrays"):
        model.predict([a], verbose=0)
    with pytest.raises(ValueError, match="got one ndarray"):
        model.predict(a, verbose=0)
    with pytest.raises(ValueError, match=r"the model has the inputs \['a', 'b'\], got \['a', 'c'\]"):
        model.predict({"a": a, "c": b}, verbose=0)
    with pytest.raises(ValueError, match=r"x\[1\]: the model expects inputs of shape \(None, 2\)"):
        model.predict([a, a], verbose=0)
    with pytest.raises(ValueError, match=r"x\['a'\] and x\['b'\] must have the same number of rows, got 40 and 39"):
        model.predict({"a": a, "b": b[1:]}, verbose=0)
