"""What ``fit`` takes for granted about its rows between epochs: nothing, where code of the user's may change them."""

import numpy as np
import pytest

import fastnn
from fastnn import callbacks, layers


def data(rows=160, columns=70):
    generator = np.random.default_rng(0)
    x = (generator.random((rows, columns)) < 0.1).astype(np.float32)
    return x, generator.integers(0, 3, rows).astype(np.int32)


def model():
    fastnn.utils.set_random_seed(3)
    net = fastnn.Sequential([layers.Input((70,)), layers.Dense(64, "relu"), layers.Dense(3, "softmax")])
    net.compile("adam", "sparse_categorical_crossentropy")
    return net


def moving(x):
    """A change of the rows in their place, other ones each time."""
    x[:] = np.roll(x, 1, axis=1)


class Moving(callbacks.Callback):
    def __init__(self, x):
        super().__init__()
        self.x = x

    def on_epoch_end(self, epoch, logs=None):
        moving(self.x)


@pytest.mark.parametrize(
    "own", [Moving, lambda x: callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: moving(x))]
)
def test_rows_changed_by_a_callback_are_seen(own):
    x, y = data()
    expected = model()
    for epoch in range(4):
        expected.fit(x, y, 16, epochs=epoch + 1, initial_epoch=epoch, shuffle=False, verbose=0)
        moving(x)
    x, y = data()
    changed = model()
    changed.fit(x, y, 16, epochs=4, shuffle=False, verbose=0, callbacks=[own(x)])
    unchanged = model()
    unchanged.fit(*data(), 16, epochs=4, shuffle=False, verbose=0)
    for got, wanted, other in zip(
        changed.get_weights(), expected.get_weights(), unchanged.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(got, wanted)
        assert (got != other).any()


def test_rows_changed_between_fits_are_seen():
    x, y = data()
    nets = model(), model()
    for _ in range(2):
        nets[0].fit(x, y, 16, epochs=2, shuffle=False, verbose=0, callbacks=[callbacks.EarlyStopping("loss")])
        nets[1].fit(x.copy(), y, 16, epochs=2, shuffle=False, verbose=0)
        moving(x)
    for one, other in zip(nets[0].get_weights(), nets[1].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_rows_are_let_go():
    """After ``fit``, and after one that fails, nothing holds the rows."""
    x, y = data()
    net = model()

    class Fails(callbacks.EarlyStopping):  # the package's own class would not be taken for the user's
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError("on purpose")

    net.fit(x, y, 16, epochs=2, verbose=0)
    executable = net._trainer._session.executable
    assert executable._staying == (None, None, None)
    with pytest.raises(RuntimeError, match="on purpose"):
        net.fit(x, y, 16, epochs=2, verbose=0, callbacks=[Fails("loss")])
    assert executable._staying == (None, None, None)
