"""Layers and models of one's own: ``add_weight``, ``call``, functions on tensors."""

import numpy as np
import pytest

import fastnn as keras
from fastnn import Model, Sequential, layers, ops
from fastnn import tf_shim as tf
from fastnn.layers import Dense, Input, Layer


@pytest.fixture
def generator():
    return np.random.default_rng(3)


class Scale(Layer):
    def build(self, input_shape):
        self.factor = self.add_weight(name="factor", shape=(input_shape[-1],), initializer="ones")
        self.counter = self.add_weight(shape=(), initializer="zeros", trainable=False, name="counter")
        super().build(input_shape)
        self.built = True

    def call(self, inputs):
        return inputs * self.factor + self.counter


class Net(Model):
    def __init__(self, units=6, **options):
        super().__init__(**options)
        self.hidden = [Dense(units, activation="relu"), Scale()]
        self.by_name = {"drop": layers.Dropout(0.5)}
        self.out = Dense(3, activation="softmax")

    def call(self, x, training=None):
        for layer in self.hidden:
            x = layer(x)
        if training:
            x = self.by_name["drop"](x, training=training)
        return self.out(x)


def test_weights_of_a_layer():
    layer = Scale(name="scale")
    assert not layer.built
    layer.build((None, 3))
    assert layer.built
    assert [w.path for w in layer.weights] == ["scale/factor", "scale/counter"]
    assert [w.path for w in layer.trainable_weights] == ["scale/factor"]
    assert layer.count_params() == 4
    layer.set_weights([[1.0, 2.0, 3.0], 0.5])
    np.testing.assert_array_equal(layer(np.array([[1.0, 1.0, -1.0]])), [[1.5, 2.5, -2.5]])
    assert layer.compute_output_shape((None, 3)) == (None, 3)


def test_weights_without_names_and_in_the_old_order():
    class Two(Layer):
        def build(self, input_shape):
            self.a = self.add_weight((2,))
            self.b = self.add_weight((3,))
            self.c = self.add_weight("c", (4,), initializer="zeros")
            self.d = self.add_weight("d", shape=[5], initializer="ones")

        def call(self, x):
            return x

    layer = Two(name="two")
    layer.build((None, 2))
    assert list(layer.parameters) == ["variable", "variable_1", "c", "d"]
    assert [p.shape for p in layer.weights] == [(2,), (3,), (4,), (5,)]
    assert layer.d.value.tolist() == [1] * 5


def test_weights_take_penalties_and_limits(backend):
    class Scaled(Layer):
        def build(self, input_shape):
            self.factor = self.add_weight(
                (input_shape[-1],), "ones", regularizer="l2", constraint="non_neg", autocast=False, aggregation="mean"
            )

        def call(self, x):
            return x * self.factor

    x = np.ones((4, 2), "float32")
    model = Sequential([Input((2,)), Scaled()])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    assert model.evaluate(x, x, verbose=0) == pytest.approx(0.01 * 2)
    model.fit(x, -5 * x, epochs=2, verbose=0)
    assert model.get_weights()[0].tolist() == [0, 0]


def test_weight_of_a_name_that_layers_have():
    class Linear(Layer):
        def build(self, input_shape):
            self.w = self.add_weight(name="weights", shape=(input_shape[1], 2), initializer="ones")
            self.b = self.add_weight(name="build", shape=(2,), initializer="ones")

        def call(self, x):
            return x @ self.w + self.b

    layer = Linear()
    assert layer(np.ones((1, 3), "float32")).tolist() == [[4, 4]]
    assert layer.weights == [layer.w, layer.b]
    assert callable(layer.build)


def test_weights_that_cannot_be():
    layer = Layer(name="l")
    with pytest.raises(ValueError, match="dtype must be that of all layers, 'float32', got 'float16'"):
        layer.add_weight((2,), dtype="float16")
    with pytest.raises(ValueError, match="each size"):
        layer.add_weight((0,))
    with pytest.raises(ValueError, match="overwrite_with_gradient=True is not supported"):
        layer.add_weight((2,), overwrite_with_gradient=True)
    with pytest.raises(ValueError, match=r"aggregation must be one of .*got 'max'"):
        layer.add_weight((2,), aggregation="max")
    with pytest.raises(ValueError, match="unknown regularizer 'l3'"):
        layer.add_weight((2,), regularizer="l3")
    with pytest.raises(ValueError, match="dtype must be that of all layers"):
        Layer(dtype="float16")
    assert Layer(dtype="float32").dtype is None


def test_a_model_of_ones_own(blobs, backend):
    x, labels = blobs
    model = Net(name="net")
    assert model.layers == [*model.hidden, model.by_name["drop"], model.out]
    assert not model.built
    with pytest.raises(AttributeError, match="not built"):
        _ = model.output
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, labels, epochs=8, validation_split=0.2, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert model.built
    assert (model.input_shape, model.output_shape) == ((None, 4), (None, 3))
    assert len(model.weights) == 6
    np.testing.assert_array_equal(model(x), model.predict(x, verbose=0))
    assert "dropout" in model.disassemble("forward")
    assert "dropout" not in model.disassemble("predict")
    assert np.abs(model(x, training=True) - model(x)).max() > 0.01


def test_a_model_of_ones_own_is_the_sequential_one(blobs):
    x, labels = blobs

    class Plain(Model):
        def __init__(self):
            super().__init__()
            self.one, self.two = Dense(5, activation="tanh"), Dense(3, activation="softmax")

        def call(self, inputs):
            return self.two(self.one(inputs))

    own = Plain()
    other = Sequential([Input((4,)), Dense(5, activation="tanh"), Dense(3, activation="softmax")])
    own.build((None, 4))
    own.set_weights(other.get_weights())
    for model in (own, other):
        keras.utils.set_random_seed(2)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, labels, epochs=2, verbose=0)
    for a, b in zip(own.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_model_of_ones_own_inside_of_others(blobs):
    x, labels = blobs
    inputs = Input((4,))
    inner = Net(5)
    model = Model(inputs, Dense(3, activation="softmax")(layers.add([inner(inputs), Dense(3)(inputs)])))
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(x, labels, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert len(model.weights) == 10
    assert Sequential([Input((4,)), Net()]).predict(x, verbose=0).shape == (90, 3)


def test_subclass_of_a_functional_model(blobs):
    x, _ = blobs

    class Doubled(Model):
        def __init__(self, units):
            inputs = Input((4,))
            super().__init__(inputs=inputs, outputs=Dense(units)(inputs) * 2.0)

    model = Doubled(3)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(model.predict(x, verbose=0), 2 * (x @ kernel + bias), rtol=1e-5, atol=1e-5)


def test_subclass_of_a_layer(blobs):
    x, _ = blobs

    class Shifted(Dense):
        def call(self, inputs):
            return super().call(inputs) + 1.0

    layer = Shifted(3)
    y = layer(x)
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(y, x @ kernel + bias + 1, rtol=1e-5, atol=1e-5)


def test_tied_weights(blobs):
    """An autoencoder whose decoder has the encoder's weight, transposed."""
    x, _ = blobs

    class Transposed(Layer):
        def __init__(self, dense, **options):
            super().__init__(**options)
            self.dense = dense

        def build(self, input_shape):
            self.b = self.add_weight(name="b", initializer="zeros", shape=(self.dense.input_shape[-1],))

        def call(self, inputs):
            return ops.matmul(inputs, self.dense.weights[0], transpose_b=True) + self.b

    encoder = Dense(3, activation="tanh")
    model = Sequential([Input((4,)), encoder, Transposed(encoder)])
    assert len(model.weights) == 3
    model.compile("adam", "mse")
    losses = model.fit(x, x, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    kernel, bias, b = model.get_weights()
    np.testing.assert_allclose(
        model.predict(x, verbose=0), np.tanh(x @ kernel + bias) @ kernel.T + b, rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda self, x: np.tanh(self.dense(x)), r"np\.tanh was called on .* use keras\.ops\.tanh or a layer"),
        (lambda self, x: x if x > 0 else -x, "cannot branch or loop on it; use keras.ops.where"),
        (lambda self, x: list(x), "cannot branch or loop"),
        (lambda self, x: np.zeros((2, 2)), "call returned ndarray, expected a symbolic tensor"),
        (lambda self, x: None, "call returned NoneType"),
        (lambda self, x: self.dense(x).numpy(), "has no numbers"),
        (lambda self, x: ops.sum(x), "only losses and metrics can add up over the whole batch"),
        (lambda self, x: ops.matmul(x, ops.transpose(x)), "only weights"),
        (lambda self, x: x[0], "only columns can be taken"),
        (lambda self, x: x + np.zeros(7), "do not fit together"),
        (lambda self, x: ops.cumsum(x), "cumsum of symbolic tensors is not supported; they have abs, absolute"),
    ],
)
def test_what_cannot_be_traced_says_what_to_use(call, message, blobs):
    cls = type("Bad", (Model,), {"call": call})
    model = cls()
    model.dense = Dense(3)
    with pytest.raises((TypeError, ValueError, NotImplementedError, AttributeError), match=message):
        model.predict(blobs[0], verbose=0)


def test_call_may_do_something_else_at_inference(blobs, backend):
    class Net(Model):
        def __init__(self):
            super().__init__()
            self.dense = Dense(3, "softmax")

        def call(self, x, training=False):
            return self.dense(x * 2.0 if training else ops.relu(x))

    x, labels = blobs
    model = Net()
    model.compile("sgd", "sparse_categorical_crossentropy")
    start = model(x)
    relu = Dense(3, "softmax")
    relu.build((None, 4))
    relu.set_weights(model.get_weights())
    np.testing.assert_array_equal(start, relu(np.maximum(x, 0)))
    np.testing.assert_array_equal(model.predict(x, verbose=0), start)
    np.testing.assert_array_equal(model(x, training=True), relu(2 * x))
    doubled = Sequential([Input((4,)), layers.Rescaling(2.0), relu])
    doubled.compile("sgd", "sparse_categorical_crossentropy")
    for net in (model, doubled):
        net.fit(x, labels, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), doubled.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_other_shapes_at_inference_are_refused(blobs):
    class Net(Model):
        def call(self, x, training=False):
            return x[:, :2] if training else x

    with pytest.raises(ValueError, match=r"the shapes \[\(None, 2\)\] with training=True and \[\(None, 4\)\] with"):
        Net().predict(blobs[0], verbose=0)


def test_a_model_without_call_says_so(blobs):
    with pytest.raises(NotImplementedError, match=r"define call\(self, x\), or make the model with Model\("):
        type("Empty", (Model,), {})().predict(blobs[0], verbose=0)


# --- Functions ---

FUNCTIONS = [
    lambda k, a, b: a + b,
    lambda k, a, b: a - b,
    lambda k, a, b: 2.0 - a,
    lambda k, a, b: a / b,
    lambda k, a, b: 1.0 / b,
    lambda k, a, b: -a,
    lambda k, a, b: a**3,
    lambda k, a, b: abs(a),
    lambda k, a, b: k.maximum(a, b),
    lambda k, a, b: k.maximum(a, 0.0),
    lambda k, a, b: k.minimum(a, 0.25),
    lambda k, a, b: k.clip(a, -0.5, 0.5),
    lambda k, a, b: k.where(a > b, a, 0.0),
    lambda k, a, b: k.where(k.logical_and(a <= b, a >= 0.0), 1.0, b),
    lambda k, a, b: k.where(k.not_equal(a, b), a, b),
    lambda k, a, b: k.where(k.logical_or(a < b, k.logical_not(a < 0.5)), a, b),
    lambda k, a, b: k.exp(a),
    lambda k, a, b: k.log(b),
    lambda k, a, b: k.sqrt(b),
    lambda k, a, b: k.rsqrt(b),
    lambda k, a, b: k.log1p(b),
    lambda k, a, b: k.square(a),
    lambda k, a, b: k.sum(a, axis=-1),
    lambda k, a, b: k.sum(a, axis=1, keepdims=True),
    lambda k, a, b: a * k.mean(b, axis=-1, keepdims=True),
    lambda k, a, b: k.concatenate([a, b], axis=-1),
    lambda k, a, b: a[:, 1:3],
    lambda k, a, b: a[:, -1],
    lambda k, a, b: k.reshape(a, (-1, 2, 2)),
    lambda k, a, b: k.expand_dims(k.sum(a, axis=-1), -1) * a,
    lambda k, a, b: k.squeeze(a[:, 1:2], axis=-1),
    lambda k, a, b: a * np.array([1.0, 2.0, 3.0, 4.0]),
    lambda k, a, b: k.matmul(a, np.ones((4, 2))),
    lambda k, a, b: k.zeros_like(a) + k.ones_like(b),
    lambda k, a, b: k.relu(a) + k.tanh(a) - k.sigmoid(b),
    lambda k, a, b: k.softmax(a),
]


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_functions_on_tensors_are_those_on_arrays(number, generator):
    function = FUNCTIONS[number]
    rows = np.concatenate([generator.uniform(-2, 2, (7, 4)), generator.uniform(0.2, 2, (7, 4))], axis=1)
    rows = rows.astype("float32")
    x = Input((8,))
    a, b = x[:, :4], x[:, 4:]
    got = Model(x, function(ops, a, b)).predict(rows, verbose=0)
    expected = function(ops, rows[:, :4], rows[:, 4:])
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=2e-6, atol=1e-6)


class SimpleDense(Layer):
    """The layer of Chollet's book, whose weights are made in ``build``."""

    def __init__(self, units, activation=None):
        super().__init__()
        self.units, self.activation = units, activation

    def build(self, input_shape):
        _, columns = input_shape
        self.W = self.add_weight(shape=(columns, self.units), initializer="random_normal")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        y = ops.matmul(inputs, self.W) + self.b
        return y if self.activation is None else self.activation(y)


def test_layers_with_a_build_in_a_model_that_is_told_no_shape(blobs, backend):
    model = Sequential([SimpleDense(8, ops.relu), SimpleDense(3, ops.softmax)])
    assert model.compute_output_shape((None, 4)) == (None, 3)
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(*blobs, epochs=30, verbose=0).history
    assert history["accuracy"][-1] > 0.9
    assert [w.shape for w in model.get_weights()] == [(4, 8), (8,), (8, 3), (3,)]


@pytest.mark.parametrize("variable", [tf.Variable, keras.Variable])
def test_variables_that_are_attributes_are_weights(variable, blobs, backend):
    """As in the guides of TensorFlow: ``self.w = tf.Variable(...)``."""

    class Linear(Layer):
        def __init__(self, units, columns):
            super().__init__()
            self.w = variable(np.full((columns, units), 0.01, np.float32))
            self.b = variable(np.zeros(units, np.float32), trainable=False, name="offset")
            self.calls = variable(np.array(3))

        def call(self, inputs):
            return ops.matmul(inputs, self.w) + self.b

    layer = Linear(3, 4)
    assert [w.path for w in layer.weights] == [f"{layer.name}/w", f"{layer.name}/offset"]
    assert layer.trainable_weights == [layer.w]
    assert layer.calls.numpy() == 3
    model = Sequential([layer, layers.Activation("softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(*blobs, epochs=2, verbose=0)
    assert np.ptp(layer.w.numpy()) > 0
    assert not layer.b.numpy().any()
    before = layer.b.numpy()
    layer.b.assign_add([1.0, 2.0, 3.0])
    layer.b.assign_sub(np.ones(3))
    np.testing.assert_array_equal(layer.b.numpy() - before, [0, 1, 2])


def test_variables_of_a_model_are_learnt_with_a_tape():
    class Line(Model):
        def __init__(self):
            super().__init__()
            self.w, self.b = tf.Variable([0.0], name="w"), tf.Variable([0.0], name="b")

        def line(self, x):
            return x * self.w + self.b

    model, x = Line(), np.linspace(-1, 1, 50, dtype=np.float32)
    optimizer = keras.optimizers.SGD(0.3)
    for _ in range(200):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model.line(x) - (2 * x - 1)))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.variables), model.variables, strict=True))
    assert [w.name for w in model.variables] == ["w", "b"]
    np.testing.assert_allclose([model.w.numpy()[0], model.b.numpy()[0]], [2, -1], atol=1e-3)


def test_variable_of_keras():
    v = keras.Variable(np.ones((2, 2), np.float32), name="v")
    v.assign_add(np.eye(2))
    assert str(keras.Variable([1, 2, 3])) == "<Variable path=variable, shape=(3,), dtype=int32, value=[1 2 3]>"
    assert (v.path, v.shape, v.dtype, v.trainable) == ("v", (2, 2), np.float32, True)
    np.testing.assert_array_equal(v.value, [[2, 1], [1, 2]])
    np.testing.assert_array_equal(keras.Variable("zeros", shape=(2,)), [0, 0])
    np.testing.assert_array_equal(keras.Variable(lambda shape, dtype: np.full(shape, 2, dtype), (3,)), [2, 2, 2])
    with pytest.raises(ValueError, match="the `shape` argument should be specified"):
        keras.Variable("zeros")
