"""Random numbers that a ``call`` draws for its rows, as the layer in the middle of a variational autoencoder does."""

import numpy as np
import pytest

import fastnn as keras
import fastnn.tf_shim as tf
from fastnn import backend as K
from fastnn import layers, ops
from fastnn.backends.native import NativeBackend
from fastnn.trainer import Trainer

DRAWS = {
    "keras.random": lambda x: keras.random.normal(shape=(ops.shape(x)[0], 3), seed=keras.random.SeedGenerator(7)),
    "tf.random": lambda x: tf.random.normal((*tf.shape(x)[:-1], 3)),
    "tf.random of a list": lambda x: tf.random.normal([tf.shape(x)[0], 3]),
    "K": lambda x: K.random_normal(shape=(K.shape(x)[0], 3)),
}


class Draw(layers.Layer):
    """Adds normal numbers of its own to three columns of the input."""

    def __init__(self, draw, **options):
        super().__init__(**options)
        self.draw = draw

    def call(self, x):
        return x[:, :3] + self.draw(x)


def predicted(draw, rows=4000, batch_size=32, backend=None):
    keras.utils.set_random_seed(5)
    model = keras.Sequential([layers.Input((5,)), Draw(draw)])
    return Trainer(model, backend=backend).predict(np.zeros((rows, 5), np.float32), batch_size, verbose=0)


@pytest.mark.parametrize("name", DRAWS)
def test_they_are_normal_and_of_each_row(name):
    z = predicted(DRAWS[name])
    assert z.shape == (4000, 3)
    assert len(np.unique(z)) > 11_900
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.06)
    np.testing.assert_allclose(np.cov(z.T), np.eye(3), atol=0.08)


def test_mean_and_standard_deviation():
    plain = predicted(DRAWS["tf.random"], 50)
    moved = predicted(lambda x: tf.random.normal((None, 3), mean=2.0, stddev=0.5), 50)
    np.testing.assert_allclose(moved, 0.5 * plain + 2, rtol=1e-5, atol=1e-6)
    of_tensors = predicted(lambda x: K.random_normal((None, 3), mean=x[:, :3] + 1, stddev=ops.exp(x[:, 2:])), 50)
    np.testing.assert_allclose(of_tensors, plain + 1, rtol=1e-5, atol=1e-6)


def test_the_same_numbers_however_rows_are_cut_and_wherever_they_are_made():
    expected = predicted(DRAWS["K"], 300, 300)
    for batch_size in (1, 7, 32):
        assert predicted(DRAWS["K"], 300, batch_size).tobytes() == expected.tobytes()
    reference = predicted(DRAWS["K"], 300, backend="reference")
    np.testing.assert_allclose(reference, expected, atol=1e-5)
    for fused in (True, False):
        assert predicted(DRAWS["K"], 300, backend=NativeBackend("generic", fused)).tobytes() == expected.tobytes()


def test_each_pass_and_each_draw_has_its_own():
    class Two(layers.Layer):
        def call(self, x):
            return ops.concatenate([keras.random.normal(ops.shape(x)), keras.random.normal(ops.shape(x))])

    model = keras.Sequential([layers.Input((4,)), Two()])
    x = np.zeros((6, 4))
    first, second = model.predict(x, verbose=0), model.predict(x, verbose=0)
    assert len(np.unique(np.concatenate([first, second]))) == 2 * 6 * 8
    assert len(np.unique(np.asarray(Two()(x)))) == 6 * 8  # on arrays too


def test_a_loss_learns_through_them(backend):
    """y = m + s z with z drawn: the mean goes to the target and the spread to 0."""

    class Spread(layers.Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.mean = self.add_weight(shape=(1,), initializer="zeros", name="mean")
            self.log_spread = self.add_weight(shape=(1,), initializer="zeros", name="log_spread")

        def call(self, x):
            return self.mean + ops.exp(self.log_spread) * keras.random.normal(ops.shape(x))

    keras.utils.set_random_seed(2)
    model = keras.Sequential([layers.Input((1,)), Spread()])
    model.compile(keras.optimizers.SGD(0.05), "mse")
    model.fit(np.zeros((500, 1)), np.full((500, 1), 3.0), epochs=10, batch_size=10, verbose=0)
    mean, log_spread = (float(w[0]) for w in model.get_weights())
    assert 2.9 < mean < 3.1
    assert -2.5 < log_spread < -1.5  # as slow as 1 / sqrt(steps): d log s / dt = -2 lr s^2 z^2


def test_training_alone_may_draw():
    """The layer with noise of Géron's book, as the notes have it."""

    class MyGaussianNoise(layers.Layer):
        def call(self, x, training=None):
            return x + tf.random.normal(tf.shape(x), stddev=2.0) if training else x

    model = keras.Sequential([layers.Input((4,)), MyGaussianNoise()])
    x = np.arange(12.0, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(model.predict(x, verbose=0), x)
    noise = np.asarray(model(x, training=True)) - x
    assert 0.5 < np.abs(noise).mean() < 4


def test_what_is_not_drawn_there_says_what_is():
    layer = Draw(lambda x: tf.random.uniform((*tf.shape(x)[:-1], 3)))
    with pytest.raises(NotImplementedError, match=r"tf\.random\.uniform: the number of rows is not known"):
        layer(np.zeros((2, 5)))
    with pytest.raises(NotImplementedError, match="the number of rows is not known"):
        tf.random.normal((None, 3))  # outside of a call
