"""The contract of DESIGN section 6 on real data: one hash of the weights for every way of running the same training.

``tests/c/test_core.c`` has another such hash, which is also checked with other compilers and, emulated, for the levels
that this CPU does not have (``make test-c test-neon test-x86_v4``).
"""

import hashlib

import numpy as np
import pytest

import fastnn
from fastnn.backends.native import NativeBackend, levels
from fastnn.datasets import mnist
from fastnn.layers import Dense, Dropout

THREE_EPOCHS = "95f948e428ad801d"
"""Of all 60,000 images. After a deliberate change of the arithmetic, which is also a new numerics version, put the
new start of the hash here."""

SMALL = "8afcbc41fcef533f"
"""Of one epoch of 640 images, for the levels and modes that take long."""


@pytest.fixture(scope="module")
def images():
    x, labels = mnist.load_data()[0]
    return x.reshape(-1, 784).astype(np.float32) / 255, labels


def train(images, backend, threads, rows=60000, epochs=3):
    """Start of the SHA-256 of the weights after training with dropout and Adam."""
    fastnn.utils.set_random_seed(7)
    model = fastnn.Sequential([fastnn.Input((784,)), Dense(128, "relu"), Dropout(0.2), Dense(10, "softmax")])
    trainer = fastnn.Trainer(model, "adam", "sparse_categorical_crossentropy", ["accuracy"], backend, threads, seed=3)
    history = trainer.fit(images[0][:rows], images[1][:rows], 32, epochs, verbose=0).history
    assert history["accuracy"][-1] > (0.96 if rows == 60000 else 0.45)
    return hashlib.sha256(b"".join(w.astype("<f4").tobytes() for w in model.get_weights())).hexdigest()[:16]


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
def test_three_epochs_of_mnist(images, threads):
    assert train(images, NativeBackend(fused=threads != 3), threads) == THREE_EPOCHS


@pytest.mark.parametrize("level", levels())
@pytest.mark.parametrize("fused", [True, False])
def test_every_level(images, level, fused):
    assert train(images, NativeBackend(level, fused), 1, 640, 1) == SMALL


@pytest.fixture
def model():
    fastnn.utils.set_random_seed(7)
    return fastnn.Sequential([fastnn.Input((784,)), Dense(128, "relu"), Dropout(0.2), Dense(10, "softmax")])


def test_predictions_however_the_rows_are_cut(images, model):
    """Row by row, in blocks of 1 to 257, and whole."""
    x = images[0][:2000]
    whole = model.predict(x, batch_size=2000, verbose=0)
    assert len(np.unique(whole)) > 10_000
    by_row = np.concatenate([model.predict(row[None], verbose=0) for row in x[:300]])
    np.testing.assert_array_equal(by_row, whole[:300], strict=True)
    for block in range(1, 258):
        got = model.predict(x[: 4 * block], batch_size=block, verbose=0)
        np.testing.assert_array_equal(got, whole[: 4 * block], strict=True)
