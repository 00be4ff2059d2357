"""Gradient tapes: derivatives against differences, and training loops of one's own against ``fit``."""

import numpy as np
import pytest

import fastnn as keras
from fastnn import derivatives
from fastnn import tf_shim as tf
from fastnn.tape import GradientTape
from fastnn.tensor import apply, cast, get_item

generator = np.random.default_rng(5)
A, B, C = generator.normal(size=(3, 4)), generator.normal(size=(3, 4)), generator.normal(size=(4, 2))
P = np.abs(A) + 0.3
ROW = generator.normal(size=4)

CASES = {
    np.add: [(A, ROW)], np.subtract: [(A, ROW)], np.multiply: [(A, ROW)], np.true_divide: [(A, ROW + 3)],
    np.power: [(P, B), (P, ROW)], np.maximum: [(A, B), (A, ROW)], np.minimum: [(A, B)], np.matmul: [(A, C)],
    np.negative: [(A,)], np.abs: [(A,)], np.square: [(A,)], np.sqrt: [(P,)], np.exp: [(A,)], np.expm1: [(A,)],
    np.log: [(P,)], np.log1p: [(P,)], np.sin: [(A,)], np.cos: [(A,)], np.tanh: [(A,)], np.array: [(A,)],
}  # fmt: skip
WITH_OPTIONS = [
    (np.sum, A, {}), (np.sum, A, {"axis": 0}), (np.sum, A, {"axis": (0, 1), "keepdims": True}), (np.mean, A, {}),
    (np.mean, A, {"axis": 1, "keepdims": True}), (np.max, A, {"axis": 1}), (np.min, A, {}),
    (np.cumsum, A, {"axis": 1}), (cast, A, {"dtype": np.float64}), (np.take, A, {"indices": np.array([2, 0, 2])}),
]  # fmt: skip
WITH_ARGUMENTS = [
    (np.reshape, A, (2, 6)), (np.expand_dims, A, 1), (np.squeeze, A[:, :1], 1), (np.transpose, A, (1, 0)),
    (np.broadcast_to, ROW, (3, 4)), (get_item, A, (slice(1, 3), 2)), (np.clip, A, -0.5, 0.5),
]  # fmt: skip


def check(function, *inputs):
    """The tape's gradients of a weighted sum of ``function(*inputs)`` are those of central differences."""
    variables = [tf.Variable(x, dtype=np.float64) for x in inputs]
    with GradientTape() as tape:
        y = function(*variables)
        weights = np.cos(np.arange(y.size)).reshape(y.shape)
        total = apply(np.sum, y * weights)
    gradients = tape.gradient(total, variables)
    for i, (x, gradient) in enumerate(zip(inputs, gradients, strict=True)):
        assert gradient.shape == x.shape and np.abs(gradient).max() > 1e-3
        for place in np.ndindex(x.shape):
            moved = []
            for step in (1e-6, -1e-6):
                changed = [np.array(a) for a in inputs]
                changed[i][place] += step
                moved.append(float(np.sum(np.asarray(function(*map(tf.constant, changed))) * weights)))
            assert gradient[place].numpy() == pytest.approx((moved[0] - moved[1]) / 2e-6, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
def test_derivatives(function):
    for inputs in CASES[function]:
        check(lambda *x: apply(function, *x), *inputs)


@pytest.mark.parametrize(("function", "x", "options"), WITH_OPTIONS)
def test_derivatives_with_options(function, x, options):
    options, indices = dict(options), options.get("indices")
    options.pop("indices", None)
    more = [] if indices is None else [indices]
    options |= {"axis": 0} if more else {}
    check(lambda v: apply(function, v, *more, **options), x)


@pytest.mark.parametrize(("function", "x", "arguments"), [(f, x, more) for f, x, *more in WITH_ARGUMENTS])
def test_derivatives_with_arguments(function, x, arguments):
    check(lambda v: apply(function, v, *arguments), x)


def test_derivatives_of_lists_and_conditions():
    check(lambda a, b: apply(np.concatenate, [a, b], axis=1), A, B)
    check(lambda a, b: apply(np.stack, [a, b], axis=1), A, B)
    check(lambda a, b: apply(np.where, tf.constant(A > B), a, b), A, B)


def test_all_derivatives_are_tested():
    tested = {*CASES, *(f for f, *_ in WITH_OPTIONS + WITH_ARGUMENTS), np.concatenate, np.stack, np.where}
    assert tested == set(derivatives.DERIVATIVES) - {derivatives.scatter}  # which that of get_item needs


def test_second_derivatives():
    """As in Géron's chapter on custom training: the Hessian of 3 w1^2 + 2 w1 w2 is (6, 2), (2, none)."""
    w1, w2 = tf.Variable(5.0), tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            z = 3 * w1**2 + 2 * w1 * w2
        first = inner.gradient(z, [w1, w2])
    assert [float(g) for g in first] == [36, 10]
    second = [outer.gradient(g, [w1, w2]) for g in first]
    assert [float(g) for g in (*second[0], second[1][0])] == [6, 2, 2] and second[1][1] is None


def test_what_is_watched():
    c, frozen = tf.constant(3.0), tf.Variable(2.0, trainable=False)
    with tf.GradientTape() as tape:
        y = c * c * frozen
    assert tape.gradient(y, [c, frozen]) == [None, None]
    with tf.GradientTape() as tape:
        tape.watch(c)
        y = c * c * frozen
    gradients = tape.gradient(y, {"c": c, "frozen": frozen}, unconnected_gradients="zero")
    assert float(gradients["c"]) == 12 and float(gradients["frozen"]) == 0
    with pytest.raises(RuntimeError, match="non-persistent GradientTape can only be used to compute one set"):
        tape.gradient(y, c)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = tf.Variable(1.0) * 2
    assert tape.watched_variables() == ()


def test_what_has_no_derivative_says_so():
    v = tf.Variable([2.0, 1.0])
    with tf.GradientTape() as tape:
        y = tf.sort(v)
    with pytest.raises(NotImplementedError, match="the derivative of '_sort' is not there; there are those of abs"):
        tape.gradient(y, v)
    x = tf.Variable([[1.0, 2.0]])
    with tf.GradientTape(), tf.GradientTape() as tape:
        y = keras.activations.tanh(x)
    assert tape.gradient(y, x).numpy() == pytest.approx(1 - np.tanh([[1, 2]]) ** 2, rel=1e-6)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as tape:
            y = keras.activations.tanh(x)
        first = tape.gradient(y, x)
    with pytest.raises(NotImplementedError, match="of the activation 'tanh' there is a first derivative only"):
        outer.gradient(first, x)


@pytest.mark.parametrize("name", ["relu", "softmax", "gelu", "selu", "log_softmax"])
def test_activations(name):
    keras.config.set_floatx("float64")
    try:
        check(keras.activations.get(name), A)
    finally:
        keras.config.set_floatx("float32")


LOSSES = [
    (keras.losses.MeanSquaredError(), B), (keras.losses.Huber(0.5), B), (keras.losses.mean_absolute_error, B),
    (keras.losses.BinaryCrossentropy(from_logits=True), (B > 0).astype(float)),
    (keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), np.eye(4)[[1, 3, 0]]),
    (keras.losses.SparseCategoricalCrossentropy(from_logits=True), np.array([1, 3, 0])),
    (keras.losses.MeanSquaredError(reduction="sum"), B), (keras.losses.MeanSquaredError(reduction="none"), B),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "target"), LOSSES)
def test_losses(loss, target):
    if isinstance(loss, keras.losses.Loss):
        loss = type(loss)(**{**loss.get_config(), "dtype": "float64"})
    check(lambda y: loss(target, y), A)


def test_a_loop_of_ones_own_is_fit():
    """The loop of TensorFlow's advanced quickstart, over the batches of ``fit``: the same weights."""
    x = generator.normal(size=(24, 5)).astype("float32")
    y = generator.integers(0, 3, 24)

    def model():
        keras.utils.set_random_seed(2)
        return keras.Sequential([
            keras.Input((5,)), keras.layers.Dense(6, activation="tanh"), keras.layers.Dense(3, activation="softmax"),
        ])  # fmt: skip

    fitted, looped = model(), model()
    fitted.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = fitted.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0).history
    loss_fn, optimizer = keras.losses.SparseCategoricalCrossentropy(), keras.optimizers.Adam(0.05)
    start, data = looped.get_weights(), tf.data.Dataset.from_tensor_slices((x, y)).batch(8)
    mean, accuracy = keras.metrics.Mean(), keras.metrics.SparseCategoricalAccuracy()
    for _ in range(3):
        mean.reset_state()
        accuracy.reset_state()
        for batch, labels in data:
            with tf.GradientTape() as tape:
                predictions = looped(batch, training=True)
                loss = loss_fn(labels, predictions)
            gradients = tape.gradient(loss, looped.trainable_variables)
            optimizer.apply_gradients(zip(gradients, looped.trainable_variables, strict=True))
            mean(loss)
            accuracy.update_state(labels, predictions)
    assert np.abs(looped.get_weights()[0] - start[0]).max() > 0.1
    for a, b in zip(looped.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert mean.result().numpy() == pytest.approx(history["loss"][-1], rel=1e-5)
    assert accuracy.result().numpy() == pytest.approx(history["accuracy"][-1])


def test_models_in_models_in_a_tape():
    """As in a GAN: one model's output goes into another, which is called twice before the gradients are taken."""
    keras.utils.set_random_seed(1)
    first = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, activation="tanh")])
    second = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    x, other = tf.constant(A[:, :2], tf.float32), tf.constant(B, tf.float32)
    with tf.GradientTape() as tape:
        made = second(first(x, training=True), training=True)
        given = second(other, training=True)
        loss = tf.reduce_mean(tf.square(made)) - tf.reduce_mean(given)
    weights = first.trainable_variables + second.trainable_variables
    found = tape.gradient(loss, weights)
    assert [g.shape for g in found] == [w.shape for w in weights] and all(np.abs(g).max() > 0 for g in found)
    bias = 2 * float(tf.reduce_mean(made)) - 1  # of the last layer: d(mean y^2 - mean z) / db
    assert float(found[-1][0]) == pytest.approx(bias, rel=1e-4)
    with tf.GradientTape() as tape:  # at inference nothing is dropped
        tape.watch(x)
        y = tf.reduce_sum(second(first(x)))
    kernel = second.get_weights()[0]
    inner = np.tanh(np.asarray(x) @ first.get_weights()[0])
    expected = ((1 - inner**2) * kernel.T) @ first.get_weights()[0].T
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), expected, rtol=1e-4, atol=1e-6)


def test_numpy_layers_are_refused():
    class Plain(keras.layers.Layer):
        def forward(self, x, training=False):
            return 2 * x

        def backward(self, dy):
            return 2 * dy

    x = tf.constant(A, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = Plain()(x)
    with pytest.raises(NotImplementedError, match="with a NumPy forward, or with inputs in a dict, there is none"):
        tape.gradient(y, x)
